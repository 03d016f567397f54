//! Whom alerts reach.

use chrono_tz::Tz;

use crate::{
    FormErrors,
    alerts::{Kind as Alert, Reach, TargetForm, model::target},
    ids::AlertTargetId,
    ui::prelude::*,
    urls,
};

/// The list, and the form of a new one.
pub fn targets(rows: Vec<target::Model>, form: TargetPage, zone: Tz) -> impl IntoView {
    let empty = rows.is_empty();
    let lines = rows.into_iter().map(|row| line(row, zone)).collect_view();
    let columns = vec![
        Column::text("To"),
        Column::text("By"),
        Column::text("Of"),
        Column::text("State"),
        Column::text("Since"),
        Column::hidden("Actions"),
    ];
    let table = match empty {
        true => view! {
            <EmptyList title="Alerts reach nobody yet" icon="send">
                <p>"They stand on the page of alerts, and on Today. Whoever should know without looking is named here: an address for mail, or a webhook of a chat or a pager."</p>
            </EmptyList>
        }
        .into_any(),
        false => view! { <Table caption="Whom alerts reach" columns keys=true>{lines}</Table> }.into_any(),
    };
    view! {
        <ErrorSummary errors=form.errors.clone()/>
        <PageHead title="Whom alerts reach" sub="Mail comes once for all that opens within a minute, and once a day for what goes on and nobody knows of. Webhooks are called at once, when an alert opens and when it closes."/>
        {table}
        {form.fields()}
    }
}

fn line(row: target::Model, zone: Tz) -> impl IntoView {
    let by = if row.kind == Reach::Webhook.as_str() { "Webhook" } else { "Email" };
    let of = match row.kinds.as_str() {
        "" => "All alerts".to_owned(),
        kinds => kinds.split(',').filter_map(|kind| kind.parse().ok()).map(Alert::label).collect::<Vec<_>>().join(", "),
    };
    let (tone, word) = if row.enabled { (Tone::Ok, "On") } else { (Tone::Neutral, "Off") };
    let page = urls::alert_target(row.id);
    view! {
        <tr>
            <th scope="row"><a href=page.clone()>{row.address}</a></th>
            <td>{by}</td>
            <td>{of}</td>
            <td><Status tone word/></td>
            <td><Time at=row.created_at tz=zone style=TimeStyle::Date/></td>
            <td class="row-actions"><ButtonForm action=format!("{page}/try") label="Try it" kind=Kind::Quiet/></td>
        </tr>
    }
}

/// What the form shows.
#[derive(Clone, Debug, Default)]
pub struct TargetPage {
    /// `None`: a new one.
    pub id: Option<AlertTargetId>,
    /// What it is called now.
    pub address: String,
    pub form: TargetForm,
    pub errors: FormErrors,
}

impl TargetPage {
    #[must_use]
    pub fn page(&self) -> Page {
        match self.id {
            None => Page::new("Whom alerts reach", Area::Cameras).at(urls::ALERTS).crumb("Alerts", urls::ALERTS),
            Some(_) => Page::new(self.address.clone(), Area::Cameras)
                .crumb("Alerts", urls::ALERTS)
                .crumb("Whom they reach", urls::ALERT_TARGETS),
        }
    }

    /// The page of one that is there.
    pub fn body(self) -> impl IntoView {
        let (title, errors) = (self.address.clone(), self.errors.clone());
        let remove =
            self.id.map(|id| view! { <LinkButton label="Remove" href=format!("{}/remove", urls::alert_target(id))/> });
        let try_it =
            self.id.map(|id| view! { <ButtonForm action=format!("{}/try", urls::alert_target(id)) label="Try it"/> });
        view! {
            <ErrorSummary errors/>
            <PageHead title>{try_it}{remove}</PageHead>
            {self.fields()}
        }
    }

    fn fields(self) -> impl IntoView {
        let Self { id, form, errors, .. } = self;
        let action = id.map_or_else(|| urls::ALERT_TARGETS.to_owned(), urls::alert_target);
        let is_hook = form.kind == Reach::Webhook.as_str();
        let kind = errors.field("kind", if form.kind.is_empty() { "email" } else { &form.kind });
        let email = errors.field("email", form.email);
        let url = errors.field("url", form.url);
        let options = vec![
            Choice::new("email", "Email"),
            Choice::new("webhook", "Webhook")
                .hint("A POST of JSON, signed with a key that is shown once, tried for a day"),
        ];
        let address = match (id, is_hook) {
            (None, _) => view! {
                <Radios field=kind label="How" options/>
                <TextField field=email label="Address" kind=Input::Email optional=true width=Width::Half hint="Of an email"/>
                <TextField field=url label="URL" kind=Input::Url optional=true width=Width::Half maxlength=2000
                    hint="Of a webhook. This machine itself and addresses where clouds keep secrets are not called unless the setting webhook_allow names them."/>
            }
            .into_any(),
            (Some(_), true) => view! {
                <TextField field=url label="Another URL" kind=Input::Url optional=true width=Width::Half maxlength=2000
                    hint="Empty: the one that is there. Another one gets another key."/>
            }
            .into_any(),
            (Some(_), false) => view! { <TextField field=email label="Address" kind=Input::Email width=Width::Half/> }.into_any(),
        };
        let kinds = Alert::ALL
            .into_iter()
            .map(|alert| {
                let ticked = form.kinds.iter().any(|kind| kind == alert.as_str());
                view! {
                    <label class="choice">
                        <input type="checkbox" name="kinds" value=alert.as_str() checked=ticked/>
                        <span>{alert.label()}</span>
                    </label>
                }
            })
            .collect_view();
        let enabled = errors.field("enabled", if id.is_none() || form.enabled { "on" } else { "" });
        let title = if id.is_none() { "Add one" } else { "Whom, and of what" };
        let button = if id.is_none() { "Add" } else { "Save" };
        view! {
            <PostForm action guarded=true>
                <Section title>
                    {address}
                    <fieldset class="field full">
                        <legend>"Of what"</legend>
                        <p class="hint">"None ticked: of everything."</p>
                        <div class="choices inline">{kinds}</div>
                    </fieldset>
                    <Checkbox field=enabled label="It is told"/>
                </Section>
                <div class="buttons"><Button label=button kind=Kind::Primary/></div>
            </PostForm>
        }
    }
}

/// The key of a webhook's signatures in full, this once.
pub fn key(address: &str, key: String) -> impl IntoView + use<> {
    let title = format!("The key of {address}");
    view! {
        <div class="narrow">
            <h1>{title}</h1>
            <p>"This is shown once. The receiver checks with it that a call comes from here:"</p>
            <TextField field=FieldState::new("key", key) label="Key" width=Width::Full mono=true readonly=true/>
            <p>"The header X-Gatehouse-Signature says t=…,v1=…: v1 is HMAC-SHA-256, in hex, of the number behind t=, a dot and the body as it came. Refuse calls whose t is more than five minutes old."</p>
            <div class="buttons"><a class="btn" href=urls::ALERT_TARGETS>"I have copied it"</a></div>
        </div>
    }
}

/// The page before a target is removed.
pub fn remove(row: &target::Model) -> impl IntoView + use<> {
    let page = urls::alert_target(row.id);
    view! {
        <Confirm title=format!("Remove {}?", row.address) action=format!("{page}/remove") button="Remove it" cancel=page.clone()>
            <p>"It is told of no alert any more. What is on its way to it is dropped."</p>
        </Confirm>
    }
}
