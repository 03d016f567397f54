//! The same as one Terraform file: a bucket, its rules, and a policy to be given to Gatehouse's user or role.

use std::fmt::Write;

use serde_json::Value;

use super::{Rule, Wanted, rules};

/// A JSON document as an expression: HCL reads JSON, but for `${` and `%{` in its texts.
fn encoded(document: &Value) -> String {
    let text = serde_json::to_string_pretty(document).unwrap_or_default();
    let text = text.replace("${", "$${").replace("%{", "%%{");
    format!("jsonencode({})", text.replace('\n', "\n  "))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace("${", "$${").replace("%{", "%%{")
}

fn lifecycle(rule: &Rule) -> String {
    let mut text = format!("\n  rule {{\n    id     = {}\n    status = \"Enabled\"\n", quoted(&rule.id));
    // Writing to a string cannot fail.
    let _ = match rule.larger_than {
        Some(size) => write!(
            text,
            "\n    filter {{\n      and {{\n        prefix                   = {}\n        object_size_greater_than = {size}\n      }}\n    }}\n",
            quoted(rule.prefix)
        ),
        None => write!(text, "\n    filter {{\n      prefix = {}\n    }}\n", quoted(rule.prefix)),
    };
    for tier in rule.tiers {
        let _ = write!(
            text,
            "\n    transition {{\n      days          = {}\n      storage_class = {}\n    }}\n",
            tier.after_days,
            quoted(tier.storage_class)
        );
    }
    for (block, name, days) in [
        ("noncurrent_version_expiration", "noncurrent_days", rule.old_versions),
        ("abort_incomplete_multipart_upload", "days_after_initiation", rule.unfinished),
        ("expiration", "days", rule.expire),
    ] {
        if let Some(days) = days {
            let _ = write!(text, "\n    {block} {{\n      {name} = {days}\n    }}\n");
        }
    }
    text + "  }\n"
}

/// The whole file.
#[must_use]
pub fn terraform(wanted: &Wanted) -> String {
    let bucket = "aws_s3_bucket.gatehouse.id";
    let (algorithm, key) = match &wanted.kms_key {
        Some(key) => ("aws:kms", format!("\n      kms_master_key_id = {}", quoted(key))),
        None => ("AES256", String::new()),
    };
    let bucket_key = if wanted.kms_key.is_some() { "\n    bucket_key_enabled = true" } else { "" };
    let logging = wanted.log_bucket.as_ref().map_or_else(String::new, |target| {
        format!(
            "\nresource \"aws_s3_bucket_logging\" \"gatehouse\" {{\n  bucket        = {bucket}\n  target_bucket = {}\n  target_prefix = {}\n}}\n",
            quoted(target),
            quoted(&format!("{}/", wanted.bucket))
        )
    });
    let rules: String = rules().iter().map(lifecycle).collect();
    let cors = &wanted.cors()["CORSRules"][0];
    format!(
        r#"# Gatehouse's bucket and what its user or role may do there. Made by `gatehouse bucket terraform`.

terraform {{
  required_version = ">= 1.5"
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }}
  }}
}}

provider "aws" {{
  region = {region}
}}

resource "aws_s3_bucket" "gatehouse" {{
  bucket = {name}

  lifecycle {{
    prevent_destroy = true
  }}
}}

resource "aws_s3_bucket_ownership_controls" "gatehouse" {{
  bucket = {bucket}

  rule {{
    object_ownership = "BucketOwnerEnforced"
  }}
}}

resource "aws_s3_bucket_public_access_block" "gatehouse" {{
  bucket                  = {bucket}
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = true
  restrict_public_buckets = true
}}

resource "aws_s3_bucket_versioning" "gatehouse" {{
  bucket = {bucket}

  versioning_configuration {{
    status = "Enabled"
  }}
}}

resource "aws_s3_bucket_server_side_encryption_configuration" "gatehouse" {{
  bucket = {bucket}

  rule {{
    apply_server_side_encryption_by_default {{
      sse_algorithm = "{algorithm}"{key}
    }}{bucket_key}
  }}
}}

resource "aws_s3_bucket_lifecycle_configuration" "gatehouse" {{
  bucket     = {bucket}
  depends_on = [aws_s3_bucket_versioning.gatehouse]
{rules}}}

resource "aws_s3_bucket_cors_configuration" "gatehouse" {{
  bucket = {bucket}

  cors_rule {{
    allowed_origins = {origins}
    allowed_methods = {methods}
    allowed_headers = {headers}
    expose_headers  = {exposed}
    max_age_seconds = {age}
  }}
}}
{logging}
resource "aws_s3_bucket_policy" "gatehouse" {{
  bucket     = {bucket}
  depends_on = [aws_s3_bucket_public_access_block.gatehouse]
  policy     = {policy}
}}

resource "aws_iam_policy" "gatehouse" {{
  name        = {policy_name}
  description = "What Gatehouse may do in its bucket, and nothing else"
  policy      = {iam}
}}

output "policy_arn" {{
  description = "Attach it to the user or role that Gatehouse runs as"
  value       = aws_iam_policy.gatehouse.arn
}}
"#,
        region = quoted(&wanted.region),
        name = quoted(&wanted.bucket),
        origins = cors["AllowedOrigins"],
        methods = cors["AllowedMethods"],
        headers = cors["AllowedHeaders"],
        exposed = cors["ExposeHeaders"],
        age = cors["MaxAgeSeconds"],
        policy = encoded(&wanted.bucket_policy()),
        policy_name = quoted(&format!("gatehouse-{}", wanted.bucket)),
        iam = encoded(&wanted.iam()),
    )
}
