//! What happens behind the pages: the queue, a file per job, reconcilers, and the adapters behind the domain's ports.

pub mod capture;
mod capture_camera;
mod catch_up;
mod check_attachment;
mod check_storage;
pub mod clock;
mod cut_clip;
pub mod database;
pub mod doctor;
pub mod durable;
mod erase_object;
pub mod mail;
mod move_objects;
pub mod outpost;
mod pinned;
pub mod policies;
mod post_webhook;
pub mod queue;
pub mod reconcile;
mod render_bol;
mod replicate;
mod restore_object;
pub mod runtime;
mod send_email;
pub mod storage;
mod verify_audit;
pub mod webhook;
