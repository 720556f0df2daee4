//! Tells people by mail what was changed about how their account is protected.

use gridkeep_store::MailPurpose;

use crate::{
    error::ApiError,
    language::Language,
    mail::{Post, Wish},
    session::Person,
};

/// Mails a change to whoever's account it is, where the address is theirs.
pub(super) async fn tell(
    post: &Post,
    person: &Person,
    purpose: MailPurpose,
    language: Language,
) -> Result<(), ApiError> {
    if !person.confirmed {
        return Ok(());
    }
    let (address, account) = (person.email.clone(), Some(person.id));
    post.ask(vec![Wish { purpose, address, account, language }]).await
}
