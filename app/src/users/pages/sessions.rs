//! Where somebody is signed in.

use chrono_tz::Tz;

use crate::{ui::prelude::*, urls, users::model::session};

/// The sessions of one person, their own page.
#[derive(Clone, Debug)]
pub struct SessionsPage {
    pub sessions: Vec<session::Model>,
    /// The row of the session that asks.
    pub this: String,
    pub zone: Tz,
}

impl SessionsPage {
    #[must_use]
    pub fn render(self) -> AnyView {
        let several = self.sessions.len() > 1;
        let (this, zone) = (self.this, self.zone);
        let rows = self.sessions.into_iter().map(|row| line(row, &this, zone)).collect_view();
        let others = several.then(|| {
            view! {
                <PostForm action=urls::ACCOUNT_SESSIONS>
                    <Hidden name="others" value="yes"/>
                    <Button label="Sign out everywhere else" kind=Kind::Danger/>
                </PostForm>
            }
        });
        view! {
            <PageHead title="Where you are signed in" sub="A session ends after 12 hours without use, and after 7 days in any case.">{others}</PageHead>
            <Table
                caption="Sessions"
                columns=vec![Column::text("Browser"), Column::text("Address"), Column::text("Since"), Column::text("Last used"), Column::hidden("Action")]
            >
                {rows}
            </Table>
        }
        .into_any()
    }
}

fn line(row: session::Model, this: &str, zone: Tz) -> impl IntoView + use<> {
    let here = row.id_hash == this;
    let end = if here {
        view! { <Status tone=Tone::Ok word="This one"/> }.into_any()
    } else {
        view! {
            <PostForm action=urls::ACCOUNT_SESSIONS>
                <Hidden name="session" value=row.id_hash/>
                <Button label="Sign out"/>
            </PostForm>
        }
        .into_any()
    };
    view! {
        <tr>
            <td>{browser_name(row.agent.as_deref().unwrap_or_default())}</td>
            <td class="mono">{row.ip.unwrap_or_else(|| "unknown".into())}</td>
            <td><Time at=row.created_at tz=zone/></td>
            <td><Time at=row.last_seen_at tz=zone/></td>
            <td>{end}</td>
        </tr>
    }
}

/// A User-Agent in a few words; unknown ones as they are, cut short.
#[must_use]
pub fn browser_name(agent: &str) -> String {
    let find =
        |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = find(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.into(),
        _ if agent.is_empty() => "Unknown".into(),
        _ => agent.chars().filter(|c| !c.is_control()).take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_in_words() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(browser_name(chrome), "Chrome on Windows");
        assert_eq!(browser_name("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(browser_name(""), "Unknown");
    }
}
