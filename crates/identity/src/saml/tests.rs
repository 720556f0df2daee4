//! Answers as providers make them, and as thieves would. Whatever is refused is refused by name here, and only here.

mod answers;
mod canonical;
mod counterpart;
mod keys;
mod maker;
mod metadata;
mod mutation;
mod wrapping;
