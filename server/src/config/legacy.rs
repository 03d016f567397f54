//! The names that the two old systems had for what is configured here: understood, below every name of our own, and each with a line at
//! the start that says what to call it now.

use std::collections::BTreeMap;

/// Every old name that means something.
pub const NAMES: [&str; 7] = [
    "USE_S3",
    "CLOUD_STORAGE_BACKEND",
    "AWS_STORAGE_BUCKET_NAME",
    "AWS_S3_REGION_NAME",
    "AWS_REGION_NAME",
    "AWS_STORAGE_CLEANUP_LOCAL",
    "AWS_PRESIGNED_URL_EXPIRATION",
];

/// What the old names come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// As if `gatehouse.toml` said so.
    pub settings: BTreeMap<String, String>,
    /// A line for each.
    pub notes: Vec<String>,
}

/// As Django's settings read it.
fn truth(name: &str, value: &str) -> Result<bool, String> {
    match value.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "t" | "on" => Ok(true),
        "false" | "0" | "no" | "n" | "f" | "off" | "" => Ok(false),
        _ => {
            Err(format!("setting {name}: “{value}” is neither true nor false; and it is now called GATEHOUSE_STORAGE"))
        }
    }
}

/// `old`: what stands in the environment by old names. `said`: whether a setting has been given by its own name.
///
/// # Errors
/// One line, where an old name has a value that it never had, or two of them contradict each other.
pub fn understand(old: &BTreeMap<String, String>, said: impl Fn(&str) -> bool) -> Result<Understood, String> {
    let mut understood = Understood::default();
    let mut means = |name: &str, setting: &str, value: String| {
        let variable = format!("GATEHOUSE_{}={value}", setting.to_uppercase());
        understood.notes.push(match said(setting) {
            true => format!(
                "{name} is an old name and is not looked at: setting {setting} is given by its own; take {name} out"
            ),
            false => format!("{name} is understood as setting {setting}: say {variable} instead"),
        });
        understood.settings.insert(setting.to_owned(), value);
    };

    let use_s3 = old.get("USE_S3").map(|value| truth("USE_S3", value)).transpose()?;
    let cloud = match old.get("CLOUD_STORAGE_BACKEND").map(|value| (value, value.trim().to_uppercase())) {
        None => None,
        Some((value, word)) => Some(match word.as_str() {
            "AWS" | "S3" => "s3",
            "GCP" | "GCS" => "gcs",
            "BOTH" => "s3+gcs",
            _ => {
                return Err(format!(
                    "setting CLOUD_STORAGE_BACKEND: “{value}” is none of AWS, GCP and BOTH; and it is now called GATEHOUSE_STORAGE"
                ));
            }
        }),
    };
    match (use_s3, cloud) {
        (Some(true), Some("gcs")) | (Some(false), Some("s3" | "s3+gcs")) if !said("storage") => {
            return Err("USE_S3 and CLOUD_STORAGE_BACKEND contradict each other: say GATEHOUSE_STORAGE (local, s3, gcs or s3+gcs) instead".into());
        }
        (_, Some(cloud)) => {
            means("CLOUD_STORAGE_BACKEND", "storage", cloud.into());
            if use_s3.is_some() {
                means("USE_S3", "storage", cloud.into());
            }
        }
        (Some(use_s3), None) => means("USE_S3", "storage", if use_s3 { "s3" } else { "local" }.into()),
        (None, None) => {}
    }

    if let Some(bucket) = given(old, "AWS_STORAGE_BUCKET_NAME") {
        means("AWS_STORAGE_BUCKET_NAME", "s3_bucket", bucket.into());
    }
    // Where both are set, the longer name is the one that Django's storages looked at.
    for name in ["AWS_REGION_NAME", "AWS_S3_REGION_NAME"] {
        if let Some(region) = given(old, name) {
            means(name, "s3_region", region.into());
        }
    }
    if let Some(value) = given(old, "AWS_STORAGE_CLEANUP_LOCAL") {
        let truth = truth("AWS_STORAGE_CLEANUP_LOCAL", value)
            .map_err(|line| line.replace("GATEHOUSE_STORAGE", "GATEHOUSE_STORAGE_CLEANUP_LOCAL"))?;
        means("AWS_STORAGE_CLEANUP_LOCAL", "storage_cleanup_local", truth.to_string());
    }
    if let Some(value) = given(old, "AWS_PRESIGNED_URL_EXPIRATION") {
        let seconds: u64 = value.trim().parse().ok().filter(|seconds| *seconds > 0).ok_or_else(|| {
            format!("setting AWS_PRESIGNED_URL_EXPIRATION: “{value}” is no number of seconds; and it is now called GATEHOUSE_YARD_URL_HOURS")
        })?;
        means("AWS_PRESIGNED_URL_EXPIRATION", "yard_url_hours", seconds.div_ceil(3600).min(168).to_string());
    }
    Ok(understood)
}

fn given<'a>(old: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    old.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn settings(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        understand(&old(pairs), |_| false).unwrap().settings.into_iter().collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        old(pairs).into_iter().collect()
    }

    #[test]
    fn each_old_name_is_the_new_setting() {
        assert_eq!(settings(&[]), []);
        assert_eq!(settings(&[("USE_S3", "True")]), pairs(&[("storage", "s3")]));
        assert_eq!(settings(&[("USE_S3", "False")]), pairs(&[("storage", "local")]));
        for (value, storage) in [("AWS", "s3"), ("gcp", "gcs"), ("BOTH", "s3+gcs")] {
            assert_eq!(settings(&[("CLOUD_STORAGE_BACKEND", value)]), pairs(&[("storage", storage)]));
        }
        assert_eq!(settings(&[("AWS_STORAGE_BUCKET_NAME", "yard")]), pairs(&[("s3_bucket", "yard")]));
        assert_eq!(settings(&[("AWS_REGION_NAME", "eu-west-1")]), pairs(&[("s3_region", "eu-west-1")]));
        let both = [("AWS_REGION_NAME", "eu-west-1"), ("AWS_S3_REGION_NAME", "us-east-2")];
        assert_eq!(settings(&both), pairs(&[("s3_region", "us-east-2")]));
        assert_eq!(settings(&[("AWS_STORAGE_CLEANUP_LOCAL", "false")]), pairs(&[("storage_cleanup_local", "false")]));
        for (seconds, hours) in [("3600", "1"), ("86400", "24"), ("60", "1"), ("9999999", "168")] {
            assert_eq!(settings(&[("AWS_PRESIGNED_URL_EXPIRATION", seconds)]), pairs(&[("yard_url_hours", hours)]));
        }
    }

    #[test]
    fn each_has_a_line_that_names_the_new_setting() {
        let all: BTreeMap<String, String> = NAMES
            .iter()
            .zip(["true", "AWS", "yard", "eu-west-1", "eu-west-1", "true", "3600"])
            .map(|(name, value)| ((*name).to_owned(), value.to_owned()))
            .collect();
        let notes = understand(&all, |_| false).unwrap().notes;
        for name in NAMES {
            let told: Vec<_> = notes.iter().filter(|note| note.starts_with(name)).collect();
            assert_eq!(told.len(), 1, "{name}: {notes:?}");
            assert!(told[0].contains("GATEHOUSE_"), "{told:?}");
        }
        let notes = understand(&old(&[("USE_S3", "true")]), |setting| setting == "storage").unwrap().notes;
        assert!(notes[0].contains("not looked at"), "{notes:?}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [
            &[("USE_S3", "maybe")][..],
            &[("CLOUD_STORAGE_BACKEND", "AZURE")],
            &[("USE_S3", "False"), ("CLOUD_STORAGE_BACKEND", "AWS")],
            &[("USE_S3", "True"), ("CLOUD_STORAGE_BACKEND", "GCP")],
            &[("AWS_STORAGE_CLEANUP_LOCAL", "2")],
            &[("AWS_PRESIGNED_URL_EXPIRATION", "soon")],
            &[("AWS_PRESIGNED_URL_EXPIRATION", "0")],
        ] {
            let line = understand(&old(wrong), |_| false).unwrap_err();
            assert!(line.contains("GATEHOUSE_") && !line.contains('\n'), "{line}");
        }
    }
}
