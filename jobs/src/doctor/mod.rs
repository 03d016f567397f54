//! The doctor: does with a bucket what Gatehouse does with it, on objects of its own, and says what is wrong and what mends it.
//!
//! Servers silently ignore what they lack, so nothing is taken from a 200: what counts is what can be seen afterwards.

mod access;
mod call;
mod links;
mod objects;
mod place;
mod rules;

use std::collections::HashMap;

use futures::future::BoxFuture;
use gatehouse_app::doctor::{Finding, Group, Outcome, Verdict};

pub use call::Refusal;
pub use place::{Place, client, elsewhere, loaded};

/// The object that is put, read and deleted again.
pub const KEY: &str = "test/connection_test.txt";
/// What is in it; the health page puts the same.
pub const BYTES: &[u8] = b"Gatehouse reaches this storage.\n";

/// One thing to find out about a bucket.
struct Probe {
    name: &'static str,
    title: &'static str,
    /// The probe that must not have failed for this one to mean anything.
    after: Option<&'static str>,
    run: for<'a> fn(&'a Place) -> BoxFuture<'a, Verdict>,
}

const fn probe(
    name: &'static str,
    title: &'static str,
    after: &'static str,
    run: for<'a> fn(&'a Place) -> BoxFuture<'a, Verdict>,
) -> Probe {
    Probe { name, title, after: if after.is_empty() { None } else { Some(after) }, run }
}

/// In the order in which they are made: whatever another one needs comes first, and the deletion last but for the rules.
const PROBES: [Probe; 24] = [
    probe("reach", "The server answers", "", |p| Box::pin(access::reach(p))),
    probe("tls", "The line is encrypted", "", |p| Box::pin(async { access::tls(p) })),
    probe("clock", "The clocks agree", "reach", |p| Box::pin(async { access::clock(p) })),
    probe("credentials", "Credentials", "reach", |p| Box::pin(access::credentials(p))),
    probe("region", "Region", "credentials", |p| Box::pin(access::region(p))),
    probe("bucket", "The bucket is there", "region", |p| Box::pin(access::bucket(p))),
    probe("list", "List", "bucket", |p| Box::pin(access::list(p))),
    probe("put", "Put", "bucket", |p| Box::pin(objects::put(p))),
    probe("read", "Read", "put", |p| Box::pin(objects::read(p))),
    probe("head", "Size and checksum by HEAD", "put", |p| Box::pin(objects::head(p))),
    probe("checksum", "A wrong checksum is refused", "put", |p| Box::pin(objects::checksum(p))),
    probe("conditional_put", "Put only where nothing is", "put", |p| Box::pin(objects::conditional(p))),
    probe("multipart", "Upload in parts", "put", |p| Box::pin(objects::multipart(p))),
    probe("unfinished", "Unfinished uploads", "bucket", |p| Box::pin(objects::unfinished(p))),
    probe("presigned", "A signed address opens", "put", |p| Box::pin(links::opens(p))),
    probe("presigned_expiry", "A signed address ends", "presigned", |p| Box::pin(links::ends(p))),
    probe("public_read", "Strangers cannot read", "put", |p| Box::pin(links::public_read(p))),
    probe("public_list", "Strangers cannot list", "reach", |p| Box::pin(async { access::public_list(p) })),
    probe("cors", "Browsers may play and upload (CORS)", "presigned", |p| Box::pin(links::cors(p))),
    probe("encryption", "Encrypted at rest", "put", |p| Box::pin(rules::encryption(p))),
    probe("delete", "Delete", "put", |p| Box::pin(objects::delete(p))),
    probe("versioning", "Versions are kept", "bucket", |p| Box::pin(rules::versioning(p))),
    probe("lifecycle", "Lifecycle", "bucket", |p| Box::pin(rules::lifecycle(p))),
    probe("policy", "Closed to the public, TLS only, access logged", "bucket", |p| Box::pin(rules::policy(p))),
];

/// Every probe's name and title, in their order.
pub fn probes() -> impl Iterator<Item = (&'static str, &'static str)> {
    PROBES.iter().map(|probe| (probe.name, probe.title))
}

/// Makes every probe, one after the other, and leaves nothing behind.
pub async fn examine(place: &Place) -> Group {
    let mut findings = Vec::with_capacity(PROBES.len());
    let mut failed: HashMap<&str, &str> = HashMap::new();
    for probe in &PROBES {
        let verdict = match probe.after.and_then(|after| failed.get(after)) {
            Some(needed) => Verdict::skipped(format!("it needs “{needed}”")),
            None => (probe.run)(place).await,
        };
        if matches!(verdict.outcome, Outcome::Failed | Outcome::Skipped) {
            let root = probe.after.and_then(|after| failed.get(after)).copied().unwrap_or(probe.title);
            failed.insert(probe.name, root);
        }
        findings.push(Finding::new(probe.name, probe.title, verdict));
    }
    objects::clear(place).await;
    Group { about: place.about(), findings }
}
