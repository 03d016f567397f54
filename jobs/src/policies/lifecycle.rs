//! The bucket's lifecycle: what moves to cheaper storage and when, and what is cleared away that is on nobody's record.

use aws_sdk_s3::{
    error::BuildError,
    types::{
        AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration,
        LifecycleRule, LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration, Transition,
        TransitionStorageClass,
    },
};
use gatehouse_app::objects::{Class, Tier};
use serde_json::{Value, json};

use super::TEST;

/// Smaller objects cost more in a cheaper class than in the dear one.
const LEAST: i64 = 128 * 1024;
/// An upload that stands still for so many days is nobody's.
const UNFINISHED: i32 = 7;
/// How long a version lasts that is no longer the current one, where it is no document.
const OLD_VERSIONS: i32 = 90;

/// One rule; `None` and empty: it says nothing of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: String,
    pub prefix: &'static str,
    pub larger_than: Option<i64>,
    pub tiers: &'static [Tier],
    pub old_versions: Option<i32>,
    /// Days after which an unfinished upload ends; with it go the markers of what was deleted long ago.
    pub unfinished: Option<i32>,
    /// Days after which objects go, current ones too.
    pub expire: Option<i32>,
}

impl Rule {
    fn new(id: impl Into<String>, prefix: &'static str) -> Self {
        Self {
            id: id.into(),
            prefix,
            larger_than: None,
            tiers: &[],
            old_versions: None,
            unfinished: None,
            expire: None,
        }
    }

    /// Servers that are not AWS know one class of storage.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.tiers.is_empty() && self.old_versions.is_none()
    }
}

/// Every rule. Tiering has rules of its own, because a limit on the size excludes the other actions.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let mut rules = vec![
        Rule { unfinished: Some(UNFINISHED), ..Rule::new("gatehouse-unfinished-uploads", "") },
        Rule { expire: Some(1), ..Rule::new("gatehouse-test-objects", TEST) },
    ];
    for class in Class::ALL {
        let days = if class == Class::Document { class.retention_days() as i32 } else { OLD_VERSIONS };
        let id = format!("gatehouse-{class}-old-versions");
        rules.push(Rule { old_versions: Some(days), ..Rule::new(id, class.prefix()) });
        if !class.tiers().is_empty() {
            let id = format!("gatehouse-{class}-tiers");
            rules.push(Rule { larger_than: Some(LEAST), tiers: class.tiers(), ..Rule::new(id, class.prefix()) });
        }
    }
    rules
}

/// As `aws s3api put-bucket-lifecycle-configuration` takes it.
#[must_use]
pub fn as_json(rules: &[Rule]) -> Value {
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| {
            let filter = match rule.larger_than {
                Some(size) => json!({ "And": { "Prefix": rule.prefix, "ObjectSizeGreaterThan": size } }),
                None => json!({ "Prefix": rule.prefix }),
            };
            let mut one = json!({ "ID": rule.id, "Status": "Enabled", "Filter": filter });
            if !rule.tiers.is_empty() {
                one["Transitions"] = rule
                    .tiers
                    .iter()
                    .map(|tier| json!({ "Days": tier.after_days, "StorageClass": tier.storage_class }))
                    .collect();
            }
            if let Some(days) = rule.old_versions {
                one["NoncurrentVersionExpiration"] = json!({ "NoncurrentDays": days });
            }
            if let Some(days) = rule.unfinished {
                one["AbortIncompleteMultipartUpload"] = json!({ "DaysAfterInitiation": days });
            }
            if let Some(days) = rule.expire {
                one["Expiration"] = json!({ "Days": days });
            }
            one
        })
        .collect();
    json!({ "Rules": rules })
}

/// As a request takes it.
pub(super) fn as_request(rules: &[Rule]) -> Result<BucketLifecycleConfiguration, BuildError> {
    let rules = rules.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build()
}

fn one(rule: &Rule) -> Result<LifecycleRule, BuildError> {
    let filter = match rule.larger_than {
        Some(size) => LifecycleRuleFilter::builder()
            .and(LifecycleRuleAndOperator::builder().prefix(rule.prefix).object_size_greater_than(size).build())
            .build(),
        None => LifecycleRuleFilter::builder().prefix(rule.prefix).build(),
    };
    let tiers = rule.tiers.iter().map(|tier| {
        let class = TransitionStorageClass::from(tier.storage_class);
        Transition::builder().days(tier.after_days as i32).storage_class(class).build()
    });
    LifecycleRule::builder()
        .id(&rule.id)
        .status(ExpirationStatus::Enabled)
        .filter(filter)
        .set_transitions((!rule.tiers.is_empty()).then(|| tiers.collect()))
        .set_noncurrent_version_expiration(
            rule.old_versions.map(|days| NoncurrentVersionExpiration::builder().noncurrent_days(days).build()),
        )
        .set_abort_incomplete_multipart_upload(
            rule.unfinished.map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build()),
        )
        .set_expiration(rule.expire.map(|days| LifecycleExpiration::builder().days(days).build()))
        .build()
}

/// What a rule that stands in a bucket is about; empty: everything.
#[must_use]
#[expect(deprecated, reason = "older rules name their prefix so")]
pub fn prefix_of(rule: &LifecycleRule) -> String {
    let filter = rule.filter();
    let and = filter.and_then(|filter| filter.and());
    filter
        .and_then(|filter| filter.prefix())
        .or_else(|| and.and_then(|and| and.prefix()))
        .or_else(|| rule.prefix())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::PREFIXES;

    #[test]
    fn no_rule_deletes_what_is_on_record() {
        for rule in rules() {
            assert!(rule.expire.is_none() || !PREFIXES.iter().any(|ours| ours.starts_with(rule.prefix)), "{rule:?}");
        }
    }

    #[test]
    fn the_request_says_what_the_document_says() {
        let (request, document) = (as_request(&rules()).unwrap(), as_json(&rules()));
        let document = document["Rules"].as_array().unwrap();
        assert_eq!(request.rules().len(), document.len());
        for (rule, one) in request.rules().iter().zip(document) {
            assert_eq!(rule.id(), one["ID"].as_str());
            let prefix = one["Filter"]["Prefix"].as_str().or_else(|| one["Filter"]["And"]["Prefix"].as_str());
            assert_eq!(prefix, Some(prefix_of(rule).as_str()));
            assert_eq!(rule.transitions().len(), one["Transitions"].as_array().map_or(0, Vec::len));
            let old = rule.noncurrent_version_expiration().and_then(|old| old.noncurrent_days());
            assert_eq!(old.map(i64::from), one["NoncurrentVersionExpiration"]["NoncurrentDays"].as_i64());
        }
    }
}
