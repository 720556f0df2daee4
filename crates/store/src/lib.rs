//! The only room that knows SQL: the control database and one database a tenant, on SQLite or PostgreSQL.
//!
//! **Architecture Invariant:** everything inside a transaction is plain synchronous Rust over [`Work`] and [`Reader`],
//! run on a database thread; `async` stays at the edge. Rows are read through [`gridkeep_model::Query`] and written
//! through [`gridkeep_model::RowChange`] only; whatever changes them writes the change log in the same commit.
//!
//! ```text
//! Store -- control() --> Control            accounts, sessions, tenants
//!       -- tenant(id) -> Tenant -- write(|work| ..)   one writer, everything that waits in one commit
//!                               -- read(|reader| ..)  beside it, on one state
//!                               -- stream(query)      all rows, in bounded memory
//! ```

mod admission;
mod api_key;
mod app;
pub mod audit;
mod change;
mod claim;
mod company;
mod company_proof;
mod company_test;
mod config;
mod control;
mod count;
mod database;
mod delivery;
mod dialect;
mod directory;
mod directory_group;
mod directory_user;
mod error;
mod factor;
mod file;
mod fresh;
mod gate;
mod glass;
mod grant;
mod group;
mod half_sign_in;
mod handler;
mod invitation;
mod invitation_end;
mod invitation_list;
mod invitation_opened;
mod job;
mod join_link;
mod joined;
mod keys;
mod laid;
mod layout;
mod login_event;
mod mail;
mod mailed_link;
mod members;
mod membership;
mod migrate;
mod newcomer;
mod one;
mod outside;
mod pairs;
mod pending;
mod pin;
mod policy;
mod program;
mod provers;
mod read;
mod removed;
mod row;
mod session;
mod shown;
mod source;
mod sql;
mod standing;
mod store;
mod table;
mod tally;
mod tenant;
mod transaction;
mod waiting;
mod work;

pub use admission::{Admission, Admitted, Allowance, LetIn};
pub use api_key::ApiKey;
pub use app::{App, AppVersion, Audience, NewApp, NewVersion, normalise_email};
pub use change::{Change, ChangeKind, Head};
pub use company::{CompanyDomain, Provider, ProviderKind, Realm};
pub use company_proof::CompanyProof;
pub use config::{Backend, Durability, StoreConfig, StoreLimits};
pub use control::{Account, Control, Kept, TenantInfo};
pub use database::{Feed, Outlet, Rest};
pub use delivery::{Backlog, Delivery, DeliveryState, Told};
pub use directory::{DirectoryEvent, DirectoryToken};
pub use directory_group::DirectoryGroup;
pub use directory_user::{Directed, DirectoryKey, DirectorySays, DirectoryUser, Dismissed};
pub use error::StoreError;
pub use factor::{Accepted, Factor, FactorKind, Judge, Removal};
pub use file::{File, Room};
pub use grant::Subject;
pub use gridkeep_model::KeyOwner;
pub use gridkeep_model::query::Found;
pub use group::{Belonging, Group};
pub use half_sign_in::{HalfSignIn, Offer, Tried};
pub use handler::{BucketKey, Handler, HandlerKind};
pub use invitation::{
    Acceptance, Invitation, InvitationMail, InvitationState, Invited, NewInvitation, Resent,
};
pub use invitation_list::{InvitationFilter, InvitationJob, MailBounds, Standing};
pub use join_link::{JoinLink, Joined};
pub use keys::{DatabaseKey, KeyError, Keys, WrappedKey};
pub use login_event::{Fold, LoginEvent, LoginFilter, LoginMethod, LoginResult};
pub use mail::{Mail, MailPurpose, MailState, MailStatus};
pub use mailed_link::{LinkPurpose, MailedLink, Proven};
pub use members::{Member, MemberOrder, Sought};
pub use membership::{Membership, Presence, Ruled, TenantRole};
pub use newcomer::{Joins, NewAccount};
pub use outside::{Origin, Outside, OwnOutside};
pub use pending::{MOST_IN_VAIN, MOST_OPEN, MOST_WAITING, Pending, PendingState};
pub use pin::{PIN_TRIES, Pin, PinTried, PinTry};
pub use policy::FactorPolicy;
pub use program::{Code, Consent, Family, NewCode, Program, Redeemed, Refresh};
pub use provers::{Asked, Lack, Prover, Provers};
pub use removed::Removed;
pub use session::{Company, MOST_SESSIONS, Session};
pub use shown::{Held, Onlooker, Seen, Shown};
pub use standing::Mark;
pub use store::Store;
pub use table::Unconvertible;
pub use tally::{Tally, Tries};
pub use tenant::{RowStream, Tenant};
pub use transaction::Recall;
pub use waiting::Waiting;
pub use work::{Reader, RowWork, Work};
