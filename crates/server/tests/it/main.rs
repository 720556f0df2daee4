//! The server as its users meet it: over HTTP, in this process with a clock and chance the tests own, or in one of its own
//! where it is to be killed.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what is wrong")]

mod accounts;
mod api_keys;
mod assets;
mod audit;
mod checkpoints;
mod company;
mod concurrency;
mod contents;
mod crash;
mod cut_off;
mod defence;
mod doctor;
mod errors;
mod factors;
mod files;
mod grants;
mod handlers;
mod import;
mod imports;
mod invitations;
mod journey;
mod kit;
mod mails;
mod names;
mod odata;
mod openapi;
mod people;
mod program;
mod programs;
mod rights;
mod roles;
mod runnable;
mod scim;
mod session;
mod sessions;
mod small;
mod tampered;
mod tenants;
mod uploads;
mod walk;
mod withdrawn;
mod withheld;
