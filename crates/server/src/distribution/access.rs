//! Who may do what with an app: the one place where that is decided.

use std::sync::Arc;

use axum::{
    extract::{FromRef, FromRequestParts, RawPathParams},
    http::request::Parts,
};
use gridkeep_model::{
    AppDefinition, AppId,
    definition::{Role, TableDefinition},
};
use gridkeep_store::{App, Audience};

use super::Definitions;
use crate::{
    error::ApiError,
    session::{Logins, MaybePerson, Person},
    site::Site,
    tenancy::Tenancy,
};

/// How somebody stands to an app; `None` when it must look absent to them.
pub(super) fn role(app: &App, person: Option<&Person>, named: bool) -> Option<Role> {
    let made = person.is_some_and(|person| person.id == app.owner && person.role.is_some());
    let owns = person.is_some_and(|person| person.administers() || (made && person.makes()));
    // Who made it and may make none any more still uses it.
    let named = named || made;
    match app.audience {
        _ if owns => Some(Role::Maker),
        Audience::Prototype => None,
        Audience::Private => named.then_some(Role::Member),
        Audience::Public if named => Some(Role::Member),
        Audience::Public => Some(Role::Guest),
    }
}

/// An app that somebody may open, and what they are to it.
#[derive(Debug, Clone)]
pub struct AppGrant {
    /// The app.
    pub app: App,
    /// What they are to it.
    pub role: Role,
    /// Who; `None` when nobody is signed in.
    pub person: Option<Person>,
}

/// An app of somebody who may change it.
#[derive(Debug, Clone)]
pub struct MakerGrant {
    /// The app.
    pub app: App,
    /// Its maker, or an administrator.
    pub person: Person,
}

/// A table of an app whose rows somebody may see.
#[derive(Debug, Clone)]
pub struct TableGrant {
    /// The app.
    pub grant: AppGrant,
    /// The app's current definition.
    pub definition: Arc<AppDefinition>,
    index: usize,
}

impl AppGrant {
    /// Decides for this app and person.
    pub(crate) async fn decide(
        tenancy: &Tenancy,
        id: AppId,
        person: Option<Person>,
    ) -> Result<Self, ApiError> {
        let email = person.as_ref().and_then(Person::proven).cloned();
        let found = tenancy
            .read(move |reader| {
                let Some(app) = reader.app(id)? else { return Ok(None) };
                let named = match email {
                    Some(email) => reader.is_named(id, email.as_str())?,
                    None => false,
                };
                Ok(Some((app, named)))
            })
            .await?;
        let (app, named) = found.ok_or(ApiError::NotFound)?;
        let role = role(&app, person.as_ref(), named).ok_or(ApiError::NotFound)?;
        Ok(Self { app, role, person })
    }

    /// Of those who may change the app; others may know of it, so they are told.
    pub(super) fn maker(self) -> Result<MakerGrant, ApiError> {
        match (self.role, self.person) {
            (Role::Maker, Some(person)) => Ok(MakerGrant { app: self.app, person }),
            (_, None) => Err(ApiError::SignInRequired),
            _ => Err(ApiError::Forbidden),
        }
    }
}

impl TableGrant {
    /// The table.
    pub fn table(&self) -> &TableDefinition {
        &self.definition.tables[self.index]
    }
}

async fn parameter<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, ApiError> {
    let parameters = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::NotFound)?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    found.map(|(_, value)| value.to_owned()).ok_or(ApiError::NotFound)
}

impl<S: Send + Sync> FromRequestParts<S> for AppGrant
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let id = parameter(parts, state, "app").await?.parse().map_err(|_| ApiError::NotFound)?;
        let MaybePerson(person) = MaybePerson::from_request_parts(parts, state).await?;
        Self::decide(&Tenancy::from_ref(state), id, person).await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MakerGrant
where
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        AppGrant::from_request_parts(parts, state).await?.maker()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TableGrant
where
    Definitions: FromRef<S>,
    Logins: FromRef<S>,
    Site: FromRef<S>,
    Tenancy: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let table = parameter(parts, state, "table").await?;
        let grant = AppGrant::from_request_parts(parts, state).await?;
        let definition = Definitions::from_ref(state).current(&grant.app).await?;
        let role = grant.role;
        let index = definition.tables.iter().position(|own| own.id == table && may_see(own, role));
        Ok(Self { index: index.ok_or(ApiError::NotFound)?, definition, grant })
    }
}

/// Whether this role may see the table's rows.
pub(super) fn may_see(table: &TableDefinition, role: Role) -> bool {
    role == Role::Maker || table.access.see.contains(&role)
}

#[cfg(test)]
mod tests {
    use gridkeep_model::AccountId;
    use gridkeep_store::{AppVersion, TenantRole};
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::session::Email;

    fn person(number: u128, tenant: TenantRole) -> Person {
        Person {
            id: AccountId::from_uuid(Uuid::from_u128(number)),
            email: Email::new(&format!("{number}@example.com")).unwrap(),
            name: number.to_string(),
            role: Some(tenant),
            runs_server: false,
            confirmed: true,
        }
    }

    #[test]
    fn audience_and_standing_make_the_role() {
        let owner = person(1, TenantRole::Maker);
        let check = |audience, who: Option<&Person>, named, expect| {
            let current = AppVersion {
                version: 1,
                name: String::new(),
                description: String::new(),
                icon: String::new(),
                accent: String::new(),
                workbook: String::new(),
                file_name: String::new(),
                created_by: owner.id,
                created: Timestamp::UNIX_EPOCH,
            };
            let app = App {
                id: AppId::from_uuid(Uuid::nil()),
                owner: owner.id,
                audience,
                versions: 1,
                created: Timestamp::UNIX_EPOCH,
                updated: Timestamp::UNIX_EPOCH,
                current,
            };
            assert_eq!(role(&app, who, named), expect, "{audience:?} {who:?} {named}");
        };
        let (other, administrator) = (person(2, TenantRole::Maker), person(3, TenantRole::Administrator));
        for audience in [Audience::Prototype, Audience::Private, Audience::Public] {
            check(audience, Some(&owner), false, Some(Role::Maker));
            check(audience, Some(&administrator), false, Some(Role::Maker));
        }
        // Whoever may make no apps any more uses what they made; whoever does not belong here any more has nothing.
        let (lowered, gone) =
            (person(1, TenantRole::Member), Person { role: None, ..person(1, TenantRole::Maker) });
        check(Audience::Private, Some(&lowered), false, Some(Role::Member));
        check(Audience::Prototype, Some(&lowered), false, None);
        check(Audience::Private, Some(&gone), false, None);
        check(Audience::Prototype, Some(&other), true, None);
        check(Audience::Prototype, None, false, None);
        check(Audience::Private, Some(&other), true, Some(Role::Member));
        check(Audience::Private, Some(&other), false, None);
        check(Audience::Private, None, false, None);
        check(Audience::Public, Some(&other), true, Some(Role::Member));
        check(Audience::Public, Some(&other), false, Some(Role::Guest));
        check(Audience::Public, None, false, Some(Role::Guest));
    }
}
