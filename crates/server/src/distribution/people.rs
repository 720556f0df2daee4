//! The people an app names.

use std::collections::{BTreeSet, HashMap};

use gridkeep_model::{AppId, definition::Role};
use gridkeep_store::{App, Audience};

use super::{
    MOST_PEOPLE,
    view::{AppCard, PersonCard},
};
use crate::{
    error::ApiError,
    invited::Invitations,
    language::Language,
    session::{Email, Logins, Person},
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
    invitations: &Invitations,
    app: &App,
    sender: &Person,
    people: (&[String], &[String]),
    language: Language,
) {
    let (before, now) = people;
    // A prototype is its maker's alone: there is nothing to invite to yet.
    if app.audience == Audience::Prototype {
        return;
    }
    let new = now.iter().filter(|email| !before.contains(email));
    let new: Vec<Email> = new.map(|email| Email::kept(email.clone())).collect();
    // The app has changed by now: that is what is answered, whatever becomes of the mails.
    if !new.is_empty()
        && let Err(error) = invitations.invite_to_app(sender, app.id, new, language).await
    {
        tracing::warn!(app.id = %app.id, error.code = error.code(), "invitations were not asked for");
    }
}

/// Takes back what is open of people whom an app names no longer. Their links open nothing in any case: that is looked at too.
pub(super) async fn forget(invitations: &Invitations, app: AppId, (before, now): (&[String], &[String])) {
    let gone = before.iter().filter(|email| !now.contains(email)).cloned().collect();
    if let Err(error) = invitations.forget_in_app(app, gone).await {
        tracing::warn!(app.id = %app, error.code = error.code(), "invitations were not taken back");
    }
}

/// Only whoever has proven their own address writes to those of others.
pub(super) fn may_name(person: &Person, named: Option<&[String]>) -> Result<(), ApiError> {
    if person.confirmed || named.is_none_or(<[String]>::is_empty) {
        Ok(())
    } else {
        Err(ApiError::ConfirmFirst)
    }
}

/// Apps as this person sees them: with people where they are the maker, with their names where they are `told`.
pub(super) async fn cards(
    tenancy: &Tenancy,
    logins: &Logins,
    site: &Site,
    apps: Vec<(App, Role)>,
    told: bool,
) -> Result<Vec<AppCard>, ApiError> {
    let asked: Vec<_> = apps.iter().map(|(app, role)| (*role == Role::Maker).then_some(app.id)).collect();
    let people: Vec<Vec<String>> = tenancy
        .read(move |reader| {
            let people = asked.into_iter().map(|app| app.map_or(Ok(Vec::new()), |app| reader.people(app)));
            Ok(people.collect::<Result<_, _>>()?)
        })
        .await?;
    let emails: BTreeSet<String> = people.iter().flatten().cloned().collect();
    // Who has an account only administrators are told: everybody else could ask for any address.
    let names: HashMap<String, String> = if told { logins.names(emails).await? } else { HashMap::new() };
    let cards = apps.into_iter().zip(people).map(|((app, role), people)| {
        let named = people.into_iter().map(|email| PersonCard { name: names.get(&email).cloned(), email });
        AppCard::new(app, role, named.collect(), site)
    });
    Ok(cards.collect())
}

/// One app as this person sees it; `told` as above.
pub(super) async fn card(
    tenancy: &Tenancy,
    logins: &Logins,
    site: &Site,
    app: App,
    role: Role,
    told: bool,
) -> Result<AppCard, ApiError> {
    let mut cards = cards(tenancy, logins, site, vec![(app, role)], told).await?;
    cards.pop().ok_or(ApiError::NotFound)
}
