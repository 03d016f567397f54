//! The pages of the address book.

pub mod carriers;
pub mod form;
pub mod import;
pub mod list;
pub mod releases;
pub mod show;

use crate::ui::prelude::*;

/// The search field above a list, and the switch between what is in use and what was put away.
fn filters(
    action: &'static str,
    label: &'static str,
    query: &str,
    away: &'static str,
    put_away: bool,
) -> impl IntoView + use<> {
    let find = FieldState::new("q", query);
    let with_query = |rest: &str| crate::urls::with_query(action, &[("q", query), ("show", rest)]);
    let chips = vec![Chip::new("In use", with_query(""), !put_away), Chip::new(away, with_query("away"), put_away)];
    view! {
        <div class="filters">
            <form method="get" action=action role="search" aria-label=label class="inline">
                <TextField field=find label=label kind=Input::Search width=Width::Half/>
                {put_away.then(|| view! { <Hidden name="show" value="away"/> })}
                <Button label="Search" icon="search"/>
            </form>
            <Chips label="Show" chips/>
        </div>
    }
}

/// The pager of a list that is sorted by name or number.
fn pager(
    action: &'static str,
    query: &str,
    put_away: bool,
    newer: Option<String>,
    older: Option<String>,
) -> impl IntoView + use<> {
    let show = if put_away { "away" } else { "" };
    let newer =
        newer.map(|before| crate::urls::with_query(action, &[("q", query), ("show", show), ("before", &before)]));
    let older = older.map(|after| crate::urls::with_query(action, &[("q", query), ("show", show), ("after", &after)]));
    (newer.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages of the list">
                {newer.map(|href| view! { <a class="btn" href=href rel="prev"><Icon name="arrow-left"/>"Back"</a> })}
                {older.map(|href| view! { <a class="btn" href=href rel="next">"Further"<Icon name="arrow-right"/></a> })}
            </nav>
        }
    })
}
