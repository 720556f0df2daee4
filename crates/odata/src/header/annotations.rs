//! Which annotations a client wants: the value of `include-annotations` (OData-Protocol 4.01, section 8.2.8.4).

use std::fmt;

use super::scan::Scan;
use crate::Error;

/// A list of terms and patterns to include or exclude.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationFilter(Vec<Pattern>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Pattern {
    exclude: bool,
    /// `*`, `Namespace.*` or `Namespace.Term`.
    name: String,
    qualifier: Option<String>,
}

impl AnnotationFilter {
    /// Reads what stands in the quotes.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut scan = Scan::new(text);
        let mut patterns = Vec::new();
        loop {
            patterns.push(pattern(&mut scan)?);
            if scan.done() {
                return Ok(Self(patterns));
            }
            if !scan.eat(',') {
                return Err(scan.fail("Prefer", "Expected `,` between annotations"));
            }
        }
    }

    /// Whether an annotation with this term is wanted. The most specific pattern decides; without any it is not.
    pub fn includes(&self, term: &str, qualifier: Option<&str>) -> bool {
        let fits = |pattern: &&Pattern| {
            let named = match pattern.name.strip_suffix('*') {
                Some(namespace) => term.starts_with(namespace),
                None => pattern.name == term,
            };
            named && (pattern.qualifier.is_none() || pattern.qualifier.as_deref() == qualifier)
        };
        let weight = |pattern: &&Pattern| {
            (!pattern.name.ends_with('*'), pattern.name.len(), pattern.qualifier.is_some())
        };
        self.0.iter().filter(fits).max_by_key(weight).is_some_and(|pattern| !pattern.exclude)
    }
}

fn pattern(scan: &mut Scan<'_>) -> Result<Pattern, Error> {
    let exclude = scan.eat('-');
    let start = scan.at();
    if !scan.eat('*') {
        let mut parts = 0;
        loop {
            if parts > 0 && scan.eat('*') {
                break;
            }
            if identifier(scan).is_empty() {
                return Err(scan.fail("Prefer", "Expected a term such as Namespace.Term or a pattern"));
            }
            parts += 1;
            if !scan.eat('.') {
                if parts < 2 {
                    return Err(scan.fail("Prefer", "Expected `.` and a term after the namespace"));
                }
                break;
            }
        }
    }
    let name = scan.since(start).to_owned();
    let mut qualifier = None;
    if scan.eat('#') {
        let text = identifier(scan);
        if text.is_empty() {
            return Err(scan.fail("Prefer", "Expected a qualifier after `#`"));
        }
        qualifier = Some(text.to_owned());
    }
    Ok(Pattern { exclude, name, qualifier })
}

fn identifier<'a>(scan: &mut Scan<'a>) -> &'a str {
    if scan.rest().starts_with(|first: char| first.is_ascii_digit()) {
        return "";
    }
    scan.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for AnnotationFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pattern) in self.0.iter().enumerate() {
            let (comma, minus) = (if index > 0 { "," } else { "" }, if pattern.exclude { "-" } else { "" });
            write!(f, "{comma}{minus}{}", pattern.name)?;
            if let Some(qualifier) = &pattern.qualifier {
                write!(f, "#{qualifier}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_pattern_decides() {
        let check = |filter: &str, term: &str, qualifier: Option<&str>, expect: bool| {
            let filter = AnnotationFilter::parse(filter).unwrap();
            assert_eq!(filter.includes(term, qualifier), expect, "{filter} {term}");
        };
        check("*", "A.B.C", None, true);
        check("-*", "A.B.C", None, false);
        check("*,-A.*", "A.B.C", None, false);
        check("*,-A.*,A.B.*", "A.B.C", None, true);
        check("A.B.*,-A.B.C", "A.B.C", None, false);
        check("A.B.C", "A.B.D", None, false);
        check("A.*#tablet", "A.B", None, false);
        check("A.*#tablet", "A.B", Some("tablet"), true);
        check("A.*,-A.*#tablet", "A.B", Some("tablet"), false);
    }

    #[test]
    fn bad_filters_are_refused() {
        for bad in ["", "A", "A.", "*,", "--*", "A.B#", "A.*.B", "A.1", "*x"] {
            assert!(AnnotationFilter::parse(bad).is_err(), "{bad}");
        }
    }
}
