//! Typed ids: a UUID of version 7 each, so that they sort by the time they were made.

/// Makes a newtype over [`uuid::Uuid`] that is stored as text and can stand in a URL.
macro_rules! typed_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sea_orm::DeriveValueType, utoipa::ToSchema)]
        #[sea_orm(value_type = "String")]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        /// The database never makes these ids, so there is none to read back.
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

typed_id! {
    UserId, SessionId, ApiTokenId, UserTokenId,
    CustomerId, SiteId, ContactId, ImportId, CarrierId, ReleaseId,
    BolId, RevisionId, TemplateId,
    ObjectId, PlacementId, MoveId, AttachmentId, RestoreId,
    /// One email on its way to one address.
    DeliveryId,
    LinkId, LinkViewId,
    /// A place with cameras on a network of its own; [`SiteId`] is a customer's.
    YardSiteId,
    CameraId, RecorderId, RunId, FilmHoldId, FilmRestoreId,
    DockId, ClipId, AlertId, AlertTargetId,
}

/// What tables of ten million rows call a camera: two bytes where an id has thirty-seven. In URLs it is the id.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    sea_orm::DeriveValueType,
)]
#[serde(transparent)]
pub struct CameraNo(pub i32);
