//! `POST /api/accounts/invitation`: what an invitation is to, for whoever has its link.

use axum::extract::State;
use gridkeep_model::AppId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    extract::Json,
    secret::Token,
    session::{Anybody, Logins},
    tenancy::Tenancy,
};

/// The link's token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[schema(value_type = String)]
    token: SecretString,
}

/// What an invitation is to.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invitation {
    /// The address it went to.
    email: String,
    #[schema(value_type = String, format = Uuid)]
    app: AppId,
    /// The app's name.
    name: String,
    /// The address has an account: sign in with it. Told to nobody but who reads its mails.
    known: bool,
    /// Whoever is signed in has this address.
    own: bool,
}

/// What an invitation is to. Reading it uses nothing up; where whoever is signed in claims the address, it proves it.
#[utoipa::path(post, path = "/api/accounts/invitation", tag = "accounts", request_body = Asked,
    responses((status = 200, body = Invitation)))]
pub(super) async fn read(
    State(logins): State<Logins>,
    State(tenancy): State<Tenancy>,
    Anybody { person, .. }: Anybody,
    Json(request): Json<Asked>,
) -> Result<Json<Invitation>, ApiError> {
    let token = Token::secret(&request.token).ok_or(ApiError::LinkOver)?;
    let link = logins.invitation(&token).await?.ok_or(ApiError::LinkOver)?;
    let (_, app) = link.app.filter(|(to, _)| *to == tenancy.id()).ok_or(ApiError::LinkOver)?;
    let address = link.address.clone();
    let found = tenancy
        .read(move |reader| {
            let named = reader.is_named(app, &address)?;
            Ok(reader.app(app)?.filter(|_| named))
        })
        .await?;
    // Taken back, or the app is gone.
    let found = found.ok_or(ApiError::LinkOver)?;
    let own = person.filter(|person| person.email.as_str() == link.address);
    if let Some(person) = own.as_ref().filter(|person| !person.confirmed) {
        logins.prove_invited(person, &token).await?;
    }
    let known = own.is_some() || logins.is_known(&link.address).await?;
    Ok(Json(Invitation { email: link.address, app, name: found.current.name, known, own: own.is_some() }))
}
