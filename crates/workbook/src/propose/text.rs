//! Sentences for people, and names for things: ids, titles, icons, colours.

use std::collections::HashSet;

use crate::analyse::{ReasonText, words};

/// `1 row`, `250 rows` and the like in both languages; each pair is English, German.
pub(crate) fn counted(number: u64, one: (&str, &str), many: (&str, &str)) -> ReasonText {
    let (en, de) = if number == 1 { one } else { many };
    ReasonText::new(format!("{} {en}", grouped(number, ',')), format!("{} {de}", grouped(number, '.')))
}

/// A number with its thousands set apart.
fn grouped(number: u64, separator: char) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// Hands out ids that are used once: lower-case letters, digits and `_`, a letter first, at most 40 characters.
#[derive(Debug, Default)]
pub(crate) struct Ids(HashSet<String>);

impl Ids {
    /// An id made of these words.
    pub(crate) fn fresh(&mut self, words: &str, otherwise: &str) -> String {
        let mut id = String::new();
        for c in words.chars().flat_map(char::to_lowercase) {
            match c {
                'ä' => id.push_str("ae"),
                'ö' => id.push_str("oe"),
                'ü' => id.push_str("ue"),
                'ß' => id.push_str("ss"),
                'é' | 'è' | 'ê' => id.push('e'),
                'à' | 'á' | 'â' => id.push('a'),
                'ç' => id.push('c'),
                c if c.is_ascii_alphanumeric() => id.push(c),
                _ if !id.is_empty() && !id.ends_with('_') => id.push('_'),
                _ => {}
            }
            if id.len() >= 34 {
                break;
            }
        }
        let mut id = id.trim_matches('_').to_owned();
        if !id.starts_with(|c: char| c.is_ascii_lowercase()) {
            id = if id.is_empty() { otherwise.to_owned() } else { format!("{otherwise}_{id}") };
            id.truncate(34);
        }
        let mut unique = id.clone();
        let mut number = 2;
        while !self.0.insert(unique.clone()) {
            unique = format!("{id}_{number}");
            number += 1;
        }
        unique
    }
}

/// `sales_dashboard.xlsx` as `Sales dashboard`.
pub(crate) fn humanised(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, end)) if matches!(end.to_lowercase().as_str(), "xlsx" | "xlsm" | "csv" | "xls") => stem,
        _ => name,
    };
    let text = stem.replace(['_', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Cuts a text to this many characters, at a word where possible.
pub(crate) fn short(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let cut: String = text.chars().take(most - 1).collect();
    let cut = cut
        .rsplit_once(' ')
        .filter(|(start, _)| start.chars().count() * 2 > most)
        .map_or(cut.as_str(), |(start, _)| start)
        .to_owned();
    format!("{}…", cut.trim_end())
}

/// Whether a sheet's or file's name says nothing.
pub(crate) fn says_nothing(name: &str) -> bool {
    const EMPTY: [&str; 22] = [
        "sheet",
        "tabelle",
        "data",
        "daten",
        "dashboard",
        "book",
        "mappe",
        "workbook",
        "untitled",
        "unbenannt",
        "export",
        "test",
        "file",
        "datei",
        "document",
        "table",
        "sheet1",
        "tabelle1",
        "book1",
        "mappe1",
        "upload",
        "blatt",
    ];
    let text = name.trim().to_lowercase();
    if text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let text = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' ' || c == '(' || c == ')');
    text.is_empty() || EMPTY.contains(&text)
}

/// The icon of the client's set that fits these words, or the given one.
pub(crate) fn icon_for(text: &str, otherwise: &'static str) -> &'static str {
    const ICONS: [(&str, &[&str]); 10] = [
        ("calculator", &["calculator", "rechner", "kalkulator"]),
        (
            "box",
            &["stock", "inventory", "warehouse", "lager", "bestand", "inventar", "sku", "parts", "material"],
        ),
        ("clock", &["timesheet", "hours", "clock", "stunden", "zeiten", "arbeitszeit", "punch"]),
        ("check", &["checklist", "tasks", "task", "todo", "aufgaben", "checkliste", "security", "audit"]),
        (
            "calendar",
            &[
                "schedule",
                "calendar",
                "events",
                "event",
                "interviews",
                "termine",
                "kalender",
                "kurse",
                "plan",
            ],
        ),
        (
            "people",
            &[
                "students",
                "student",
                "employees",
                "customers",
                "people",
                "mitarbeiter",
                "kunden",
                "personen",
                "team",
            ],
        ),
        (
            "money",
            &[
                "loan", "expenses", "expense", "invoice", "quote", "price", "budget", "sales", "kredit",
                "darlehen", "angebot", "rechnung", "ausgaben", "spesen", "revenue", "umsatz",
            ],
        ),
        ("map", &["route", "routes", "map", "locations", "karte", "standorte"]),
        ("gear", &["settings", "einstellungen", "configuration", "maintenance", "wartung"]),
        ("star", &["rating", "ratings", "grades", "grade", "scores", "noten", "bewertung"]),
    ];
    ICONS.iter().find(|(_, list)| words::mentions(text, list)).map_or(otherwise, |(icon, _)| icon)
}

/// The accent colour that goes with an icon; each has at least 4.5:1 against white.
pub(crate) fn accent_for(icon: &str) -> &'static str {
    match icon {
        "calculator" => "#1d4ed8",
        "money" => "#0f766e",
        "box" => "#9a3412",
        "clock" | "calendar" => "#6d28d9",
        "check" => "#15803d",
        "people" => "#be185d",
        "chart" => "#0369a1",
        "star" => "#a16207",
        "map" => "#4d7c0f",
        _ => "#334155",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_and_used_once() {
        let mut ids = Ids::default();
        let mut check = |words: &str, expect: &str| assert_eq!(ids.fresh(words, "field"), expect, "{words}");
        check("Unit price", "unit_price");
        check("Unit price", "unit_price_2");
        check("Größe (m²)", "groesse_m");
        check("2019", "field_2019");
        check("№", "field");
        check("#", "field_2");
        check("Annual_Combined_Total_Construction_and_more", "annual_combined_total_construction");
    }

    #[test]
    fn names_are_for_people() {
        assert_eq!(humanised("sales_dashboard.xlsx"), "Sales dashboard");
        assert_eq!(humanised("v1.2 plan"), "V1.2 plan");
        assert_eq!(short("Mobile application security requirements", 24), "Mobile application…");
        assert!(
            says_nothing("Sheet1") && says_nothing("Tabelle 2") && says_nothing("") && !says_nothing("Loan")
        );
        assert_eq!(
            counted(3000, ("row", "Zeile"), ("rows", "Zeilen")),
            ReasonText::new("3,000 rows", "3.000 Zeilen")
        );
        assert_eq!(icon_for("Warehouse stock", "list"), "box");
    }
}
