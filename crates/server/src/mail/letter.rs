//! A mail as it is sent: the same parts as plain text and as HTML.

use std::fmt::Write;

/// What somebody reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A paragraph.
    Text(String),
    /// A button: its words and where it leads.
    Link(String, String),
}

impl Letter {
    /// As plain text.
    pub(super) fn text(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Link(words, address) => format!("{words}:\n{address}"),
        });
        parts.collect::<Vec<_>>().join("\n\n") + "\n"
    }

    /// As HTML without anything that is fetched.
    pub(super) fn html(&self, language: &str) -> String {
        let mut html = format!(
            "<!doctype html><html lang=\"{}\"><body style=\"font:16px/1.5 system-ui,sans-serif;color:#1b2026;max-width:36em\">",
            escaped(language)
        );
        for part in &self.parts {
            let _ = match part {
                Part::Text(text) => write!(html, "<p>{}</p>", escaped(text).replace('\n', "<br>")),
                Part::Link(words, address) => write!(
                    html,
                    "<p><a href=\"{0}\" style=\"display:inline-block;padding:.6em 1em;border-radius:.4em;\
                     background:#1f5f8b;color:#fff;text-decoration:none\">{1}</a></p>\
                     <p style=\"font-size:13px;word-break:break-all\">{0}</p>",
                    escaped(address),
                    escaped(words)
                ),
            };
        }
        html + "</body></html>"
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same_and_nothing_gets_out_of_its_place() {
        let letter = Letter {
            subject: "Hello".to_owned(),
            parts: vec![
                Part::Text("Hello <script>alert(1)</script>,\nyou".to_owned()),
                Part::Link("Open".to_owned(), "https://apps.example/x?a=1&b=\"".to_owned()),
            ],
        };
        assert_eq!(
            letter.text(),
            "Hello <script>alert(1)</script>,\nyou\n\nOpen:\nhttps://apps.example/x?a=1&b=\"\n"
        );
        let html = letter.html("en");
        assert!(html.contains("<p>Hello &lt;script&gt;alert(1)&lt;/script&gt;,<br>you</p>"), "{html}");
        assert!(html.contains("href=\"https://apps.example/x?a=1&amp;b=&quot;\""), "{html}");
    }
}
