//! Several requests in one, in both formats (OData-Protocol 4.01, section 11.7).
//!
//! **Architecture Invariant:** an atomicity group is one transaction of the executor. A part goes the way a request of its
//! own goes, in the name of the same caller.

use std::collections::HashSet;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{CONTENT_TYPE, ETAG, LOCATION},
};
use gridkeep_model::Operation;
use gridkeep_odata::{
    Error, ErrorKind,
    batch::{AnswerWriter, Event, Limits, Part, Reader, References, Root},
    bind::{EntityPart, Target, target},
    header::{ETag, Offer, Preference, Preferences, RequestBody, Version},
    project::SetSource,
    syntax::ast,
};

use super::{
    answer::{Answer, ODATA_VERSION},
    asked::Asked,
    deep::{Before, Planned},
    dispatch::{Service, Understood},
    follow::Followed,
    operations::Answered,
    refusal::Refusal,
    row_key::place_of_new,
    sent::Sent,
    write::{Pending, version_after},
};
use crate::{
    error::ApiError,
    executor::{Guard, Written},
    secret::hex,
};

/// Bytes that are reserved for the answers at most, before there are any.
const MOST_ROOM: usize = 1 << 20;
/// What a batch may be let in by.
const CREDENTIALS: [&str; 2] = ["authorization", "x-api-key"];

/// What a batch has come to.
struct Run<'a> {
    service: &'a Service,
    batch: &'a Asked,
    root: Root,
    references: References,
    /// Ids of requests and groups that failed.
    failed: HashSet<String>,
    writer: AnswerWriter,
    multipart: bool,
    /// After the first failure nothing more is done.
    stopped: bool,
    go_on: bool,
}

impl Service {
    /// Answers a batch.
    pub(super) async fn batch(&self, request: Understood<'_>) -> Result<Answer, Refusal> {
        let asked = request.asked;
        let content_type = asked.header("content-type").unwrap_or_default();
        let reader = Reader::of(content_type, Limits::default())?;
        let multipart = matches!(RequestBody::parse(content_type)?, RequestBody::Multipart { .. });
        let preferences = asked.preferences()?;
        acceptable(asked, &preferences, multipart)?;
        let _turn = self.services.turns.take(asked.body.len()).await;
        let events = reader.all(&asked.body)?;
        let writer = if multipart {
            AnswerWriter::multipart(format!("batch_{}", hex(&self.chance.bytes::<16>())))
        } else {
            AnswerWriter::json()
        };
        // Room for what an answer usually takes, so that a long batch is not moved again and again.
        let writer = writer.with_room((512 * events.len()).min(MOST_ROOM));
        let mut run = Run {
            service: self,
            batch: asked,
            root: self.place(),
            references: References::default(),
            failed: HashSet::new(),
            writer,
            multipart,
            stopped: false,
            go_on: preferences.continue_on_error().unwrap_or(false),
        };
        let mut group: Option<Vec<Part>> = None;
        for event in events {
            if run.stopped && multipart {
                break;
            }
            match event {
                Event::Begin(_) => group = Some(Vec::new()),
                Event::Part(part) => match &mut group {
                    Some(parts) => parts.push(*part),
                    None => run.single(*part).await,
                },
                Event::End(id) => run.group(&id, group.take().unwrap_or_default()).await,
            }
        }
        let content_type = run.writer.content_type();
        let answer = Answer::new(StatusCode::OK, &content_type, run.writer.finish(None));
        let applied = preferences.applied(|preference| {
            matches!(preference, Preference::ContinueOnError(_)).then(|| preference.clone())
        });
        Ok(match applied {
            Some(applied) => answer.with(HeaderName::from_static("preference-applied"), &applied),
            None => answer,
        })
    }

    /// Where the service is, as requests of a batch may name it.
    pub(super) fn place(&self) -> Root {
        let after = self.root.split_once("://").map_or(self.root.as_str(), |(_, rest)| rest);
        match after.split_once('/') {
            Some((authority, path)) => {
                Root { authority: Some(authority.to_owned()), path: format!("/{path}") }
            }
            None => Root { authority: None, path: "/".to_owned() },
        }
    }
}

impl Run<'_> {
    /// A request that stands alone.
    async fn single(&mut self, part: Part) {
        let answered = match self.blocked(&part) {
            Some(refusal) => Err(refusal),
            None => self.answered(&part).await,
        };
        let answer = self.settle(&part, answered);
        self.write(&part, &answer);
        self.stopped |= !(answer.status.is_success() || self.go_on);
    }

    /// Why a request is not even tried.
    fn blocked(&self, part: &Part) -> Option<Refusal> {
        let failed = part.depends_on.iter().any(|id| self.failed.contains(id));
        (failed || self.stopped).then_some(Refusal::Dependency)
    }

    async fn answered(&self, part: &Part) -> Result<Answer, Refusal> {
        let asked = self.asked(part)?;
        if asked.path().eq_ignore_ascii_case("$batch") {
            return Err(
                Error::new(ErrorKind::Malformed, "NESTED_BATCH", "a batch cannot hold a batch").into()
            );
        }
        Box::pin(self.service.answer(&asked)).await?.whole().await
    }

    /// The request of a part, its references replaced.
    fn asked(&self, part: &Part) -> Result<Asked, Error> {
        if part.condition.is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "UNSUPPORTED_IF", "`if` is not offered here"));
        }
        let url = self.references.url(&part.url)?;
        let url = self.root.relative(&url, part.headers.get("host"))?.trim_start_matches('/').to_owned();
        let mut headers = HeaderMap::new();
        for (name, value) in part.headers.iter() {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            {
                headers.append(name, value);
            }
        }
        // A body that is JSON itself needs no word on what it is (OData-JSON 4.01, section 19.1).
        if !self.multipart && !part.body.is_empty() {
            headers.entry("content-type").or_insert(HeaderValue::from_static("application/json"));
        }
        // Requests act for whoever sent the batch. OpenUI5 repeats its credentials in each of them; others would be ignored.
        for name in CREDENTIALS {
            if headers.remove(name).is_some_and(|own| self.batch.headers.get(name) != Some(&own)) {
                let message = format!("a request in a batch must not have a header {name} of its own");
                return Err(Error::new(ErrorKind::Malformed, "BAD_HEADER", message));
            }
        }
        // What the batch says of versions and languages holds for its requests.
        for name in ["odata-maxversion", "odata-version", "accept-language"] {
            if let (None, Some(value)) = (headers.get(name), self.batch.headers.get(name)) {
                headers.insert(HeaderName::from_static(name), value.clone());
            }
        }
        let method = Method::from_bytes(part.method.name().as_bytes()).unwrap_or(Method::GET);
        if let Some(condition) = headers.get("if-match").and_then(|value| value.to_str().ok()) {
            use gridkeep_odata::header::Condition;
            let condition = self.references.condition(Condition::parse(condition, "If-Match")?)?;
            if let Condition::Tags(tags) = condition {
                let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
                if let Ok(value) = HeaderValue::from_str(&tags.join(",")) {
                    headers.insert("if-match", value);
                }
            }
        }
        let body = part.body.clone().into();
        Ok(Asked { method, url, headers, body, sent: Sent::default(), within: true })
    }

    /// The requests of an atomicity group: all of them take effect, or none.
    async fn group(&mut self, id: &str, parts: Vec<Part>) {
        let blocked = parts.iter().any(|part| self.blocked(part).is_some());
        let answered = if blocked { Err((0, Refusal::Dependency)) } else { self.together(&parts).await };
        match answered {
            Ok(answers) => {
                self.writer.begin_group();
                for (part, answer) in parts.iter().zip(answers) {
                    let answer = self.settle(part, Ok(answer));
                    self.write(part, &answer);
                }
                self.writer.end_group();
            }
            Err((index, refusal)) => {
                self.failed.insert(id.to_owned());
                self.stopped |= !self.go_on;
                let mut refusal = Some(refusal);
                for (place, part) in parts.iter().enumerate() {
                    let own = if place == index { refusal.take() } else { None };
                    // One answer speaks for a whole change set; in JSON each request has its own.
                    if own.is_some() || !self.multipart {
                        let answer = self.settle(part, Err(own.unwrap_or(Refusal::Dependency)));
                        self.write(part, &answer);
                    }
                    self.failed.extend(part.id.clone());
                }
            }
        }
    }

    /// Runs a group's requests: the answer to each, or which one failed and why.
    async fn together(&mut self, parts: &[Part]) -> Result<Vec<Answer>, (usize, Refusal)> {
        let mut asked = Vec::with_capacity(parts.len());
        let mut operations = Vec::with_capacity(parts.len());
        let mut guards: Vec<Guard> = Vec::new();
        let mut pending = Pending::new();
        for (index, part) in parts.iter().enumerate() {
            let failed = |refusal: Refusal| (index, refusal);
            let request = self.asked(part).map_err(|error| failed(error.into()))?;
            let (parsed, request) = self.parsed(request).map_err(failed)?;
            let (mut planned, acted) = if let Some((planned, answer)) =
                self.acting(&request, &parsed, &operations).await.map_err(failed)?
            {
                (planned, Some(answer))
            } else {
                let planned = self.planned(&request, &parsed, &operations, &pending).await;
                (planned.map_err(failed)?, None)
            };
            // Later requests of the group may refer to what this one makes.
            if let (Some(id), Some(operation)) = (&part.id, planned.main()) {
                let made = place_of_new(self.set_of(operation), operation);
                let location = made.or_else(|| self.references.url(&part.url).ok().map(|url| plain(&url)));
                self.references.keep(id.clone(), location, None);
            }
            for operation in planned.operations.iter().filter(|one| one.table().is_some()) {
                pending.extend(operation.row().map(|row| (row, version_after(operation))));
            }
            if !planned.operations.is_empty() {
                let first = operations.len();
                guards.extend(planned.guards.drain(..).map(|guard| Guard { operation: first, ..guard }));
            }
            operations.append(&mut planned.operations);
            asked.push((request, parsed, planned, acted, operations.len()));
        }
        if operations.is_empty() && asked.iter().all(|(_, _, _, acted, _)| acted.is_none()) {
            return Ok(asked.iter().map(|_| super::handler::nothing()).collect());
        }
        // What refusals are told by; none for a call.
        let sets: Vec<Option<&SetSource>> = operations
            .iter()
            .map(|operation| operation.table().is_some().then(|| self.set_of(operation)))
            .collect();
        let rows =
            match self.service.apply_guarded(operations, guards).await.map_err(|refusal| (0, refusal))? {
                Ok(rows) => rows,
                Err(problems) => {
                    let place = problems.first().map_or(0, |problem| problem.operation);
                    let problems =
                        problems.into_iter().filter(|problem| problem.operation == place).collect();
                    let refusal = match sets.get(place).copied().flatten() {
                        Some(set) => Refusal::problems(problems, set),
                        None => self.service.refused(problems),
                    };
                    let owner = asked.iter().position(|(_, _, _, _, end)| place < *end);
                    return Err((owner.unwrap_or(0), refusal));
                }
            };
        let mut answers = Vec::with_capacity(asked.len());
        let mut rows = &rows[..];
        for (index, (request, parsed, planned, acted, end)) in asked.into_iter().enumerate() {
            let now = self.service.now();
            let understood = Understood { asked: &request, options: &parsed.options, now };
            // They come in the order of their operations.
            let (own, others) = rows.split_at(rows.partition_point(|row| row.operation < end));
            rows = others;
            let answer = match acted {
                Some(answer) => self.acted(understood, &parsed, answer, own).await,
                None => self.service.carried_out(understood, &planned, own).await,
            };
            answers.push(answer.map_err(|refusal| (index, refusal))?);
        }
        Ok(answers)
    }

    /// A request of a group, which only changes.
    fn parsed(&self, request: Asked) -> Result<(ast::Request, Asked), Refusal> {
        request.obeyed()?;
        if !matches!(request.method, Method::POST | Method::PATCH | Method::PUT | Method::DELETE) {
            return Err(ApiError::MethodNotAllowed.into());
        }
        let (parsed, plain) = self.service.resolved(&request)?;
        Ok((parsed, plain.unwrap_or(request)))
    }

    /// What an action of a group comes to; `None` when the request is none.
    async fn acting(
        &self,
        request: &Asked,
        parsed: &ast::Request,
        before: &[Operation],
    ) -> Result<Option<(Planned, Option<Answered>)>, Refusal> {
        let now = self.service.now();
        let understood = Understood { asked: request, options: &parsed.options, now };
        let Target::Operation(call) = target(parsed, &self.service.projection, now)? else {
            return Ok(None);
        };
        if !call.is_action() {
            return Err(ApiError::MethodNotAllowed.into());
        }
        let acting = Box::pin(self.service.acting(understood, &call, before)).await?;
        Ok(Some((Planned::silent(acting.operations), acting.answer)))
    }

    /// The answer to an action of a group that took effect.
    async fn acted(
        &self,
        request: Understood<'_>,
        parsed: &ast::Request,
        answer: Option<Answered>,
        rows: &[Written],
    ) -> Result<Answer, Refusal> {
        match target(parsed, &self.service.projection, request.now)? {
            Target::Operation(call) => {
                Box::pin(self.service.acted_in_group(request, &call, answer, rows)).await
            }
            _ => Err(ApiError::internal("an action that is none").into()),
        }
    }

    /// What a request of a group comes to, behind those before it.
    async fn planned(
        &self,
        request: &Asked,
        parsed: &ast::Request,
        operations: &[Operation],
        pending: &Pending,
    ) -> Result<Planned, Refusal> {
        let now = self.service.now();
        let understood = Understood { asked: request, options: &parsed.options, now };
        let found = target(parsed, &self.service.projection, now)?;
        let before = Before { operations, references: Some(&self.references) };
        let (found, origin) = match self.service.followed_behind(found, operations).await? {
            Followed::There(found, origin) => (Some(found), origin),
            Followed::Nowhere(_, EntityPart::Whole) => return Err(ApiError::NotFound.into()),
            Followed::Nowhere(origin, _) => (None, Some(origin)),
        };
        if let Some(origin) = &origin
            && let Some(planned) =
                self.service.planned_links(understood, found.as_ref(), origin, before).await?
        {
            return Ok(planned);
        }
        let found = found.ok_or(ApiError::NotFound)?;
        if let Some(planned) = self.service.planned(understood, &found, origin.as_ref(), before).await? {
            return Ok(planned);
        }
        let prepared = self.service.prepare(understood, &found, pending).await?;
        Ok(Planned::plain(prepared.operation, prepared.set, &parsed.options))
    }

    fn set_of(&self, operation: &Operation) -> &SetSource {
        let sets = &self.service.projection.sets;
        sets.iter().find(|set| Some(set.table.as_str()) == operation.table()).unwrap_or(&sets[0])
    }

    /// The answer of a request, remembered for those that refer to it.
    fn settle(&mut self, part: &Part, answered: Result<Answer, Refusal>) -> Answer {
        let answer = answered.unwrap_or_else(|refusal| {
            refusal.log();
            refusal.answer(self.service.language)
        });
        let Some(id) = &part.id else { return answer };
        if answer.status.is_success() {
            let text = |name: &HeaderName| answer.headers.get(name).and_then(|value| value.to_str().ok());
            let made = text(&LOCATION).map(ToOwned::to_owned);
            let location = made.or_else(|| self.references.url(&part.url).ok().map(|url| plain(&url)));
            let etag = text(&ETAG).and_then(|etag| ETag::parse(etag).ok());
            self.references.keep(id.clone(), location, etag);
        } else {
            self.failed.insert(id.clone());
        }
        answer
    }

    fn write(&mut self, part: &Part, answer: &Answer) {
        let version = Asked::version(self.batch).unwrap_or_default();
        let mut headers: Vec<(&str, &str)> = Vec::with_capacity(answer.headers.len() + 1);
        if !answer.headers.contains_key(ODATA_VERSION) {
            headers.push(("odata-version", version.name()));
        }
        headers.extend(
            answer.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))),
        );
        debug_assert!(answer.body.is_empty() || answer.headers.contains_key(CONTENT_TYPE));
        let head = gridkeep_odata::batch::Answer {
            id: part.id.as_deref(),
            group: part.group.as_deref(),
            status: answer.status.as_u16(),
            headers: &headers,
        };
        self.writer.answer(&head, &answer.body);
    }
}

/// What must not be said of a batch as a whole (OData-Protocol 4.01, sections 8.2.4, 8.2.5 and 8.2.8.7), and in which form it
/// is answered: that of its request. JSON came with 4.01.
fn acceptable(asked: &Asked, preferences: &Preferences, multipart: bool) -> Result<(), Error> {
    let misplaced = |header: &str, what: &str| {
        let message = format!("{what} means nothing for a batch, only for a request in it");
        Err(Error::new(ErrorKind::Malformed, "MISPLACED_HEADER", message).about(header))
    };
    for (name, header) in [("if-match", "If-Match"), ("if-none-match", "If-None-Match")] {
        if asked.headers.contains_key(name) {
            return misplaced(header, header);
        }
    }
    if preferences.returns().is_some() {
        return misplaced("Prefer", "The preference return");
    }
    if !multipart && asked.version()? == Version::V4_0 {
        let message = "JSON batches came with 4.01: OData-MaxVersion must allow it";
        return Err(Error::new(ErrorKind::MediaType, "MEDIA_TYPE", message).about("Content-Type"));
    }
    let offer = if multipart { Offer::Multipart } else { Offer::Json };
    asked.representation(&[offer], None).map(drop)
}

/// A URL without its query: what a later reference goes on from.
fn plain(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}
