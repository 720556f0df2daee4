//! The one executable: portal, apps and their API.
//!
//! **Architecture Invariant:** a feature is a room (`session`, `creation`, `distribution`, `rows`, `executor`, `tenancy`) that
//! names what it needs by extractors and never imports [`router`] or [`state`]; rooms form no circle. Rows change only in
//! `executor` and are read only through `model::Query`.

pub mod accounts;
mod agent;
pub mod api_keys;
pub mod audit;
pub mod audit_command;
mod by_command;
pub mod calibrate;
pub mod chance;
pub mod checkpoint;
pub mod checkpoints_command;
pub mod company;
pub mod config;
pub mod creation;
mod current;
pub mod defence;
pub mod distribution;
pub mod doctor;
pub mod door;
pub mod error;
pub mod executor;
pub mod extract;
pub mod factors;
mod fair;
pub mod files;
pub mod gates;
pub mod health;
pub mod house;
pub mod http;
pub mod import;
mod imports;
pub mod invitations;
pub mod invited;
pub mod language;
pub mod mail;
pub mod noted;
pub mod notification;
pub mod noun;
pub mod odata;
pub mod openapi;
pub mod people;
mod places;
pub mod print;
pub mod programs;
mod recent;
pub mod records;
pub mod router;
pub mod rows;
pub mod scim;
pub mod secret;
pub mod serve;
pub mod session;
pub mod site;
pub mod start;
pub mod state;
pub mod tenancy;
pub mod tenant_name;
pub mod tenants;
pub mod tenants_command;
