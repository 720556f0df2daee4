//! Whether a header names a key of another block: `Customer ID` and `Customer` name rows of `Customers`, `Kundennr.` those
//! of `Kunden`.

use gridkeep_model::ColumnType;

use super::{
    super::{
        report::{Block, BlockColumn},
        words::{QUANTITY, mentions, words},
    },
    Placed,
};

/// Words of headers that say nothing of what they name.
const PLAIN: [&str; 20] = [
    "id",
    "nr",
    "no",
    "number",
    "nummer",
    "code",
    "key",
    "#",
    "ref",
    "uuid",
    "kennung",
    "schlüssel",
    "kürzel",
    "name",
    "title",
    "titel",
    "bezeichnung",
    "label",
    "type",
    "typ",
];
/// Of ten headers so many make two blocks of one kind: one sheet a month.
const SAME: usize = 6;

/// How likely the header names the other column, by itself: none when it does not.
pub(super) fn likeness(key: &BlockColumn, to: &Placed<'_>, there: &BlockColumn) -> Option<f64> {
    let is_key = to.block.keys.contains(&there.offset);
    let text = there.column_type == ColumnType::Text;
    if !is_key && !text || mentions(&key.header, &QUANTITY) {
        return None;
    }
    let (own, other) = (stems(&key.header), stems(&there.header));
    let telling = other.iter().any(|word| !is_plain(word));
    let of_title = |title: &[String]| {
        // A number alone under the title could as well be a count of them.
        if text && ends_with(&own, title) {
            return Some(if is_key { 0.75 } else { 0.65 });
        }
        let full: Vec<String> = title.iter().chain(&other).cloned().collect();
        let named = is_key && !telling && (ends_with(&own, &full) || compound(&own, title, &other));
        named.then_some(0.85)
    };
    let by_title = titles(to).filter_map(|title| of_title(&title)).reduce(f64::max);
    let by_key = (is_key && telling && ends_with(&own, &other)).then_some(0.85);
    by_key.into_iter().chain(by_title).reduce(f64::max)
}

/// Whether the header is of the other block rather than its own: the `Employee ID` of `Salaries` names `Employees`.
pub(super) fn belongs(key: &BlockColumn, from: &Placed<'_>, to: &Placed<'_>) -> bool {
    let own = stems(&key.header);
    let named = |placed: &Placed<'_>| titles(placed).any(|title| own.contains(&title[0]));
    named(to) && !named(from)
}

/// The last word of everything a block is called.
fn titles<'a>(placed: &'a Placed<'_>) -> impl Iterator<Item = Vec<String>> + 'a {
    let titles = [placed.block.table.as_deref(), Some(placed.name), placed.title];
    titles.into_iter().flatten().filter_map(|title| Some(vec![stems(title).pop()?]))
}

/// Whether two blocks have so many headers in common that they are lists of one kind.
pub(super) fn alike(a: &Block, b: &Block) -> bool {
    let same = a
        .columns
        .iter()
        .filter(|own| b.columns.iter().any(|other| other.header.eq_ignore_ascii_case(&own.header)));
    let columns = a.columns.len().min(b.columns.len());
    same.count() * 10 >= columns * SAME && columns > 2
}

/// `Kundennr` is `Kunden` and `Nr` in one word.
fn compound(own: &[String], title: &[String], key: &[String]) -> bool {
    let ([.., word], [title], [key]) = (own, title, key) else { return false };
    let same = |key: &String| {
        word.strip_suffix(key.as_str()).is_some_and(|rest| {
            let rest = rest.trim_end_matches(['s', 'n', 'e']);
            rest.chars().count() >= 3 && rest == title.trim_end_matches(['s', 'n', 'e'])
        })
    };
    same(key) || ["nr", "nummer", "id", "code"].iter().any(|word| is_number(key) && same(&(*word).to_owned()))
}

/// Whether a word stands for a running number or a code.
fn is_number(word: &str) -> bool {
    matches!(word, "nr" | "no" | "number" | "nummer" | "id" | "code")
}

fn ends_with(words: &[String], end: &[String]) -> bool {
    words.ends_with(end) && !end.is_empty()
}

fn is_plain(stem: &str) -> bool {
    PLAIN.iter().any(|known| stemmed(known) == stem)
}

/// A text's words without what the plural adds.
fn stems(text: &str) -> Vec<String> {
    words(text).iter().map(|word| stemmed(word)).collect()
}

fn stemmed(word: &str) -> String {
    let long = word.chars().count() > 3;
    if let Some(stem) = word.strip_suffix("ies").filter(|_| long) {
        return format!("{stem}y");
    }
    // `Addresses` are `address`, `boxes` are `box`; `Kunden` and `Kunde` are `kund`, `Projekte` are `projekt`.
    for ending in ["sses", "xes", "ches", "shes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    let endings = ["en", "s", "n", "e"];
    let stem =
        endings.iter().find_map(|ending| word.strip_suffix(ending)).filter(|stem| stem.chars().count() >= 3);
    let stem = stem.filter(|_| long && !word.ends_with("ss")).unwrap_or(word);
    stem.trim_end_matches('e').to_owned()
}
