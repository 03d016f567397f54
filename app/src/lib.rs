//! The yard's domain and its pages: a folder a feature. No axum, no S3, no RTSP.

pub mod anywhere;
pub mod archive;
pub mod attachments;
pub mod audit;
pub mod bols;
pub mod customers;
pub mod database;
pub mod doctor;
pub mod error;
pub mod form;
mod gatehouse;
pub mod idempotency;
pub mod ids;
pub mod job;
pub mod jobs;
pub mod links;
pub mod mail;
pub mod moves;
pub mod objects;
pub mod paging;
pub mod ports;
pub mod secrets;
pub mod storage;
pub mod today;
pub mod together;
pub mod ui;
pub mod urls;
pub mod users;
pub mod words;
pub mod yard;

pub use error::{AppError, FormErrors, Result};
pub use gatehouse::{App, WriteTxn};
