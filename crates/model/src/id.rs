//! Identifiers. Each is its own type, so that an app can never be looked up with an account's id.
//!
//! All are UUIDv7 (RFC 9562 section 5.7): ordered by creation, which keeps B-tree inserts at the right edge.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::{Clock, Rng};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transparent))]
        #[serde(transparent)]
        pub struct $name(#[cfg_attr(feature = "schema", schemars(with = "String"))] Uuid);

        impl $name {
            /// A new id for the current moment.
            pub fn new(clock: &dyn Clock, rng: &mut dyn Rng) -> Self {
                Self(uuid_v7(clock, rng))
            }

            /// Wraps an existing UUID, as read from a database or a request.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The plain UUID, as databases store it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A tenant: one customer, one database.
    TenantId
);
id!(
    /// An account: one person's sign-in, known to the control database.
    AccountId
);
id!(
    /// A place where somebody is signed in: a browser, or a program that acts for them. Names it, and opens nothing.
    SessionId
);
id!(
    /// A published app.
    AppId
);
id!(
    /// Something that happened and that handlers are told of.
    EventId
);
id!(
    /// Who is told of events: an address mails or requests go to.
    HandlerId
);
id!(
    /// A row of a published table.
    RowId
);
id!(
    /// A key with which a program reads or changes an app's rows in a person's name.
    ApiKeyId
);
id!(
    /// A token with which a company's directory says who its people are.
    DirectoryTokenId
);
id!(
    /// Something a company's directory did.
    DirectoryEventId
);
id!(
    /// A group of people of a tenant.
    GroupId
);
id!(
    /// A mail to somebody.
    MailId
);
id!(
    /// An invitation of an address, into a tenant or an app of it.
    InvitationId
);
id!(
    /// A list of people who were invited at once.
    InvitationJobId
);
id!(
    /// A link that lets whoever has proven an address join a tenant or an app of it.
    JoinLinkId
);
id!(
    /// Somebody's signing in, or trying to.
    LoginEventId
);
id!(
    /// A second factor of somebody: an authenticator app or a passkey.
    FactorId
);
id!(
    /// Whom a tenant lets say who people are: its company's sign-in.
    ProviderId
);
id!(
    /// Who somebody is to a provider.
    OutsideId
);
id!(
    /// A transaction, or another guarded operation, that waits for somebody to prove that they are there.
    ChallengeId
);
id!(
    /// What a person or device asked the executor to do; also the idempotency key of that wish.
    TransactionId
);

/// A UUIDv7 from injected time and chance.
pub fn uuid_v7(clock: &dyn Clock, rng: &mut dyn Rng) -> Uuid {
    let mut random = [0_u8; 10];
    rng.fill(&mut random);
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Whose key it is. Bound into a key's wrapped form, so that keys cannot be exchanged for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyOwner {
    /// The control database.
    Control,
    /// What proofs of identity are made with: peppers and signatures.
    Identity,
    /// A tenant: its database and its files.
    Tenant(TenantId),
}
