//! Mails: asked for by other rooms, written when they are sent, sent or kept to be read here.
//!
//! **Architecture Invariant:** whoever asks for a mail only notes what it is about and to whom it goes. What it says, and the
//! links in it, come to be when it is sent: no link lies in the database, and asking takes as long for an address that
//! nobody has as for any other.

mod carrier;
mod letter;
mod post;
mod security;
mod told;
mod unmeetable;
mod written;

pub use carrier::{Carrier, CarrierError};
pub use post::{Post, Wish};
pub use told::Told;
