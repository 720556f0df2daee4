//! A mail that another room writes: carried at once, and tried again by whoever asked.

use gridkeep_model::MailId;

use super::{
    Post,
    carrier::Carried,
    letter::{Letter, Part},
};
use crate::language::Language;

/// What a handler of events is told by mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// One line.
    pub subject: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// A button: its words and where it leads.
    pub link: (String, String),
}

impl Post {
    /// Has it carried; what went wrong otherwise.
    pub async fn tell(&self, id: MailId, to: &str, told: Told, language: Language) -> Result<(), String> {
        let (words, address) = told.link;
        let mut parts: Vec<Part> = told.text.into_iter().map(Part::Text).collect();
        parts.push(Part::Link(words, address));
        let letter = Letter { subject: told.subject, parts };
        match self.carrier().carry(id, to, &letter, language.tag()).await {
            Carried::Sent | Carried::Kept => Ok(()),
            Carried::Refused(answer) | Carried::Later(answer) => Err(answer),
        }
    }
}
