//! Actions and functions, called.
//!
//! **Architecture Invariant:** an action changes rows as one transaction of the executor, and a function changes nothing.

use std::sync::Arc;

use axum::http::{HeaderName, StatusCode};
use gridkeep_model::{
    Operation, Query, Row, RowId,
    query::{Expr, Field, Order, Page, Part},
    transaction::Problem,
};
use gridkeep_odata::{
    bind::{self, Argument, Call, EntityKey, Then, plain},
    edm::TypeName,
    header::{Condition, ETag, Preference, RequestBody, Return},
    json::{Context, EntityHead, Fact, Item, Style, Target, Writer},
    project::{MemberSource, OperationSource, Runs, SetSource},
    syntax::ast,
};

use super::{
    answer::Answer,
    dispatch::{Service, Understood, not_offered, readable},
    handler::nothing,
    metadata::format_of,
    operations::{Answered, Bound, Done, MOST_ENTITIES, OwnCall, OwnError, OwnRows},
    refusal::Refusal,
    row_key::id_of,
};
use crate::{
    error::ApiError,
    executor::{MOST_OPERATIONS, Written},
};

/// An action that is understood and may run, not yet run.
pub(super) struct Acting<'a> {
    source: &'a OperationSource,
    /// What it changes.
    pub(super) operations: Vec<Operation>,
    /// What it answers; none for the actions of apps, which answer what they were called on.
    pub(super) answer: Option<Answered>,
}

impl From<OwnError> for Refusal {
    fn from(error: OwnError) -> Self {
        match error {
            OwnError::Refused(code, message) => {
                gridkeep_odata::Error::new(gridkeep_odata::ErrorKind::Malformed, code, message).into()
            }
            OwnError::Server(error) => error.into(),
        }
    }
}

impl Service {
    /// Answers a call of a function.
    pub(super) async fn function(&self, request: Understood<'_>, call: &Call<'_>) -> Result<Answer, Refusal> {
        let (source, arguments) = call.function().ok_or_else(not_offered)?;
        match &source.runs {
            Runs::Calculator(calculator) => self.calculate(request, source, calculator, arguments).await,
            Runs::Action(_) => Err(not_offered()),
            Runs::Own(name) => {
                let bound = self.bound(request, call).await?;
                let done = self.own(name, bound, arguments).await?;
                if !done.operations.is_empty() {
                    return Err(ApiError::internal(format!("the function {name} changes something")).into());
                }
                self.outcome(request, source, &call.then, done.answer).await
            }
        }
    }

    /// Runs an action that stands alone, and answers what it answers.
    pub(super) async fn action(&self, request: Understood<'_>, call: &Call<'_>) -> Result<Answer, Refusal> {
        let mut acting = self.acting(request, call, &[]).await?;
        // What a program changes may be more than one transaction holds; an action of an app is always one.
        let mut operations = std::mem::take(&mut acting.operations).into_iter();
        let mut rows = Vec::new();
        while operations.len() > 0 {
            let some = operations.by_ref().take(MOST_OPERATIONS).collect();
            rows.extend(self.apply(some).await?.map_err(|problems| self.refused(problems))?);
        }
        self.acted(request, call, acting, &rows).await
    }

    /// What an action is to change, checked as far as it can be before.
    pub(super) async fn acting<'a>(
        &self,
        request: Understood<'_>,
        call: &Call<'a>,
        before: &[Operation],
    ) -> Result<Acting<'a>, Refusal> {
        if !self.caller.writes {
            return Err(ApiError::Forbidden.into());
        }
        // What could not be answered afterwards is refused before.
        request.asked.version()?;
        request.asked.json(format_of(request))?;
        request.asked.preferences()?;
        let (source, arguments) = self.invoked(request, call)?;
        let bound = match pending(call, source, before) {
            Some(bound) => bound,
            None => self.bound(request, call).await?,
        };
        unchanged(request, &bound)?;
        Ok(match &source.runs {
            Runs::Own(name) => {
                let Done { operations, answer } = self.own(name, bound, &arguments).await?;
                Acting { source, operations, answer: Some(answer) }
            }
            Runs::Action(action) => {
                let row = match &bound {
                    Bound::Entity(_, row) => Some(row),
                    Bound::Nothing | Bound::Collection(..) => None,
                };
                let certain = matches!(request.asked.if_match()?, Some(Condition::Tags(_)));
                let given = |(name, value): &Argument| {
                    let id = action.parameters.iter().find(|(known, _)| known == name)?.1.clone();
                    Some((id, plain(value)?))
                };
                let arguments: Option<_> = arguments.iter().map(given).collect();
                let operation = Operation::Call {
                    action: action.action.clone(),
                    row: row.map(|row| row.id),
                    base_version: row.map(|row| row.version).filter(|_| certain),
                    arguments: arguments.ok_or_else(not_offered)?,
                };
                Acting { source, operations: vec![operation], answer: None }
            }
            Runs::Calculator(_) => return Err(not_offered()),
        })
    }

    /// Answers an action that has changed what it was to change.
    pub(super) async fn acted(
        &self,
        request: Understood<'_>,
        call: &Call<'_>,
        acting: Acting<'_>,
        rows: &[Written],
    ) -> Result<Answer, Refusal> {
        let preferences = request.asked.preferences()?;
        if preferences.returns() == Some(Return::Minimal) {
            let applied = preferences.applied(|preference| match preference {
                Preference::Return(Return::Minimal) => Some(Preference::Return(Return::Minimal)),
                _ => None,
            });
            let applied = applied.unwrap_or_default();
            return Ok(nothing().with(HeaderName::from_static("preference-applied"), &applied));
        }
        let answer = match acting.answer {
            Some(answer) => answer,
            // The entity it was called on, unless that is gone.
            None => match call.bound.as_deref() {
                Some(bind::Target::Entity { set, key, .. }) => {
                    let removed = |id: RowId| {
                        rows.iter().rev().find(|row| row.id == id).is_some_and(|row| row.version.is_none())
                    };
                    match self.row(set, key, request).await? {
                        Some(row) if !removed(row.id) => Answered::Row(row.id),
                        _ => Answered::Nothing,
                    }
                }
                _ => Answered::Nothing,
            },
        };
        self.outcome(request, acting.source, &call.then, answer).await
    }

    /// Answers an action of an atomicity group that took effect; `answer` as [`Acting`] had it.
    pub(super) async fn acted_in_group(
        &self,
        request: Understood<'_>,
        call: &Call<'_>,
        answer: Option<Answered>,
        rows: &[Written],
    ) -> Result<Answer, Refusal> {
        let (source, _) = self.invoked(request, call)?;
        self.acted(request, call, Acting { source, operations: Vec::new(), answer }, rows).await
    }

    /// A refusal of what actions were to change, in the names of the service.
    pub(super) fn refused(&self, mut problems: Vec<Problem>) -> Refusal {
        let sets = &self.projection.sets;
        for problem in &mut problems {
            let Some(within) = &problem.within else { continue };
            if let Some(parameter) = &within.parameter {
                let known = self.projection.operations.iter().find_map(|one| match &one.runs {
                    Runs::Action(action) if action.action == within.action => {
                        action.parameters.iter().find(|(_, id)| id == parameter)
                    }
                    _ => None,
                });
                problem.column = known.map(|(name, _)| name.clone());
                continue;
            }
            let action = self.definition.action(&within.action);
            let step = action.and_then(|action| action.steps.get(within.step?)?.table());
            let table = step.or_else(|| action?.table.as_deref());
            let set = table.and_then(|table| sets.iter().find(|set| set.table == table));
            if let (Some(set), Some(column)) = (set, &problem.column) {
                let property = set.columns().into_iter().find(|(id, _)| id == column);
                problem.column = property.map(|(_, property)| property);
            }
        }
        let names = sets.iter().flat_map(|set| {
            let name = |(id, property): (&str, String)| (set.table.clone(), id.to_owned(), property);
            set.columns().into_iter().map(name)
        });
        Refusal::Problems { problems, names: names.collect() }
    }

    /// The action that the body means, with its arguments.
    fn invoked<'a>(
        &self,
        request: Understood<'_>,
        call: &Call<'a>,
    ) -> Result<(&'a OperationSource, Vec<Argument>), Refusal> {
        let body = &request.asked.body;
        if !body.is_empty() {
            RequestBody::json(request.asked.header("content-type"))?;
        }
        Ok(call.invoked(&self.projection.edm, body)?)
    }

    /// What is called on, read.
    async fn bound<'a>(&self, request: Understood<'_>, call: &'a Call<'_>) -> Result<Bound<'a>, Refusal> {
        match call.bound.as_deref() {
            None => Ok(Bound::Nothing),
            Some(bind::Target::Entity { set, key, .. }) => {
                readable(set)?;
                let row = self.row(set, key, request).await?.ok_or(ApiError::NotFound)?;
                Ok(Bound::Entity(set, row))
            }
            Some(bind::Target::Collection { set, filter, .. }) => {
                readable(set)?;
                let filter = match (set.condition(), filter.clone()) {
                    (Some(kind), Some(filter)) => Some(kind.and(filter)),
                    (kind, filter) => kind.or(filter),
                };
                let query = Query { table: set.table.clone(), filter, ..Query::default() };
                Ok(Bound::Collection(set, Box::new(query)))
            }
            Some(_) => Err(not_offered()),
        }
    }

    async fn own(&self, name: &str, bound: Bound<'_>, arguments: &[Argument]) -> Result<Done, Refusal> {
        let grant = Arc::clone(&self.caller.grant);
        let rows = OwnRows { tenancy: self.tenancy.clone(), grant };
        Ok(self.operations.run(OwnCall { name, bound, arguments, rows: &rows }).await?)
    }

    async fn outcome(
        &self,
        request: Understood<'_>,
        source: &OperationSource,
        then: &Then<'_>,
        answer: Answered,
    ) -> Result<Answer, Refusal> {
        let unexpected = || ApiError::internal(format!("{} answers what it does not return", source.name));
        match (answer, then) {
            (Answered::Nothing, _) => Ok(nothing()),
            (Answered::Value(item), Then::Whole | Then::Value | Then::Count) => {
                self.value(request, source, then, &item)
            }
            (Answered::Row(id), Then::Entities(target)) => self.one(request, id, target).await,
            (Answered::Rows(query), Then::Entities(target)) => self.several(request, *query, target).await,
            _ => Err(unexpected().into()),
        }
    }

    /// What is asked of the one entity of an answer.
    async fn one(
        &self,
        request: Understood<'_>,
        id: RowId,
        target: &bind::Target<'_>,
    ) -> Result<Answer, Refusal> {
        let mut target = target.clone();
        let bind::Target::Entity { key, .. } = &mut target else { return Err(not_offered()) };
        *key = EntityKey::Row(id);
        Box::pin(self.read(request, &target)).await
    }

    /// What is asked of the entities of an answer.
    async fn several(
        &self,
        request: Understood<'_>,
        query: Query,
        target: &bind::Target<'_>,
    ) -> Result<Answer, Refusal> {
        let app = self.caller.grant.app.id;
        let order = query.order.clone();
        let among = if query.page == Page::default() {
            query.filter
        } else {
            let page = Page { limit: query.page.limit.min(MOST_ENTITIES), ..query.page.clone() };
            let query = self.seen(Query { page, columns: Some(Vec::new()), ..query });
            let found = self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?;
            let ids = found.rows.iter().map(|row| Expr::from(row.id.uuid()));
            Some(Expr::In(Box::new(Expr::id()), ids.collect()))
        };
        let mut target = target.clone();
        let mut options = request.options.clone();
        match &mut target {
            bind::Target::Collection { set, filter, .. } => {
                *filter = match (among, filter.take()) {
                    (Some(among), Some(filter)) => Some(among.and(filter)),
                    (among, filter) => among.or(filter),
                };
                if options.orderby.is_empty() && options.apply.is_none() {
                    options.orderby = orderby(set, &order);
                }
            }
            bind::Target::Entity { set, key, .. } => {
                let condition = key.condition();
                let filter = Some(match among {
                    Some(among) => among.and(condition),
                    None => condition,
                });
                let page = Page::first(1);
                let query = Query { table: set.table.clone(), filter, page, ..Query::default() };
                let query = self.seen(query);
                let found = self.tenancy.read(move |reader| Ok(reader.rows(app, &query)?)).await?;
                let row = found.rows.first().ok_or(ApiError::NotFound)?;
                *key = EntityKey::Row(row.id);
            }
            _ => return Err(not_offered()),
        }
        let request = Understood { options: &options, ..request };
        Box::pin(self.read(request, &target)).await
    }

    /// A primitive or complex value, or several.
    fn value(
        &self,
        request: Understood<'_>,
        source: &OperationSource,
        then: &Then<'_>,
        item: &Item<'_>,
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let returns = source.returns.as_ref().ok_or_else(not_offered)?;
        match (then, item) {
            _ if item.is_null() => return Ok(nothing()),
            (Then::Count, Item::Collection(items)) => {
                return Ok(Answer::new(StatusCode::OK, "text/plain", items.len().to_string()));
            }
            (Then::Value, Item::Scalar(scalar)) => {
                return Ok(Answer::new(StatusCode::OK, "text/plain;charset=utf-8", scalar.to_string()));
            }
            (Then::Whole, _) => {}
            _ => return Err(not_offered()),
        }
        let type_name = match &returns.name {
            TypeName::Primitive(primitive) => primitive.name().to_owned(),
            TypeName::Named(name) => name.to_string(),
        };
        let target = if returns.collection {
            Target::Collection(type_name.clone())
        } else {
            Target::Type(type_name.clone())
        };
        let context = Context::new(target).url(&self.root, version);
        let mut writer = Writer::new(Style::new(version, format, request.asked.preferences()?.omit_values()));
        if let Item::Complex { kind, members } = item {
            let kind = kind.as_deref().map_or(Fact::Computable(type_name.as_str()), Fact::Needed);
            writer.begin_entity(&EntityHead {
                context: Some(&context),
                kind: Some(kind),
                ..EntityHead::default()
            });
            for (name, member) in members {
                writer.key(name);
                writer.item(member);
            }
        } else {
            writer.begin_property(Some(&context));
            writer.item(item);
        }
        writer.end_object();
        Ok(Answer::json(format, version, writer.finish()))
    }
}

/// What an action of the app is called on, when the atomicity group is going to make it: what it holds is known then.
fn pending<'a>(call: &'a Call<'_>, source: &OperationSource, before: &[Operation]) -> Option<Bound<'a>> {
    let (Some(bind::Target::Entity { set, key, .. }), Runs::Action(_)) =
        (call.bound.as_deref(), &source.runs)
    else {
        return None;
    };
    let id = id_of(set, key)?;
    let made = |one: &&Operation| one.row() == Some(id) && one.table() == Some(set.table.as_str());
    let first = before.iter().find(made)?;
    let new = matches!(first, Operation::Insert { .. });
    new.then(|| Bound::Entity(set, Row { id, version: 1, values: Vec::new() }))
}

/// Whether what an action is called on is still what the client knows (OData-Protocol 4.01, section 11.5.5.1).
fn unchanged(request: Understood<'_>, bound: &Bound<'_>) -> Result<(), Refusal> {
    let etag = match bound {
        Bound::Entity(_, row) => Some(ETag::weak(row.version.to_string())),
        Bound::Nothing | Bound::Collection(..) => None,
    };
    let matches = request.asked.if_match()?.is_none_or(|condition| condition.fits(etag.as_ref()));
    let none = request.asked.if_none_match()?.is_some_and(|condition| condition.fits(etag.as_ref()));
    if matches && !none { Ok(()) } else { Err(Refusal::Precondition) }
}

/// An order of rows as the option that asks for it, as far as properties say it.
fn orderby(set: &SetSource, order: &[Order]) -> Vec<ast::OrderBy> {
    let property = |order: &Order| {
        let Expr::Field(Field { scope: 0, path, part }) = &order.expr else { return None };
        let member = set.members.iter().find(|member| match (&member.source, part) {
            (MemberSource::RowId, Part::Id) => true,
            (MemberSource::Column { id, .. }, Part::Column(column)) => id == column,
            _ => false,
        });
        let name = member.filter(|_| path.is_empty())?.property.clone();
        let at = ast::At::default();
        let segment = ast::PathSegment {
            kind: ast::PathSegmentKind::Name(ast::Name { namespace: None, name, at }),
            parens: Vec::new(),
            at,
        };
        let path = ast::Path { root: ast::Root::Instance, segments: vec![segment], at };
        let value = ast::Expr { kind: ast::ExprKind::Path(path), at };
        Some(ast::OrderBy { value, descending: order.descending })
    };
    order.iter().map_while(property).collect()
}
