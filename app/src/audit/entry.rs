//! What one audit entry says.

use serde_json::Value;

use crate::ids::{
    AlertId, ApiTokenId, BolId, CameraId, CarrierId, ClipId, CustomerId, DeliveryId, DockId, LinkId, ObjectId,
    RecorderId, ReleaseId, TemplateId, UserId, YardSiteId,
};

/// Who acts. The name is kept as it was, so that a record stays readable when the person is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub name: String,
    /// Where the request came from; `None` for the system.
    pub ip: Option<String>,
    pub request_id: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    User(UserId),
    /// A program with a user's token.
    Token(ApiTokenId, UserId),
    /// Whoever holds an emailed link.
    Link(LinkId),
    /// Nobody who is known: a failed sign-in, a look at a verification page.
    Anonymous,
    /// Gatehouse itself.
    System,
}

impl ActorKind {
    /// As it is stored: the kind, and the id where there is one.
    #[must_use]
    pub fn parts(self) -> (&'static str, Option<String>) {
        match self {
            Self::User(id) => ("user", Some(id.to_string())),
            Self::Token(id, _) => ("token", Some(id.to_string())),
            Self::Link(id) => ("link", Some(id.to_string())),
            Self::Anonymous => ("anonymous", None),
            Self::System => ("system", None),
        }
    }
}

impl Actor {
    /// Gatehouse itself.
    #[must_use]
    pub fn system() -> Self {
        Self { kind: ActorKind::System, name: "Gatehouse".into(), ip: None, request_id: None }
    }

    /// The person behind it, where there is one with an account.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self.kind {
            ActorKind::User(id) | ActorKind::Token(_, id) => Some(id),
            _ => None,
        }
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Bol(BolId),
    Customer(CustomerId),
    Carrier(CarrierId),
    Release(ReleaseId),
    Template(TemplateId),
    User(UserId),
    ApiToken(ApiTokenId),
    Link(LinkId),
    Delivery(DeliveryId),
    Object(ObjectId),
    Camera(CameraId),
    Recorder(RecorderId),
    YardSite(YardSiteId),
    Dock(DockId),
    Clip(ClipId),
    Alert(AlertId),
    /// The installation: settings, sign-ins of nobody, the log itself.
    Yard,
}

impl Subject {
    /// As it is stored: the kind, and the id where there is one.
    #[must_use]
    pub fn parts(self) -> (&'static str, Option<String>) {
        match self {
            Self::Bol(id) => ("bol", Some(id.to_string())),
            Self::Customer(id) => ("customer", Some(id.to_string())),
            Self::Carrier(id) => ("carrier", Some(id.to_string())),
            Self::Release(id) => ("release", Some(id.to_string())),
            Self::Template(id) => ("template", Some(id.to_string())),
            Self::User(id) => ("user", Some(id.to_string())),
            Self::ApiToken(id) => ("api_token", Some(id.to_string())),
            Self::Link(id) => ("link", Some(id.to_string())),
            Self::Delivery(id) => ("delivery", Some(id.to_string())),
            Self::Object(id) => ("object", Some(id.to_string())),
            Self::Camera(id) => ("camera", Some(id.to_string())),
            Self::Recorder(id) => ("recorder", Some(id.to_string())),
            Self::YardSite(id) => ("yard_site", Some(id.to_string())),
            Self::Dock(id) => ("dock", Some(id.to_string())),
            Self::Clip(id) => ("clip", Some(id.to_string())),
            Self::Alert(id) => ("alert", Some(id.to_string())),
            Self::Yard => ("yard", None),
        }
    }
}

/// Declares the actions with the word each is stored as, so that neither can be forgotten.
macro_rules! actions {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($name),+ }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As it is stored, filtered and exported.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

actions! {
    BolDrafted = "bol.drafted",
    BolEdited = "bol.edited",
    BolDeleted = "bol.draft_deleted",
    BolIssued = "bol.issued",
    BolRevised = "bol.revised",
    BolVoided = "bol.voided",
    BolViewed = "bol.viewed",
    BolRendered = "bol.rendered",
    BolDownloaded = "bol.downloaded",
    BolExported = "bol.exported",
    BolVerified = "bol.verified",
    AttachmentsViewed = "attachment.viewed",
    AttachmentBegun = "attachment.begun",
    AttachmentKept = "attachment.kept",
    AttachmentRefused = "attachment.refused",
    AttachmentDownloaded = "attachment.downloaded",
    AttachmentRemoved = "attachment.removed",
    AttachmentGivenUp = "attachment.given_up",
    ObjectViewed = "object.viewed",
    ObjectRestoreAsked = "object.restore_asked",
    ObjectRestored = "object.restored",
    ObjectRestoreFailed = "object.restore_failed",
    ObjectReverted = "object.reverted",
    TemplateSaved = "template.saved",
    TemplateDeleted = "template.deleted",
    CustomerCreated = "customer.created",
    CustomerEdited = "customer.edited",
    CustomerArchived = "customer.archived",
    CustomersImported = "customer.imported",
    CarrierSaved = "carrier.saved",
    CarrierArchived = "carrier.archived",
    ReleaseSaved = "release.saved",
    ReleaseClosed = "release.closed",
    LinkCreated = "link.created",
    LinkRevoked = "link.revoked",
    LinkFetched = "link.fetched",
    LinkConfirmed = "link.confirmed",
    LinkDownloaded = "link.downloaded",
    LinkAwaited = "link.awaited",
    LinkRefused = "link.refused",
    LinkRefreshed = "link.fresh_sent",
    MailQueued = "mail.queued",
    MailSent = "mail.sent",
    MailRefused = "mail.refused",
    MailUnknown = "mail.unknown",
    MailRetried = "mail.retried",
    MailCancelled = "mail.cancelled",
    MailSettled = "mail.settled",
    UserCreated = "user.created",
    UserInvited = "user.invited",
    UserEdited = "user.edited",
    UserDisabled = "user.disabled",
    UserEnabled = "user.enabled",
    SignedIn = "session.signed_in",
    SignInFailed = "session.sign_in_failed",
    SignedOut = "session.signed_out",
    SessionRevoked = "session.revoked",
    PasswordChanged = "user.password_changed",
    PasswordResetAsked = "user.password_reset_asked",
    SecondFactorOn = "user.second_factor_on",
    SecondFactorOff = "user.second_factor_off",
    RecoveryCodesMade = "user.recovery_codes_made",
    TokenCreated = "api_token.created",
    TokenRevoked = "api_token.revoked",
    JobRetried = "job.retried",
    JobCancelled = "job.cancelled",
    SettingsChanged = "settings.changed",
    AuditExported = "audit.exported",
    AuditVerified = "audit.verified",
    ObjectCopied = "object.copied",
    ObjectAdopted = "object.adopted",
    ObjectMissing = "object.missing",
    ObjectCorrupt = "object.corrupt",
    ObjectCopyRemoved = "object.copy_removed",
    ObjectEraseAsked = "object.erase_asked",
    ObjectErased = "object.erased",
    ObjectRemade = "object.remade",
    ObjectNotRemade = "object.not_remade",
    OrphansRemovalAsked = "object.orphans_asked",
    OrphanRemoved = "object.orphan_removed",
    HoldPlaced = "hold.placed",
    HoldReleased = "hold.released",
    MoveStarted = "objects.move_started",
    MoveEnded = "objects.move_ended",
    BolAdopted = "bol.adopted",
    CameraAdded = "camera.added",
    CameraEdited = "camera.edited",
    CameraOpeningChanged = "camera.opening_changed",
    CameraTested = "camera.tested",
    CameraEnabled = "camera.enabled",
    CameraDisabled = "camera.disabled",
    CameraArchived = "camera.archived",
    CameraGranted = "camera.granted",
    CameraGrantTaken = "camera.grant_taken",
    CameraPictures = "camera.pictures",
    CamerasDiscovered = "camera.discovered",
    YardSiteSaved = "yard_site.saved",
    YardSiteArchived = "yard_site.archived",
    RecorderAdded = "recorder.added",
    RecorderGreeted = "recorder.greeted",
    RecorderGivenCameras = "recorder.given_cameras",
    RecorderRevoked = "recorder.revoked",
    RecordingViewed = "recording.viewed",
    RecordingDownloaded = "recording.downloaded",
    RecordingPictures = "recording.pictures",
    RecordingsRetired = "recording.retired",
    RecordingLost = "recording.lost",
    RecordingsHeld = "recording.held",
    RecordingsReleased = "recording.released",
    RecordingsAskedBack = "recording.asked_back",
    RecordingsBack = "recording.back",
    RecordingsNotBack = "recording.not_back",
    DockSaved = "dock.saved",
    DockArchived = "dock.archived",
    BolLoadingSet = "bol.loading_set",
    ClipAsked = "clip.asked",
    ClipCut = "clip.cut",
    ClipFailed = "clip.failed",
    ClipSigned = "clip.signed",
    ClipViewed = "clip.viewed",
    ClipPlayed = "clip.played",
    ClipDownloaded = "clip.downloaded",
    ClipCustodyExported = "clip.custody_exported",
    ClipErased = "clip.erased",
    LinkPlayed = "link.played",
    LinkClipDownloaded = "link.clip_downloaded",
    AlertOpened = "alert.opened",
    AlertClosed = "alert.closed",
    AlertSeen = "alert.seen",
    AlertTargetSaved = "alert_target.saved",
    AlertTargetRemoved = "alert_target.removed",
    AlertTargetTried = "alert_target.tried",
    DemoFilled = "demo.filled",
}

/// An entry about to be written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    pub actor_kind: &'static str,
    pub actor_id: Option<String>,
    pub actor_name: String,
    pub ip: Option<String>,
    pub request_id: Option<String>,
    pub action: Action,
    pub subject_kind: &'static str,
    pub subject_id: Option<String>,
    pub details: Value,
}

impl NewEntry {
    #[must_use]
    pub fn new(actor: &Actor, action: Action, subject: Subject, details: Value) -> Self {
        let (actor_kind, actor_id) = actor.kind.parts();
        let (subject_kind, subject_id) = subject.parts();
        Self {
            actor_kind,
            actor_id,
            actor_name: actor.name.clone(),
            ip: actor.ip.clone(),
            request_id: actor.request_id.clone(),
            action,
            subject_kind,
            subject_id,
            details,
        }
    }
}
