//! `GET /api/apps/{app}/qr.svg`: the app's link to scan.

use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use qrcode::{EcLevel, QrCode, render::svg};

use super::{AppGrant, view::link};
use crate::{error::ApiError, site::Site};

/// The app's link as a QR code (ISO/IEC 18004), black on white whatever the theme: scanners want contrast.
#[utoipa::path(get, path = "/api/apps/{app}/qr.svg", tag = "distribution", params(("app" = String, Path)),
    responses((status = 200, body = str, content_type = "image/svg+xml")))]
pub(super) async fn qr(State(site): State<Site>, grant: AppGrant) -> Result<Response, ApiError> {
    let code = QrCode::with_error_correction_level(link(&site, grant.app.id), EcLevel::M)
        .map_err(ApiError::internal)?;
    let image = code.render::<svg::Color<'_>>().quiet_zone(true).min_dimensions(256, 256).build();
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "private, max-age=86400")];
    Ok((headers, image).into_response())
}
