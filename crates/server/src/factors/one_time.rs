//! `POST /api/account/totp`: begins to set up an authenticator app; `.../confirmation` ends it with a code of the app.

use axum::extract::State;
use gridkeep_identity::one_time::OneTime;
use gridkeep_model::FactorId;
use gridkeep_store::{FactorKind, MailPurpose};
use jiff::SignedDuration;
use qrcode::{EcLevel, QrCode, render::svg};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Factors, Fresh, name, told::tell, view::SecurityView};
use crate::{
    defence::{Throttle, Visitor},
    error::ApiError,
    extract::Json,
    language::Language,
    mail::Post,
    session::ONE_TIME,
    site::Site,
};

/// How long setting up may take.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// What an authenticator app is given.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewOneTime {
    #[schema(value_type = String, format = Uuid)]
    id: FactorId,
    /// To be typed: base32.
    secret: String,
    /// To be opened on a phone: `otpauth:`.
    address: String,
    /// To be scanned: the same as a picture (SVG).
    picture: String,
}

/// Begins to set up an authenticator app. It counts once a code of it was right.
#[utoipa::path(post, path = "/api/account/totp", tag = "factors", operation_id = "beginTotp",
    responses((status = 200, body = NewOneTime)))]
pub(super) async fn begin(
    State(factors): State<Factors>,
    State(site): State<Site>,
    Fresh(own): Fresh,
) -> Result<Json<NewOneTime>, ApiError> {
    let account = own.person.id;
    factors.make_room(account).await?;
    let secret = factors.chance().with(OneTime::generate);
    let factor = factors.make(account, FactorKind::OneTime, String::new(), secret.expose())?;
    let id = factor.id;
    factors.control().propose_factor(factor).await?;
    let issuer = format!("Gridkeep ({})", site.host());
    let address = secret.address(&issuer, own.person.email.as_str());
    let code = QrCode::with_error_correction_level(address.expose_secret(), EcLevel::M)
        .map_err(ApiError::internal)?;
    let picture = code.render::<svg::Color<'_>>().quiet_zone(true).min_dimensions(256, 256).build();
    Ok(Json(NewOneTime {
        id,
        secret: secret.words().expose_secret().to_owned(),
        address: address.expose_secret().to_owned(),
        picture,
    }))
}

/// A code of the app that was set up, and what to call it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    #[schema(value_type = String, format = Uuid)]
    id: FactorId,
    code: String,
    /// 1 to 60 characters.
    name: String,
}

/// Ends setting up an authenticator app with the first code it shows. That code signs nobody in any more.
#[utoipa::path(post, path = "/api/account/totp/confirmation", tag = "factors", operation_id = "confirmTotp",
    request_body = Confirmation, responses((status = 200, body = SecurityView)))]
pub(super) async fn confirm(
    State(factors): State<Factors>,
    State(throttle): State<Throttle>,
    State(post): State<Post>,
    visitor: Visitor,
    language: Language,
    Fresh(own): Fresh,
    Json(request): Json<Confirmation>,
) -> Result<Json<SecurityView>, ApiError> {
    let account = own.person.id;
    let name = name::checked(&request.name)?;
    let now = factors.time().now();
    let all = factors.control().factors(account).await?;
    let waiting = all.iter().find(|own| own.id == request.id && !own.proven);
    let waiting = waiting.filter(|own| now.duration_since(own.created) < LIFETIME);
    let secret = waiting.and_then(|factor| factors.one_time(factor)).ok_or(ApiError::NotFound)?;
    let attempt = throttle.attempt("totp", &request.id.to_string(), &visitor).await?;
    let step = secret.check(&request.code, now, None).ok_or(ApiError::WrongProof)?;
    attempt.succeeded().await?;
    if !factors.control().prove_factor((account, request.id), &name, step.0, now).await? {
        return Err(ApiError::NotFound);
    }
    factors.control().strengthen_session(own.session.id, ONE_TIME, None).await?;
    tell(&post, &own.person, MailPurpose::FactorAdded, language).await?;
    Ok(Json(SecurityView::of(&factors, &own).await?))
}
