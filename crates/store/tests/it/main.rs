//! The store's promises, each kept on both databases.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api_key;
mod audit;
mod company;
mod control;
mod crash;
mod defence;
mod factor;
mod feed;
mod file;
mod fresh;
mod handler;
mod invitation;
mod journey;
mod log;
mod mail;
mod marks;
mod migration;
mod pending;
mod people;
mod program;
mod provers;
mod query;
mod schema;
mod waiting;
mod work;
mod world;
