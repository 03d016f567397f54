//! The yard's domain and its pages: a folder a feature. No axum, no S3, no RTSP.

pub mod bols;
pub mod ui;
pub mod users;
