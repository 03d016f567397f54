//! How long it takes to sign a URL: `presign [COUNT]` prints JSON, microseconds. The credentials are made up and nothing is asked of anybody.

use std::time::{Duration, Instant};

use gatehouse_app::ports::{ObjectStore, Signing};
use gatehouse_jobs::storage::{open::Tuning, s3::S3Store};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the example's output")]
async fn main() -> anyhow::Result<()> {
    let count: usize = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let store = S3Store::connect("gatehouse", "", Tuning::default()).await?;
    let mut took = Vec::with_capacity(count);
    for n in 0..count + 1_000 {
        let (key, name) = (format!("recordings/dock/2026-11-20/recording_{n:06}.mp4"), format!("{n}.mp4"));
        // Each its own: nothing is remembered from one to the next.
        let signing = Signing::once(&name, Duration::from_hours(2));
        let began = Instant::now();
        let signed = store.sign(&key, &signing).await?;
        took.push(began.elapsed());
        assert!(signed.url.as_str().contains("X-Amz-Signature="));
    }
    let mut took = took.split_off(1_000);
    took.sort_unstable();
    let at = |part: usize| took[(took.len() - 1) * part / 1000].as_secs_f64() * 1e6;
    println!(r#"{{"p50_us":{:.1},"p99_us":{:.1},"p999_us":{:.1}}}"#, at(500), at(990), at(999));
    Ok(())
}
