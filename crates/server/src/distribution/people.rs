//! The people an app names.

use std::collections::{BTreeSet, HashMap};

use gridkeep_model::definition::Role;
use gridkeep_store::App;

use super::{
    MOST_PEOPLE,
    view::{AppCard, PersonCard},
};
use crate::{
    error::ApiError,
    session::{Email, Logins},
    site::Site,
    tenancy::Tenancy,
};

/// Addresses as a maker typed them, checked; each once.
pub(super) fn checked(people: &[String]) -> Result<Vec<String>, ApiError> {
    let emails: Result<BTreeSet<Email>, ApiError> = people.iter().map(|email| Email::new(email)).collect();
    let emails = emails?;
    if emails.len() > MOST_PEOPLE {
        return Err(ApiError::TooManyPeople(MOST_PEOPLE));
    }
    Ok(emails.iter().map(ToString::to_string).collect())
}

/// Apps as this person sees them: with people where they are the maker.
pub(super) async fn cards(
    tenancy: &Tenancy,
    logins: &Logins,
    site: &Site,
    apps: Vec<(App, Role)>,
) -> Result<Vec<AppCard>, ApiError> {
    let asked: Vec<_> = apps.iter().map(|(app, role)| (*role == Role::Maker).then_some(app.id)).collect();
    let people: Vec<Vec<String>> = tenancy
        .read(move |reader| {
            let people = asked.into_iter().map(|app| app.map_or(Ok(Vec::new()), |app| reader.people(app)));
            Ok(people.collect::<Result<_, _>>()?)
        })
        .await?;
    let emails: BTreeSet<String> = people.iter().flatten().cloned().collect();
    let names: HashMap<String, String> = logins.names(emails).await?;
    let cards = apps.into_iter().zip(people).map(|((app, role), people)| {
        let named = people.into_iter().map(|email| PersonCard { name: names.get(&email).cloned(), email });
        AppCard::new(app, role, named.collect(), site)
    });
    Ok(cards.collect())
}

/// One app as this person sees it.
pub(super) async fn card(
    tenancy: &Tenancy,
    logins: &Logins,
    site: &Site,
    app: App,
    role: Role,
) -> Result<AppCard, ApiError> {
    let mut cards = cards(tenancy, logins, site, vec![(app, role)]).await?;
    cards.pop().ok_or(ApiError::NotFound)
}
