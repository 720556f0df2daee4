//! Companies' sign-in.

mod door;
