//! Text as [`super::Expr`] means it: Unicode characters (scalar values), each with its own case.

/// How many characters of a text decide its place in an order. Bounded, so that a database can index it.
pub const SORT_KEY_CHARS: usize = 64;

/// Text without regard to case, for searching: upper, then lower case of each character, so that `ß` is `ss`
/// and both Greek sigmas are one.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// What text is ordered by: the first [`SORT_KEY_CHARS`] characters of its folded form.
pub fn sort_key(text: &str) -> String {
    fold(text).chars().take(SORT_KEY_CHARS).collect()
}

/// Each character's lower case; what a character's place in a word does to it is left out.
pub fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Each character's upper case.
pub fn upper(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).collect()
}

/// The characters from `start` on, `length` of them or all. A negative start counts from the end, one before the beginning
/// is the beginning; a negative length is none.
pub fn substring(text: &str, start: i64, length: Option<i64>) -> String {
    let skip = if start < 0 {
        let count = text.chars().count();
        count.saturating_sub(usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX))
    } else {
        usize::try_from(start).unwrap_or(usize::MAX)
    };
    let take = length.map_or(usize::MAX, |length| usize::try_from(length.max(0)).unwrap_or(usize::MAX));
    text.chars().skip(skip).take(take).collect()
}

/// Where a text begins in another, in characters from 0; -1 when it does not.
pub fn index_of(text: &str, part: &str) -> i64 {
    text.find(part).map_or(-1, |at| text[..at].chars().count() as i64)
}

/// How a database without Unicode tables changes case: two texts whose characters belong to each other, and the pairs of
/// those characters that become several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseMap {
    /// Characters.
    pub from: String,
    /// What each of them becomes.
    pub to: String,
    /// The others, each followed by what it becomes and by a line feed.
    pub long: String,
}

impl CaseMap {
    /// The map of a function of single characters.
    pub fn of(change: impl Fn(&str) -> String) -> Self {
        let mut map = Self { from: String::new(), to: String::new(), long: String::new() };
        let mut buffer = [0; 4];
        for character in '\u{80}'..=char::MAX {
            let changed = change(character.encode_utf8(&mut buffer));
            let mut characters = changed.chars();
            match (characters.next(), characters.next()) {
                (Some(single), None) if single != character => {
                    map.from.push(character);
                    map.to.push(single);
                }
                (Some(_), Some(_)) => {
                    map.long.push(character);
                    map.long.push_str(&changed);
                    map.long.push('\n');
                }
                _ => {}
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_finds_what_people_expect() {
        let check = |text: &str, expect: &str| assert_eq!(fold(text), expect);
        check("Straße", "strasse");
        check("STRASSE", "strasse");
        check("Übung", "übung");
        check("ΟΔΟΣ οδος", "οδοσ οδοσ");
        check("100%_A", "100%_a");
        check("", "");
        assert_eq!(sort_key(&"ä".repeat(100)).chars().count(), SORT_KEY_CHARS);
    }

    #[test]
    fn what_a_character_becomes_stays() {
        // A database changes the characters that become several first, then all others: the former must not change again.
        for change in [fold, lower, upper] {
            let map = CaseMap::of(change);
            assert_eq!(map.from.chars().count(), map.to.chars().count());
            for line in map.long.lines() {
                let (_, parts) = line.split_at(line.chars().next().unwrap().len_utf8());
                assert_eq!(change(parts), parts, "{line}");
            }
        }
    }

    #[test]
    fn parts_are_counted_in_characters() {
        let check = |start, length, expect: &str| {
            assert_eq!(substring("äß💶d", start, length), expect, "{start} {length:?}");
        };
        check(0, None, "äß💶d");
        check(1, Some(2), "ß💶");
        check(-2, None, "💶d");
        check(-2, Some(1), "💶");
        check(-9, Some(2), "äß");
        check(2, Some(0), "");
        check(2, Some(-1), "");
        check(9, Some(i64::MAX), "");
        check(i64::MIN, Some(1), "ä");
        check(i64::MAX, None, "");
        assert_eq!(index_of("äß💶d", "💶"), 2);
        assert_eq!(index_of("äß", "x"), -1);
        assert_eq!(index_of("äß", ""), 0);
    }
}
