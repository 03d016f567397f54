//! `/recordings/holds`: film that is kept whatever its age; laying a hold, and releasing one.

use chrono_tz::Tz;

use super::{browse::Pick, fields::FilmFields, tracks::stretch};
use crate::{
    FormErrors,
    paging::Slice,
    recordings::{HoldForm, HoldLine},
    ui::prelude::*,
    urls,
};

/// The list.
#[derive(Clone, Debug)]
pub struct Holds {
    pub lines: Slice<HoldLine>,
    pub may_hold: bool,
    pub now: i64,
    pub zone: Tz,
}

impl Holds {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Film that is kept", Area::Cameras).crumb("Recordings", urls::RECORDINGS).wide()
    }

    pub fn body(self) -> impl IntoView {
        let Self { lines: Slice { rows, newer, older }, may_hold, now, zone } = self;
        let new = may_hold
            .then(|| view! { <LinkButton label="Keep film" href=urls::FILM_HOLD_NEW kind=Kind::Primary icon="plus"/> });
        let page = |name: &str, cursor: Option<String>| {
            cursor.map(|cursor| urls::with_query(urls::FILM_HOLDS, &[(name, cursor.as_str())]))
        };
        let (newer, older) = (page("before", newer), page("after", older));
        let table = match rows.is_empty() {
            true => view! {
                <EmptyList title="No film is on hold" icon="shield">
                    <p>"Film goes when its camera’s time is over. What a case needs for longer is kept from the recordings’ page: choose cameras and a time there, and press Keep this film."</p>
                </EmptyList>
            }
            .into_any(),
            false => {
                let rows = rows.into_iter().map(|line| row(line, may_hold, now, zone)).collect_view();
                let columns = vec![
                    Column::text("Film of"),
                    Column::text("State"),
                    Column::text("Cameras").wide(),
                    Column::text("Why").wide(),
                    Column::text("Since").wide(),
                    Column::hidden("Actions"),
                ];
                view! { <Table caption="Film that is kept, the newest first" columns keys=true>{rows}</Table> }.into_any()
            }
        };
        view! {
            <PageHead title="Film that is kept" sub="Whatever its age, until somebody releases it: what is here, and what comes to it later.">{new}</PageHead>
            {table}
            <Pager newer older/>
        }
    }
}

fn row(line: HoldLine, may_hold: bool, now: i64, zone: Tz) -> impl IntoView {
    let HoldLine { hold, cameras } = line;
    let names = cameras.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ");
    let (tone, word) = match hold.released_at {
        None => (Tone::Ok, "Kept"),
        Some(_) => (Tone::Neutral, "Released"),
    };
    let why = match (&hold.released_by_name, &hold.release_reason) {
        (Some(name), Some(released)) => {
            format!("{}: {}. Released by {name}: {released}", hold.held_by_name, hold.reason)
        }
        _ => format!("{}: {}", hold.held_by_name, hold.reason),
    };
    let release = (may_hold && hold.released_at.is_none())
        .then(|| view! { <a href=urls::film_hold_release(hold.id)>"Release"</a> });
    let beneath = format!("{names}; {why}");
    view! {
        <tr>
            <th scope="row">{stretch(hold.from_at, Some(hold.until_at), zone)}<Beneath>{beneath}</Beneath></th>
            <td><Status tone word/></td>
            <td class="wide-only">{names}</td>
            <td class="wide-only">{why}</td>
            <td class="wide-only"><Time at=hold.since tz=zone style=TimeStyle::since(hold.since, now, zone)/></td>
            <td class="row-actions">{release}</td>
        </tr>
    }
}

/// Laying a hold.
#[derive(Clone, Debug)]
pub struct NewHold {
    pub form: HoldForm,
    pub errors: FormErrors,
    pub picks: Vec<Pick>,
    /// Of this form alone: sent twice, it lays one hold.
    pub key: String,
    pub zone: Tz,
    pub now: i64,
}

impl NewHold {
    #[must_use]
    pub fn page() -> Page {
        Page::new("Keep film", Area::Cameras)
            .crumb("Recordings", urls::RECORDINGS)
            .crumb("Film that is kept", urls::FILM_HOLDS)
    }

    pub fn body(self) -> impl IntoView {
        let Self { form, errors, picks, key, zone, now } = self;
        if picks.is_empty() {
            return view! {
                <PageHead title="Keep film"/>
                <EmptyList title="There is no camera yet" icon="camera"><p><a href=urls::CAMERAS>"See the cameras"</a></p></EmptyList>
            }
            .into_any();
        }
        let reason = errors.field("reason", form.reason);
        let cameras: Vec<_> = picks.into_iter().map(|pick| Choice::new(pick.slug, pick.name)).collect();
        view! {
            <ErrorSummary errors=errors.clone()/>
            <PageHead title="Keep film" sub="Until somebody releases it, film of this time is not erased, whatever its age, by anybody; nor is what comes to it later."/>
            <PostForm action=urls::FILM_HOLD_NEW guarded=true>
                <Hidden name="key" value=key/>
                <FilmFields cameras ticked=form.cameras from=form.from until=form.until latest="It may be yet to come" errors now zone/>
                <TextArea field=reason label="Reason" rows=3 maxlength=500 hint="Kept on record, such as the number of the case"/>
                <div class="buttons"><Button label="Keep this film" kind=Kind::Primary/><a href=urls::FILM_HOLDS>"Cancel"</a></div>
            </PostForm>
        }
        .into_any()
    }
}

/// Before a hold is released.
pub fn release(line: HoldLine, typed: &str, errors: FormErrors, zone: Tz) -> impl IntoView + use<> {
    let reason = errors.field("reason", typed);
    let HoldLine { hold, cameras } = line;
    let names = cameras.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", ");
    let of = format!("{names}: {}", stretch(hold.from_at, Some(hold.until_at), zone));
    let why = format!("{} keeps it: {}", hold.held_by_name, hold.reason);
    view! {
        <Confirm title="Release this film?" action=urls::film_hold_release(hold.id) button="Release the film" cancel=urls::FILM_HOLDS errors>
            <p>{of}</p>
            <p>{why}</p>
            <p>"From then on it goes as all film does: at once, where its camera’s time is over."</p>
            <TextArea field=reason label="Reason" rows=3 hint="Kept on record"/>
        </Confirm>
    }
}
