//! Which rows a grant is about, in its maker's words: a condition in the syntax of OData's `$filter`, with `user.Email` and
//! `user.Attribute` for what is known of whoever asks.
//!
//! **Architecture Invariant:** a condition is read by the service's own parser and becomes an expression over the columns of its
//! table; what stands for a person is a constant in it, never text. One that asks for what is not known of a person lets no row
//! through, whatever else it says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use gridkeep_model::{
    AppDefinition, Value,
    definition::Role,
    query::{Expr, Field, Part},
};
use gridkeep_odata::{
    bind::{Ground, PageLimits, Read},
    project::Projection,
    syntax::{Limits, ast::Request},
};
use jiff::civil;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The longest condition, in bytes.
const MOST: usize = 2_000;
/// What a constant begins with that stands for a part of the person; nobody writes it.
const MARK: char = '\u{10fffe}';

/// What is known of a person, by name without regard to case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Asking(BTreeMap<String, String>);

/// A condition that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Condition(Expr);

/// Why a condition is none, in words for its maker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unclear(pub(crate) String);

impl Asking {
    /// These facts; empty ones say nothing.
    pub(super) fn of<'a>(facts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
        Self(facts.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect())
    }
}

impl Condition {
    /// Reads a condition on the rows of a table.
    pub(crate) fn read(definition: &AppDefinition, table: &str, text: &str) -> Result<Self, Unclear> {
        if text.len() > MOST {
            return Err(Unclear(format!("a condition has at most {MOST} characters")));
        }
        if text.trim().is_empty() {
            return Err(Unclear("a condition is expected".to_owned()));
        }
        let (text, names) = marked(text)?;
        let moment = |year| civil::date(year, 1, 2).at(3, 4, 5, 0);
        let (first, second) = (bound(definition, table, &text, &names, moment(2001))?, {
            bound(definition, table, &text, &names, moment(2002))?
        });
        if first != second {
            return Err(Unclear("what depends on the moment is not offered here".to_owned()));
        }
        own_columns(&first)?;
        whole_facts(&first, &names)?;
        Ok(Self(first))
    }

    /// The expression, when it asks for nothing of a person.
    pub(crate) fn fixed(&self) -> Option<Expr> {
        self.of(&Asking::default())
    }

    /// Ids of the columns that it looks at.
    pub(crate) fn columns(&self) -> BTreeSet<String> {
        let mut columns = BTreeSet::new();
        each(&mut self.0.clone(), &mut |expr| {
            if let Expr::Field(Field { part: Part::Column(id), .. }) = expr {
                columns.insert(id.clone());
            }
        });
        columns
    }

    /// With what is known of a person; `None` when something it asks for is not.
    pub(super) fn of(&self, asking: &Asking) -> Option<Expr> {
        let mut expr = self.0.clone();
        let mut known = true;
        each(&mut expr, &mut |expr| {
            if let Expr::Literal(value) = expr
                && let Value::Text(text) = &*value
                && let Some(name) = text.strip_prefix(MARK)
            {
                match asking.0.get(&name.to_lowercase()) {
                    Some(fact) => *value = Value::Text(fact.clone()),
                    None => known = false,
                }
            }
        });
        known.then_some(expr)
    }
}

/// The text with aliases in place of the parts of a person, and their names.
fn marked(text: &str) -> Result<(String, Vec<String>), Unclear> {
    let mut out = String::with_capacity(text.len());
    let mut names: Vec<String> = Vec::new();
    let mut rest = text;
    let mut quoted = false;
    let mut before = ' ';
    while let Some(next) = rest.chars().next() {
        let of_person = rest.get(.."user.".len()).is_some_and(|start| start.eq_ignore_ascii_case("user."));
        if next == MARK {
            return Err(Unclear("a character that means nothing".to_owned()));
        }
        if !quoted && next == '@' {
            return Err(Unclear("parameter aliases are not offered here".to_owned()));
        }
        if !quoted && of_person && !(before.is_alphanumeric() || "_./".contains(before)) {
            let behind = &rest["user.".len()..];
            let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(behind.len());
            let name = &behind[..end];
            if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
                return Err(Unclear("user. is followed by a name".to_owned()));
            }
            let place = names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
            // Writing to a text never fails.
            let _ = write!(out, "@user{place}");
            rest = &behind[end..];
            before = ' ';
            continue;
        }
        quoted ^= next == '\'';
        out.push(next);
        before = next;
        rest = &rest[next.len_utf8()..];
    }
    Ok((out, names))
}

fn bound(
    definition: &AppDefinition,
    table: &str,
    text: &str,
    names: &[String],
    now: civil::DateTime,
) -> Result<Expr, Unclear> {
    let projection = Projection::of_app(definition, Role::Maker);
    let set = projection.sets.iter().find(|set| set.table == table);
    let set = set.ok_or_else(|| Unclear(format!("there is no table {table}")))?;
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut url = format!("{}?$filter={}", encoded(&set.name), encoded(text));
    for (place, name) in names.iter().enumerate() {
        let _ = write!(url, "&@user{place}={}", encoded(&format!("'{MARK}{name}'")));
    }
    // Places in messages are those of the text, not of the address around it.
    let unclear = |error: gridkeep_odata::Error| Unclear(error.message);
    let request = Request::parse(&url, &Limits::default()).map_err(unclear)?;
    let ground = Ground { projection: &projection, set, now };
    let read = Read::of(ground, None, &request.options, PageLimits::default(), 0).map_err(unclear)?;
    read.query.filter.ok_or_else(|| Unclear("a condition is expected".to_owned()))
}

/// Refuses what looks at other rows than the one it is about.
fn own_columns(expr: &Expr) -> Result<(), Unclear> {
    let mut own = true;
    each(&mut expr.clone(), &mut |expr| match expr {
        Expr::Any(..) | Expr::All(..) | Expr::Count(..) => own = false,
        Expr::Field(Field { path, scope, .. }) if !path.is_empty() || *scope > 0 => own = false,
        _ => {}
    });
    if own { Ok(()) } else { Err(Unclear("only the table's own columns can be compared".to_owned())) }
}

/// Refuses what has become another constant than the one that stands for a part of a person.
fn whole_facts(expr: &Expr, names: &[String]) -> Result<(), Unclear> {
    let mut whole = true;
    each(&mut expr.clone(), &mut |expr| {
        if let Expr::Literal(Value::Text(text)) = expr
            && text.contains(MARK)
        {
            whole &= text.strip_prefix(MARK).is_some_and(|name| names.iter().any(|known| known == name));
        }
    });
    if whole { Ok(()) } else { Err(Unclear("user. stands for a value by itself".to_owned())) }
}

/// Shows an expression and all of its parts.
fn each(expr: &mut Expr, show: &mut dyn FnMut(&mut Expr)) {
    show(expr);
    match expr {
        Expr::Literal(_) | Expr::Field(_) => {}
        Expr::Not(inner) | Expr::Negate(inner) | Expr::Cast(inner, _) => each(inner, show),
        Expr::And(all) | Expr::Or(all) | Expr::Call(_, all) => {
            for part in all {
                each(part, show);
            }
        }
        Expr::Compare(_, left, right) | Expr::Arithmetic(_, left, right) => {
            each(left, show);
            each(right, show);
        }
        Expr::In(needle, values) => {
            each(needle, show);
            for value in values {
                each(value, show);
            }
        }
        Expr::Case(branches) => {
            for (condition, value) in branches {
                each(condition, show);
                each(value, show);
            }
        }
        Expr::Any(_, condition) | Expr::Count(_, condition) => {
            if let Some(condition) = condition {
                each(condition, show);
            }
        }
        Expr::All(_, condition) => each(condition, show),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition() -> AppDefinition {
        let column =
            |id: &str, name: &str| json!({ "id": id, "title": id, "type": { "name": name }, "kind": "text" });
        let mut other = column("customer", "text");
        other["refers"] = json!({ "table": "customers", "column": "code" });
        let table = |id: &str, columns: Vec<serde_json::Value>| {
            json!({ "id": id, "title": id, "source": { "from": "table", "name": id }, "columns": columns,
                "key": "code", "access": { "see": [], "insert": [], "update": [], "delete": [] } })
        };
        let orders = vec![
            column("code", "text"),
            column("region", "text"),
            column("count", "integer"),
            column("day", "date"),
            other,
        ];
        let customers = vec![column("code", "text"), column("name", "text")];
        serde_json::from_value(json!({
            "schemaVersion": 1, "name": "Test", "icon": "list", "accent": "#000000", "language": "en",
            "screens": [], "tables": [table("orders", orders), table("customers", customers)]
        }))
        .unwrap()
    }

    #[test]
    fn conditions_are_read_and_bound_to_a_person() {
        let asking =
            Asking::of([("Email", "ann@x.org"), ("Region", "no'rth"), ("Level", "3"), ("Empty", "")]);
        let check = |text: &str, expect: Option<&str>| {
            let condition = Condition::read(&definition(), "orders", text).unwrap();
            let expr = condition.of(&asking).map(|expr| format!("{expr:?}"));
            let found = expr.as_ref().map(|expr| {
                assert!(!expr.contains(MARK), "{expr}");
                expect.is_some_and(|expect| expr.contains(expect))
            });
            assert_eq!(found, expect.map(|_| true), "{text}: {expr:?}");
        };
        check("Region eq user.Region", Some("Literal(Text(\"no'rth\"))"));
        check("USER.region eq Region", Some("Literal(Text(\"no'rth\"))"));
        check("Region eq 'user.Region'", Some("Literal(Text(\"user.Region\"))"));
        check("(Region eq user.Region or Region eq 'all') and Count gt 1", Some("no'rth"));
        check("Count eq cast(user.Level,Edm.Int64)", Some("Cast("));
        check("contains(tolower(Code),user.Email)", Some("ann@x.org"));
        // Nobody sees a row by what is not known of them, whatever else the condition says.
        for unknown in ["user.Country", "user.Empty"] {
            check(&format!("Region eq {unknown}"), None);
            check(&format!("Region ne {unknown}"), None);
            check(&format!("not (Region eq {unknown})"), None);
            check(&format!("{unknown} eq null or true"), None);
        }
    }

    #[test]
    fn what_is_no_condition_is_refused_in_words() {
        let check = |table: &str, text: &str| {
            let refused = Condition::read(&definition(), table, text);
            assert!(refused.as_ref().is_err_and(|Unclear(why)| !why.is_empty()), "{text}: {refused:?}");
        };
        for text in [
            "",
            " ",
            "Region",
            "Region eq",
            "Nowhere eq 1",
            "Region eq 1",
            "Count eq user.Level",
            "Region eq user.",
            "Region eq @p",
            "day lt now()",
            "Day lt date(now())",
            "Customers/any()",
            "Customer/Name eq 'x'",
            "Region eq 'x'&$top=1",
            "Region eq \u{10fffe}",
        ] {
            check("orders", text);
        }
        check("nowhere", "Region eq 'x'");
        check("orders", &format!("Region eq '{}'", "x".repeat(MOST)));
    }
}
