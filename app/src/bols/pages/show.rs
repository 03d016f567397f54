//! A bill: its paper, and beside it what became of it.

use chrono_tz::Tz;

use super::{StateTag, name_of, paper::words};
use crate::{
    archive::Away,
    attachments,
    audit::model::entry,
    bols::{
        PdfState, State,
        find::Bill,
        model::{bol, revision},
    },
    docks::{self, Footage},
    ids::BolId,
    links::{self, pages::Sharing},
    objects::model::hold,
    ui::prelude::*,
    urls,
};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Show {
    pub bill: Bill,
    /// Where the picture of its paper is to be had.
    pub picture: String,
    /// Its PDF lies in an archive.
    pub away: Option<Away>,
    /// Newest first.
    pub revisions: Vec<revision::Model>,
    /// Oldest first.
    pub attachments: Vec<attachments::model::Model>,
    /// Newest first.
    pub history: Vec<entry::Model>,
    pub zone: Tz,
    pub hold: Option<hold::Model>,
    pub may_write: bool,
    /// Make clips of footage.
    pub may_export: bool,
    pub may_hold: bool,
    /// Shows where people came from, which is for those who read the audit log.
    pub may_audit: bool,
}

impl Show {
    /// The page's head.
    #[must_use]
    pub fn page(&self) -> Page {
        let title = format!("{}, {}", name_of(&self.bill.bol), self.bill.bol.state());
        Page::new(title, Area::Paper).wide().crumb("Bills of lading", urls::BOLS)
    }

    /// `sharing` is what became of it outside: links, mails, looks; `footage` what cameras saw of its loading.
    pub fn body(self, sharing: links::Panel, footage: Option<Footage>) -> impl IntoView + use<> {
        let Self {
            bill,
            picture,
            away,
            revisions,
            attachments,
            history,
            zone,
            hold,
            may_write,
            may_export,
            may_hold,
            may_audit,
        } = self;
        let Bill { bol, revision, content } = bill;
        let state = bol.state();
        let sheet = sheet(&bol, &revision, picture, away.is_some());
        let words = words(&content);
        let actions = if may_write { actions(&bol) } else { ().into_any() };
        let label = if hold.is_some() { "Release the hold" } else { "Legal hold" };
        let holding = may_hold.then(|| view! { <LinkButton href=urls::bol_hold(bol.id) label icon="lock"/> });
        let held = hold.map(|hold| {
            let why = format!("On legal hold, by {}: {}", hold.held_by, hold.reason);
            view! { <Notice tone=Tone::Warn><p>{why}</p></Notice> }
        });
        let facts = facts(&bol, zone);
        let attachments = attachments::pages::panel(&attachments, bol.id, may_write);
        let footage = footage.map(|footage| docks::pages::panel(footage, &bol, zone, may_write, may_export));
        let pdf = match away {
            Some(away) => archived(bol.id, &away, may_write),
            None => pdf(&bol, &revision, may_write),
        };
        let in_work = bol.draft_revision_id.filter(|_| state == State::Issued).map(|_| {
            let edit = may_write.then(|| view! { " "<a href=urls::bol_edit(bol.id)>"Open it"</a> });
            view! { <Notice tone=Tone::Warn><p>"A revision of this bill is in work."{edit}</p></Notice> }
        });
        let void =
            bol.void_reason.clone().map(|reason| view! { <Notice tone=Tone::Bad><p>"Void: "{reason}</p></Notice> });
        let revisions = revisions_of(&bol, &revisions, zone);
        let history = history.into_iter().map(|entry| moment(entry, zone, may_audit)).collect_view();
        let all = may_audit.then(|| {
            let href = urls::with_query(urls::AUDIT, &[("subject", format!("bol:{}", bol.id).as_str())]);
            view! { <p><a href=href>"All entries"</a></p> }
        });
        let sharing = (state != State::Draft).then(|| {
            view! { <section><h2>"Deliveries"</h2><Sharing panel=sharing zone may_write/></section> }
        });
        view! {
            <PageHead title=name_of(&bol) mono=bol.number.is_some() status=move || view! { <StateTag state/> }>{actions}{holding}</PageHead>
            {void}
            {held}
            {in_work}
            <div class="paper">
                <div>
                    {sheet}
                    <details class="in-words">
                        <summary>"The paper in words"</summary>
                        {words}
                    </details>
                </div>
                <div class="stack">
                    {pdf}
                    {facts}
                    {footage}
                    {attachments}
                    {sharing}
                    {revisions}
                    <section><h2>"History"</h2><Timeline>{history}</Timeline>{all}</section>
                </div>
            </div>
        }
    }
}

/// The first page as it is printed; where there is a PDF, it leads there, and where that is in an archive there is none.
fn sheet(bol: &bol::Model, revision: &revision::Model, picture: String, away: bool) -> AnyView {
    if away {
        return ().into_any();
    }
    let alt = match &bol.number {
        Some(number) => format!("First page of {number} as printed"),
        None => "First page of this draft as it would be printed".to_owned(),
    };
    let picture = view! { <img src=picture alt=alt width="612" height="792"/> };
    match revision.pdf_state() {
        PdfState::Ready => {
            view! { <a class="sheet" href=urls::bol_pdf(bol.id, revision.revision)>{picture}</a> }.into_any()
        }
        _ => view! { <div class="sheet">{picture}</div> }.into_any(),
    }
}

fn actions(bol: &bol::Model) -> AnyView {
    let id = bol.id;
    let duplicate = view! { <ButtonForm action=urls::bol_duplicate(id) label="Duplicate" icon="copy"/> };
    let template = view! { <LinkButton href=urls::bol_template(id) label="Save as template" icon="template"/> };
    match (bol.state(), bol.draft_revision_id) {
        (State::Draft, _) => view! {
            <LinkButton href=urls::bol_edit(id) label="Edit" kind=Kind::Primary icon="pencil"/>
            {duplicate}
            {template}
            <LinkButton href=urls::bol_delete(id) label="Delete" icon="trash"/>
        }
        .into_any(),
        (State::Issued, in_work) => {
            let revise = match in_work {
                Some(_) => {
                    view! { <LinkButton href=urls::bol_edit(id) label="Revision in work" icon="revise"/> }.into_any()
                }
                None => view! { <ButtonForm action=urls::bol_revise(id) label="Revise" icon="revise"/> }.into_any(),
            };
            view! {
                <LinkButton href=urls::bol_send(id) label="Send" kind=Kind::Primary icon="send"/>
                {revise}
                {duplicate}
                {template}
                <LinkButton href=urls::bol_void(id) label="Void" icon="void"/>
            }
            .into_any()
        }
        (State::Void, _) => view! { {duplicate}{template} }.into_any(),
    }
}

/// A PDF that a bucket would refuse to give.
fn archived(id: BolId, away: &Away, may_write: bool) -> AnyView {
    let (tone, word) = match away.asked {
        true => (Tone::Progress, "PDF is being fetched back"),
        false => (Tone::Neutral, "PDF is archived"),
    };
    let usual = vec![("tier", "standard".to_owned()), ("days", "7".to_owned())];
    let label = format!("Ask for it back ({})", away.in_words());
    let ask = (may_write && !away.asked).then(|| {
        view! { <ButtonForm action=urls::stored_restore(away.object) label hidden=usual kind=Kind::Primary icon="refresh"/> }
    });
    let (words, object) = (away.to_string(), urls::stored(away.object));
    view! {
        <div class="panel">
            <p><Status tone word/></p>
            <p>{words}</p>
            <div class="buttons">
                {ask}
                {may_write.then(|| view! { <a href=object>"Where it lies"</a> })}
                <a href=urls::bol_ebol(id)>"eBOL (JSON)"</a>
                <PrintButton label="Print this record"/>
            </div>
        </div>
    }
    .into_any()
}

/// Where the PDF stands; the script asks again until it changes.
fn pdf(bol: &bol::Model, revision: &revision::Model, may_write: bool) -> AnyView {
    let (id, number) = (bol.id, revision.revision);
    let retry = |label: &'static str| {
        may_write.then(|| view! { <ButtonForm action=urls::bol_pdf_retry(id, number) label=label icon="refresh"/> })
    };
    match revision.pdf_state() {
        PdfState::None => ().into_any(),
        PdfState::Ready => view! {
            <div class="buttons">
                <LinkButton href=urls::bol_pdf(id, number) label="Open the PDF" icon="download"/>
                <a href=urls::bol_ebol(id)>"eBOL (JSON)"</a>
                <PrintButton label="Print this record"/>
            </div>
        }
        .into_any(),
        PdfState::Waiting => {
            let hint = match &revision.pdf_error {
                Some(why) => format!("The last try failed; the next one comes by itself. {why}"),
                None => "It takes a few seconds. Load the page again to see whether it is ready.".into(),
            };
            view! {
                <div class="panel" data-poll=urls::bol_pdf_state(id, number) data-state="waiting">
                    <p><Status tone=Tone::Progress word="PDF is being made"/></p>
                    <Progress label="Making the PDF"/>
                    <p class="hint">{hint}</p>
                    {retry("Make it again")}
                </div>
            }
            .into_any()
        }
        PdfState::Failed => {
            let why = revision.pdf_error.clone().unwrap_or_default();
            view! {
                <div class="panel" role="alert">
                    <p><Status tone=Tone::Bad word="PDF could not be made"/></p>
                    <p>{why}</p>
                    {retry("Try again")}
                </div>
            }
            .into_any()
        }
    }
}

fn facts(bol: &bol::Model, zone: Tz) -> AnyView {
    let net = bol.net_milli.zip(bol.net_unit.as_deref().and_then(|unit| unit.parse().ok()));
    let net = net.map(|(milli, unit)| crate::bols::weight::Weight::new(milli, unit).to_string());
    let net = net.map(|net| view! { <Fact label="Net" mono=true>{net}</Fact> });
    let time =
        |label: &'static str, at: Option<i64>| at.map(|at| view! { <Fact label=label><Time at tz=zone/></Fact> });
    let word = |label: &'static str, text: &str| {
        (!text.is_empty()).then(|| text.to_owned()).map(|text| view! { <Fact label=label>{text}</Fact> })
    };
    let gs1 = bol.gs1.clone().map(|gs1| view! { <Fact label="GS1 number" mono=true>{gs1}</Fact> });
    let issued = time("Issued", bol.issued_at);
    let voided = time("Voided", bol.voided_at);
    let opened = time("First opened by customer", bol.opened_at);
    let downloaded = time("First downloaded", bol.downloaded_at);
    let customer = word("Customer", &bol.customer_name);
    let carrier = word("Carrier", &bol.carrier_name);
    view! { <section><Facts>{customer}{carrier}{net}{gs1}{issued}{voided}{opened}{downloaded}</Facts></section> }
        .into_any()
}

fn revisions_of(bol: &bol::Model, revisions: &[revision::Model], zone: Tz) -> AnyView {
    if revisions.len() < 2 {
        return ().into_any();
    }
    let rows = revisions
        .iter()
        .map(|revision| {
            let n = revision.revision;
            let when = match revision.issued_at {
                Some(at) => view! { <Time at tz=zone/> }.into_any(),
                None => "in work".into_any(),
            };
            let open =
                (revision.pdf_state() == PdfState::Ready).then(|| view! { <a href=urls::bol_pdf(bol.id, n)>"PDF"</a> });
            let compare = (n > 1)
                .then(|| view! { <a href=urls::bol_compare(bol.id, n - 1, n)>{format!("Compare with {}", n - 1)}</a> });
            let reason = revision.reason.clone().unwrap_or_default();
            view! { <tr><th scope="row">{n}</th><td>{when}</td><td>{reason}</td><td>{open}" "{compare}</td></tr> }
        })
        .collect_view();
    let columns =
        vec![Column::text("Revision"), Column::text("Issued"), Column::text("Reason"), Column::hidden("Links")];
    view! { <section><h2>"Revisions"</h2><Table caption="Revisions" columns>{rows}</Table></section> }.into_any()
}

fn moment(entry: entry::Model, zone: Tz, may_audit: bool) -> AnyView {
    let what = match entry.action.as_str() {
        "bol.drafted" => "began a draft",
        "bol.edited" => "changed the draft",
        "bol.draft_deleted" => "discarded a revision in work",
        "bol.issued" => "issued it",
        "bol.revised" => "issued a revision",
        "bol.voided" => "voided it",
        "bol.viewed" => "looked at it",
        "bol.rendered" => "made the PDF",
        "bol.downloaded" | "link.downloaded" => "downloaded the PDF",
        "bol.exported" => "exported it",
        "bol.verified" => "verified it",
        "attachment.viewed" => "looked at the attachments",
        "attachment.begun" => "began to add an attachment",
        "attachment.kept" => "checked and kept an attachment",
        "attachment.refused" => "refused an attachment",
        "attachment.downloaded" => "downloaded an attachment",
        "attachment.removed" => "removed an attachment",
        "attachment.given_up" => "gave up an attachment that never arrived",
        "job.retried" => "had the PDF made again",
        "bol.loading_set" => "noted its loading",
        "hold.placed" => "put it on legal hold",
        "hold.released" => "released the legal hold",
        "link.created" => "made a link",
        "link.revoked" => "revoked a link",
        "link.played" => "watched a clip",
        "link.clip_downloaded" => "downloaded a clip",
        "link.fetched" => "opened the link",
        "link.confirmed" => "pressed Download",
        "link.awaited" => "waits for it to come back from an archive",
        "link.refused" => "typed a wrong passcode or digits",
        "link.fresh_sent" => "asked for a fresh link",
        "mail.queued" => "sent it",
        "mail.sent" => "handed the mail over",
        "mail.refused" => "had the mail refused",
        "mail.unknown" => "does not know whether the mail arrived",
        "mail.retried" => "had the mail sent again",
        "mail.cancelled" => "cancelled the mail",
        "mail.settled" => "settled the mail",
        other => other,
    };
    let from = entry.ip.filter(|_| may_audit).map(|ip| format!(" from {ip}"));
    let text = format!("{} {what}{}", entry.actor_name, from.unwrap_or_default());
    view! { <Moment at=entry.at tz=zone>{text}</Moment> }.into_any()
}
