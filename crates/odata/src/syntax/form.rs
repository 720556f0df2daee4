//! Queries whose blanks were written the way HTML forms write them: as `+`.
//!
//! In a URL a `+` is a plus (RFC 3986), and `2020-01-01T00:00:00+01:00` needs it; yet many programs build their queries with
//! a form encoder. Those have no `%20` and no blank, since every blank became a `+`, and every plus became `%2B`. So a
//! `+` is taken for a blank where a query has neither of both, and either the `$` of an option's name came as `%24`,
//! as form encoders write it, or the query means nothing otherwise. In all other queries it stays a plus.

use std::borrow::Cow;

use super::{Limits, ast::Request};
use crate::Error;

impl Request {
    /// Reads a URL that may be written as HTML forms write theirs: the tree, and the URL as it is written otherwise.
    pub fn parse_lenient<'a>(text: &'a str, limits: &Limits) -> Result<(Self, Cow<'a, str>), Error> {
        let Some(plain) = unformed(text) else {
            return Ok((Self::parse(text, limits)?, Cow::Borrowed(text)));
        };
        let sure = named_in_escapes(text);
        let read = |text: Cow<'a, str>| Ok((Self::parse(&text, limits)?, text));
        if sure {
            return read(Cow::Owned(plain));
        }
        // What is wrong either way is told of the text as it came.
        read(Cow::Borrowed(text)).or_else(|error: Error| read(Cow::Owned(plain)).map_err(|_| error))
    }
}

/// The URL with blanks for the pluses of its query, where those may be blanks.
fn unformed(text: &str) -> Option<String> {
    let (path, query) = text.split_once('?')?;
    let may = query.contains('+') && !query.contains(' ') && !query.contains("%20");
    may.then(|| format!("{path}?{}", query.replace('+', "%20")))
}

/// Whether the name of an option begins with an escaped `$`.
fn named_in_escapes(text: &str) -> bool {
    let query = text.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|option| option.starts_with("%24"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let found = match Request::parse_lenient(text, &Limits::default()) {
            Ok((request, plain)) => {
                assert_eq!(Request::parse(&plain, &Limits::default()).as_ref(), Ok(&request), "{plain}");
                request.to_string()
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn blanks_of_forms() {
        check("A?%24filter=N+eq+%271%2B1%27", "A?$filter=N%20eq%20'1%2B1'");
        check("A?$filter=N+eq+1", "A?$filter=N%20eq%201");
        check("A?$orderby=N+desc,M", "A?$orderby=N%20desc,M");
        check("A?%24search=a+b&q=c+d", "A?$search=a%20AND%20b&q=c%20d");
        // The name says so even where a plus would mean something.
        check("A?%24filter=N+eq+%27a+b%27", "A?$filter=N%20eq%20'a%20b'");
        // In the path it is never one.
        check("A('a+b')?%24filter=N+eq+1", "A('a%2Bb')?$filter=N%20eq%201");
    }

    #[test]
    fn pluses() {
        check(
            "A?$filter=T%20gt%202020-01-01T00:00:00+01:00",
            "A?$filter=T%20gt%202020-01-01T00:00:00%2B01:00",
        );
        check("A?$filter=N eq 'a+b'", "A?$filter=N%20eq%20'a%2Bb'");
        check("A?$filter=contains(N,'a+b')", "A?$filter=contains(N,'a%2Bb')");
        check("A?$filter=(N)eq(+1)", "expected the end, found `eq(+1)` (at position 14)");
    }
}
