//! What handlers are told: the row of the log as it stands now, so that what was erased meanwhile is told nobody.

use gridkeep_model::TenantId;
use gridkeep_store::{
    Delivery, Reader,
    audit::{Entry, KeptValue, hex},
};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::{audit::SignedHead, error::ApiError, language::Language, mail::Told};

/// An event with what the log says of it.
pub(super) struct Message {
    delivery: Delivery,
    row: Option<(Entry, Vec<KeptValue>)>,
}

impl Message {
    /// Reads what there is to say.
    pub(super) fn read(reader: &mut Reader<'_>, delivery: Delivery) -> Result<Self, ApiError> {
        let row = match delivery.sequence {
            Some(sequence) => match reader.audit_entry(sequence)? {
                Some(entry) => Some((entry, reader.audit_values(&[sequence])?)),
                None => None,
            },
            None => None,
        };
        Ok(Self { delivery, row })
    }

    /// As JSON: `type`, `timestamp` and `data`.
    pub(super) fn json(&self, tenant: TenantId) -> String {
        let mut data: Map<String, Value> = serde_json::from_str(&self.delivery.body).unwrap_or_default();
        data.insert("tenant".to_owned(), json!(tenant));
        if let Some((entry, values)) = &self.row {
            let personal: Map<String, Value> =
                values.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
            data.insert("sequence".to_owned(), json!(entry.sequence));
            data.insert("kind".to_owned(), json!(entry.kind));
            data.insert("subject".to_owned(), json!(entry.subject));
            data.insert("facts".to_owned(), serde_json::from_str(&entry.facts).unwrap_or_default());
            data.insert("personal".to_owned(), Value::Object(personal));
            data.insert("hash".to_owned(), json!(hex(&entry.hash)));
        }
        let at = self.delivery.at.to_string();
        json!({"type": self.delivery.name, "timestamp": at, "data": data}).to_string()
    }

    /// A signed head as an object of its own: its name and what is in it. Another head of as many rows is another object, so
    /// that neither stands for the other.
    pub(super) fn object(&self, tenant: TenantId) -> Option<(String, String)> {
        let head: SignedHead = serde_json::from_str(&self.delivery.body).ok()?;
        let root = head.root.get(..16).filter(|root| root.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let content = serde_json::to_string(&head).ok()?;
        Some((format!("{tenant}/{:012}-{root}.json", head.size), format!("{content}\n")))
    }

    /// As a mail.
    pub(super) fn mail(&self, tenant: TenantId, (link, place): (String, &str), language: Language) -> Told {
        let name = plain(&self.delivery.name);
        let said = |english: &str, german: &str| match language {
            Language::English => english.to_owned(),
            Language::German => german.to_owned(),
        };
        let mut lines = vec![format!("{}: {}", said("Time", "Zeit"), moment(self.delivery.at))];
        if let Some((entry, values)) = &self.row {
            lines.push(format!("{}: {}", said("What", "Was"), plain(&entry.kind)));
            if !entry.subject.is_empty() {
                lines.push(format!("{}: {}", said("About", "Worüber"), plain(&entry.subject)));
            }
            for (name, words) in [
                ("user", said("Who", "Wer")),
                ("message", said("Message", "Nachricht")),
                ("comment", said("Comment", "Kommentar")),
            ] {
                if let Some(value) = values.iter().find(|value| value.name == name) {
                    let said = values
                        .iter()
                        .rev()
                        .filter(|own| name == "message" && own.name.starts_with("address_"));
                    let said = said.fold(value.value.clone(), |text, own| {
                        let place = format!("&{}", own.name.to_uppercase());
                        text.replace(&place, &own.value)
                    });
                    lines.push(format!("{words}: {}", plain(&said)));
                }
            }
            lines.push(format!("{}: {}", said("Row of the log", "Zeile im Protokoll"), entry.sequence));
        }
        if let Some((_, head)) = self.object(tenant) {
            return Self::head(head.trim_end(), (link, place), &lines, &said);
        }
        Told {
            subject: said(&format!("Security event: {name}"), &format!("Sicherheitsereignis: {name}")),
            text: vec![
                said(
                    &format!("Something happened at {place} that you are told of."),
                    &format!("Bei {place} ist etwas geschehen, worüber Sie benachrichtigt werden."),
                ),
                lines.join("\n"),
            ],
            link: (said("Open the log", "Protokoll öffnen"), link),
        }
    }

    /// A signed head, as a line that the command compares with.
    fn head(
        line: &str,
        (link, place): (String, &str),
        lines: &[String],
        said: &impl Fn(&str, &str) -> String,
    ) -> Told {
        Told {
            subject: said("A signed head of the log", "Ein signierter Stand des Protokolls"),
            text: vec![
                said(
                    &format!(
                        "The log of {place} was signed. Keep this mail: what it says cannot be made up later."
                    ),
                    &format!(
                        "Das Protokoll von {place} wurde signiert. Bewahren Sie diese Nachricht auf: Was darin steht, lässt sich später nicht erfinden."
                    ),
                ),
                lines.join("\n"),
                said(
                    "As a line of a file, \u{201c}gridkeep audit verify --head FILE\u{201d} compares the log with it:",
                    "Als Zeile einer Datei vergleicht \u{201e}gridkeep audit verify --head DATEI\u{201c} das Protokoll damit:",
                ),
                line.to_owned(),
            ],
            link: (said("Open the log", "Protokoll öffnen"), link),
        }
    }
}

fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// One line of at most 500 characters, without what controls anything.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines() {
        assert_eq!(plain("a\r\nBcc: x\u{7}y"), "a  Bcc: x y");
        assert_eq!(plain(&"x".repeat(900)).len(), 500);
    }
}
