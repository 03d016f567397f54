//! The log, and traces for whoever collects them: `RUST_LOG`, `NO_COLOR` and `OTEL_*` by their own conventions.

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

const USUAL: &str = "info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn,apalis=warn";

/// What was set up; [`end`](Self::end) it before the process ends.
#[derive(Debug)]
pub struct Tracing(Option<SdkTracerProvider>);

impl Tracing {
    /// Sends what is still here to the collector. Blocks, and must not be called by a task of the runtime.
    pub fn end(self) {
        if let Some(traces) = self.0
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Begins to log to the standard error, and to send traces where `OTEL_EXPORTER_OTLP_ENDPOINT` names a collector. Outside the runtime:
/// the exporter's client blocks, on a thread of its own.
///
/// # Errors
/// One line that names the variable and what is wrong with it.
pub fn begin(format: LogFormat) -> Result<Tracing, String> {
    let filter = filter()?;
    let traces = provider()?;
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let log: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text => log.with_ansi(std::env::var_os("NO_COLOR").is_none()).with_filter(filter).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let spans = match &traces {
        Some(traces) => {
            // Of the exporter's own requests there must be no spans, or each would make the next.
            let own = EnvFilter::try_new("info,sqlx=warn,hyper=off,hyper_util=off,reqwest=off,opentelemetry=off")
                .map_err(|error| error.to_string())?;
            let layer = tracing_opentelemetry::layer().with_tracer(traces.tracer("gatehouse"));
            Some(layer.with_location(false).with_threads(false).with_filter(own))
        }
        None => None,
    };
    tracing_subscriber::registry().with(log).with(spans).init();
    Ok(Tracing(traces))
}

fn filter() -> Result<EnvFilter, String> {
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let text = if wanted.trim().is_empty() { USUAL } else { &wanted };
    EnvFilter::try_new(text).map_err(|error| format!("setting RUST_LOG: “{text}”: {error}"))
}

/// The exporter reads endpoint, headers, time limits and the service's name from `OTEL_*` itself.
fn provider() -> Result<Option<SdkTracerProvider>, String> {
    let given = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    let wanted = given("OTEL_EXPORTER_OTLP_ENDPOINT") || given("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    let disabled = std::env::var("OTEL_SDK_DISABLED").is_ok_and(|value| value.trim().eq_ignore_ascii_case("true"));
    if !wanted || disabled {
        return Ok(None);
    }
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .build()
        .map_err(|error| format!("setting OTEL_EXPORTER_OTLP_ENDPOINT: {error}"))?;
    let mut resource = Resource::builder();
    if !given("OTEL_SERVICE_NAME") {
        resource = resource.with_service_name("gatehouse");
    }
    Ok(Some(SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter).build()))
}
