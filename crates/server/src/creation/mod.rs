//! The way from a file to an app's proposal: upload, analysis, preview. No sign-in needed where whoever makes an
//! account may make apps.
//!
//! **Architecture Invariant:** nothing here is stored; publishing (`distribution`) takes an upload from here.

mod analyst;
mod browser;
mod create;
mod creator;
mod read;
mod remove;
mod samples;
mod uploads;
mod view;
mod words;
mod workbook;

use axum::extract::FromRef;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use analyst::{Analysed, Analyst, engine_error};
pub use browser::Browser;
pub use create::{FileName, answer};
pub use creator::{Creator, may_create};
pub use uploads::{Upload, UploadLimits, Uploads};
pub use view::Creation;
pub use words::unreadable;

use crate::{
    chance::Chance,
    extract::limited,
    session::{Logins, SignUp},
    site::Site,
    tenancy::Tenancy,
};

/// The endpoints of this room.
pub fn routes<S>(limits: &UploadLimits) -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Uploads: FromRef<S>,
    Analyst: FromRef<S>,
    Chance: FromRef<S>,
    Logins: FromRef<S>,
    SignUp: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(samples::samples))
        .routes(limited(routes!(create::create), limits.file_bytes))
        .routes(routes!(read::read, remove::remove))
        .routes(routes!(workbook::workbook))
}
