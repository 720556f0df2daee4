//! `/api/apps/{app}/grants`: what is given to whom in an app.
//!
//! **Architecture Invariant:** a grant is checked against the definition people get before it is kept. One that no longer fits a
//! later definition gives less, never more.

use axum::extract::State;
use gridkeep_model::{
    AppDefinition, AppId, Query,
    definition::Role,
    rights::{Grant, Level, RowsOf, TableGrant},
};
use gridkeep_store::{Reader, StoreError, Subject};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Definitions, MOST_PEOPLE, MakerGrant, condition::Condition, people};
use crate::{
    chance::Time,
    error::ApiError,
    extract::{Json, Parameters},
    invited::Invitations,
    language::Language,
    noted, noun,
    session::{Email, Logins},
    tenancy::Tenancy,
};

/// Groups one app gives something to.
const MOST_GROUPS: usize = 200;

/// To whom something is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GrantedTo)]
pub(super) enum To {
    /// Whoever has the address.
    Person,
    /// The members of the group.
    Group,
    /// All whom the app names and who are given nothing of their own.
    Members,
    /// Everybody else, in a public app.
    Guests,
}

/// What is given to one of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GrantCard)]
pub(super) struct Card {
    to: To,
    /// An address, or the id of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What people call the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Null where nothing is said: a person has what all have who are named, those and guests what the definition gives.
    #[schema(value_type = Option<noun::Grant>)]
    grant: Option<Grant>,
}

/// To whom what is to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GrantChange)]
pub(super) struct Change {
    to: To,
    /// An address, or the id of a group.
    #[serde(default)]
    name: Option<String>,
    /// Null: nothing of their own.
    #[schema(value_type = Option<noun::Grant>)]
    grant: Option<Grant>,
}

/// From whom all is to be taken.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    to: To,
    #[serde(default)]
    name: Option<String>,
}

/// Everything that is given in an app: to the people it names, to groups, to all members and to guests.
#[utoipa::path(get, path = "/api/apps/{app}/grants", tag = "distribution", params(("app" = String, Path)),
    responses((status = 200, body = [Card])))]
pub(super) async fn grants(
    State(tenancy): State<Tenancy>,
    MakerGrant { app, .. }: MakerGrant,
) -> Result<Json<Vec<Card>>, ApiError> {
    let id = app.id;
    Ok(Json(tenancy.read(move |reader| Ok(cards(reader, id)?)).await?))
}

/// Gives somebody this, instead of what they were given before. Whoever was not named in the app yet is, and is invited.
#[utoipa::path(put, path = "/api/apps/{app}/grants", tag = "distribution", params(("app" = String, Path)),
    request_body = Change, responses((status = 200, body = [Card])))]
pub(super) async fn put_grant(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(time): State<Time>,
    State(invitations): State<Invitations>,
    language: Language,
    MakerGrant { app, person }: MakerGrant,
    Json(change): Json<Change>,
) -> Result<Json<Vec<Card>>, ApiError> {
    let Change { to, name, grant } = change;
    noted::personal("to", None, name.clone().unwrap_or_default());
    noted::personal("after", None, serde_json::to_string(&grant).map_err(ApiError::internal)?);
    let subject = subject(to, name)?;
    if let Some(grant) = &grant {
        check(&*definitions.current(&app).await?, &subject, grant)?;
    }
    note_before(&tenancy, app.id, &subject).await?;
    let (id, by) = (app.id, person.id);
    let named = match &subject {
        Subject::Person(email) => vec![email.clone()],
        _ => Vec::new(),
    };
    people::may_name(&person, Some(&named))?;
    let (before, cards) = tenancy
        .write(move |work| {
            let before = work.people(id)?;
            match (&subject, &grant) {
                (Subject::Person(email), None) => {
                    // Whom the app does not name has nothing to be reset.
                    if !before.contains(email) {
                        return Err(ApiError::NotFound);
                    }
                    work.reset_grant(id, email)?;
                }
                (subject, None) => drop(work.remove_grant(id, subject)?),
                (Subject::Group(group), Some(_)) if work.group(*group)?.is_none() => {
                    return Err(ApiError::NotFound);
                }
                (subject, Some(grant)) => work.put_grant(id, subject, grant, by, time.clock())?,
            }
            if work.people(id)?.len() > MOST_PEOPLE {
                return Err(ApiError::TooManyPeople(MOST_PEOPLE));
            }
            let cards = cards(work, id)?;
            if cards.iter().filter(|card| card.to == To::Group).count() > MOST_GROUPS {
                return Err(ApiError::InvalidRequest(format!("more than {MOST_GROUPS} groups")));
            }
            Ok((before, cards))
        })
        .await?;
    people::invite(&invitations, &app, &person, (&before, &named), language).await;
    Ok(Json(cards))
}

/// Notes what they were given before.
async fn note_before(tenancy: &Tenancy, app: AppId, subject: &Subject) -> Result<(), ApiError> {
    let grants = tenancy.read(move |reader| Ok(reader.grants(app)?)).await?;
    let before = grants.into_iter().find(|(own, _)| own == subject).map(|(_, grant)| grant);
    noted::personal("before", None, serde_json::to_string(&before).map_err(ApiError::internal)?);
    Ok(())
}

/// Takes from somebody what they were given: a person is no longer named, a group gives nothing any more; all members and
/// guests have what the definition gives.
#[utoipa::path(delete, path = "/api/apps/{app}/grants", tag = "distribution",
    params(("app" = String, Path), ("to" = To, Query), ("name" = Option<String>, Query)),
    responses((status = 200, body = [Card])))]
pub(super) async fn remove_grant(
    State(tenancy): State<Tenancy>,
    State(invitations): State<Invitations>,
    MakerGrant { app, .. }: MakerGrant,
    Parameters(Whom { to, name }): Parameters<Whom>,
) -> Result<Json<Vec<Card>>, ApiError> {
    noted::personal("to", None, name.clone().unwrap_or_default());
    let subject = subject(to, name)?;
    note_before(&tenancy, app.id, &subject).await?;
    let id = app.id;
    let gone = match &subject {
        Subject::Person(email) => vec![email.clone()],
        _ => Vec::new(),
    };
    let cards = tenancy
        .write(move |work| {
            if !work.remove_grant(id, &subject)? {
                return Err(ApiError::NotFound);
            }
            Ok(cards(work, id)?)
        })
        .await?;
    people::forget(&invitations, id, (&gone, &[])).await;
    Ok(Json(cards))
}

/// Which rows a condition is about, to be looked at before it is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RowsCheck)]
pub(super) struct Check {
    /// The table's id.
    table: String,
    #[schema(value_type = noun::RowsOf)]
    rows: RowsOf,
    /// The address of whoever it is about; the maker who asks when absent.
    #[serde(default)]
    person: Option<String>,
}

/// What it is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RowsChecked)]
pub(super) struct Checked {
    /// So many rows.
    rows: u64,
}

/// How many rows of a table somebody would be given. A condition that is not understood is refused, with what is wrong.
#[utoipa::path(post, path = "/api/apps/{app}/grants/check", tag = "distribution", params(("app" = String, Path)),
    request_body = Check, responses((status = 200, body = Checked)))]
pub(super) async fn check_rows(
    State(tenancy): State<Tenancy>,
    State(definitions): State<Definitions>,
    State(logins): State<Logins>,
    MakerGrant { app, person }: MakerGrant,
    Json(Check { table, rows, person: other }): Json<Check>,
) -> Result<Json<Checked>, ApiError> {
    let definition = definitions.current(&app).await?;
    if definition.table(&table).is_none() {
        return Err(ApiError::InvalidRequest(format!("no table {table}")));
    }
    fits(&definition, &table, &rows)?;
    let person = match other {
        Some(address) => logins.whoever_has(&Email::new(&address)?, &person).await?,
        None => person,
    };
    let id = person.id;
    let belonging = tenancy.read(move |reader| Ok(reader.belonging(id)?)).await?;
    let said = TableGrant { rows, ..TableGrant::default() };
    let grant = Grant { tables: [(table.clone(), said)].into(), ..Grant::default() };
    let mut open = (*definition).clone();
    open.tables.iter_mut().for_each(|table| table.access.see = vec![Role::Member]);
    let rights = definitions.bound(&app, &open, Role::Member, &[grant], Some(&person), &belonging);
    let query = Query { table, ..Query::default() }.seen(rights.sight());
    let rows = if rights.sight().sees(&query.table) {
        tenancy.read(move |reader| Ok(reader.count(app.id, &query)?)).await?
    } else {
        0
    };
    Ok(Json(Checked { rows }))
}

/// All that is given, and all that could be: everybody the app names, all of them together, and guests.
fn cards(reader: &mut Reader<'_>, app: AppId) -> Result<Vec<Card>, StoreError> {
    let mut grants = reader.grants(app)?;
    let mut of = |subject: &Subject| {
        let place = grants.iter().position(|(own, _)| own == subject)?;
        Some(grants.swap_remove(place).1)
    };
    let (members, guests) = (of(&Subject::Members), of(&Subject::Guests));
    let mut cards = vec![
        Card { to: To::Members, name: None, title: None, grant: members },
        Card { to: To::Guests, name: None, title: None, grant: guests },
    ];
    for email in reader.people(app)? {
        let grant = of(&Subject::Person(email.clone()));
        cards.push(Card { to: To::Person, name: Some(email), title: None, grant });
    }
    for (subject, grant) in grants {
        // What was given to a group that is gone is nobody's.
        if let Subject::Group(id) = subject
            && let Some(group) = reader.group(id)?
        {
            let name = Some(id.to_string());
            cards.push(Card { to: To::Group, name, title: Some(group.name), grant: Some(grant) });
        }
    }
    Ok(cards)
}

fn subject(to: To, name: Option<String>) -> Result<Subject, ApiError> {
    let wrong = || ApiError::InvalidRequest("name".to_owned());
    Ok(match (to, name) {
        (To::Person, Some(email)) => Subject::Person(Email::new(&email)?.to_string()),
        (To::Group, Some(id)) => Subject::Group(id.parse().map_err(|_| wrong())?),
        (To::Members, None) => Subject::Members,
        (To::Guests, None) => Subject::Guests,
        _ => return Err(wrong()),
    })
}

/// Refuses what the definition does not have, and levels that are not for everybody to have.
fn check(definition: &AppDefinition, subject: &Subject, grant: &Grant) -> Result<(), ApiError> {
    let wrong = |what: String| Err(ApiError::InvalidRequest(what));
    if grant.level == Level::Administer && !matches!(subject, Subject::Person(_) | Subject::Group(_)) {
        return wrong("grant.level: only people and groups administer an app".to_owned());
    }
    for (id, said) in &grant.tables {
        let Some(table) = definition.table(id) else { return wrong(format!("grant.tables: no table {id}")) };
        if said.level == Some(Level::Administer) {
            return wrong(format!("grant.tables.{id}.level"));
        }
        if let Some(column) =
            said.hidden.iter().chain(&said.read_only).find(|column| table.column(column).is_none())
        {
            return wrong(format!("grant.tables.{id}: no column {column}"));
        }
        fits(definition, id, &said.rows)?;
    }
    match grant.actions.keys().find(|action| definition.action(action).is_none()) {
        Some(action) => wrong(format!("grant.actions: no action {action}")),
        None => Ok(()),
    }
}

/// Refuses rows that cannot be told.
fn fits(definition: &AppDefinition, table: &str, rows: &RowsOf) -> Result<(), ApiError> {
    match rows {
        RowsOf::All => Ok(()),
        RowsOf::Own { column } => {
            let known = definition.table(table).and_then(|table| table.column(column));
            let text = known.is_some_and(|known| {
                known.column_type == gridkeep_model::ColumnType::Text
                    && known.is_entered()
                    && !known.is_file()
            });
            if text {
                Ok(())
            } else {
                Err(ApiError::InvalidRequest(format!("{table}: {column} holds no addresses")))
            }
        }
        RowsOf::Where { filter } => match Condition::read(definition, table, filter) {
            Ok(_) => Ok(()),
            Err(unclear) => Err(ApiError::InvalidRequest(format!("{table}: {}", unclear.0))),
        },
    }
}
