//! What PostgreSQL says in its own way. Its functions `gk_...` come with the tenant's migrations.

use std::sync::LazyLock;

use gridkeep_model::{
    ColumnType,
    query::{
        Arithmetic, Function, Reduce, Type, Typed, fold,
        text::{CaseMap, lower, upper},
    },
};

use sea_query::Value as Bound;

use crate::sql::{Operation, Words, Writer};

/// PostgreSQL's way.
pub(crate) struct PostgresWords;

/// Rust's Unicode tables, so that both databases and the memory change case alike.
static LOWER: LazyLock<CaseMap> = LazyLock::new(|| CaseMap::of(lower));
static UPPER: LazyLock<CaseMap> = LazyLock::new(|| CaseMap::of(upper));
static FOLD: LazyLock<CaseMap> = LazyLock::new(|| CaseMap::of(fold));
/// All Unicode white space.
static SPACE: LazyLock<String> =
    LazyLock::new(|| ('\0'..=char::MAX).filter(|character| character.is_whitespace()).collect());

/// See [`super::Link::folded`].
pub(super) fn folded(text: &str, values: &mut Vec<Bound>) -> String {
    values.extend([&FOLD.from, &FOLD.to, &FOLD.long].map(|part| part.as_str().into()));
    let last = values.len();
    format!("gk_lower({text}, ${}, ${}, ${last})", last - 2, last - 1)
}

impl Words for PostgresWords {
    fn nulls(&self, descending: bool) -> &'static str {
        if descending { " NULLS LAST" } else { " NULLS FIRST" }
    }

    fn bound_type(&self, ty: Type) -> Option<&'static str> {
        Some(match ty {
            Type::Null | Type::Column(ColumnType::Text) => "text",
            Type::Column(ColumnType::Integer | ColumnType::Duration) => "bigint",
            Type::Column(ColumnType::Decimal { .. }) => "numeric",
            Type::Column(ColumnType::Double) => "double precision",
            Type::Column(ColumnType::Boolean) => "boolean",
            Type::Column(ColumnType::Date) => "date",
            Type::Column(ColumnType::Time) => "time",
            Type::Column(ColumnType::DateTime) => "timestamp",
            Type::Column(ColumnType::Guid) => "uuid",
            Type::Column(ColumnType::Binary) => "bytea",
        })
    }

    fn position(&self) -> &'static str {
        "strpos"
    }

    fn collation(&self) -> &'static str {
        " COLLATE \"C\""
    }

    fn operation(&self, writer: &mut Writer<'_>, operation: Operation, arguments: &[&Typed], ty: Type) {
        match (operation, arguments) {
            (Operation::Negate, [number]) => match ty {
                Type::INTEGER | Type::DURATION => {
                    around(writer, "gk_integer(-(", &[*number], ")::numeric)");
                }
                Type::DOUBLE => around(writer, "(0 - ", &[*number], ")"),
                _ => around(writer, "(-", &[*number], ")"),
            },
            (Operation::Arithmetic(operator), [left, right]) => {
                if !moments(writer, operator, left, right) {
                    arithmetic(writer, operator, left, right, ty);
                }
            }
            (Operation::Cast, [value]) => cast(writer, value, ty),
            (Operation::Call(function), arguments) => call(writer, function, arguments),
            _ => writer.push("NULL"),
        }
    }

    fn comparable(&self, writer: &mut Writer<'_>, number: &Typed, _: &Typed) {
        writer.plain(number);
    }

    fn compare_plainly(&self, _: &Writer<'_>, _: &Typed, _: &Typed) -> bool {
        true
    }

    fn uniform(&self, writer: &mut Writer<'_>, value: &Typed) {
        writer.plain(value);
    }

    fn aggregate(&self, writer: &mut Writer<'_>, reduce: Reduce, of: Option<&Typed>, ty: Type) {
        let Some(of) = of else { return writer.push("count(*)") };
        let scale = ty.scale().unwrap_or(0);
        let of = &[of];
        match (reduce, of[0].ty) {
            (Reduce::Count, _) => writer.push("count(*)"),
            (Reduce::CountDistinct, _) => around(writer, "count(DISTINCT ", of, ")"),
            (_, Type::Null) => writer.push("CAST(NULL AS bigint)"),
            // As text they have the same order, and an aggregate on every version.
            (Reduce::Min, Type::GUID) => around(writer, "min((", of, ")::text COLLATE \"C\")::uuid"),
            (Reduce::Max, Type::GUID) => around(writer, "max((", of, ")::text COLLATE \"C\")::uuid"),
            (Reduce::Min | Reduce::Max, Type::TEXT) => extreme(writer, reduce, of[0], false),
            (Reduce::Min, _) => around(writer, "min(", of, ")"),
            (Reduce::Max, _) => around(writer, "max(", of, ")"),
            (Reduce::Sum, Type::DOUBLE) => {
                around(writer, "gk_numeric_double(sum((", of, ")::numeric))");
            }
            (Reduce::Average, Type::DOUBLE) => {
                around(writer, "gk_divide(gk_numeric_double(sum((", of, ")::numeric)), count(");
                around(writer, "", of, ")::double precision)");
            }
            (Reduce::Sum, Type::INTEGER) => around(writer, "gk_integer(sum(", of, "))"),
            (Reduce::Sum, _) => around(writer, "gk_within(sum(", of, &format!("), {})", limit(scale))),
            (Reduce::Average, _) => {
                around(writer, "gk_within(gk_quotient(sum(", of, ")::numeric, count(");
                around(
                    writer,
                    "",
                    of,
                    &format!(")::numeric, {}, {}), {})", power(scale), unit(scale), limit(scale)),
                );
            }
        }
    }

    fn extreme_folded(&self, writer: &mut Writer<'_>, reduce: Reduce, of: &Typed) {
        extreme(writer, reduce, of, true);
    }

    fn running(&self, writer: &mut Writer<'_>, of: &Typed) {
        let of = &[of];
        match of[0].ty {
            Type::DOUBLE => around(writer, "gk_numeric_double(sum((", of, ")::numeric) OVER w)"),
            ty => {
                let limit = limit(ty.scale().unwrap_or(0));
                around(writer, "gk_within(sum(", of, &format!(") OVER w, {limit})"));
            }
        }
    }

    fn fold(&self, writer: &mut Writer<'_>, text: &Typed) {
        mapped(writer, text, &FOLD, "lower");
    }

    fn matches(&self, writer: &mut Writer<'_>, text: &Typed, pattern: &str) {
        // The pattern has neither back-references nor captures nor lazy repetitions: found by an automaton, in linear time.
        writer.push("(");
        writer.plain(text);
        writer.push(" ~ ");
        writer.bind(pattern, Type::TEXT);
        writer.push(")");
    }
}

/// `before`, the arguments with commas between them, `behind`.
fn around(writer: &mut Writer<'_>, before: &str, arguments: &[&Typed], behind: &str) {
    writer.push(before);
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            writer.push(", ");
        }
        writer.plain(argument);
    }
    writer.push(behind);
}

/// The first or last text, as texts are ordered; what is in one place there, by its bytes.
fn extreme(writer: &mut Writer<'_>, reduce: Reduce, of: &Typed, folded: bool) {
    let order = if reduce == Reduce::Max { " DESC" } else { "" };
    writer.push("(array_agg(");
    if folded {
        writer.folded(of);
    } else {
        writer.plain(of);
    }
    writer.push(" ORDER BY ");
    writer.text_key(of);
    around(writer, &format!("{order}, ("), &[of], &format!(") COLLATE \"C\"{order}) FILTER (WHERE ("));
    around(writer, "", &[of], ") IS NOT NULL))[1]");
}

/// `1` and so many zeros.
fn power(exponent: u8) -> String {
    format!("1{}", "0".repeat(exponent.into()))
}

/// The smallest step of a scale that is not 0.
fn unit(scale: u8) -> String {
    format!("0.{:0>1$}", 1, usize::from(scale))
}

/// What a decimal of this scale stays below.
fn limit(scale: u8) -> String {
    power(28_u8.saturating_sub(scale))
}

fn arithmetic(writer: &mut Writer<'_>, operator: Arithmetic, left: &Typed, right: &Typed, ty: Type) {
    if ty == Type::DOUBLE {
        let name = match operator {
            Arithmetic::Add => "gk_add(",
            Arithmetic::Sub => "gk_subtract(",
            Arithmetic::Mul => "gk_multiply(",
            Arithmetic::Div | Arithmetic::DivBy => "gk_divide(",
            Arithmetic::Mod => "gk_remainder(",
        };
        return around(writer, name, &[left, right], ")");
    }
    let sign = match operator {
        Arithmetic::Add => "+",
        Arithmetic::Sub => "-",
        Arithmetic::Mul => "*",
        Arithmetic::Div | Arithmetic::DivBy if ty != Type::INTEGER => {
            let scale = ty.scale().unwrap_or(0);
            writer.push("gk_within(gk_quotient(");
            around(writer, "(", &[left], ")::numeric, ");
            around(writer, "(", &[right], ")::numeric");
            return writer.push(&format!(", {}, {}), {})", power(scale), unit(scale), limit(scale)));
        }
        Arithmetic::Div | Arithmetic::DivBy | Arithmetic::Mod => {
            let name = if operator == Arithmetic::Mod { "mod" } else { "div" };
            let cast = if ty == Type::INTEGER { "gk_integer(" } else { "(" };
            around(writer, &format!("{cast}{name}(("), &[left], ")::numeric, ");
            return around(writer, "nullif((", &[right], ")::numeric, 0)))");
        }
    };
    writer.push(if ty == Type::INTEGER { "gk_integer(" } else { "gk_within(" });
    around(writer, "(", &[left], ")::numeric ");
    writer.push(sign);
    around(writer, " (", &[right], ")::numeric");
    match ty.scale() {
        Some(scale) if ty != Type::INTEGER => writer.push(&format!(", {})", limit(scale))),
        _ => writer.push(")"),
    }
}

/// Arithmetic with moments and durations; `false` when neither side is one.
fn moments(writer: &mut Writer<'_>, operator: Arithmetic, left: &Typed, right: &Typed) -> bool {
    use Arithmetic as A;
    const DATE: Type = Type::Column(ColumnType::Date);
    const MOMENT: Type = Type::Column(ColumnType::DateTime);
    let sides = &[left, right];
    match (operator, left.ty, right.ty) {
        (A::Sub, DATE, DATE) => {
            around(writer, "(", &[left], " - ");
            around(writer, "", &[right], ")::bigint * 86400000000");
        }
        (A::Sub, MOMENT, MOMENT) => around(writer, "gk_since(", sides, ")"),
        (A::Add | A::Sub, DATE | MOMENT, _) => {
            around(writer, "gk_shift((", &[left], ")::timestamp, ");
            around(writer, if operator == A::Sub { "-(" } else { "(" }, &[right], ")::numeric)");
            writer.push(if left.ty == DATE { "::date" } else { "" });
        }
        (A::Add | A::Sub, Type::DURATION, _) => {
            around(writer, "gk_integer((", &[left], ")::numeric");
            writer.push(if operator == A::Add { " + (" } else { " - (" });
            around(writer, "", &[right], ")::numeric)");
        }
        (A::Mul, Type::DURATION, _) | (A::Mul, _, Type::DURATION) => {
            let (length, by) = if left.ty == Type::DURATION { (left, right) } else { (right, left) };
            if by.ty == Type::DOUBLE {
                around(writer, "gk_double_integer(gk_multiply((", &[length], ")::double precision, ");
                around(writer, "", &[by], "))");
            } else {
                around(writer, "gk_integer(round((", &[length], ")::numeric * (");
                around(writer, "", &[by], ")::numeric))");
            }
        }
        (A::Div | A::DivBy, Type::DURATION, by) => {
            if by == Type::DOUBLE {
                around(writer, "gk_double_integer(gk_divide((", &[left], ")::double precision, ");
                around(writer, "", &[right], "))");
            } else {
                around(writer, "gk_integer(gk_quotient((", &[left], ")::numeric, (");
                around(writer, "", &[right], ")::numeric, 1, 1))");
            }
        }
        _ => return false,
    }
    true
}

fn call(writer: &mut Writer<'_>, function: Function, arguments: &[&Typed]) {
    use Function as F;
    let first = arguments.first().map_or(Type::Null, |argument| argument.ty);
    match function {
        F::EndsWith => {
            let [text, end] = arguments else { return };
            around(writer, "right(", &[*text], ", length(");
            around(writer, "", &[*end], ")) = ");
            writer.plain(end);
        }
        F::IndexOf => around(writer, "(strpos(", arguments, ") - 1)::bigint"),
        F::Length => around(writer, "length(", arguments, ")::bigint"),
        F::Substring => around(writer, "gk_substring(", arguments, ")"),
        F::ToLower | F::ToUpper => {
            let [text] = arguments else { return };
            let (map, ascii) = if function == F::ToLower { (&LOWER, "lower") } else { (&UPPER, "upper") };
            mapped(writer, text, map, ascii);
        }
        F::Trim => {
            around(writer, "btrim(", arguments, ", ");
            // A zero character is white space to nobody, and held by no database.
            writer.bind(SPACE.as_str(), Type::TEXT);
            writer.push(")");
        }
        F::Concat => {
            let [left, right] = arguments else { return };
            around(writer, "(", &[*left], " || ");
            around(writer, "", &[*right], ")");
        }
        F::Year => around(writer, "extract(year FROM ", arguments, ")::bigint"),
        F::Month => around(writer, "extract(month FROM ", arguments, ")::bigint"),
        F::Day => around(writer, "extract(day FROM ", arguments, ")::bigint"),
        F::Hour => around(writer, "extract(hour FROM ", arguments, ")::bigint"),
        F::Minute => around(writer, "extract(minute FROM ", arguments, ")::bigint"),
        F::Second => around(writer, "floor(extract(second FROM ", arguments, "))::bigint"),
        F::FractionalSeconds => around(writer, "mod(extract(second FROM ", arguments, ")::numeric, 1)"),
        F::Date => around(writer, "(", arguments, ")::date"),
        F::Time => around(writer, "(", arguments, ")::time"),
        F::TotalSeconds => around(writer, "((", arguments, ")::numeric * 0.000001)"),
        F::Has => around(writer, "gk_has(", arguments, ")"),
        F::Within => around(writer, "gk_narrow(", arguments, ")"),
        F::Single => around(writer, "gk_single(", arguments, ")"),
        F::Round | F::Floor | F::Ceiling if first == Type::INTEGER => around(writer, "(", arguments, ")"),
        F::Round if first == Type::DOUBLE => around(writer, "gk_round(", arguments, ")"),
        F::Round => around(writer, "round(", arguments, ")"),
        F::Floor => around(writer, "(floor(", arguments, ") + 0)"),
        F::Ceiling => around(writer, "(ceil(", arguments, ") + 0)"),
        // Written by `sql` itself.
        F::Contains | F::StartsWith | F::Finds | F::Begins | F::MatchesPattern => writer.push("NULL"),
    }
}

fn mapped(writer: &mut Writer<'_>, text: &Typed, map: &'static CaseMap, ascii: &str) {
    around(writer, &format!("gk_{ascii}("), &[text], "");
    for part in [&map.from, &map.to, &map.long] {
        writer.push(", ");
        writer.bind(part.as_str(), Type::TEXT);
    }
    writer.push(")");
}

fn cast(writer: &mut Writer<'_>, value: &Typed, ty: Type) {
    use ColumnType as C;
    let (Type::Column(to), from) = (ty, value.ty) else { return writer.plain(value) };
    let of = |column: ColumnType| from == Type::Column(column);
    let value = &[value];
    match to {
        C::Text => match from {
            Type::Column(C::Decimal { scale }) => {
                around(writer, "round(", value, &format!(", {scale})::text"));
            }
            Type::Column(C::Double) => around(writer, "gk_double_text(", value, ")"),
            Type::Column(C::Date) => around(writer, "to_char(", value, ", 'YYYY-MM-DD')"),
            Type::Column(C::DateTime) => around(writer, "gk_moment_text(", value, ")"),
            Type::Column(C::Duration) => around(writer, "gk_duration_text(", value, ")"),
            Type::Column(C::Binary) => around(writer, "gk_binary_text(", value, ")"),
            _ => around(writer, "(", value, ")::text"),
        },
        C::Integer if of(C::Double) => around(writer, "gk_double_integer(", value, ")"),
        C::Integer if of(C::Text) => around(writer, "gk_text_integer(", value, ")"),
        C::Integer => around(writer, "gk_integer(round(", value, "))"),
        C::Decimal { scale } => {
            let before = match from {
                Type::Column(C::Text) => "gk_within(round(gk_text_decimal(",
                _ => "gk_within(round((",
            };
            let text = if of(C::Double) { ")::numeric" } else { ")" };
            let numeric = if of(C::Integer) { "::numeric" } else { "" };
            around(writer, before, value, &format!("{text}{numeric}, {scale}), {})", limit(scale)));
        }
        C::Double if of(C::Text) => around(writer, "gk_text_double(", value, ")"),
        C::Double => around(writer, "(", value, ")::double precision"),
        C::Boolean => around(writer, "gk_text_boolean(", value, ")"),
        C::Date if of(C::Text) => around(writer, "gk_text_date(", value, ")"),
        C::Date => around(writer, "(", value, ")::date"),
        C::Time if of(C::Text) => around(writer, "gk_text_time(", value, ")"),
        C::Time => around(writer, "(", value, ")::time"),
        C::DateTime if of(C::Text) => around(writer, "gk_text_moment(", value, ")"),
        C::DateTime => around(writer, "(", value, ")::timestamp"),
        C::Guid => around(writer, "gk_text_guid(", value, ")"),
        C::Duration => around(writer, "gk_text_duration(", value, ")"),
        C::Binary => around(writer, "gk_text_binary(", value, ")"),
    }
}
