//! Every URL that a page names, in one place: pages hold no string paths.

use std::fmt::Display;

use crate::ids::{
    AlertId, AlertTargetId, ApiTokenId, AttachmentId, BolId, CameraId, CarrierId, ClipId, CustomerId, DeliveryId,
    DockId, FilmHoldId, ImportId, LinkId, ObjectId, RecorderId, ReleaseId, TemplateId, UserId, YardSiteId,
};

pub const TODAY: &str = "/";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_OUT: &str = "/sign-out";
/// The second step of signing in.
pub const SIGN_IN_CODE: &str = "/sign-in/code";
/// Asking for a link to choose a new password.
pub const FORGOTTEN: &str = "/forgotten";
pub const ACCOUNT: &str = "/account";
pub const ACCOUNT_PASSWORD: &str = "/account/password";
/// Proving once more who one is.
pub const ACCOUNT_CONFIRM: &str = "/account/confirm";
pub const SECOND_FACTOR: &str = "/account/second-factor";
pub const SECOND_FACTOR_CONFIRM: &str = "/account/second-factor/confirm";
pub const SECOND_FACTOR_OFF: &str = "/account/second-factor/off";
pub const RECOVERY_CODES: &str = "/account/recovery-codes";
pub const ACCOUNT_SESSIONS: &str = "/account/sessions";
pub const ACCOUNT_TOKENS: &str = "/account/tokens";
pub const USERS: &str = "/users";
pub const USERS_INVITE: &str = "/users/invite";
pub const BOLS: &str = "/bols";
pub const HEALTH: &str = "/health";
pub const STORAGE_DOCTOR: &str = "/storage/doctor";
pub const SETTINGS: &str = "/settings";
pub const AUDIT_VERIFY: &str = "/audit/verify";
pub const AUDIT_EXPORT: &str = "/audit/export.csv";
pub const AUDIT: &str = "/audit";
pub const MOVE_EVENTS: &str = "/storage/moves/events";
pub const MOVES: &str = "/storage/moves";
pub const JOB_EVENTS: &str = "/jobs/events";
pub const JOBS: &str = "/jobs";
pub const OUTBOX: &str = "/outbox";
pub const API: &str = "/api";
pub const API_DOCUMENT: &str = "/api/v1/openapi.json";
/// What the go-anywhere list finds while something is typed into it.
pub const FIND: &str = "/find.json";
pub const BOL_NEW: &str = "/bols/new";

#[must_use]
pub fn bol(id: BolId) -> String {
    under(BOLS, id)
}

pub const CUSTOMERS: &str = "/customers";
pub const CUSTOMER_NEW: &str = "/customers/new";
pub const CUSTOMERS_IMPORT: &str = "/customers/import";
pub const CUSTOMERS_SAMPLE: &str = "/customers/import/sample.csv";
pub const CARRIERS: &str = "/carriers";
pub const CARRIER_NEW: &str = "/carriers/new";
pub const RELEASES: &str = "/releases";
pub const RELEASE_NEW: &str = "/releases/new";
pub const BOLS_EXPORT: &str = "/bols/export.csv";
pub const BOLS_SEND_MANY: &str = "/bols/send-many";

#[must_use]
pub fn customer(id: CustomerId) -> String {
    under(CUSTOMERS, id)
}

#[must_use]
pub fn customer_edit(id: CustomerId) -> String {
    format!("{CUSTOMERS}/{id}/edit")
}

#[must_use]
pub fn customer_archive(id: CustomerId) -> String {
    format!("{CUSTOMERS}/{id}/archive")
}

#[must_use]
pub fn customers_import(id: ImportId) -> String {
    under(CUSTOMERS_IMPORT, id)
}

#[must_use]
pub fn carrier(id: CarrierId) -> String {
    under(CARRIERS, id)
}

#[must_use]
pub fn carrier_archive(id: CarrierId) -> String {
    format!("{CARRIERS}/{id}/archive")
}

#[must_use]
pub fn release(id: ReleaseId) -> String {
    under(RELEASES, id)
}

#[must_use]
pub fn release_close(id: ReleaseId) -> String {
    format!("{RELEASES}/{id}/close")
}

/// The bills of one customer.
#[must_use]
pub fn bols_of(id: CustomerId) -> String {
    format!("{BOLS}?customer={id}")
}

/// One bill as NMFTA eBOL.
#[must_use]
pub fn bol_ebol(id: BolId) -> String {
    format!("{BOLS}/{id}/ebol.json")
}

#[must_use]
pub fn job_retry(id: &str) -> String {
    format!("{JOBS}/{id}/retry")
}

#[must_use]
pub fn job_cancel(id: &str) -> String {
    format!("{JOBS}/{id}/cancel")
}

#[must_use]
pub fn audit_entry(seq: i64) -> String {
    under(AUDIT, seq)
}

/// The list of bills with one filter set.
#[must_use]
pub fn bols_in(filter: &str, value: &str) -> String {
    with_query(BOLS, &[(filter, value)])
}

/// The outbox, showing deliveries in one state.
#[must_use]
pub fn outbox_in(state: &str) -> String {
    with_query(OUTBOX, &[("state", state)])
}

/// `path` with the parameters that are not empty.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// The link of an invitation; its token is the credential.
#[must_use]
pub fn invitation(token: &str) -> String {
    under("/invitation", token)
}

/// The link of a password reset; its token is the credential.
#[must_use]
pub fn reset(token: &str) -> String {
    under("/reset", token)
}

/// The one-time link that makes the first admin.
#[must_use]
pub fn setup(token: &str) -> String {
    under("/setup", token)
}

#[must_use]
pub fn user(id: UserId) -> String {
    under(USERS, id)
}

/// Something that is done with a person: `link`, `disable`, `enable`, `second-factor`, `sessions`.
#[must_use]
pub fn user_do(id: UserId, what: &str) -> String {
    format!("{USERS}/{id}/{what}")
}

/// Where an admin revokes somebody's token.
#[must_use]
pub fn user_token_revoke(id: UserId, token: ApiTokenId) -> String {
    format!("{USERS}/{id}/tokens/{token}/revoke")
}

#[must_use]
pub fn revoke_token(id: ApiTokenId) -> String {
    format!("{ACCOUNT_TOKENS}/{id}/revoke")
}

/// Proving who one is, then on to `next`.
#[must_use]
pub fn confirm_then(next: &str) -> String {
    with_query(ACCOUNT_CONFIRM, &[("next", next)])
}

fn under(area: &str, id: impl Display) -> String {
    format!("{area}/{id}")
}

/// Mail older than `before`, in one state or all.
#[must_use]
pub fn outbox_page(state: Option<&str>, before: DeliveryId) -> String {
    match state {
        Some(state) => format!("{OUTBOX}?state={state}&before={before}"),
        None => format!("{OUTBOX}?before={before}"),
    }
}

/// The newest mail, in one state or all.
#[must_use]
pub fn outbox_page_first(state: Option<&str>) -> String {
    state.map_or_else(|| OUTBOX.to_owned(), outbox_in)
}

#[must_use]
pub fn delivery_again(id: DeliveryId) -> String {
    format!("{OUTBOX}/{id}/again")
}

#[must_use]
pub fn delivery_now(id: DeliveryId) -> String {
    format!("{OUTBOX}/{id}/now")
}

/// Says that a mail needs nobody any more.
#[must_use]
pub fn delivery_settle(id: DeliveryId) -> String {
    format!("{OUTBOX}/{id}/settle")
}

#[must_use]
pub fn delivery_cancel(id: DeliveryId) -> String {
    format!("{OUTBOX}/{id}/cancel")
}

/// Where a bill is sent from.
#[must_use]
pub fn bol_send(id: BolId) -> String {
    format!("{BOLS}/{id}/send")
}

#[must_use]
pub fn link_revoke(id: LinkId) -> String {
    format!("/links/{id}/revoke")
}

/// A customer's page.
#[must_use]
pub fn link(token: &str) -> String {
    format!("/d/{token}")
}

#[must_use]
pub fn link_fresh(token: &str) -> String {
    format!("/d/{token}/fresh")
}

#[must_use]
pub fn verify(code: &str) -> String {
    format!("/verify/{code}")
}

/// What fields to type in find in the address book, as JSON.
pub const CHOICES_CUSTOMERS: &str = "/choices/customers";
pub const CHOICES_SITES: &str = "/choices/sites";
pub const CHOICES_CARRIERS: &str = "/choices/carriers";
pub const TEMPLATES: &str = "/bols/templates";

#[must_use]
pub fn bol_edit(id: BolId) -> String {
    format!("{BOLS}/{id}/edit")
}

#[must_use]
pub fn bol_issue(id: BolId) -> String {
    format!("{BOLS}/{id}/issue")
}

#[must_use]
pub fn bol_delete(id: BolId) -> String {
    format!("{BOLS}/{id}/delete")
}

#[must_use]
pub fn bol_revise(id: BolId) -> String {
    format!("{BOLS}/{id}/revise")
}

#[must_use]
pub fn bol_void(id: BolId) -> String {
    format!("{BOLS}/{id}/void")
}

/// The legal hold on a bill.
#[must_use]
pub fn bol_hold(id: BolId) -> String {
    format!("{BOLS}/{id}/hold")
}

#[must_use]
pub fn bol_hold_release(id: BolId) -> String {
    format!("{BOLS}/{id}/hold/release")
}

#[must_use]
pub fn bol_duplicate(id: BolId) -> String {
    format!("{BOLS}/{id}/duplicate")
}

/// The paper in small of what is typed, saved or not.
#[must_use]
pub fn bol_miniature(id: BolId) -> String {
    format!("{BOLS}/{id}/miniature")
}

/// Where a bill becomes a template.
#[must_use]
pub fn bol_template(id: BolId) -> String {
    format!("{BOLS}/{id}/template")
}

/// Two revisions side by side.
#[must_use]
pub fn bol_compare(id: BolId, from: i32, to: i32) -> String {
    format!("{BOLS}/{id}/compare?from={from}&to={to}")
}

/// The PDF of a revision, for people of the house.
#[must_use]
pub fn bol_pdf(id: BolId, revision: i32) -> String {
    format!("{BOLS}/{id}/pdf?revision={revision}")
}

/// The paper as a picture; `signature` is that of a look on record.
#[must_use]
pub fn bol_picture(id: BolId, revision: i32, expires: i64, signature: &str) -> String {
    format!("{BOLS}/{id}/paper.svg?revision={revision}&expires={expires}&sig={signature}")
}

#[must_use]
pub fn bol_pdf_state(id: BolId, revision: i32) -> String {
    format!("{BOLS}/{id}/pdf-state?revision={revision}")
}

#[must_use]
pub fn bol_pdf_retry(id: BolId, revision: i32) -> String {
    format!("{BOLS}/{id}/pdf-retry?revision={revision}")
}

#[must_use]
pub fn template(id: TemplateId) -> String {
    under(TEMPLATES, id)
}

#[must_use]
pub fn template_delete(id: TemplateId) -> String {
    format!("{TEMPLATES}/{id}/delete")
}

/// A bill's scans and photos.
#[must_use]
pub fn attachments(bol: BolId) -> String {
    format!("{BOLS}/{bol}/attachments")
}

/// Where script announces a file.
#[must_use]
pub fn attachments_begin(bol: BolId) -> String {
    format!("{BOLS}/{bol}/attachments/begin")
}

#[must_use]
pub fn attachments_state(bol: BolId) -> String {
    format!("{BOLS}/{bol}/attachments/state")
}

/// The file of an attachment.
#[must_use]
pub fn attachment(bol: BolId, id: AttachmentId) -> String {
    format!("{BOLS}/{bol}/attachments/{id}")
}

/// Where script says that all of a file was sent.
#[must_use]
pub fn attachment_arrived(bol: BolId, id: AttachmentId) -> String {
    format!("{BOLS}/{bol}/attachments/{id}/arrived")
}

#[must_use]
pub fn attachment_remove(bol: BolId, id: AttachmentId) -> String {
    format!("{BOLS}/{bol}/attachments/{id}/remove")
}

/// Where the bytes are, and what they cost.
pub const STORAGE: &str = "/storage";
/// What is kept, by the beginning of its key.
pub const STORED: &str = "/storage/objects";
/// What stores have that no record knows.
pub const ORPHANS: &str = "/storage/orphans";
pub const ORPHANS_REMOVE: &str = "/storage/orphans/remove";

/// One object, its copies and versions.
#[must_use]
pub fn stored(id: ObjectId) -> String {
    under(STORED, id)
}

#[must_use]
pub fn stored_restore(id: ObjectId) -> String {
    format!("{STORED}/{id}/restore")
}

#[must_use]
pub fn stored_revert(id: ObjectId) -> String {
    format!("{STORED}/{id}/revert")
}

#[must_use]
pub fn stored_recover(id: ObjectId) -> String {
    format!("{STORED}/{id}/recover")
}

pub const CAMERAS: &str = "/cameras";
pub const CAMERA_NEW: &str = "/cameras/new";
/// Tries an address out before it is kept.
pub const CAMERA_TEST: &str = "/cameras/test";
pub const CAMERAS_DISCOVER: &str = "/cameras/discover";
/// The streams of a device that was found.
pub const CAMERAS_STREAMS: &str = "/cameras/discover/streams";
pub const CAMERA_SITES: &str = "/cameras/sites";
pub const CAMERA_SITE_NEW: &str = "/cameras/sites/new";
pub const RECORDINGS: &str = "/recordings";
/// The part of the recording browser that script swaps.
pub const RECORDINGS_TRACKS: &str = "/recordings/tracks";
/// Film that is kept whatever its age.
pub const FILM_HOLDS: &str = "/recordings/holds";
pub const FILM_HOLD_NEW: &str = "/recordings/holds/new";
/// Archived film is asked back.
pub const FILM_BACK_NEW: &str = "/recordings/restores/new";
pub const RECORDERS: &str = "/recorders";
pub const RECORDER_NEW: &str = "/recorders/new";
pub const RECORDER_EVENTS: &str = "/recorders/events";
pub const CLIPS: &str = "/clips";
pub const CLIP_NEW: &str = "/clips/new";
pub const DOCKS: &str = "/docks";
pub const DOCK_NEW: &str = "/docks/new";
pub const ALERTS: &str = "/alerts";
pub const ALERT_TARGETS: &str = "/alerts/targets";

#[must_use]
pub fn camera(id: CameraId) -> String {
    under(CAMERAS, id)
}

/// Something that is done with a camera, `edit`, `enable`, `disable`, `archive`, `grants`, `test`; or its `events`.
#[must_use]
pub fn camera_do(id: CameraId, what: &str) -> String {
    format!("{CAMERAS}/{id}/{what}")
}

#[must_use]
pub fn camera_site(id: YardSiteId) -> String {
    under(CAMERA_SITES, id)
}

/// The recording browser at an instant: `at` as RFC 3339 with its offset, `span` a word such as `1h`.
#[must_use]
pub fn recordings(cameras: &[&str], at: &str, span: &str) -> String {
    with_query(RECORDINGS, &[("cameras", &cameras.join(",")), ("at", at), ("span", span)])
}

/// The same as a form has it: `cameras` with commas between them, `at` as it was typed.
#[must_use]
pub fn recordings_of(cameras: &str, at: &str) -> String {
    with_query(RECORDINGS, &[("cameras", cameras), ("at", at)])
}

/// The film of one camera; `from` and `until` are Unix milliseconds.
#[must_use]
pub fn playlist(camera: CameraId) -> String {
    format!("{RECORDINGS}/{camera}/playlist.m3u8")
}

/// The picture nearest to an instant, as JSON.
#[must_use]
pub fn picture(camera: CameraId) -> String {
    format!("{RECORDINGS}/{camera}/picture.json")
}

/// The file of the segment that has the instant `started_at`.
#[must_use]
pub fn segment(camera: CameraId, started_at: i64) -> String {
    format!("{RECORDINGS}/{camera}/{started_at}.mp4")
}

#[must_use]
pub fn film_hold_release(id: FilmHoldId) -> String {
    format!("{FILM_HOLDS}/{id}/release")
}

#[must_use]
pub fn recorder(id: RecorderId) -> String {
    under(RECORDERS, id)
}

#[must_use]
pub fn recorder_events(id: RecorderId) -> String {
    format!("{RECORDERS}/{id}/events")
}

#[must_use]
pub fn recorder_revoke(id: RecorderId) -> String {
    format!("{RECORDERS}/{id}/revoke")
}

#[must_use]
pub fn clip(id: ClipId) -> String {
    under(CLIPS, id)
}

/// Something of a clip: `download`, `manifest.json`, `retry`, `erase`, `hold`, `events`, or the number of a file.
#[must_use]
pub fn clip_do(id: ClipId, what: &str) -> String {
    format!("{CLIPS}/{id}/{what}")
}

#[must_use]
pub fn dock(id: DockId) -> String {
    under(DOCKS, id)
}

/// Where and when a bill was loaded.
#[must_use]
pub fn bol_loading(id: BolId) -> String {
    format!("{BOLS}/{id}/loading")
}

/// A clip on a customer's page.
#[must_use]
pub fn link_clip(token: &str, clip: ClipId) -> String {
    format!("/d/{token}/clips/{clip}")
}

#[must_use]
pub fn alert_seen(id: AlertId) -> String {
    format!("{ALERTS}/{id}/seen")
}

#[must_use]
pub fn alert_target(id: AlertTargetId) -> String {
    under(ALERT_TARGETS, id)
}
