//! What a bucket of Gatehouse's should look like, as documents that AWS, its tools and Terraform take, and as requests that put it so.
//!
//! Nothing here deletes what is on record: that is a job, which knows retention and legal holds and puts itself on the audit log. A rule
//! of the bucket knows none of it, so it tiers, ends unfinished uploads and clears old versions, and that is all.

mod apply;
mod lifecycle;
mod terraform;

use gatehouse_app::{attachments::INCOMING, objects::Class};
use serde_json::{Value, json};

pub use apply::{Applied, Part, apply};
pub use lifecycle::{Rule, as_json as lifecycle_json, prefix_of, rules};
pub use terraform::terraform;

/// What every key begins with that Gatehouse keeps on record; no rule of a bucket may delete there.
pub const PREFIXES: [&str; 8] = [
    Class::Document.prefix(),
    Class::Recording.prefix(),
    Class::Report.prefix(),
    Class::Media.prefix(),
    Class::Event.prefix(),
    Class::Evidence.prefix(),
    Class::Upload.prefix(),
    "audit/",
];

/// Objects of the doctor's own.
pub const TEST: &str = "test/";

/// What is to be made for which bucket.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub bucket: String,
    pub region: String,
    /// The origin of Gatehouse's pages: who plays and uploads.
    pub origin: String,
    /// A KMS key to encrypt with; `None`: keys of S3 itself.
    pub kms_key: Option<String>,
    /// The bucket that access logs go to.
    pub log_bucket: Option<String>,
    /// Gatehouse itself comes without TLS.
    pub is_plain_http: bool,
}

impl Wanted {
    fn arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.bucket)
    }

    /// What Gatehouse's own user or role may do: these actions, in this bucket, under its own prefixes.
    #[must_use]
    pub fn iam(&self) -> Value {
        let objects: Vec<_> =
            PREFIXES.iter().chain([&INCOMING, &TEST]).map(|prefix| format!("{}/{prefix}*", self.arn())).collect();
        let mut statements = vec![
            json!({
                "Sid": "FindObjects",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetBucketLocation"],
                "Resource": self.arn(),
            }),
            json!({
                "Sid": "KeepObjects",
                "Effect": "Allow",
                "Action": [
                    "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
                    "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
                    "s3:GetObjectVersion", "s3:DeleteObjectVersion", "s3:RestoreObject",
                ],
                "Resource": objects,
            }),
            json!({
                "Sid": "LetTheDoctorLook",
                "Effect": "Allow",
                "Action": [
                    "s3:GetBucketVersioning", "s3:GetLifecycleConfiguration", "s3:GetEncryptionConfiguration",
                    "s3:GetBucketPublicAccessBlock", "s3:GetBucketPolicy", "s3:GetBucketLogging",
                ],
                "Resource": self.arn(),
            }),
        ];
        if let Some(key) = &self.kms_key {
            statements.push(json!({
                "Sid": "UseTheKey",
                "Effect": "Allow",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Resource": key,
            }));
        }
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// The bucket's own policy: nobody comes without TLS, and nobody with an old one.
    #[must_use]
    pub fn bucket_policy(&self) -> Value {
        let deny = |sid: &str, condition: Value| {
            json!({
                "Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                "Resource": [self.arn(), format!("{}/*", self.arn())],
                "Condition": condition,
            })
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [
                deny("NothingWithoutTls", json!({ "Bool": { "aws:SecureTransport": "false" } })),
                deny("NothingBelowTls12", json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } })),
            ],
        })
    }

    #[must_use]
    pub fn public_access_block(&self) -> Value {
        json!({ "BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true })
    }

    #[must_use]
    pub fn encryption(&self) -> Value {
        let rule = match &self.kms_key {
            // A bucket key: one request to KMS in many, not one an object.
            Some(key) => json!({
                "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key }, "BucketKeyEnabled": true,
            }),
            None => json!({ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }),
        };
        json!({ "Rules": [rule] })
    }

    #[must_use]
    pub fn versioning(&self) -> Value {
        json!({ "Status": "Enabled" })
    }

    /// `None` without a bucket to log to: one that logs into itself never comes to rest.
    #[must_use]
    pub fn logging(&self) -> Option<Value> {
        let target = self.log_bucket.as_ref()?;
        Some(json!({ "LoggingEnabled": { "TargetBucket": target, "TargetPrefix": format!("{}/", self.bucket) } }))
    }

    /// What the bucket for logs has to allow, or logging cannot be switched on; its owner puts it there.
    #[must_use]
    pub fn log_bucket_policy(&self) -> Option<Value> {
        let target = self.log_bucket.as_ref()?;
        Some(json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Sid": "TakeAccessLogs", "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" },
                "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{target}/{}/*", self.bucket),
                "Condition": { "ArnLike": { "aws:SourceArn": self.arn() } },
            }],
        }))
    }

    /// Pages play by GET and upload by PUT; a part's ETag is what an upload goes on from.
    #[must_use]
    pub fn cors(&self) -> Value {
        json!({ "CORSRules": [{
            "ID": "gatehouse",
            "AllowedOrigins": [self.origin],
            "AllowedMethods": ["GET", "HEAD", "PUT"],
            "AllowedHeaders": ["content-type", "content-md5", "range", "x-amz-*"],
            "ExposeHeaders": ["ETag", "Content-Length", "Content-Range", "Accept-Ranges", "x-amz-checksum-sha256"],
            "MaxAgeSeconds": 3600,
        }] })
    }

    /// Every document of `gatehouse bucket policy`, by the name that `--part` knows.
    #[must_use]
    pub fn documents(&self) -> Vec<(&'static str, Value)> {
        let mut all = vec![
            ("iam", self.iam()),
            ("bucket", self.bucket_policy()),
            ("public-access-block", self.public_access_block()),
            ("encryption", self.encryption()),
            ("versioning", self.versioning()),
        ];
        all.extend(self.logging().map(|logging| ("logging", logging)));
        all.extend(self.log_bucket_policy().map(|policy| ("log-bucket", policy)));
        all
    }
}

/// Whether a bucket's policy turns away whoever comes without TLS.
#[must_use]
pub fn refuses_plain_http(policy: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return false };
    let statements = match &policy["Statement"] {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    statements.iter().any(|statement| {
        let insecure = &statement["Condition"]["Bool"]["aws:SecureTransport"];
        let everybody = statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*";
        statement["Effect"] == "Deny" && everybody && (insecure == "false" || *insecure == json!(false))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted() -> Wanted {
        Wanted {
            bucket: "yard".into(),
            region: "eu-central-1".into(),
            origin: "https://yard.example".into(),
            kms_key: None,
            log_bucket: Some("yard-logs".into()),
            is_plain_http: false,
        }
    }

    #[test]
    fn no_prefix_of_a_class_is_forgotten() {
        for class in Class::ALL {
            assert!(PREFIXES.contains(&class.prefix()), "{class}");
        }
    }

    #[test]
    fn nothing_is_allowed_beyond_the_bucket_and_its_prefixes() {
        let iam = wanted().iam();
        for statement in iam["Statement"].as_array().unwrap() {
            let resources = match &statement["Resource"] {
                Value::Array(all) => all.clone(),
                one => vec![one.clone()],
            };
            for resource in resources {
                let resource = resource.as_str().unwrap().to_owned();
                assert!(resource == "arn:aws:s3:::yard" || resource.starts_with("arn:aws:s3:::yard/"), "{resource}");
                assert_ne!(resource, "arn:aws:s3:::yard/*");
            }
            for action in statement["Action"].as_array().unwrap() {
                assert!(!action.as_str().unwrap().contains('*'), "{action}");
            }
        }
    }

    #[test]
    fn a_policy_that_demands_tls_is_recognised() {
        assert!(refuses_plain_http(&wanted().bucket_policy().to_string()));
        assert!(!refuses_plain_http(&wanted().iam().to_string()));
        assert!(!refuses_plain_http("no policy"));
    }

    #[test]
    fn the_documents_are_as_they_were() {
        let all: serde_json::Map<_, _> =
            wanted().documents().into_iter().map(|(name, one)| (name.to_owned(), one)).collect();
        insta::assert_json_snapshot!("documents", Value::Object(all));
        insta::assert_json_snapshot!("lifecycle", lifecycle_json(&rules()));
        insta::assert_json_snapshot!("cors", wanted().cors());
        insta::assert_snapshot!("terraform", terraform(&wanted()));
    }
}
