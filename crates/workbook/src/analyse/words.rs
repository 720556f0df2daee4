//! Words that headers and labels are made of, in English and German, and which of the two a workbook speaks.

/// A header or label as lower-case words.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 4);
    let mut before = ' ';
    for c in text.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if c.is_alphanumeric() || c == '#' || c == '%' { c } else { ' ' });
        before = c;
    }
    spaced.split_whitespace().map(str::to_lowercase).collect()
}

/// Whether one of the text's words is, or (German compounds) ends with, one of these.
pub(crate) fn mentions(text: &str, list: &[&str]) -> bool {
    words(text).iter().any(|word| {
        list.iter().any(|known| word == known || (known.chars().count() >= 4 && word.ends_with(known)))
    })
}

/// A name such as `PaymentTermsDays` or `vat_rate`, as people would write it.
pub(crate) fn spaced(name: &str) -> String {
    let mut text = words(name).join(" ");
    if let Some(first) = text.chars().next() {
        text.replace_range(..first.len_utf8(), &first.to_uppercase().to_string());
    }
    text
}

/// Headers of identifiers.
pub(crate) const IDENTIFIER: [&str; 18] = [
    "id",
    "sku",
    "nr",
    "no",
    "number",
    "code",
    "key",
    "nummer",
    "#",
    "kürzel",
    "kennung",
    "isbn",
    "ean",
    "iban",
    "barcode",
    "uuid",
    "schlüssel",
    "ref",
];
/// Headers of amounts of money.
pub(crate) const MONEY: [&str; 24] = [
    "price", "amount", "cost", "costs", "revenue", "salary", "fee", "budget", "payment", "balance", "preis",
    "betrag", "kosten", "umsatz", "gehalt", "gebühr", "saldo", "rate", "netto", "brutto", "eur", "usd",
    "spend", "expense",
];
/// Headers of quantities.
pub(crate) const QUANTITY: [&str; 20] = [
    "qty",
    "quantity",
    "count",
    "hours",
    "units",
    "days",
    "total",
    "sum",
    "score",
    "points",
    "menge",
    "anzahl",
    "stunden",
    "stück",
    "tage",
    "summe",
    "gesamt",
    "punkte",
    "capacity",
    "kapazität",
];
/// Headers of long texts.
pub(crate) const PROSE: [&str; 13] = [
    "notes",
    "note",
    "comment",
    "comments",
    "remarks",
    "remark",
    "notizen",
    "notiz",
    "bemerkung",
    "bemerkungen",
    "kommentar",
    "anmerkung",
    "anmerkungen",
];
/// Labels of a row of totals.
pub(crate) const TOTAL: [&str; 12] = [
    "total",
    "totals",
    "sum",
    "subtotal",
    "summe",
    "gesamt",
    "zwischensumme",
    "gesamtsumme",
    "insgesamt",
    "grand",
    "average",
    "durchschnitt",
];

const GERMAN: [&str; 60] = [
    "und",
    "der",
    "die",
    "das",
    "für",
    "mit",
    "von",
    "nicht",
    "ist",
    "summe",
    "menge",
    "preis",
    "einzelpreis",
    "datum",
    "kunde",
    "rabatt",
    "angebot",
    "artikel",
    "mwst",
    "netto",
    "brutto",
    "betrag",
    "anzahl",
    "bezeichnung",
    "einheit",
    "monat",
    "jahr",
    "woche",
    "straße",
    "gesamt",
    "steuer",
    "rechnung",
    "lager",
    "bestand",
    "mitarbeiter",
    "zinsen",
    "zinssatz",
    "laufzeit",
    "darlehen",
    "ort",
    "plz",
    "vorname",
    "nachname",
    "kosten",
    "umsatz",
    "stunden",
    "beginn",
    "ende",
    "bemerkung",
    "ja",
    "nein",
    "aufgabe",
    "verantwortlich",
    "kategorie",
    "lieferant",
    "gewicht",
    "übersicht",
    "ausgaben",
    "einnahmen",
    "preisliste",
];
const ENGLISH: [&str; 60] = [
    "and",
    "the",
    "of",
    "for",
    "with",
    "from",
    "not",
    "is",
    "sum",
    "qty",
    "quantity",
    "price",
    "date",
    "customer",
    "discount",
    "quote",
    "item",
    "vat",
    "net",
    "gross",
    "amount",
    "count",
    "description",
    "unit",
    "month",
    "year",
    "week",
    "street",
    "total",
    "tax",
    "invoice",
    "stock",
    "inventory",
    "employee",
    "interest",
    "loan",
    "payment",
    "city",
    "zip",
    "first",
    "last",
    "cost",
    "revenue",
    "hours",
    "start",
    "end",
    "note",
    "notes",
    "yes",
    "no",
    "task",
    "owner",
    "category",
    "supplier",
    "weight",
    "overview",
    "expenses",
    "income",
    "name",
    "status",
];

/// `de` or `en`, by the words of these texts; English when nothing tells.
pub(crate) fn language<'a>(texts: impl IntoIterator<Item = &'a str>) -> &'static str {
    let (mut german, mut english) = (0_u32, 0_u32);
    for text in texts.into_iter().take(2_000) {
        german += u32::from(text.chars().any(|c| "äöüÄÖÜß".contains(c)));
        for word in words(text).iter().take(30) {
            german += 2 * u32::from(GERMAN.contains(&word.as_str()));
            english += 2 * u32::from(ENGLISH.contains(&word.as_str()));
        }
    }
    if german > english { "de" } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_understood_in_both_languages() {
        let check =
            |text: &str, list: &[&str], expect: bool| assert_eq!(mentions(text, list), expect, "{text}");
        check("transaction_id", &IDENTIFIER, true);
        check("MSTG-ID", &IDENTIFIER, true);
        check("OrderNo", &IDENTIFIER, true);
        check("Artikelnummer", &IDENTIFIER, true);
        check("Idea", &IDENTIFIER, false);
        check("Einzelpreis", &MONEY, true);
        check("Update", &PROSE, false);
    }

    #[test]
    fn language_is_that_of_the_labels() {
        assert_eq!(language(["Kunde", "Rabatt", "Einzelpreis"]), "de");
        assert_eq!(language(["SKU", "Item", "Unit price"]), "en");
        assert_eq!(language(["Xyz"]), "en");
    }
}
