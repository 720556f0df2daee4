//! `Prefer` and `Preference-Applied` (RFC 7240; OData-Protocol 4.01, section 8.2.8).

use std::fmt;

use super::{AnnotationFilter, scan::Scan};
use crate::Error;

/// What a changed resource is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// Its representation.
    Representation,
    /// As little as possible.
    Minimal,
}

/// Which values may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omit {
    /// Nulls.
    Nulls,
    /// Defaults, which are null where none is declared.
    Defaults,
}

/// A preference that means something here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preference {
    /// `allow-entityreferences`
    AllowEntityReferences,
    /// `callback; url="…"`
    Callback {
        /// Where to call.
        url: String,
    },
    /// `continue-on-error`, `continue-on-error=false`
    ContinueOnError(bool),
    /// `handling=strict`: what is not understood is refused, not ignored.
    Strict(bool),
    /// `include-annotations="…"`
    IncludeAnnotations(AnnotationFilter),
    /// `maxpagesize=…`, at least 1.
    MaxPageSize(u64),
    /// `omit-values=…`
    OmitValues(Omit),
    /// `respond-async`
    RespondAsync,
    /// `return=…`
    Return(Return),
    /// `track-changes`
    TrackChanges,
    /// `wait=…`, in seconds.
    Wait(u64),
}

impl Preference {
    /// Reads one preference. `None` when the name means nothing here, an error when its value is wrong. The flag says
    /// whether it came with the prefix `odata.`.
    pub fn parse(text: &str) -> Result<Option<(Self, bool)>, Error> {
        let mut scan = Scan::new(text.trim_matches([' ', '\t']));
        let spelled = scan.token().to_ascii_lowercase();
        let value = if scan.eat_loose('=') {
            Some(scan.word().ok_or_else(|| scan.fail("Prefer", format!("Expected a value of {spelled}")))?)
        } else {
            None
        };
        let mut parameters = Vec::new();
        while scan.eat_loose(';') {
            let name = scan.token().to_ascii_lowercase();
            parameters.push((name, if scan.eat_loose('=') { scan.word() } else { None }));
        }
        if spelled.is_empty() || !scan.done() {
            return Err(scan.fail("Prefer", "Expected a preference such as return=minimal"));
        }
        let name = spelled.strip_prefix("odata.").unwrap_or(&spelled);
        let prefixed = name.len() < spelled.len();
        let wrong = |expected: &str| scan.fail("Prefer", format!("{spelled} expects {expected}"));
        let bare = |preference: Self| if value.is_none() { Ok(preference) } else { Err(wrong("no value")) };
        let number = |expected: &str| {
            let digits = value.as_deref().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
            digits.and_then(|text| text.parse::<u64>().ok()).ok_or_else(|| wrong(expected))
        };
        let value = value.as_deref();
        let preference = match (name, prefixed) {
            ("allow-entityreferences", _) => bare(Self::AllowEntityReferences)?,
            ("callback", _) => {
                bare(Self::TrackChanges)?;
                let url = parameters.iter().find(|(name, _)| name == "url").and_then(|(_, url)| url.clone());
                let absolute = |url: &String| {
                    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
                    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
                };
                Self::Callback {
                    url: url
                        .filter(absolute)
                        .ok_or_else(|| wrong("the parameter url with an absolute URL"))?,
                }
            }
            ("continue-on-error", _) => {
                Self::ContinueOnError(match value.map(str::to_ascii_lowercase).as_deref() {
                    None | Some("true") => true,
                    Some("false") => false,
                    Some(_) => return Err(wrong("true or false")),
                })
            }
            ("handling", false) => Self::Strict(match value {
                Some("strict") => true,
                Some("lenient") => false,
                _ => return Err(wrong("strict or lenient")),
            }),
            ("include-annotations", _) => {
                let list = value.ok_or_else(|| wrong("a list of terms and patterns in quotes"))?;
                Self::IncludeAnnotations(AnnotationFilter::parse(list)?)
            }
            ("maxpagesize", _) => match number("a number of at least 1")? {
                0 => return Err(wrong("a number of at least 1")),
                size => Self::MaxPageSize(size),
            },
            ("omit-values", _) => Self::OmitValues(match value {
                Some("nulls") => Omit::Nulls,
                Some("defaults") => Omit::Defaults,
                _ => return Err(wrong("nulls or defaults")),
            }),
            ("respond-async", false) => bare(Self::RespondAsync)?,
            ("return", false) => Self::Return(match value {
                Some("representation") => Return::Representation,
                Some("minimal") => Return::Minimal,
                _ => return Err(wrong("representation or minimal")),
            }),
            ("track-changes", _) => bare(Self::TrackChanges)?,
            ("wait", false) => Self::Wait(number("a number of seconds")?),
            _ => return Ok(None),
        };
        Ok(Some((preference, prefixed)))
    }

    fn name(&self) -> &'static str {
        match self {
            Self::AllowEntityReferences => "allow-entityreferences",
            Self::Callback { .. } => "callback",
            Self::ContinueOnError(_) => "continue-on-error",
            Self::Strict(_) => "handling",
            Self::IncludeAnnotations(_) => "include-annotations",
            Self::MaxPageSize(_) => "maxpagesize",
            Self::OmitValues(_) => "omit-values",
            Self::RespondAsync => "respond-async",
            Self::Return(_) => "return",
            Self::TrackChanges => "track-changes",
            Self::Wait(_) => "wait",
        }
    }
}

impl fmt::Display for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::AllowEntityReferences
            | Self::RespondAsync
            | Self::TrackChanges
            | Self::ContinueOnError(true) => Ok(()),
            Self::Callback { url } => {
                write!(f, ";url=\"{}\"", url.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Self::ContinueOnError(false) => f.write_str("=false"),
            Self::Strict(strict) => f.write_str(if *strict { "=strict" } else { "=lenient" }),
            Self::IncludeAnnotations(filter) => write!(f, "=\"{filter}\""),
            Self::MaxPageSize(number) | Self::Wait(number) => write!(f, "={number}"),
            Self::OmitValues(omit) => f.write_str(if *omit == Omit::Nulls { "=nulls" } else { "=defaults" }),
            Self::Return(Return::Minimal) => f.write_str("=minimal"),
            Self::Return(Return::Representation) => f.write_str("=representation"),
        }
    }
}

/// The preferences of a request. Each is there once: one without the prefix `odata.` wins over one with it, otherwise
/// the first wins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preferences {
    known: Vec<(Preference, bool)>,
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident, $result:ty, $pattern:pat => $value:expr) => {
        $(#[$doc])*
        pub fn $name(&self) -> Option<$result> {
            self.known.iter().find_map(|(preference, _)| match preference {
                $pattern => Some($value),
                _ => None,
            })
        }
    };
}

impl Preferences {
    /// Reads all `Prefer` headers of a request. Preferences that mean nothing here, and ones whose value is wrong, are
    /// ignored as the standard wants; with `handling=strict` a wrong value is refused.
    pub fn parse<'a>(headers: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut found = Self::default();
        let mut wrong = None;
        for header in headers {
            let mut scan = Scan::new(header);
            while !scan.done() {
                let item = scan.list_item();
                if item.trim().is_empty() {
                    continue;
                }
                match Preference::parse(item) {
                    Ok(Some((preference, prefixed))) => found.add(preference, prefixed),
                    Ok(None) => {}
                    Err(error) => wrong = wrong.or(Some(error)),
                }
            }
        }
        match wrong {
            Some(error) if found.strict() => Err(error),
            _ => Ok(found),
        }
    }

    fn add(&mut self, preference: Preference, prefixed: bool) {
        match self.known.iter_mut().find(|(known, _)| known.name() == preference.name()) {
            None => self.known.push((preference, prefixed)),
            Some(known) if known.1 && !prefixed => *known = (preference, prefixed),
            Some(_) => {}
        }
    }

    /// What a batch asks for holds for each request in it that does not say otherwise; only the preferences that
    /// section 8.2.8 lets a request inherit.
    #[must_use]
    pub fn inherit(mut self, batch: &Self) -> Self {
        for (preference, prefixed) in &batch.known {
            let inherited =
                matches!(preference, Preference::AllowEntityReferences | Preference::IncludeAnnotations(_));
            if inherited && !self.known.iter().any(|(known, _)| known.name() == preference.name()) {
                self.known.push((preference.clone(), *prefixed));
            }
        }
        self
    }

    /// Whether what is not understood is to be refused.
    pub fn strict(&self) -> bool {
        self.known.iter().any(|(preference, _)| *preference == Preference::Strict(true))
    }

    /// Whether changes are to be tracked.
    pub fn track_changes(&self) -> bool {
        self.known.iter().any(|(preference, _)| *preference == Preference::TrackChanges)
    }

    /// Whether the answer may come later.
    pub fn respond_async(&self) -> bool {
        self.known.iter().any(|(preference, _)| *preference == Preference::RespondAsync)
    }

    /// Whether a reference may stand for an entity that was answered before.
    pub fn allow_entity_references(&self) -> bool {
        self.known.iter().any(|(preference, _)| *preference == Preference::AllowEntityReferences)
    }

    getter!(
        /// Most items a page may have.
        max_page_size, u64, Preference::MaxPageSize(size) => *size);
    getter!(
        /// What a change is answered with.
        returns, Return, Preference::Return(it) => *it);
    getter!(
        /// Which values may be left out.
        omit_values, Omit, Preference::OmitValues(it) => *it);
    getter!(
        /// Whether the rest goes on after an error; unspoken, each format has its own default.
        continue_on_error, bool, Preference::ContinueOnError(it) => *it);
    getter!(
        /// Longest time to wait for the answer, in seconds.
        wait, u64, Preference::Wait(it) => *it);
    getter!(
        /// Whom to call when there is news.
        callback, &str, Preference::Callback { url } => url.as_str());
    getter!(
        /// Which annotations are wanted.
        include_annotations, &AnnotationFilter, Preference::IncludeAnnotations(it) => it);

    /// The value of `Preference-Applied`: each preference as `applied` says it was followed, perhaps with another value,
    /// spelled as the client spelled it. `None` when none was.
    pub fn applied(&self, mut applied: impl FnMut(&Preference) -> Option<Preference>) -> Option<String> {
        let spell = |(preference, prefixed): &(Preference, bool)| {
            let prefix = if *prefixed { "odata." } else { "" };
            applied(preference).map(|preference| format!("{prefix}{preference}"))
        };
        let list: Vec<_> = self.known.iter().filter_map(spell).collect();
        (!list.is_empty()).then(|| list.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_collected() {
        let check = |input: &[&str], expect: &str| {
            let found = Preferences::parse(input.iter().copied());
            let found = found.map_or_else(
                |error| error.to_string(),
                |it| it.applied(|p| Some(p.clone())).unwrap_or_default(),
            );
            assert_eq!(found, expect, "{input:?}");
        };
        check(&[], "");
        check(&["return=minimal"], "return=minimal");
        check(&["return=minimal, return=representation"], "return=minimal");
        check(&["odata.maxpagesize=5", "maxpagesize=7, wait=3"], "maxpagesize=7, wait=3");
        check(
            &["odata.track-changes,, foo=\"a,b\";c , odata.continue-on-error=false"],
            "odata.track-changes, odata.continue-on-error=false",
        );
        check(&["RETURN=\"representation\""], "return=representation");
        check(&["maxpagesize=0, respond-async"], "respond-async");
        check(
            &["maxpagesize=0, handling=strict"],
            "maxpagesize expects a number of at least 1 (at position 14)",
        );
        check(&["callback; url=\"http://a/b?c,d\""], "callback;url=\"http://a/b?c,d\"");
        check(&["odata.include-annotations=\"*,-A.B\""], "odata.include-annotations=\"*,-A.B\"");
        check(&["omit-values=nulls, allow-entityreferences"], "omit-values=nulls, allow-entityreferences");
    }

    #[test]
    fn getters_and_inheritance() {
        let batch = Preferences::parse(["include-annotations=\"*\", maxpagesize=3"]).unwrap();
        let mine = Preferences::parse(["return=minimal,omit-values=nulls"]).unwrap().inherit(&batch);
        assert_eq!((mine.returns(), mine.omit_values()), (Some(Return::Minimal), Some(Omit::Nulls)));
        assert!(mine.max_page_size().is_none() && mine.include_annotations().is_some());
        let applied = mine
            .applied(|it| matches!(it, Preference::Return(_)).then_some(Preference::Return(Return::Minimal)));
        assert_eq!(applied.as_deref(), Some("return=minimal"));
    }
}
