//! The binary `gatehouse`: command line, configuration, HTTP routes, sign-in, API.

pub mod api;
pub mod auth;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod fresh;
pub mod health;
pub mod http;
pub mod metrics;
pub mod start;
pub mod trace;
