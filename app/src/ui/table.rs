//! Lists: the dense table, its chips and pager, the empty state, facts about a record, and its timeline.

use chrono_tz::Tz;
use leptos::prelude::*;

use super::icon::Icon;
use super::status::Tone;
use super::time::{Time, TimeStyle};

/// A column's head.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    class: &'static str,
    hidden: bool,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "", hidden: false }
    }

    /// A column of figures: right-aligned and tabular. Its cells are `<td class="num">`.
    pub fn num(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "num", hidden: false }
    }

    /// Hidden where there is room for few columns: what it says stands in the row's first cell there, in a [`Beneath`].
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.class = "wide-only";
        self
    }

    /// A column whose head only screen readers meet (row actions).
    pub fn hidden(label: impl Into<String>) -> Self {
        Self { label: label.into(), class: "", hidden: true }
    }
}

/// The dense table. Children are plain `<tr>`s.
#[component]
pub fn Table(
    /// What the table lists; screen readers hear it, the heading above already shows it.
    #[prop(into)]
    caption: String,
    columns: Vec<Column>,
    /// Adds the column of checkboxes; every row then begins with [`SelectRow`].
    #[prop(optional)]
    selectable: bool,
    /// This is what the page lists: keys walk its rows, and Enter opens a row's first link.
    #[prop(optional)]
    keys: bool,
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|column| {
            let label = match column.hidden {
                true => view! { <span class="sr">{column.label}</span> }.into_any(),
                false => column.label.into_any(),
            };
            view! { <th scope="col" class=(!column.class.is_empty()).then_some(column.class)>{label}</th> }
        })
        .collect_view();
    view! {
        <div class="table-wrap" role="region" aria-label=caption tabindex="0">
            <table class="list" data-rows=keys.then_some("")>
                <caption class="sr">{caption.clone()}</caption>
                <thead>
                    <tr>
                        {selectable.then(|| view! { <th scope="col" class="pick" data-select-all><span class="sr">"Select"</span></th> })}
                        {heads}
                    </tr>
                </thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

/// In a row's first cell, what columns of [`Column::wide`] say: seen where those are not.
#[component]
pub fn Beneath(children: Children) -> impl IntoView {
    view! { <small class="beneath">{children()}</small> }
}

/// A row's checkbox, the first cell of a row in a `selectable` table. `form` ties it to a form elsewhere in the page.
#[component]
pub fn SelectRow(
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    /// The row in words: "PRT-2026-0001".
    #[prop(into)]
    label: String,
    #[prop(into, default = None)] form: Option<String>,
) -> impl IntoView {
    view! {
        <td class="pick">
            <label class="tick">
                <input type="checkbox" name=name value=value form=form/>
                <span class="sr">{format!("Select {label}")}</span>
            </label>
        </td>
    }
}

/// The bar of actions on selected rows; the script writes how many are selected into it.
#[component]
pub fn SelectionBar(children: Children) -> impl IntoView {
    view! {
        <div class="selection">
            <span data-selected-count aria-live="polite"></span>
            {children()}
        </div>
    }
}

/// Newer and older, by keyset. Without both there is nothing to page and nothing is shown.
#[component]
pub fn Pager(
    #[prop(into, default = None)] newer: Option<String>,
    #[prop(into, default = None)] older: Option<String>,
) -> impl IntoView {
    (newer.is_some() || older.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label="Pages of the list">
                {newer.map(|href| view! { <a class="btn" href=href rel="prev"><Icon name="arrow-left"/>"Newer"</a> })}
                {older.map(|href| view! { <a class="btn" href=href rel="next">"Older"<Icon name="arrow-right"/></a> })}
            </nav>
        }
    })
}

/// One filter as a link: pressing it puts the filter into the URL, pressing it again takes it out.
#[derive(Clone, Debug)]
pub struct Chip {
    pub label: String,
    pub href: String,
    /// Whether the list is filtered by it now.
    pub on: bool,
}

impl Chip {
    pub fn new(label: impl Into<String>, href: impl Into<String>, on: bool) -> Self {
        Self { label: label.into(), href: href.into(), on }
    }
}

/// A group of filters.
#[component]
pub fn Chips(
    /// What they filter by: "State".
    #[prop(into)]
    label: String,
    chips: Vec<Chip>,
) -> impl IntoView {
    let chips = chips
        .into_iter()
        .map(|chip| {
            view! {
                <li>
                    <a class="chip" href=chip.href aria-current=chip.on.then_some("true")>
                        {chip.on.then(|| view! { <Icon name="check"/> })}
                        {chip.label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="chips" role="group" aria-label=label>
            <span class="chips-label" aria-hidden="true">{label.clone()}</span>
            <ul>{chips}</ul>
        </div>
    }
}

/// An empty list: what would be here (`title`) and how to begin (children).
#[component]
pub fn EmptyList(
    #[prop(into)] title: String,
    #[prop(into, default = "document".to_owned())] icon: String,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon/>
            <h2>{title}</h2>
            <div>{children()}</div>
        </div>
    }
}

/// What is known about a record: a list of [`Fact`]s.
#[component]
pub fn Facts(
    /// Label and value on top of each other in columns, for wide places.
    #[prop(optional)]
    across: bool,
    /// The labels are long names that are typed as they stand, such as settings'.
    #[prop(optional)]
    names: bool,
    children: Children,
) -> impl IntoView {
    let class = match (across, names) {
        (true, _) => "facts across",
        (false, true) => "facts names",
        (false, false) => "facts",
    };
    view! { <dl class=class>{children()}</dl> }
}

/// One fact: its name and what it is.
#[component]
pub fn Fact(
    #[prop(into)] label: String,
    /// A figure or a number that people compare: set in tabular mono.
    #[prop(optional)]
    mono: bool,
    children: Children,
) -> impl IntoView {
    view! { <div><dt>{label}</dt><dd class=mono.then_some("mono")>{children()}</dd></div> }
}

/// What happened to a record, newest or oldest first as its [`Moment`]s are given.
#[component]
pub fn Timeline(children: Children) -> impl IntoView {
    view! { <ol class="timeline">{children()}</ol> }
}

/// One moment of a timeline: when, and what happened in words.
#[component]
pub fn Moment(
    /// UTC milliseconds.
    at: i64,
    tz: Tz,
    #[prop(optional)] tone: Tone,
    #[prop(optional)] style: TimeStyle,
    children: Children,
) -> impl IntoView {
    view! {
        <li class=tone.class()>
            <Icon name=tone.shape()/>
            <div class="what">{children()}</div>
            <Time at tz style/>
        </li>
    }
}
