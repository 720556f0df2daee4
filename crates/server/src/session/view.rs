//! A session as the web sees it.

use gridkeep_model::AccountId;
use serde::Serialize;
use utoipa::ToSchema;

use super::Person;

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionView {
    /// Nobody when null.
    account: Option<AccountView>,
    /// There is no account at all: whoever makes the first one becomes the administrator.
    first_run: bool,
}

/// An account, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
struct AccountView {
    #[schema(value_type = String, format = Uuid)]
    id: AccountId,
    email: String,
    name: String,
    /// May do everything with every app.
    administrator: bool,
    /// The address is proven. Until then nothing that is shared with it can be opened.
    confirmed: bool,
}

impl SessionView {
    /// Somebody, or nobody, is signed in.
    pub fn new(person: Option<Person>, first_run: bool) -> Self {
        let account = person.map(|person| AccountView {
            id: person.id,
            email: person.email.to_string(),
            name: person.name,
            administrator: person.administrator,
            confirmed: person.confirmed,
        });
        Self { account, first_run }
    }
}
