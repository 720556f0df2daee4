//! Values of a transaction as a message shows them: typed, in the app's language, by names in capital letters.

use std::collections::BTreeMap;

use gridkeep_model::{
    Value,
    definition::{ActionDefinition, RowEvent, TableDefinition},
};
use jiff::{civil, tz::Offset};

use super::reached::Scene;
use crate::{
    language::Language,
    places::{BEFORE, EVERYWHERE},
};

/// What can be shown at a gate, put together.
pub(super) struct Shown<'a> {
    language: Language,
    table: Option<&'a TableDefinition>,
    values: BTreeMap<String, String>,
}

impl<'a> Shown<'a> {
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let language = Language::of_definition(&scene.definition.language);
        let now = Offset::UTC.to_datetime(scene.now);
        let mut shown = Self { language, table: None, values: BTreeMap::new() };
        shown.put("APP", scene.definition.name.clone());
        shown.put("COUNT", scene.changes.operations.len().to_string());
        shown.put("DATE", date(now.date(), language));
        shown.put("TIME", format!("{:02}:{:02} UTC", now.hour(), now.minute()));
        shown.put("USER", scene.user.to_owned());
        shown
    }

    fn put(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value);
    }

    /// A value of the app's own; no column and no parameter stands for who asks, or when.
    fn put_own(&mut self, name: &str, value: String) {
        if !EVERYWHERE.contains(&name) {
            self.put(name, value);
        }
    }

    pub(super) fn table(mut self, table: Option<&'a TableDefinition>) -> Self {
        if let Some(table) = table {
            self.put("TABLE", table.title.clone());
        }
        Self { table, ..self }
    }

    pub(super) fn event(mut self, event: RowEvent) -> Self {
        let word = match (event, self.language) {
            (RowEvent::Insert, Language::English) => "Add",
            (RowEvent::Update, Language::English) => "Change",
            (RowEvent::Delete, Language::English) => "Remove",
            (RowEvent::Insert, Language::German) => "Hinzufügen",
            (RowEvent::Update, Language::German) => "Ändern",
            (RowEvent::Delete, Language::German) => "Entfernen",
        };
        self.put("EVENT", word.to_owned());
        self
    }

    pub(super) fn action(
        mut self,
        action: &ActionDefinition,
        arguments: &BTreeMap<String, serde_json::Value>,
    ) -> Self {
        self.put("ACTION", action.title.clone());
        self.put("EVENT", action.title.clone());
        for parameter in &action.parameters {
            let null = serde_json::Value::Null;
            let given = arguments.get(&parameter.id).unwrap_or(&null);
            // They were checked before; what is none is shown as nothing.
            let value = Value::from_json(parameter.column_type, given).unwrap_or(Value::Null);
            let text = text(&value, parameter.unit.as_deref(), self.language);
            self.put_own(&parameter.id.to_ascii_uppercase(), text);
        }
        self
    }

    /// The columns come last: no argument stands in place of one.
    pub(super) fn row(
        mut self,
        before: Option<&[Value]>,
        after: Option<&[Value]>,
    ) -> BTreeMap<String, String> {
        let columns = self.table.map(|table| table.columns.as_slice()).unwrap_or_default();
        for (index, column) in columns.iter().enumerate() {
            let name = column.id.to_ascii_uppercase();
            let told = |values: Option<&[Value]>| {
                let value = values.and_then(|values| values.get(index));
                let value = value.filter(|_| !column.is_file());
                value.map(|value| text(value, column.unit.as_deref(), self.language)).unwrap_or_default()
            };
            let (old, new) = (told(before), told(after.or(before)));
            self.put(&format!("{BEFORE}{name}"), old);
            self.put_own(&name, new);
        }
        self.values
    }
}

/// A value in words.
fn text(value: &Value, unit: Option<&str>, language: Language) -> String {
    let plain = match value {
        Value::Null => return String::new(),
        Value::Text(text) => return text.clone(),
        Value::Boolean(yes) => {
            return match (yes, language) {
                (true, Language::English) => "yes",
                (false, Language::English) => "no",
                (true, Language::German) => "ja",
                (false, Language::German) => "nein",
            }
            .to_owned();
        }
        Value::Date(day) => return date(*day, language),
        Value::DateTime(moment) => {
            return format!("{} {:02}:{:02}", date(moment.date(), language), moment.hour(), moment.minute());
        }
        Value::Time(time) => return format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()),
        Value::Binary(bytes) => return format!("{} bytes", bytes.len()),
        Value::Guid(id) => return id.to_string(),
        Value::Duration(_) => return value.to_json().as_str().unwrap_or_default().to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
    };
    let number = grouped(&plain, language);
    match unit.filter(|unit| !unit.is_empty()) {
        Some(unit) => format!("{number} {unit}"),
        None => number,
    }
}

fn date(day: civil::Date, language: Language) -> String {
    match language {
        Language::English => day.to_string(),
        Language::German => format!("{:02}.{:02}.{:04}", day.day(), day.month(), day.year()),
    }
}

/// A number with its thousands apart, as people of this language write it.
fn grouped(plain: &str, language: Language) -> String {
    let (thousands, point) = match language {
        Language::English => (',', '.'),
        Language::German => ('.', ','),
    };
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |digits| ("-", digits));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return plain.to_owned();
    }
    let mut out = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(thousands);
        }
        out.push(digit);
    }
    if let Some(rest) = rest {
        out.push(point);
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_people_write_them() {
        let check = |value: Value, english: &str, german: &str| {
            assert_eq!(text(&value, None, Language::English), english);
            assert_eq!(text(&value, None, Language::German), german);
        };
        check(Value::decimal("-1234567.50", 2).unwrap(), "-1,234,567.50", "-1.234.567,50");
        check(Value::Integer(999), "999", "999");
        check(Value::Integer(1_000), "1,000", "1.000");
        check(Value::Boolean(true), "yes", "ja");
        check(Value::Date(civil::date(2026, 11, 2)), "2026-11-02", "02.11.2026");
        check(
            Value::DateTime(civil::date(2026, 11, 2).at(8, 5, 0, 0)),
            "2026-11-02 08:05",
            "02.11.2026 08:05",
        );
        check(Value::Null, "", "");
        assert_eq!(text(&Value::Integer(5_000), Some("EUR"), Language::English), "5,000 EUR");
    }
}
