//! The people an app names.

use std::collections::{BTreeSet, HashMap};

use gridkeep_model::definition::Role;
use gridkeep_store::{App, Audience, MailPurpose};

use super::{
    MOST_PEOPLE,
    view::{AppCard, PersonCard},
};
use crate::{
    error::ApiError,
    language::Language,
    mail::{Post, Wish},
    session::{Email, Logins},
    site::Site,
    tenancy::Tenancy,
};

/// Addresses as a maker typed them, checked; each once.
pub(super) fn checked(people: &[String]) -> Result<Vec<String>, ApiError> {
    let emails: BTreeSet<Email> = people.iter().map(|email| Email::new(email)).collect::<Result<_, _>>()?;
    if emails.len() > MOST_PEOPLE {
        return Err(ApiError::TooManyPeople(MOST_PEOPLE));
    }
    Ok(emails.iter().map(ToString::to_string).collect())
}

/// Invites those of the people an app names whom it did not name before.
pub(super) async fn invite(
    post: &Post,
    tenancy: &Tenancy,
    app: &App,
    sender: &str,
    people: (&[String], &[String]),
    language: Language,
) -> Result<(), ApiError> {
    let (before, now) = people;
    // A prototype is its maker's alone: there is nothing to invite to yet.
    if app.audience == Audience::Prototype {
        return Ok(());
    }
    let new = now.iter().filter(|email| !before.contains(email));
    let wishes = new.map(|email| {
        Ok(Wish {
            purpose: MailPurpose::Invitation,
            address: Email::new(email)?,
            account: None,
            app: Some((tenancy.id(), app.id)),
            sender: Some(sender.to_owned()),
            language,
        })
    });
    let wishes = wishes.collect::<Result<Vec<_>, ApiError>>()?;
    if wishes.is_empty() { Ok(()) } else { post.ask(wishes).await }
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
