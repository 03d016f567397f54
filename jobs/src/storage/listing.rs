//! What a bucket says about what it has: listings, versions, archives.

use aws_sdk_s3::{
    error::ProvideErrorMetadata,
    types::{GlacierJobParameters, RestoreRequest, Tier},
};
use chrono::DateTime;
use gatehouse_app::ports::{Archive, Info, Listed, RestoreTier, StoreError, Unfinished, Version};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::s3::{S3Store, status, unavailable};

/// The most that one request lists.
const PAGE: usize = 1000;

impl S3Store {
    pub(super) async fn list_objects(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut found: Vec<Listed> = Vec::new();
        let mut after = after.map(str::to_owned);
        while found.len() < limit {
            let page = (limit - found.len()).min(PAGE);
            let listing = self
                .client
                .list_objects_v2()
                .bucket(&self.bucket)
                .prefix(prefix)
                .set_start_after(after.take())
                .max_keys(i32::try_from(page).unwrap_or(1000))
                .send()
                .await
                .map_err(|error| unavailable(&error))?;
            found.extend(listing.contents().iter().filter_map(|object| {
                Some(Listed {
                    key: object.key()?.to_owned(),
                    size: object.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                    etag: object.e_tag().map(|etag| etag.trim_matches('"').to_owned()),
                    modified: object.last_modified().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
                })
            }));
            after = found.last().map(|last| last.key.clone());
            if listing.is_truncated() != Some(true) || listing.contents().is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Multipart uploads of keys that begin with `prefix`.
    pub(super) async fn list_unfinished(&self, prefix: &str) -> Result<Vec<Unfinished>, StoreError> {
        let mut found = Vec::new();
        let (mut key, mut upload) = (None, None);
        loop {
            let listing = self
                .client
                .list_multipart_uploads()
                .bucket(&self.bucket)
                .prefix(prefix)
                .set_key_marker(key)
                .set_upload_id_marker(upload)
                .send()
                .await
                .map_err(|error| unavailable(&error))?;
            found.extend(listing.uploads().iter().filter_map(|one| {
                Some(Unfinished {
                    key: one.key()?.to_owned(),
                    upload: one.upload_id()?.to_owned(),
                    begun: one.initiated().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
                })
            }));
            if listing.is_truncated() != Some(true) || listing.next_key_marker().is_none() {
                return Ok(found);
            }
            key = listing.next_key_marker().map(str::to_owned);
            upload = listing.next_upload_id_marker().map(str::to_owned);
        }
    }

    /// Of servers that keep no versions: none.
    pub(super) async fn list_versions(&self, key: &str) -> Result<Vec<Version>, StoreError> {
        let mut found = Vec::new();
        let (mut key_marker, mut version_marker) = (None, None);
        loop {
            let listing = self
                .client
                .list_object_versions()
                .bucket(&self.bucket)
                .prefix(key)
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker)
                .send()
                .await;
            let listing = match listing {
                Ok(listing) => listing,
                // Garage has no such request.
                Err(error) if status(&error) == Some(501) || error.code() == Some("NotImplemented") => {
                    return Ok(found);
                }
                Err(error) => return Err(unavailable(&error)),
            };
            let of_key = |other: Option<&str>| other == Some(key);
            found.extend(listing.versions().iter().filter(|one| of_key(one.key())).filter_map(|one| {
                Some(Version {
                    id: one.version_id()?.to_owned(),
                    size: one.size().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
                    modified: one.last_modified().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
                    current: one.is_latest() == Some(true),
                    deleted: false,
                })
            }));
            found.extend(listing.delete_markers().iter().filter(|one| of_key(one.key())).filter_map(|one| {
                Some(Version {
                    id: one.version_id()?.to_owned(),
                    size: 0,
                    modified: one.last_modified().and_then(|at| at.to_millis().ok()).unwrap_or_default(),
                    current: one.is_latest() == Some(true),
                    deleted: true,
                })
            }));
            // Keys come in order, so a later one ends it.
            if listing.is_truncated() != Some(true) || listing.next_key_marker() != Some(key) {
                found.sort_by_key(|version| (!version.current, -version.modified));
                return Ok(found);
            }
            key_marker = listing.next_key_marker().map(str::to_owned);
            version_marker = listing.next_version_id_marker().map(str::to_owned);
        }
    }

    pub(super) async fn delete_version(&self, key: &str, version: Option<String>) -> Result<(), StoreError> {
        match self.client.delete_object().bucket(&self.bucket).key(key).set_version_id(version).send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    pub(super) async fn copy_version(&self, key: &str, version: &str) -> Result<(), StoreError> {
        let key_in_url: Vec<_> =
            key.split('/').map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string()).collect();
        let version = utf8_percent_encode(version, NON_ALPHANUMERIC);
        let source = format!("{}/{}?versionId={version}", self.bucket, key_in_url.join("/"));
        match self.client.copy_object().bucket(&self.bucket).key(key).copy_source(source).send().await {
            Ok(_) => Ok(()),
            Err(error) if status(&error) == Some(404) => Err(StoreError::NotFound(format!("{key} in that version"))),
            Err(error) => Err(unavailable(&error)),
        }
    }

    pub(super) async fn object_info(&self, key: &str) -> Result<Option<Info>, StoreError> {
        let head = match self.client.head_object().bucket(&self.bucket).key(key).send().await {
            Ok(head) => head,
            Err(error) if status(&error) == Some(404) => return Ok(None),
            Err(error) => return Err(unavailable(&error)),
        };
        let storage_class = head.storage_class().map(|class| class.as_str().to_owned());
        let cold =
            matches!(storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE")) || head.archive_status().is_some();
        Ok(Some(Info {
            archive: archive(cold, head.restore()),
            // Standard is what goes without saying.
            storage_class: storage_class.or_else(|| Some("STANDARD".into())),
            replication: head.replication_status().map(|status| status.as_str().to_owned()),
            version: head.version_id().map(str::to_owned),
        }))
    }

    pub(super) async fn restore_object(&self, key: &str, tier: RestoreTier, days: u32) -> Result<(), StoreError> {
        let tier = match tier {
            RestoreTier::Expedited => Tier::Expedited,
            RestoreTier::Standard => Tier::Standard,
            RestoreTier::Bulk => Tier::Bulk,
        };
        let parameters =
            GlacierJobParameters::builder().tier(tier).build().map_err(|e| StoreError::Unavailable(e.to_string()))?;
        let request = RestoreRequest::builder()
            .days(i32::try_from(days).unwrap_or(i32::MAX))
            .glacier_job_parameters(parameters)
            .build();
        match self.client.restore_object().bucket(&self.bucket).key(key).restore_request(request).send().await {
            Ok(_) => Ok(()),
            // It is on its way already.
            Err(error) if status(&error) == Some(409) => Ok(()),
            Err(error) if status(&error) == Some(404) => Err(StoreError::NotFound(key.into())),
            Err(error) => Err(unavailable(&error)),
        }
    }
}

/// `x-amz-restore` is `ongoing-request="true"`, or `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`.
fn archive(cold: bool, restore: Option<&str>) -> Archive {
    let Some(restore) = restore else { return if cold { Archive::Archived } else { Archive::Ready } };
    if restore.contains("ongoing-request=\"true\"") {
        return Archive::Restoring;
    }
    let until = restore
        .split_once("expiry-date=\"")
        .and_then(|(_, rest)| rest.split('"').next())
        .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    until.map_or(Archive::Ready, |until| Archive::Restored(until.timestamp_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archived_object_says_how_far_it_is() {
        assert_eq!(archive(false, None), Archive::Ready);
        assert_eq!(archive(true, None), Archive::Archived);
        assert_eq!(archive(true, Some("ongoing-request=\"true\"")), Archive::Restoring);
        let restored = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2012 00:00:00 GMT\"";
        assert_eq!(archive(true, Some(restored)), Archive::Restored(1_356_048_000_000));
    }
}
