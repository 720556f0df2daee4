//! What of a provider decides who rules over its tenant: whom it makes an administrator, and for whom it vouches as one.
//!
//! **Architecture Invariant:** nobody becomes their own second person by a provider of theirs: one that decides anew who rules comes to
//! the gate of gates, whatever else asks. What takes such a thing away does not, nor what has to do with nothing of it.

use gridkeep_store::{DirectoryToken, Provider, TenantRole};
use serde_json::{Value as Json, json};

use super::Settings;
use crate::{error::ApiError, gates::CONFIG};

/// The gate of gates and what it says, where a provider that is set like this decides anew who rules. One that is closed decides nothing
/// before it is opened; one that is new knows nobody but whom it makes something.
pub(crate) fn decides(
    before: Option<&Provider>,
    after: &Provider,
) -> Result<Vec<(String, String)>, ApiError> {
    if !after.enabled || after.most < TenantRole::Administrator {
        return Ok(Vec::new());
    }
    let own = Settings::of(after)?;
    let rulers = own.rules.rulers();
    let anew = match before {
        None => rulers.any(),
        Some(before) => {
            let was = Settings::of(before)?;
            let vouches_alike = before.enabled && before.most >= after.most && who(&was)? == who(&own)?;
            !vouches_alike || rulers.exceed(&was.rules.rulers())
        }
    };
    let words = rulers.words().unwrap_or_else(|| format!("≤ {}", after.most.word()));
    let issuer = own.oidc.map(|oidc| oidc.issuer).or_else(|| own.saml?.issuer());
    let about = format!("{} ({}): {words}", after.name, issuer.unwrap_or_default());
    Ok(anew.then(|| (CONFIG.to_owned(), about)).into_iter().collect())
}

/// The same for a token by which a directory makes what its provider's rules say of people, from now on up to this.
pub(crate) fn directs(
    (provider, token): (&Provider, &str),
    (before, most): (Option<&DirectoryToken>, TenantRole),
) -> Result<Vec<(String, String)>, ApiError> {
    let worth = most.min(provider.most);
    let more = before.and_then(DirectoryToken::worth) < Some(most);
    if worth < TenantRole::Administrator || !more {
        return Ok(Vec::new());
    }
    let words = Settings::of(provider)?.rules.rulers().words();
    let about = words.map(|words| (CONFIG.to_owned(), format!("{token} ({}): {words}", provider.name)));
    Ok(about.into_iter().collect())
}

/// What says for whom a provider vouches, and as whom.
fn who(settings: &Settings) -> Result<Json, ApiError> {
    let Settings { rules, oidc, saml } = settings;
    let mut saml = serde_json::to_value(saml).map_err(ApiError::internal)?;
    if let Some(saml) = saml.as_object_mut() {
        // Whether we sign what we ask says nothing of the answer.
        saml.remove("signs");
    }
    Ok(json!({"oidc": oidc, "saml": saml, "rules": rules.known_by()}))
}
