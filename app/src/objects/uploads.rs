//! Uploads in parts, on record while they are under way: whoever comes after a kill goes on where it stopped.

use async_trait::async_trait;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, sea_query::OnConflict,
};

use super::model::{upload, upload_part};
use crate::{
    App,
    error::AppError,
    ports::{Begun, ObjectStore, Part, StoreError, UploadProgress},
};

/// What is on record of the upload of one key to one bucket.
pub struct Recorded<'a> {
    app: &'a App,
    backend: &'a str,
    bucket: &'a str,
    key: &'a str,
    size: u64,
}

impl<'a> Recorded<'a> {
    #[must_use]
    pub fn new(app: &'a App, store: &'a dyn ObjectStore, key: &'a str, size: u64) -> Self {
        Self { app, backend: store.backend(), bucket: store.bucket(), key, size }
    }

    /// The object is there: what an earlier attempt had begun is given up, in its `store` and on record. It may have been killed when the
    /// upload was finished and before that was written down.
    ///
    /// # Errors
    /// When the store or the database does not answer.
    pub(crate) async fn is_over(&self, store: &dyn ObjectStore) -> Result<(), StoreError> {
        let Some(begun) = self.begun().await? else { return Ok(()) };
        if !begun.upload.is_empty() {
            store.abort(self.key, &begun.upload).await?;
        }
        self.end(&begun.upload).await
    }

    fn row(&self) -> (String, String, String) {
        (self.backend.into(), self.bucket.into(), self.key.into())
    }

    async fn load(&self) -> Result<Option<Begun>, DbErr> {
        let Some(row) = upload::Entity::find_by_id(self.row()).one(self.app.db()).await? else { return Ok(None) };
        let parts = upload_part::Entity::find()
            .filter(upload_part::Column::Backend.eq(self.backend))
            .filter(upload_part::Column::Bucket.eq(self.bucket))
            .filter(upload_part::Column::Key.eq(self.key))
            .order_by_asc(upload_part::Column::Number)
            .all(self.app.db())
            .await?;
        let part = |part: upload_part::Model| Part {
            number: u32::try_from(part.number).unwrap_or_default(),
            size: u64::try_from(part.size).unwrap_or_default(),
            etag: part.etag,
            crc64: Some(part.crc64.cast_unsigned()),
        };
        let part_size = u64::try_from(row.part_size).unwrap_or_default();
        Ok(Some(Begun { upload: row.upload, part_size, parts: parts.into_iter().map(part).collect() }))
    }

    async fn write_down(&self, name: &str, part_size: u64) -> Result<(), AppError> {
        let (backend, bucket, key) = self.row();
        let row = upload::Model {
            backend,
            bucket,
            key,
            upload: name.into(),
            part_size: i64::try_from(part_size).unwrap_or(i64::MAX),
            size: i64::try_from(self.size).unwrap_or(i64::MAX),
            begun_at: self.app.now(),
        };
        let key = [upload::Column::Backend, upload::Column::Bucket, upload::Column::Key];
        let change = [upload::Column::Upload, upload::Column::PartSize, upload::Column::Size, upload::Column::BegunAt];
        let tx = self.app.begin().await?;
        upload::Entity::insert(row.into_active_model())
            .on_conflict(OnConflict::columns(key).update_columns(change).to_owned())
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await
    }

    async fn write_down_part(&self, part: &Part) -> Result<(), AppError> {
        let (backend, bucket, key) = self.row();
        let row = upload_part::ActiveModel {
            backend: Set(backend),
            bucket: Set(bucket),
            key: Set(key),
            number: Set(i32::try_from(part.number).unwrap_or(i32::MAX)),
            size: Set(i64::try_from(part.size).unwrap_or(i64::MAX)),
            etag: Set(part.etag.clone()),
            crc64: Set(part.crc64.unwrap_or_default().cast_signed()),
        };
        let key = [
            upload_part::Column::Backend,
            upload_part::Column::Bucket,
            upload_part::Column::Key,
            upload_part::Column::Number,
        ];
        let change = [upload_part::Column::Size, upload_part::Column::Etag, upload_part::Column::Crc64];
        let tx = self.app.begin().await?;
        upload_part::Entity::insert(row)
            .on_conflict(OnConflict::columns(key).update_columns(change).to_owned())
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await
    }

    async fn forget(&self) -> Result<(), AppError> {
        let tx = self.app.begin().await?;
        upload::Entity::delete_by_id(self.row()).exec(&tx).await?;
        tx.commit().await
    }
}

#[async_trait]
impl UploadProgress for Recorded<'_> {
    async fn begun(&self) -> Result<Option<Begun>, StoreError> {
        self.load().await.map_err(|error| not_on_record(&error))
    }

    async fn begin(&self, upload: &str, part_size: u64) -> Result<(), StoreError> {
        self.write_down(upload, part_size).await.map_err(|error| not_on_record(&error))
    }

    async fn part(&self, _upload: &str, part: &Part) -> Result<(), StoreError> {
        self.write_down_part(part).await.map_err(|error| not_on_record(&error))
    }

    async fn end(&self, _upload: &str) -> Result<(), StoreError> {
        self.forget().await.map_err(|error| not_on_record(&error))
    }
}

/// The store has done its work; the house cannot write it down.
fn not_on_record(error: &dyn std::error::Error) -> StoreError {
    StoreError::Unavailable(format!("the upload could not be put on record: {error}"))
}
