//! Telling people: webhooks at once, mails together, and once a day again for as long as nobody says that they know.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Kind, Moment,
    model::{alert, post, target},
    targets::{Reach, wants},
};
use crate::{
    App, Result, WriteTxn,
    audit::Actor,
    job::Job,
    mail::{self, MailKind, NewMail},
    ui::time::{TimeStyle, format_ms},
    yard::Yard,
};

/// What opens within so many milliseconds is one mail: where a switch fails, forty cameras do.
pub(super) const TOGETHER: i64 = 60_000;
/// What goes on is told of again after so many milliseconds.
const AGAIN: i64 = 24 * 3_600_000;
/// Lines of a mail; whoever has more goes to the page.
const LINES: usize = 50;
/// Alerts that are told of at one look.
const AT_ONCE: u64 = 1_000;

/// The webhooks that are in use.
pub(super) async fn webhooks(tx: &WriteTxn<'_>) -> Result<Vec<target::Model>> {
    let targets = target::Entity::find().filter(target::COLUMN.enabled.eq(true));
    Ok(targets.filter(target::COLUMN.kind.eq(Reach::Webhook.as_str())).all(tx).await?)
}

/// Puts a call of each webhook that wants it on its way, with the change that it tells of.
pub(super) async fn post_to(
    tx: &WriteTxn<'_>,
    now: i64,
    alert: &alert::Model,
    moment: Moment,
    targets: &[target::Model],
) -> Result<()> {
    for target in targets.iter().filter(|target| wants(target, &alert.kind)) {
        let row = post::Model {
            alert_id: alert.id,
            target_id: target.id,
            moment: moment.to_string(),
            state: "waiting".into(),
            attempts: 0,
            answer: None,
            updated_at: now,
        };
        post::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
        tx.enqueue(Job::PostWebhook { alert: alert.id, target: target.id, moment, attempt: 0 }).await?;
    }
    Ok(())
}

/// What a mail says of an alert.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    Opened,
    GoesOn,
    Over,
    /// It was, and is over: nobody was told in between.
    Was,
}

impl News {
    fn of(alert: &alert::Model) -> Self {
        match (alert.closed_at, alert.told_at) {
            (None, None) => Self::Opened,
            (None, Some(_)) => Self::GoesOn,
            (Some(_), Some(_)) => Self::Over,
            (Some(_), None) => Self::Was,
        }
    }
}

/// Sends the mails that are due, and notes that they are told.
pub(super) async fn tell(app: &App) -> Result<()> {
    let now = app.now();
    let due = |until: i64| alert::Entity::find().filter(alert::COLUMN.tell_at.lte(until));
    if due(now).limit(1).one(app.db()).await?.is_none() {
        return Ok(());
    }
    let mut tx = app.begin().await?;
    // Whatever else is due within the minute comes along.
    let alerts = due(now + TOGETHER).order_by_asc(alert::Column::OpenedAt).order_by_asc(alert::Column::Id);
    let alerts = alerts.limit(AT_ONCE).all(&tx).await?;
    let targets = target::Entity::find()
        .filter(target::COLUMN.enabled.eq(true))
        .filter(target::COLUMN.kind.eq(Reach::Email.as_str()))
        .all(&tx)
        .await?;
    let yard = Yard::load(&tx).await?;
    for target in targets {
        let news: Vec<_> = alerts.iter().filter(|alert| wants(&target, &alert.kind)).collect();
        let Some(first) = news.first() else { continue };
        let mail = NewMail {
            kind: MailKind::Alert,
            recipient: target.address.clone(),
            subject: subject(&news, &yard),
            bol_id: None,
            link_id: None,
            user_id: None,
            alert_id: Some(first.id),
            note: text(&news, &yard),
        };
        mail::queue(app, &mut tx, &Actor::system(), mail).await?;
    }
    let (again, over): (Vec<_>, Vec<_>) =
        alerts.iter().partition(|alert| alert.closed_at.is_none() && alert.seen_at.is_none());
    for (told, tell_at) in [(again, Some(now + AGAIN)), (over, None)] {
        let change = alert::ActiveModel { told_at: Set(Some(now)), tell_at: Set(tell_at), ..Default::default() };
        let told = told.into_iter().map(|alert| alert.id);
        alert::Entity::update_many().set(change).filter(alert::Column::Id.is_in(told)).exec(&tx).await?;
    }
    tx.commit().await
}

/// `38 cameras do not record; One recorder is away: South yard`
fn subject(news: &[&alert::Model], yard: &Yard) -> String {
    let open: Vec<_> = news.iter().filter(|alert| alert.closed_at.is_none()).collect();
    let words = match (open.as_slice(), news) {
        ([], [one]) => format!("Over: {}", one.detail.trim_end_matches('.')),
        ([], all) => format!("{} alerts are over", all.len()),
        ([one], _) => one.detail.trim_end_matches('.').to_owned(),
        (open, _) => {
            let count = |kind: Kind| open.iter().filter(|alert| alert.kind == kind.as_str()).count();
            let kinds = Kind::ALL.into_iter().map(|kind| (kind, count(kind))).filter(|(_, count)| *count > 0);
            kinds.map(|(kind, count)| kind.counted(count)).collect::<Vec<_>>().join("; ")
        }
    };
    let short: String = words.chars().take(120).collect();
    format!("{short} ({})", yard.name)
}

fn text(news: &[&alert::Model], yard: &Yard) -> String {
    let clock = |at: i64| format_ms(at, yard.zone, TimeStyle::Minute);
    let mut lines: Vec<String> = news
        .iter()
        .take(LINES)
        .map(|alert| {
            let (from, until) = (clock(alert.opened_at), clock(alert.closed_at.unwrap_or_default()));
            let detail = &alert.detail;
            match News::of(alert) {
                News::Opened => format!("Since {from}: {detail}"),
                News::GoesOn => format!("Still, since {from}: {detail}"),
                News::Over => format!("Over since {until}: {detail}"),
                News::Was => format!("From {from} to {until}, and over: {detail}"),
            }
        })
        .collect();
    if news.len() > LINES {
        lines.push(format!("And {} more.", news.len() - LINES));
    }
    lines.join("\n")
}
