//! How a text file separates its values, and which sign its decimals have: both found from what is in it.

/// The signs of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// `,` `;` tab or `|`.
    pub(crate) separator: u8,
    /// The decimal sign is a comma.
    pub(crate) decimal_comma: bool,
}

/// How many records are looked at.
const SAMPLE: usize = 500;
/// Where two separators explain a file equally well, the rarer in plain text is meant.
const SEPARATORS: [u8; 4] = [b'\t', b'|', b';', b','];

impl Dialect {
    /// Finds the dialect of a text.
    pub(crate) fn find(text: &str) -> Self {
        let separator = declared(text).map_or_else(|| separator(text), |(separator, _)| separator);
        let decimal_comma = decimal_comma(body(text), separator);
        Self { separator, decimal_comma }
    }

    /// A reader of the records of a text.
    pub(crate) fn records(self, text: &str) -> csv::Reader<&[u8]> {
        reader(text, self.separator)
    }
}

/// The text behind the line `sep=;` that Excel writes and reads.
pub(crate) fn body(text: &str) -> &str {
    declared(text).map_or(text, |(_, body)| body)
}

fn declared(text: &str) -> Option<(u8, &str)> {
    let rest = text.strip_prefix("sep=")?;
    let separator = *rest.as_bytes().first().filter(|b| SEPARATORS.contains(b))?;
    let rest = &rest[1..];
    Some((separator, rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n'))?))
}

fn reader(text: &str, separator: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

fn separator(text: &str) -> u8 {
    let score = |separator: u8| {
        let mut counts = Vec::new();
        let mut record = csv::StringRecord::new();
        let mut records = reader(text, separator);
        while counts.len() < SAMPLE && records.read_record(&mut record).unwrap_or(false) {
            counts.push(record.len());
        }
        counts.sort_unstable();
        // The number of values that most records have, and how many have it.
        let most =
            counts.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).map(|same| (same[0], same.len()));
        match most {
            Some((values, records)) if values > 1 => records * 1000 / counts.len().max(1),
            _ => 0,
        }
    };
    let best = SEPARATORS.into_iter().map(score).max().unwrap_or(0);
    SEPARATORS.into_iter().find(|&separator| best > 0 && score(separator) == best).unwrap_or(b',')
}

/// Whether numbers have a decimal comma, by those that can be read in one way only.
fn decimal_comma(text: &str, separator: u8) -> bool {
    let (mut comma, mut point) = (0_usize, 0_usize);
    let mut record = csv::StringRecord::new();
    let mut records = reader(text, separator);
    for _ in 0..SAMPLE {
        if !records.read_record(&mut record).unwrap_or(false) {
            break;
        }
        for value in &record {
            match decimal_sign(value.trim()) {
                Some(b',') => comma += 1,
                Some(_) => point += 1,
                None => {}
            }
        }
    }
    // A file that keeps the comma free as a separator uses it for something else.
    if comma == point { separator == b';' } else { comma > point }
}

/// The decimal sign of a number that can have no other; `None` when it leaves the choice or is no number.
fn decimal_sign(value: &str) -> Option<u8> {
    let number = value.trim_matches(|c: char| !c.is_ascii_digit());
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.') {
        return None;
    }
    let signs: Vec<(usize, u8)> = number.bytes().enumerate().filter(|(_, b)| !b.is_ascii_digit()).collect();
    let other = |sign: u8| if sign == b',' { b'.' } else { b',' };
    let last = signs.last()?;
    let decimals = number.len() - last.0 - 1;
    let same = signs.iter().filter(|(_, sign)| *sign == last.1).count();
    if same == signs.len() && same > 1 {
        // 1.234.567 groups with it; 21.11.2026 is no number.
        let first = signs[0].0;
        let grouped = (1..=3).contains(&first)
            && signs.windows(2).all(|pair| pair[1].0 - pair[0].0 == 4)
            && decimals == 3;
        return grouped.then(|| other(last.1));
    }
    if signs.len() > 1 {
        return (same == 1).then_some(last.1);
    }
    // 1,234 can be either; 0,125 and 12345,678 and 1,5 cannot.
    (decimals != 3 || number.starts_with('0') || last.0 > 3).then_some(last.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_found() {
        let check = |text: &str, separator: char, decimal_comma: bool| {
            let expect = Dialect { separator: separator as u8, decimal_comma };
            assert_eq!(Dialect::find(text), expect, "{text:?}");
        };
        check("a,b\n1,2\n", ',', false);
        check("a;b\n1,5;2\n", ';', true);
        check("1,5;2,5\n3,5;4,5\n", ';', true);
        check("a;b\n1.5;2\n", ';', false);
        check("a\tb\n1\t2,5\n", '\t', true);
        check("a|b\n1|2\n", '|', false);
        check("name,note\n\"x, y\",\"1,5\"\n\"z; w\",\"2,25\"\n", ',', true);
        check("sep=;\na,b;c\n", ';', true);
        check("one\ntwo\n", ',', false);
        check("", ',', false);
        check("a,b\n\"1.234,50\",\"21.11.2026\"\n", ',', true);
        check("a;b\n\"1,234.50\";2\n", ';', false);
    }
}
