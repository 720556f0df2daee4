//! `/scim/v2/Users`

use axum::{
    extract::RawQuery,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gridkeep_identity::scim::{self, Refused, Shown, patched, question::Question, schema::Resource};
use serde_json::Value as Json;

use super::{
    Directory, Failure,
    answer::{listed, resource, unchanged},
    asked::{asked, shown},
    directory::{Message, Versions},
    noted::Wish,
};
use crate::extract::Path;

const fn wish<'a>(method: &'static str, subject: Option<&'a str>) -> Wish<'a> {
    Wish { method, target: "Users", subject }
}

impl Directory {
    async fn list_users(&self, question: Result<Question, Refused>) -> Result<Response, Failure> {
        let question = question?;
        if question.filter.as_ref().is_some_and(|filter| filter.asks_for("groups")) {
            return Err(Refused::Filter(
                "groups of users cannot be asked for; ask for groups by members".to_owned(),
            )
            .into());
        }
        let found = self.find_users(&question).await?;
        Ok(listed(found.total, question.skip, &self.shown_users(&found.page, &question.shown).await?))
    }

    async fn one_user(
        &self,
        status: StatusCode,
        user: &gridkeep_store::DirectoryUser,
        shown: &Shown,
    ) -> Result<Response, Failure> {
        let body = self.shown_users(std::slice::from_ref(user), shown).await?.pop().unwrap_or_default();
        Ok(resource(status, user.version, &body))
    }
}

/// People of the directory (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/Users", tag = "scim", operation_id = "users",
    params(("filter" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn list(directory: Directory, RawQuery(query): RawQuery) -> Response {
    let answer = directory.list_users(asked(Resource::User, query.as_deref())).await;
    directory.noted(wish("GET", None), answer).await
}

/// The same, asked for by a message (SCIM 2.0).
#[utoipa::path(post, path = "/scim/v2/Users/.search", tag = "scim", operation_id = "search_users",
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn search(directory: Directory, message: Result<Message, Failure>) -> Response {
    let answer = async {
        let Message(body) = message?;
        directory.list_users(Question::of_message(Resource::User, &body)).await
    };
    directory.noted(wish("GET", None), answer.await).await
}

/// Somebody new (SCIM 2.0). An account of their own is made for them, whatever accounts there are.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "scim", operation_id = "create_user",
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 201, body = Object, content_type = "application/scim+json")))]
pub(super) async fn create(
    directory: Directory,
    RawQuery(query): RawQuery,
    message: Result<Message, Failure>,
) -> Response {
    let mut subject = None;
    let answer = async {
        let Message(body) = message?;
        subject = body["userName"].as_str().map(ToOwned::to_owned);
        let shown = shown(Resource::User, query.as_deref())?;
        let user = directory.create_user(&scim::resource(Resource::User, &body)?).await?;
        directory.one_user(StatusCode::CREATED, &user, &shown).await
    };
    let answer = answer.await;
    directory.noted(wish("POST", subject.as_deref()), answer).await
}

/// Somebody (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/Users/{user}", tag = "scim", operation_id = "user", params(("user" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn read(
    directory: Directory,
    versions: Versions,
    RawQuery(query): RawQuery,
    Path(id): Path<String>,
) -> Response {
    let answer = async {
        let shown = shown(Resource::User, query.as_deref())?;
        let user = directory.user(&id).await?;
        if versions.has(user.version) {
            return Ok(unchanged(user.version));
        }
        directory.one_user(StatusCode::OK, &user, &shown).await
    };
    directory.noted(wish("GET", None), answer.await).await
}

/// All that is known of somebody, anew (SCIM 2.0).
#[utoipa::path(put, path = "/scim/v2/Users/{user}", tag = "scim", operation_id = "put_user", params(("user" = String, Path)),
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn put(
    directory: Directory,
    versions: Versions,
    RawQuery(query): RawQuery,
    Path(id): Path<String>,
    message: Result<Message, Failure>,
) -> Response {
    let mut subject = None;
    let answer = async {
        let Message(body) = message?;
        let shown = shown(Resource::User, query.as_deref())?;
        let before = directory.user(&id).await?;
        subject = directory.object(&before)?["userName"].as_str().map(ToOwned::to_owned);
        versions.check(before.version)?;
        let after = directory.change_user(&before, &scim::resource(Resource::User, &body)?).await?;
        directory.one_user(StatusCode::OK, &after, &shown).await
    };
    let answer = answer.await;
    directory.noted(wish("PUT", subject.as_deref()), answer).await
}

/// Part of what is known of somebody (SCIM 2.0).
#[utoipa::path(patch, path = "/scim/v2/Users/{user}", tag = "scim", operation_id = "patch_user", params(("user" = String, Path)),
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn patch(
    directory: Directory,
    versions: Versions,
    RawQuery(query): RawQuery,
    Path(id): Path<String>,
    message: Result<Message, Failure>,
) -> Response {
    let mut subject = None;
    let answer = async {
        let Message(body) = message?;
        let shown = shown(Resource::User, query.as_deref())?;
        let before = directory.user(&id).await?;
        versions.check(before.version)?;
        let mut own: scim::Object =
            serde_json::from_str(&before.content).map_err(crate::error::ApiError::internal)?;
        own.insert("active".to_owned(), before.active.into());
        subject = own.get("userName").and_then(Json::as_str).map(ToOwned::to_owned);
        let after = directory.change_user(&before, &patched(&own, &body)?).await?;
        directory.one_user(StatusCode::OK, &after, &shown).await
    };
    let answer = answer.await;
    directory.noted(wish("PATCH", subject.as_deref()), answer).await
}

/// Takes somebody out of the directory and the tenant (SCIM 2.0).
#[utoipa::path(delete, path = "/scim/v2/Users/{user}", tag = "scim", operation_id = "delete_user", params(("user" = String, Path)),
    responses((status = 204, description = "They are gone.")))]
pub(super) async fn remove(directory: Directory, versions: Versions, Path(id): Path<String>) -> Response {
    let mut subject = None;
    let answer = async {
        let user = directory.user(&id).await?;
        subject = directory.object(&user)?["userName"].as_str().map(ToOwned::to_owned);
        versions.check(user.version)?;
        directory.remove_user(&user, versions.is_said().then_some(user.version)).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    let answer: Result<Response, Failure> = answer.await;
    directory.noted(wish("DELETE", subject.as_deref()), answer).await
}
