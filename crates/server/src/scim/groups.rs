//! `/scim/v2/Groups`

use axum::{
    extract::RawQuery,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gridkeep_identity::scim::{
    Refused, Shown,
    group::{Group, Step, steps},
    question::Question,
    schema::Resource,
};
use gridkeep_store::DirectoryGroup;

use super::{
    Directory, Failure,
    answer::{listed, resource, unchanged},
    asked::{asked, shown},
    directory::{Message, Versions},
    noted::Wish,
};
use crate::extract::Path;

const fn wish<'a>(method: &'static str, subject: Option<&'a str>) -> Wish<'a> {
    Wish { method, target: "Groups", subject }
}

impl Directory {
    async fn list_groups(&self, question: Result<Question, Refused>) -> Result<Response, Failure> {
        let question = question?;
        let (total, page) = self.find_groups(&question).await?;
        Ok(listed(total, question.skip, &self.shown_groups(&page, &question.shown).await?))
    }

    async fn one_group(
        &self,
        status: StatusCode,
        group: &DirectoryGroup,
        shown: &Shown,
    ) -> Result<Response, Failure> {
        let body = self.shown_groups(std::slice::from_ref(group), shown).await?.pop().unwrap_or_default();
        Ok(resource(status, group.version, &body))
    }
}

/// Groups of the directory (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/Groups", tag = "scim", operation_id = "groups",
    params(("filter" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("attributes" = Option<String>, Query), ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn list(directory: Directory, RawQuery(query): RawQuery) -> Response {
    let answer = directory.list_groups(asked(Resource::Group, query.as_deref())).await;
    directory.noted(wish("GET", None), answer).await
}

/// The same, asked for by a message (SCIM 2.0).
#[utoipa::path(post, path = "/scim/v2/Groups/.search", tag = "scim", operation_id = "search_groups",
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn search(directory: Directory, message: Result<Message, Failure>) -> Response {
    let answer = async {
        let Message(body) = message?;
        directory.list_groups(Question::of_message(Resource::Group, &body)).await
    };
    directory.noted(wish("GET", None), answer.await).await
}

/// A new group (SCIM 2.0). A group of people's keeps its name: this one needs another.
#[utoipa::path(post, path = "/scim/v2/Groups", tag = "scim", operation_id = "create_group",
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
        subject = body["displayName"].as_str().map(ToOwned::to_owned);
        let shown = shown(Resource::Group, query.as_deref())?;
        let group = directory.create_group(Group::read(&body)?).await?;
        directory.one_group(StatusCode::CREATED, &group, &shown).await
    };
    let answer = answer.await;
    directory.noted(wish("POST", subject.as_deref()), answer).await
}

/// A group (SCIM 2.0).
#[utoipa::path(get, path = "/scim/v2/Groups/{group}", tag = "scim", operation_id = "group", params(("group" = String, Path)),
    responses((status = 200, body = Object, content_type = "application/scim+json")))]
pub(super) async fn read(
    directory: Directory,
    versions: Versions,
    RawQuery(query): RawQuery,
    Path(id): Path<String>,
) -> Response {
    let answer = async {
        let shown = shown(Resource::Group, query.as_deref())?;
        let group = directory.group(&id).await?;
        if versions.has(group.version) {
            return Ok(unchanged(group.version));
        }
        directory.one_group(StatusCode::OK, &group, &shown).await
    };
    directory.noted(wish("GET", None), answer.await).await
}

/// All that is known of a group, anew (SCIM 2.0).
#[utoipa::path(put, path = "/scim/v2/Groups/{group}", tag = "scim", operation_id = "put_group", params(("group" = String, Path)),
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
        let shown = shown(Resource::Group, query.as_deref())?;
        let before = directory.group(&id).await?;
        subject = Some(before.name.clone());
        versions.check(before.version)?;
        let Group { name, external, members } = Group::read(&body)?;
        let all =
            vec![Step::Name(name), Step::External(external), Step::Members(members.unwrap_or_default())];
        let after = directory.change_group(&before, all).await?;
        directory.one_group(StatusCode::OK, &after, &shown).await
    };
    let answer = answer.await;
    directory.noted(wish("PUT", subject.as_deref()), answer).await
}

/// Part of what is known of a group (SCIM 2.0). Answered without the group, unless attributes are asked for: it may be large.
#[utoipa::path(patch, path = "/scim/v2/Groups/{group}", tag = "scim", operation_id = "patch_group", params(("group" = String, Path)),
    request_body(content = Object, content_type = "application/scim+json"),
    responses((status = 200, body = Object, content_type = "application/scim+json"), (status = 204, description = "It is so now.")))]
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
        let shown = shown(Resource::Group, query.as_deref())?;
        let before = directory.group(&id).await?;
        subject = Some(before.name.clone());
        versions.check(before.version)?;
        let after = directory.change_group(&before, steps(&body)?).await?;
        if query.as_deref().is_none_or(|query| !query.to_ascii_lowercase().contains("attributes=")) {
            let mut response = unchanged(after.version);
            *response.status_mut() = StatusCode::NO_CONTENT;
            return Ok(response);
        }
        directory.one_group(StatusCode::OK, &after, &shown).await
    };
    let answer = answer.await;
    directory.noted(wish("PATCH", subject.as_deref()), answer).await
}

/// Ends a group, with what was granted to it (SCIM 2.0).
#[utoipa::path(delete, path = "/scim/v2/Groups/{group}", tag = "scim", operation_id = "delete_group", params(("group" = String, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(super) async fn remove(directory: Directory, versions: Versions, Path(id): Path<String>) -> Response {
    let mut subject = None;
    let answer = async {
        let group = directory.group(&id).await?;
        subject = Some(group.name.clone());
        versions.check(group.version)?;
        directory.remove_group(&group).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    let answer: Result<Response, Failure> = answer.await;
    directory.noted(wish("DELETE", subject.as_deref()), answer).await
}
