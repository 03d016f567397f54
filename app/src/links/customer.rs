//! What the customer sees behind a link.

use std::{collections::HashMap, fmt::Write, iter, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbErr, FromQueryResult, Statement};
use serde::Deserialize;

use super::model::link;
use crate::{
    App, AppError, Result,
    bols::{State, weight::Weight},
    database::Database,
    ids::{ObjectId, RevisionId},
    objects::Spot,
    ports::Clock,
    secrets::token_hash,
    together::Together,
};

/// A visit this soon after the mail went out, in milliseconds, is more likely a scanner's than a person's.
const SOON: i64 = 60_000;

/// What a link opens, as it stands now.
#[derive(Clone, Debug)]
pub struct Opened {
    pub link: link::Model,
    pub number: String,
    /// The newest one, whichever it was when the link was made.
    pub revision: i32,
    /// It was revised since the link was made.
    pub revised: bool,
    pub issued_at: i64,
    pub carrier: String,
    /// Where the goods go: name and city.
    pub ship_to: String,
    pub net: Option<String>,
    pub void_reason: Option<String>,
    pub verify_code: String,
    /// The PDF; `None` while it is not ready.
    pub object: Option<ObjectId>,
    /// Where the PDF's copies are; empty while it is not ready.
    pub copies: Vec<Copy>,
    /// Nobody has opened the bill yet, as far as is noted on it.
    pub first_look: bool,
    /// Nobody has downloaded it yet.
    pub first_press: bool,
    /// The mail went out a moment ago, or is going: whoever is here is more likely a scanner than a person.
    pub just_sent: bool,
    /// It carries footage too.
    pub has_clips: bool,
}

/// What can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// The PDF is being made.
    Preparing,
    Void,
    Expired,
    Revoked,
}

impl Opened {
    #[must_use]
    pub fn standing(&self, now: i64) -> Standing {
        if self.link.revoked_at.is_some() {
            Standing::Revoked
        } else if self.link.expires_at <= now {
            Standing::Expired
        } else if self.void_reason.is_some() {
            Standing::Void
        } else if self.copies.is_empty() {
            Standing::Preparing
        } else {
            Standing::Open
        }
    }
}

/// Everything in one question, and all customers of a moment in the same one: their button is the most asked-for thing there is, and each
/// question costs more than its answer.
const OPEN: &str = "
    SELECT l.*, b.number, b.state, b.carrier_name, b.net_milli, b.net_unit, b.void_reason, b.opened_at, b.downloaded_at,
        r.id AS current_id, r.revision, r.issued_at, r.content, r.verify_code, o.id AS object_id, p.backend, p.bucket, p.key,
        EXISTS (SELECT 1 FROM deliveries d WHERE d.link_id = l.id AND (d.state = 'sending' OR d.sent_at > $1)) AS just_sent,
        EXISTS (SELECT 1 FROM link_clips c WHERE c.link_id = l.id) AS has_clips
    FROM share_links l
    JOIN bols b ON b.id = l.bol_id
    JOIN bol_revisions r ON r.id = b.current_revision_id
    LEFT JOIN objects o ON o.id = r.object_id AND r.pdf_state = 'ready' AND o.erased_at IS NULL
    LEFT JOIN placements p ON p.object_id = o.id AND p.state = 'verified'
    WHERE l.token_hash IN ($2";

#[derive(Clone, FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    link: link::Model,
    number: Option<String>,
    state: String,
    carrier_name: String,
    net_milli: Option<i64>,
    net_unit: Option<String>,
    void_reason: Option<String>,
    opened_at: Option<i64>,
    downloaded_at: Option<i64>,
    current_id: RevisionId,
    revision: i32,
    issued_at: Option<i64>,
    content: String,
    verify_code: String,
    object_id: Option<ObjectId>,
    backend: Option<String>,
    bucket: Option<String>,
    key: Option<String>,
    just_sent: bool,
    has_clips: bool,
}

impl Row {
    fn take_copy(&mut self) -> Option<Copy> {
        Some(Copy { backend: self.backend.take()?, bucket: self.bucket.take()?, key: self.key.take()? })
    }
}

/// One copy of the PDF.
#[derive(Clone, Debug)]
pub struct Copy {
    backend: String,
    bucket: String,
    key: String,
}

impl Spot for Copy {
    fn place(&self) -> (&str, &str) {
        (&self.backend, &self.bucket)
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// What the page needs of a bill's content.
#[derive(Deserialize)]
struct Goes {
    ship_to: Place,
}

#[derive(Deserialize)]
struct Place {
    name: String,
    city: String,
}

/// The most links that one question is about.
const MOST: usize = 64;

/// Opens links by the hashes of their tokens.
pub(crate) type Opener = Together<String, Result<Option<Opened>>>;

pub(crate) fn opener(db: Database, clock: Arc<dyn Clock>) -> Opener {
    Together::start(MOST, Duration::ZERO, move |hashes: Vec<String>| {
        let (db, now) = (db.clone(), clock.now());
        async move {
            match look(db.pool(), now, &hashes).await {
                Ok(found) => {
                    hashes.iter().map(|hash| Opened::read(found.get(hash).cloned().unwrap_or_default())).collect()
                }
                Err(error) => {
                    tracing::error!(%error, "links could not be opened");
                    hashes.iter().map(|_| Err(away())).collect()
                }
            }
        }
    })
}

async fn look(db: &DatabaseConnection, now: i64, hashes: &[String]) -> Result<HashMap<String, Vec<Row>>, DbErr> {
    let mut sql = OPEN.to_owned();
    for n in 1..hashes.len() {
        // Writing to a string cannot fail.
        let _ = write!(sql, ", ${}", n + 2);
    }
    sql.push(')');
    let values = iter::once((now - SOON).into()).chain(hashes.iter().map(|hash| hash.as_str().into()));
    let question = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in Row::find_by_statement(question).all(db).await? {
        found.entry(row.link.token_hash.clone()).or_default().push(row);
    }
    Ok(found)
}

fn away() -> AppError {
    AppError::Unavailable("The record office does not answer at the moment. Try again in a minute.".into())
}

/// What `token` opens; `None` for one that never was.
///
/// # Errors
/// When the database does not answer.
pub async fn open(app: &App, token: &str) -> Result<Option<Opened>> {
    // Looked up by its hash: how long it takes says nothing of the tokens there are.
    app.opener.ask(token_hash(token)).await.unwrap_or_else(|| Err(away()))
}

impl Opened {
    /// Of one link's rows, one for each copy of its PDF.
    fn read(mut rows: Vec<Row>) -> Result<Option<Self>> {
        let copies = rows.iter_mut().filter_map(Row::take_copy).collect();
        let Some(row) = rows.pop() else { return Ok(None) };
        let Goes { ship_to: Place { name, city } } = serde_json::from_str(&row.content)?;
        let ship_to = [name, city].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let net = row.net_milli.zip(row.net_unit.and_then(|unit| unit.parse().ok()));
        Ok(Some(Self {
            revised: row.link.revision_id != row.current_id,
            number: row.number.unwrap_or_default(),
            revision: row.revision,
            issued_at: row.issued_at.unwrap_or_default(),
            carrier: row.carrier_name,
            ship_to,
            net: net.map(|(milli, unit)| Weight::new(milli, unit).to_string()),
            void_reason: (row.state == State::Void.as_str()).then(|| row.void_reason.unwrap_or_default()),
            object: row.object_id,
            copies,
            first_look: row.opened_at.is_none(),
            first_press: row.downloaded_at.is_none(),
            just_sent: row.just_sent,
            has_clips: row.has_clips,
            verify_code: row.verify_code,
            link: row.link,
        }))
    }
}
