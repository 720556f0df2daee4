//! Canonical JSON by RFC 8785: one text for one value, so that it can be hashed and signed.
//!
//! **Architecture Invariant:** values that are equal have the same text, and two that are not never do: whole numbers that a
//! double does not hold are refused, not rounded.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// A value has a number that JSON's readers do not agree upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number is beyond what JSON's readers agree upon")]
pub struct NotCanonical;

/// Whole numbers up to here are the same for every reader.
const LARGEST: u64 = (1 << 53) - 1;

/// The canonical text of a value.
pub fn canonical(value: &Value) -> Result<String, NotCanonical> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

/// Writes a text as canonical JSON does, with its quotes.
pub fn write_text(value: &str, out: &mut String) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\u{1f}' => {
                // Writing into a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push('"');
}

fn write(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            // By the names' UTF-16 units (section 3.2.3).
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(name, out);
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// As ECMAScript writes numbers (section 3.2.2.3).
fn write_number(number: &Number, out: &mut String) -> Result<(), NotCanonical> {
    let whole = number.as_i64().map(|whole| (whole < 0, whole.unsigned_abs()));
    if let Some((negative, whole)) = whole.or_else(|| number.as_u64().map(|whole| (false, whole))) {
        if whole > LARGEST {
            return Err(NotCanonical);
        }
        let sign = if negative { "-" } else { "" };
        let _ = write!(out, "{sign}{whole}");
        return Ok(());
    }
    let double = number.as_f64().filter(|double| double.is_finite()).ok_or(NotCanonical)?;
    if double == 0.0 {
        out.push('0');
        return Ok(());
    }
    // The fewest digits that give the same double, of several the nearest, and where the point is.
    let shortest = Number::from_f64(double.abs()).ok_or(NotCanonical)?.to_string();
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{part}");
    let digits = all.trim_start_matches('0');
    let leading = all.len() - digits.len();
    let digits = digits.trim_end_matches('0');
    let place = i32::try_from(whole.len()).and_then(|whole| Ok(whole - i32::try_from(leading)?));
    let exponent: i32 = exponent.parse().map_err(|_| NotCanonical)?;
    let point = place.map_err(|_| NotCanonical)? + exponent;
    if double < 0.0 {
        out.push('-');
    }
    let count = i32::try_from(digits.len()).map_err(|_| NotCanonical)?;
    match point {
        _ if count <= point && point <= 21 => {
            out.push_str(digits);
            out.extend((count..point).map(|_| '0'));
        }
        1..=21 => {
            let (whole, part) = digits.split_at(point.unsigned_abs() as usize);
            let _ = write!(out, "{whole}.{part}");
        }
        -5..=0 => {
            out.push_str("0.");
            out.extend((point..0).map(|_| '0'));
            out.push_str(digits);
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            let dot = if rest.is_empty() { "" } else { "." };
            let sign = if point > 0 { '+' } else { '-' };
            let _ = write!(out, "{first}{dot}{rest}e{sign}{}", (point - 1).unsigned_abs());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn values_have_one_text() {
        let check = |value: &Value, expect: &str| assert_eq!(canonical(value).unwrap(), expect);
        // The example of section 3.2.2, and its order of names.
        check(
            &json!({"numbers": [333_333_333.333_333_3, 1e30, 4.50, 2e-3, 0.000_000_000_000_000_000_000_000_001],
                "string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/", "literals": [null, true, false]}),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}",
        );
        check(
            &json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7}),
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}",
        );
        check(&json!({}), "{}");
        check(&json!([]), "[]");
        check(&json!("\t\u{8}\u{c}\r\u{7f}\u{2028}"), "\"\\t\\b\\f\\r\u{7f}\u{2028}\"");
    }

    #[test]
    fn numbers_are_those_of_the_standard() {
        // Appendix B.
        let check = |bits: u64, expect: &str| {
            assert_eq!(canonical(&json!(f64::from_bits(bits))).unwrap(), expect);
        };
        check(0x0000_0000_0000_0000, "0");
        check(0x8000_0000_0000_0000, "0");
        check(0x0000_0000_0000_0001, "5e-324");
        check(0x8000_0000_0000_0001, "-5e-324");
        check(0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308");
        check(0x4340_0000_0000_0000, "9007199254740992");
        check(0x4430_0000_0000_0000, "295147905179352830000");
        check(0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22");
        check(0x44b5_2d02_c7e1_4af6, "1e+23");
        check(0x444b_1ae4_d6e2_ef4e, "999999999999999700000");
        check(0x444b_1ae4_d6e2_ef50, "1e+21");
        check(0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7");
        check(0x3eb0_c6f7_a0b5_ed8d, "0.000001");
        check(0x41b3_de43_5555_5553, "333333333.3333332");
        check(0x41b3_de43_5555_5557, "333333333.33333343");
        check(0xbecb_f647_612f_3696, "-0.0000033333333333333333");
        check(0x4314_3ff3_c1cb_0959, "1424953923781206.2");
        assert_eq!(canonical(&json!(-42)).unwrap(), "-42");
        assert_eq!(canonical(&json!([LARGEST])).unwrap(), "[9007199254740991]");
        assert_eq!(canonical(&json!([LARGEST + 1])), Err(NotCanonical));
        assert_eq!(canonical(&json!({"a": i64::MIN})), Err(NotCanonical));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            // serde_json reads long ones a little wrong.
            any::<i16>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_read_back_has_the_same_text(value in any_value()) {
            let text = canonical(&value).unwrap();
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(canonical(&back).unwrap(), text);
        }
    }
}
