//! Which requests change what matters for security, and the row that each leaves in the log.
//!
//! **Architecture Invariant:** every route that changes anything stands in the table below, or in that of a test as one that leaves
//! no row: the test holds both against the OpenAPI document. The row is added in the commit of the tenant's own database where the change
//! is there ([`crate::noted`]), and directly after it where it is in the control database.

use axum::{
    extract::{FromRef, FromRequestParts, MatchedPath, Request, State},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use super::Audit;
use crate::{
    error::ApiError,
    http::{Proxy, Visit},
    noted::within,
    session::{Logins, MaybePerson, Person},
    site::Site,
};

/// Routes that change what matters for security, and what their rows are called.
#[rustfmt::skip]
const KINDS: &[(&str, &str)] = &[
    ("PUT /api/account/pin", "config.pins.changed"),
    ("DELETE /api/account/pin", "config.pins.removed"),
    ("POST /api/account/passkeys", "config.factors.added"),
    ("POST /api/account/totp/confirmation", "config.factors.added"),
    ("DELETE /api/account/factors/{factor}", "config.factors.removed"),
    ("PUT /api/second-factor", "config.factors.changed"),
    ("POST /api/accounts/factors/reset", "config.factors.reset"),
    ("PATCH /api/people/{account}", "config.people.changed"),
    ("DELETE /api/people/{account}", "config.people.removed"),
    ("POST /api/groups", "config.groups.added"),
    ("PATCH /api/groups/{group}", "config.groups.changed"),
    ("DELETE /api/groups/{group}", "config.groups.removed"),
    ("PUT /api/groups/{group}/people/{account}", "config.groups.changed"),
    ("DELETE /api/groups/{group}/people/{account}", "config.groups.changed"),
    ("POST /api/invitations", "config.invitations.added"),
    ("POST /api/invitations/{invitation}/resend", "config.invitations.sent"),
    ("DELETE /api/invitations/{invitation}", "config.invitations.removed"),
    ("POST /api/invitations/jobs", "config.invitations.listed"),
    ("POST /api/invitations/jobs/{job}/stop", "config.invitations.stopped"),
    ("POST /api/invitations/jobs/{job}/resume", "config.invitations.resumed"),
    ("POST /api/invitation-links", "config.invitation_links.added"),
    ("DELETE /api/invitation-links/{link}", "config.invitation_links.removed"),
    ("POST /api/apps/{app}/invitations", "config.invitations.added"),
    ("POST /api/apps/{app}/invitations/jobs", "config.invitations.listed"),
    ("POST /api/apps/{app}/invitation-links", "config.invitation_links.added"),
    ("POST /api/providers", "config.providers.added"),
    ("PUT /api/providers/{provider}", "config.providers.changed"),
    ("DELETE /api/providers/{provider}", "config.providers.removed"),
    ("POST /api/company/saml", "config.providers.added"),
    ("PATCH /api/company/{provider}/saml", "config.providers.changed"),
    ("POST /api/domains", "config.domains.added"),
    ("PUT /api/domains/{domain}", "config.domains.changed"),
    ("DELETE /api/domains/{domain}", "config.domains.removed"),
    ("POST /api/domains/{domain}/check", "config.domains.checked"),
    ("POST /api/directory/tokens", "config.directory.token_added"),
    ("PUT /api/directory/tokens/{token}/maker", "config.directory.changed"),
    ("DELETE /api/directory/tokens/{token}", "config.directory.token_removed"),
    ("DELETE /api/company/removed/{person}", "config.people.added"),
    ("POST /scim/v2/Users", "config.directory.person_added"),
    ("PUT /scim/v2/Users/{user}", "config.directory.person_changed"),
    ("PATCH /scim/v2/Users/{user}", "config.directory.person_changed"),
    ("DELETE /scim/v2/Users/{user}", "config.directory.person_removed"),
    ("POST /scim/v2/Groups", "config.directory.group_added"),
    ("PUT /scim/v2/Groups/{group}", "config.directory.group_changed"),
    ("PATCH /scim/v2/Groups/{group}", "config.directory.group_changed"),
    ("DELETE /scim/v2/Groups/{group}", "config.directory.group_removed"),
    ("POST /api/creations/{token}/publish", "config.apps.published"),
    ("PATCH /api/apps/{app}", "config.apps.changed"),
    ("DELETE /api/apps/{app}", "config.apps.removed"),
    ("POST /api/apps/{app}/rollback", "config.apps.rolled_back"),
    ("PUT /api/apps/{app}/grants", "config.grants.changed"),
    ("DELETE /api/apps/{app}/grants", "config.grants.removed"),
    ("POST /api/apps/{app}/keys", "config.keys.added"),
    ("DELETE /api/apps/{app}/keys/{key}", "config.keys.removed"),
    ("POST /api/programs", "config.programs.added"),
    ("DELETE /api/programs/{program}", "config.programs.removed"),
    ("POST /api/tenants", "config.tenants.added"),
    ("PATCH /api/tenant", "config.tenants.changed"),
    ("DELETE /api/tenant", "config.tenants.ended"),
    ("PUT /api/checkpoints/gates/{gate}", "config.checkpoints.changed"),
    ("DELETE /api/checkpoints/gates/{gate}", "config.checkpoints.removed"),
    ("PUT /api/checkpoints/settings", "config.checkpoints.changed"),
    ("POST /api/handlers", "config.handlers.added"),
    ("PUT /api/handlers/{handler}", "config.handlers.changed"),
    ("DELETE /api/handlers/{handler}", "config.handlers.removed"),
];

/// Routes that leave a row, and what it is called.
pub fn kinds() -> &'static [(&'static str, &'static str)] {
    KINDS
}

/// What the row of a request is called, if it leaves one.
fn kind_of(method: &Method, path: &str) -> Option<&'static str> {
    let found = KINDS.iter().find(|(route, _)| {
        route.split_once(' ').is_some_and(|(verb, own)| verb == method.as_str() && own == path)
    });
    found.map(|(_, kind)| *kind)
}

/// The part of an address that stands for the last `{..}` of its route: what the change is about.
fn subject(route: &str, path: &str) -> Option<String> {
    let places = route.split('/').enumerate().filter(|(_, part)| part.starts_with('{'));
    let (place, _) = places.last()?;
    path.split('/').nth(place).map(|part| part.chars().take(200).collect())
}

/// The layer that notes what a request changes.
pub async fn noting<S>(State(state): State<S>, request: Request, next: Next) -> Response
where
    S: Clone + Send + Sync + 'static,
    Audit: FromRef<S>,
    Logins: FromRef<S>,
    Proxy: FromRef<S>,
    Site: FromRef<S>,
{
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let route = request.extensions().get::<MatchedPath>();
    let found = route.and_then(|route| Some((kind_of(request.method(), route.as_str())?, route.clone())));
    let Some((kind, route)) = found else { return next.run(request).await };
    let (mut parts, body) = request.into_parts();
    let about = subject(route.as_str(), parts.uri.path());
    let person: Option<Person> =
        MaybePerson::from_request_parts(&mut parts, &state).await.ok().and_then(|found| found.0);
    let Visit { address, agent } = Visit::of(&parts, Proxy::from_ref(&state));
    let request = Request::from_parts(parts, body);
    let audit = Audit::from_ref(&state);
    let mut entry = match &person {
        // What is somebody's own is in the logs of those whom they belong to: nobody else fills a log.
        Some(person) if person.role.is_none() && route.as_str().starts_with("/api/account/") => {
            return next.run(request).await;
        }
        Some(person) => audit.by(kind, person),
        // A company's directory, which shows a token of its own.
        None if route.as_str().starts_with("/scim/") => audit.entry(kind),
        // Whoever nobody knows changes nothing of these.
        None => return next.run(request).await,
    };
    if let Some(about) = about {
        entry = entry.about(about);
    }
    let whose = person.as_ref().map(|person| person.id);
    for (name, value) in [("ip", address.map(|address| address.to_string())), ("device", agent)] {
        if let Some(value) = value {
            entry = entry.personal(name, whose, value);
        }
    }
    let run = async move {
        let (response, left) = within(audit.noted(entry), next.run(request)).await;
        if let Some(left) = left.filter(|left| response.status().is_success() || left.done)
            && let Err(error) = audit.add_noted(left).await
        {
            tracing::error!(error.code = error.code(), audit.kind = kind, "a change could not be logged");
        }
        response
    };
    to_its_end(run).await
}

/// Goes on when nobody waits for the answer any more: whoever closes the connection avoids no row.
async fn to_its_end(run: impl Future<Output = Response> + Send + 'static) -> Response {
    match tokio::spawn(run.in_current_span()).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => ApiError::internal(error).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use futures::FutureExt;
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_closed_connection_ends_nothing() {
        let (go, may_go) = oneshot::channel::<()>();
        let (left, row) = oneshot::channel::<()>();
        let change = async move {
            may_go.await.unwrap();
            left.send(()).unwrap();
            StatusCode::NO_CONTENT.into_response()
        };
        assert!(to_its_end(change).now_or_never().is_none());
        go.send(()).unwrap();
        row.await.unwrap();
    }

    #[test]
    fn the_last_place_is_what_it_is_about() {
        let check = |route: &str, path: &str, expect: Option<&str>| {
            assert_eq!(subject(route, path).as_deref(), expect, "{path}");
        };
        check("/api/apps/{app}/keys/{key}", "/api/apps/1/keys/2", Some("2"));
        check("/api/apps/{app}/grants", "/api/apps/1/grants", Some("1"));
        check("/api/providers", "/api/providers", None);
    }
}
