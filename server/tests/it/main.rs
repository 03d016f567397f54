//! The house as a whole: the real router on a temporary database, a module a feature.

mod access;
mod addresses;
mod api;
mod audit;
mod bol_list;
mod bols;
mod customers;
mod demo;
mod health;
mod jobs;
mod links;
mod listen;
mod mail;
mod outage;
mod password_links;
mod people;
mod process;
mod reconcile;
mod render;
mod schema;
mod second_factor;
mod session;
mod sign_in;
mod storage;
mod support;
mod tokens;
