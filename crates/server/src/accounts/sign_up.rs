//! `POST /api/accounts`: makes an account and signs in with it. The first person becomes the owner.

use axum::{
    extract::State,
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
};
use gridkeep_store::{LoginMethod, MailPurpose};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    defence::{Arrivals, Throttle, Visitor},
    error::ApiError,
    extract::Json,
    invited::Invitations,
    language::Language,
    mail::{Post, Wish},
    secret::Token,
    session::{Email, Entry, Logins, NewPerson, PASSWORD, Passwords, SessionView, SignUp, beside},
    site::Site,
};

/// Most characters of a name.
const LONGEST_NAME: usize = 100;

/// Who wants an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    email: String,
    /// What others see, 1 to 100 characters.
    name: String,
    /// At least 15 characters.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// The token of an invitation that was mailed to this address, which proves that it is theirs.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    invitation: Option<SecretString>,
}

/// Makes an account and signs in with it. Its address is to be confirmed by a link that is mailed there, unless an invitation
/// went there: until then it can make and publish apps, and open none that is shared with the address.
#[utoipa::path(post, path = "/api/accounts", tag = "accounts", request_body = NewAccount,
    responses((status = 201, body = SessionView)))]
#[expect(clippy::too_many_arguments, reason = "each is an extractor")]
pub(super) async fn sign_up(
    State(logins): State<Logins>,
    State(passwords): State<Passwords>,
    State(throttle): State<Throttle>,
    State(arrivals): State<Arrivals>,
    State(rule): State<SignUp>,
    State(post): State<Post>,
    State(site): State<Site>,
    State(invitations): State<Invitations>,
    visitor: Visitor,
    language: Language,
    Json(request): Json<NewAccount>,
) -> Result<Response, ApiError> {
    let email = Email::new(&request.email)?;
    logins.company_door(&email).await?;
    let name = checked_name(&request.name)?;
    if !rule.open && request.invitation.is_none() && !logins.is_first_run().await? {
        return Err(ApiError::SignUpClosed);
    }
    let local = email.as_str().split('@').next().unwrap_or_default();
    let password =
        passwords.choose(&request.password, beside(false), &[email.as_str(), local, &name]).await?;
    let invitation = match &request.invitation {
        Some(text) => {
            let token = Token::secret(text).ok_or(ApiError::LinkOver)?;
            let (opened, _) = invitations.opened(&token).await?;
            if opened.address != email.as_str() {
                return Err(ApiError::LinkOver);
            }
            Some(token)
        }
        None => None,
    };
    // Each costs a hashing. Last, so that nobody works for what is refused anyway; strangers do not count for the invited.
    let _door = passwords.enter()?;
    if request.invitation.is_none() {
        throttle.sign_up(&visitor).await?;
    }
    let new = NewPerson { email, name, password: passwords.hash(password).await? };
    let joins = rule.newcomers().map(|role| (logins.tenant(), role));
    let (person, joined) = logins.create(new, joins, invitation.as_ref()).await?;
    if let Some(invitation) = joined {
        invitations.settle(&invitation, person.id).await?;
    }
    if !person.confirmed {
        let (purpose, address) = (MailPurpose::Confirm, person.email.clone());
        let wish = Wish { purpose, address, account: Some(person.id), language };
        post.ask(vec![wish]).await?;
    }
    let (id, email) = (person.id, person.email.clone());
    let entry =
        Entry { person, methods: PASSWORD, password: None, visit: visitor.visit.clone(), company: None };
    let (cookie, session) = logins.enter(&site, entry).await?;
    let known = arrivals.welcome(id, &email, LoginMethod::SignUp, (&visitor, &site, language)).await?;
    let cookies = AppendHeaders([(SET_COOKIE, cookie), (SET_COOKIE, known)]);
    Ok((StatusCode::CREATED, cookies, Json(session)).into_response())
}

/// What somebody wants to be called, if people can be.
pub(super) fn checked_name(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::InvalidName);
    }
    Ok(name.to_owned())
}
