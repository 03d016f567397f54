//! `gatehouse object`: what docs/guide/disaster.md works with.

use std::process::ExitCode;

use anyhow::Result;
use gatehouse_app::{
    App,
    archive::{self, Fate, Outcome, Seen},
    audit::Actor,
    objects::{self, Heap},
    ports::{Archive, Info},
};
use serde_json::{Value, json};

use super::{exit, print};
use crate::{config::Config, start};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Object {
    /// Show an object's copies, as they are on record and in their storage, and their versions.  Example: gatehouse object show bols/2026/PRT-2026-0001.pdf
    Show {
        /// The object's whole key
        key: String,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Look for every copy, and bring back what was deleted or overwritten from its versions.  Example: gatehouse object recover --key bols/ --dry-run
    Recover {
        /// Only objects whose key begins so
        #[arg(long, default_value = "", value_name = "PREFIX")]
        key: String,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// List what storages have that no record knows, as their last checks found it, or have it removed.  Example: gatehouse object orphans --remove
    Orphans {
        /// Have workers remove, with every version, what is a day old; each is looked at again right before
        #[arg(long)]
        remove: bool,
        /// Print one JSON document
        #[arg(long)]
        json: bool,
    },
    /// Strike off the copies that are on record in a bucket that is gone for good.  Example: gatehouse object forget --bucket yard-2024 --dry-run
    Forget {
        /// The bucket's name; it is named in no setting any more
        #[arg(long, value_name = "NAME")]
        bucket: String,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Ask for an archived object back; workers see to it.  Example: gatehouse object restore recordings/dock_2/2026-08-01/recording_08_00_00.mp4 --tier bulk
    Restore {
        /// The object's whole key
        key: String,
        /// How soon: expedited, standard or bulk
        #[arg(long, default_value = "standard")]
        tier: String,
        /// For how many days, at most 30
        #[arg(long, default_value = "7")]
        days: String,
    },
}

impl Object {
    pub(super) async fn run(self, config: Config) -> Result<ExitCode> {
        let app = start::app(&config).await?;
        match self {
            Self::Show { key, json } => show(&app, &key, json).await,
            Self::Recover { key, dry_run, json } => recover(&app, &key, dry_run, json).await,
            Self::Orphans { remove, json } => orphans(&app, remove, json).await,
            Self::Forget { bucket, dry_run } => forget(&app, &bucket, dry_run).await,
            Self::Restore { key, tier, days } => {
                let object = archive::named(&app, &key).await?;
                archive::ask(&app, &Actor::system(), object.id, &tier, &days).await?;
                print(&format!("asked for {key}; `gatehouse object show` says when it can be read"));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

async fn show(app: &App, key: &str, json: bool) -> Result<ExitCode> {
    let object = archive::named(app, key).await?;
    let seen = archive::see(app, &Actor::system(), object.id).await?;
    print(&if json { serde_json::to_string_pretty(&document(&seen))? } else { lines(&seen) });
    Ok(ExitCode::SUCCESS)
}

fn now(info: &Result<Option<Info>, String>) -> String {
    match info {
        Ok(Some(Info { archive: Archive::Restored(_), .. })) => "restored for a while".into(),
        Ok(Some(info)) => archive::in_words(info.archive).into(),
        Ok(None) => "not there".into(),
        Err(why) => format!("unknown: {why}"),
    }
}

fn document(seen: &Seen) -> Value {
    let copies: Vec<_> = seen
        .copies
        .iter()
        .map(|copy| {
            let info = copy.info.as_ref().ok().and_then(Option::as_ref);
            let versions: Vec<_> = copy
                .versions
                .iter()
                .map(|v| json!({ "id": v.id, "size": v.size, "modified": v.modified, "current": v.current, "deleted": v.deleted }))
                .collect();
            json!({
                "backend": copy.row.backend, "bucket": copy.row.bucket, "state": copy.row.state, "now": now(&copy.info),
                "storage_class": info.and_then(|info| info.storage_class.clone()),
                "replication": info.and_then(|info| info.replication.clone()), "versions": versions,
            })
        })
        .collect();
    let restores: Vec<_> = seen
        .restores
        .iter()
        .map(|row| json!({ "state": row.state, "tier": row.tier, "expected_at": row.expected_at, "until": row.until, "error": row.error }))
        .collect();
    let object = &seen.object;
    json!({ "key": object.key, "size": object.size, "sha256": object.sha256, "copies": copies, "restores": restores })
}

fn lines(seen: &Seen) -> String {
    let object = &seen.object;
    let mut lines = vec![format!("{}  {} bytes  sha256 {}", object.key, object.size, object.sha256)];
    for copy in &seen.copies {
        let info = copy.info.as_ref().ok().and_then(Option::as_ref);
        let class = info.and_then(|info| info.storage_class.as_deref()).unwrap_or("-");
        let replication = info.and_then(|info| info.replication.as_deref()).unwrap_or("not replicated");
        let row = &copy.row;
        lines.push(format!(
            "{} {}  {} on record, {} now  {class}  {replication}",
            row.backend,
            row.bucket,
            row.state,
            now(&copy.info)
        ));
        for version in &copy.versions {
            let state = match (version.deleted, version.current) {
                (true, true) => "deleted",
                (true, false) => "was deleted",
                (false, true) => "current",
                (false, false) => "older",
            };
            lines.push(format!("  version {}  {state}  {} bytes", version.id, version.size));
        }
    }
    for row in &seen.restores {
        lines.push(format!("restore by {} for {} days: {}", row.tier, row.days, row.state));
    }
    lines.join("\n")
}

/// Orphans that are read from the database at once.
const BATCH: u64 = 500;

async fn orphans(app: &App, remove: bool, json: bool) -> Result<ExitCode> {
    let mut places = Vec::new();
    for heap in objects::heaps(app).await? {
        let (mut keys, mut after) = (Vec::new(), String::new());
        loop {
            let rows = objects::orphans(app, &heap.backend, &heap.bucket, &after, BATCH).await?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.key);
            for row in rows {
                match json {
                    true => keys.push(json!({ "key": row.key, "size": row.size, "modified": row.modified })),
                    false => print(&format!("{} {}  {}  {} bytes", row.backend, row.bucket, row.key, row.size)),
                }
            }
        }
        let asked = match remove && heap.old > 0 {
            true => objects::ask_removal(app, &Actor::system(), &heap.backend, &heap.bucket).await?,
            false => 0,
        };
        let Heap { backend, bucket, objects, bytes, old, .. } = heap;
        if json {
            places.push(json!({ "backend": backend, "bucket": bucket, "objects": objects, "bytes": bytes,
                "day_old": old, "to_be_removed": asked, "keys": keys }));
        } else {
            let then = match asked {
                0 => format!("{old} of them a day old"),
                asked => format!("workers remove {asked}"),
            };
            print(&format!("{backend} {bucket}: {objects} that no record knows, {bytes} bytes, {then}"));
            places.push(json!(backend));
        }
    }
    match (json, places.is_empty()) {
        (true, _) => print(&serde_json::to_string_pretty(&places)?),
        (false, true) => print("the last check of each storage found nothing that no record knows"),
        (false, false) => {}
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Default)]
struct Tally {
    sound: u64,
    recovered: u64,
    lost: u64,
    unknown: u64,
}

async fn recover(app: &App, key: &str, dry: bool, json: bool) -> Result<ExitCode> {
    let mut tally = Tally::default();
    let mut items = Vec::new();
    let word = if dry { "would recover" } else { "recovered" };
    archive::recover(app, &Actor::system(), key, dry, |copy, outcome| {
        let (word, why) = match outcome {
            Outcome::Sound => {
                tally.sound += 1;
                return Ok(());
            }
            Outcome::Recovered(version) => {
                tally.recovered += 1;
                (word, format!("version {version}"))
            }
            Outcome::Lost(why) => {
                tally.lost += 1;
                ("LOST", why.clone())
            }
            Outcome::Unknown(why) => {
                tally.unknown += 1;
                ("unknown", why.clone())
            }
        };
        match json {
            true => items.push(json!({ "key": copy.key, "backend": copy.backend, "outcome": word, "detail": why })),
            false => print(&format!("{word}  {}  {}  {why}", copy.backend, copy.key)),
        }
        Ok(())
    })
    .await?;
    let Tally { sound, recovered, lost, unknown } = tally;
    if json {
        let report =
            json!({ "sound": sound, "recovered": recovered, "lost": lost, "unknown": unknown, "items": items });
        print(&serde_json::to_string_pretty(&report)?);
    } else {
        print(&format!("{sound} sound, {recovered} {word}, {lost} lost, {unknown} unknown"));
    }
    Ok(if lost + unknown > 0 { ExitCode::from(exit::PARTIAL) } else { ExitCode::SUCCESS })
}

async fn forget(app: &App, bucket: &str, dry: bool) -> Result<ExitCode> {
    let (mut struck, mut missing) = (0_u64, 0_u64);
    archive::forget(app, &Actor::system(), bucket, dry, |copy, fate| match fate {
        Fate::StruckOff => struck += 1,
        Fate::Missing => {
            missing += 1;
            print(&format!("MISSING  {}  {}  no other copy is on record", copy.backend, copy.key));
        }
    })
    .await?;
    let would = if dry { "would be " } else { "" };
    print(&format!("{struck} {would}struck off, {missing} {would}missing"));
    Ok(if missing > 0 { ExitCode::from(exit::PARTIAL) } else { ExitCode::SUCCESS })
}
