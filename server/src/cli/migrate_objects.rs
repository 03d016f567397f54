//! `gatehouse migrate-objects`.

use std::{fs::File, io::BufWriter, path::PathBuf, process::ExitCode, sync::Arc, time::Instant};

use anyhow::{Context, Result};
use gatehouse_app::{
    App,
    audit::Actor,
    moves::{self, Action, Entry, Options, Outcome, Source, Statistics, adopt},
    objects::Class,
    ports::ObjectStore,
};
use serde_json::json;

use super::{Usage, exit, print};
use crate::{config::Config, start};

#[derive(Debug, clap::Args)]
pub(super) struct MigrateObjects {
    /// Where objects come from: local, s3, gcs, or the media folder of an old system
    #[arg(long, required_unless_present = "adopt", value_name = "BACKEND|DIR")]
    from: Option<String>,
    /// Where they go: local, s3 or gcs
    #[arg(long, required_unless_present = "adopt", value_name = "BACKEND")]
    to: Option<String>,
    /// Take the PDFs of the old system (bols/YYYY/PRT-YYYY-NNNN.pdf) in as issued bills
    #[arg(long, value_name = "DIR", conflicts_with_all = ["from", "to", "class", "prefix"])]
    adopt: Option<PathBuf>,
    /// What `manage.py dumpdata` wrote about them
    #[arg(long, value_name = "FILE", requires = "adopt")]
    metadata: Option<PathBuf>,
    /// Only objects of one class: document, recording, report, media, event, evidence, upload
    #[arg(long)]
    class: Option<Class>,
    /// What the names of a folder's files begin with as objects, such as media/
    #[arg(long, default_value = "", value_name = "PREFIX", hide_default_value = true)]
    prefix: String,
    /// Remove each copy at the source once the one at the target is verified again; not for folders, whose files stay
    #[arg(long, conflicts_with = "adopt")]
    remove_source: bool,
    /// Say what would be done, line for line, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Objects on their way at the same time
    #[arg(long, default_value_t = moves::PARALLEL, value_name = "N")]
    parallel: usize,
    /// The most that it takes of the line, in kilobits a second; 0: all of it
    #[arg(long, value_name = "KBPS")]
    bandwidth_kbps: Option<u64>,
    /// Write a line for each object to a CSV file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

impl MigrateObjects {
    pub(super) async fn run(self, mut config: Config) -> Result<ExitCode> {
        if let Some(kbps) = self.bandwidth_kbps {
            config.upload_bandwidth_kbps = kbps;
        }
        let metadata = match &self.metadata {
            Some(path) => {
                let read = std::fs::read(path).map_err(|error| error.to_string());
                read.and_then(|json| adopt::Metadata::read(&json))
                    .map_err(|error| Usage(format!("{}: {error}", path.display())))?
            }
            None => adopt::Metadata::default(),
        };
        let app = start::app(&config).await?;
        let mut report = Report::open(self.report.as_ref(), self.dry_run && !self.json)?;
        let began = Instant::now();
        let statistics = match &self.adopt {
            Some(folder) => {
                let mut line = |entry: &Entry, outcome: &Outcome| {
                    report.line(entry, (!self.dry_run).then_some(outcome));
                };
                let actor = Actor::system();
                adopt::adopt_folder(&app, &actor, folder, &metadata, self.dry_run, &mut line).await?
            }
            None => self.carry(&app, &mut report).await?,
        };
        report.end()?;
        self.say(&statistics, began.elapsed().as_secs_f64())?;
        Ok(if statistics.failed > 0 { ExitCode::from(exit::PARTIAL) } else { ExitCode::SUCCESS })
    }

    async fn carry(&self, app: &App, report: &mut Report) -> Result<Statistics> {
        let (from, to) = (self.from.as_deref().unwrap_or_default(), self.to.as_deref().unwrap_or_default());
        let source = match store(app, from) {
            Ok(store) => Source::Store(Arc::clone(store)),
            Err(_) if std::path::Path::new(from).is_dir() => {
                if self.remove_source {
                    return Err(
                        Usage("--remove-source is for storages: the files of a folder are left alone".into()).into()
                    );
                }
                Source::Folder { root: PathBuf::from(from), prefix: self.prefix.clone() }
            }
            Err(error) => return Err(Usage(format!("--from: {error}, nor a folder")).into()),
        };
        let target = store(app, to).map_err(|error| Usage(format!("--to: {error}")))?;
        if from == to {
            return Err(Usage("--from and --to are the same".into()).into());
        }
        let options = Options { class: self.class, parallel: self.parallel, remove_source: self.remove_source };
        if self.dry_run {
            return Ok(moves::dry_run(app, &source, target, &options, &mut |entry| report.line(entry, None)).await?);
        }
        let moving = moves::start(app, &Actor::system(), from, to, &options, &self.prefix).await?;
        let mut line = |entry: &Entry, outcome: &Outcome| report.line(entry, Some(outcome));
        Ok(moves::run(app, &moving, &source, target, &options, &mut line).await?)
    }

    fn say(&self, statistics: &Statistics, seconds: f64) -> Result<()> {
        let megabytes = statistics.copied_bytes as f64 / 1e6;
        if self.json {
            let mut document = serde_json::to_value(statistics)?;
            document["dry_run"] = json!(self.dry_run);
            document["seconds"] = json!(seconds);
            print(&serde_json::to_string_pretty(&document)?);
        } else {
            let (would, rate) = match self.dry_run {
                true => ("would be ", String::new()),
                false => ("", format!(" in {seconds:.1} s, {:.1} MB/s", megabytes / seconds.max(0.001))),
            };
            let removed = match self.remove_source {
                true => format!(", {} {would}removed at the source", statistics.removed),
                false => String::new(),
            };
            print(&format!(
                "{} {would}copied ({megabytes:.1} MB{rate}), {} {would}skipped, {} {would}refused or failed{removed}",
                statistics.copied, statistics.skipped, statistics.failed
            ));
        }
        Ok(())
    }
}

fn store<'a>(app: &'a App, name: &str) -> Result<&'a Arc<dyn ObjectStore>, String> {
    app.ports.plane.store(name).ok_or_else(|| {
        let names: Vec<_> = app.ports.plane.stores().map(|store| store.backend()).collect();
        format!("“{name}” is none of the storages that are configured ({})", names.join(", "))
    })
}

/// A line for each object: number, key, size, what is done there and at the source, what came of it, why.
struct Report {
    file: Option<csv::Writer<BufWriter<File>>>,
    aloud: bool,
    trouble: Option<csv::Error>,
}

impl Report {
    fn open(path: Option<&PathBuf>, aloud: bool) -> Result<Self> {
        let mut file = match path {
            Some(path) => {
                let file = File::create(path).with_context(|| Usage(format!("--report: {}", path.display())))?;
                Some(csv::Writer::from_writer(BufWriter::new(file)))
            }
            None => None,
        };
        if let Some(file) = &mut file {
            file.write_record(["number", "key", "bytes", "action", "source", "outcome", "reason"])?;
        }
        Ok(Self { file, aloud, trouble: None })
    }

    fn line(&mut self, entry: &Entry, outcome: Option<&Outcome>) {
        let (outcome, reason) = match (&entry.action, outcome) {
            (Action::Refuse(reason), _) => ("", reason.as_str()),
            (_, Some(Outcome::Failed(reason))) => ("failed", reason.as_str()),
            (_, Some(Outcome::Done)) => ("done", ""),
            (_, Some(Outcome::Removed)) => ("removed", ""),
            (_, None) => ("", ""),
        };
        let action = entry.action.as_str();
        if self.aloud || action == "refuse" || outcome == "failed" {
            let source = if entry.removes { ", removed at the source" } else { "" };
            print(format!("{action} {}{source} {outcome} {reason}", entry.key).trim_end());
        }
        if let Some(file) = &mut self.file {
            let (number, size) = (entry.number.to_string(), entry.size.to_string());
            let source = if entry.removes { "remove" } else { "" };
            let written = file.write_record([number.as_str(), &entry.key, &size, action, source, outcome, reason]);
            self.trouble = self.trouble.take().or(written.err());
        }
    }

    fn end(mut self) -> Result<()> {
        if let Some(trouble) = self.trouble {
            return Err(trouble).context("the report could not be written");
        }
        self.file.as_mut().map_or(Ok(()), |file| file.flush()).context("the report could not be written")
    }
}
