//! The functions SQLite is given with each connection: `model`'s own, so that they mean the same.
//!
//! **Architecture Invariant:** they depend on their arguments alone, end in bounded time, and fail on nothing that `sql`
//! writes.

use gridkeep_model::{
    ColumnType, Value,
    data::duration,
    query::{self, Arithmetic, Function, Pattern, Sum, Type, number},
};
use rusqlite::{
    Connection, Error,
    functions::{Aggregate, Context, FunctionFlags, WindowAggregate},
    types::{Value as Held, ValueRef},
};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::sql::Operation;

type Outcome = rusqlite::Result<Held>;

/// Gives them to a connection.
pub(super) fn install(connection: &Connection) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("gk", -1, flags, operate)?;
    connection.create_window_function("gk_sum", 2, flags, Summed { average: false })?;
    connection.create_aggregate_function("gk_average", 2, flags, Summed { average: true })?;
    connection.create_aggregate_function("gk_min", 1, flags, Extreme { largest: false })?;
    connection.create_aggregate_function("gk_max", 1, flags, Extreme { largest: true })?;
    connection.create_scalar_function("gk_key", 2, flags, key)?;
    connection.create_scalar_function("gk_wide", 1, flags, |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Integer(mantissa) => Held::Blob(wide(mantissa.into()).to_vec()),
            ValueRef::Blob(bytes) => Held::Blob(bytes.to_vec()),
            _ => Held::Null,
        })
    })?;
    connection.create_scalar_function("gk_fold", 1, flags, |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Null => Held::Null,
            text => Held::Text(query::fold(text.as_str()?)),
        })
    })?;
    connection.create_scalar_function("gk_matches", 2, flags, |context| {
        let pattern = context.get_or_create_aux(0, |pattern| {
            Pattern::from_sql(pattern.as_str()?).map_err(Box::<dyn std::error::Error + Send + Sync>::from)
        })?;
        Ok(match context.get_raw(1) {
            ValueRef::Null => Held::Null,
            text => Held::Integer(pattern.is_match(text.as_str()?).into()),
        })
    })
}

/// The bytes of a calculated decimal, which compare as it does.
pub(super) fn wide(mantissa: i128) -> [u8; 16] {
    (mantissa.cast_unsigned() ^ (1 << 127)).to_be_bytes()
}

/// A decimal from either form.
pub(super) fn decimal(value: ValueRef<'_>, scale: u8) -> Option<Decimal> {
    match value {
        ValueRef::Integer(mantissa) => number::decimal(mantissa.into(), scale),
        ValueRef::Blob(bytes) => {
            let bytes = <[u8; 16]>::try_from(bytes).ok()?;
            number::decimal((u128::from_be_bytes(bytes) ^ (1 << 127)).cast_signed(), scale)
        }
        _ => None,
    }
}

/// What decimals of any scale compare by.
fn key(context: &Context<'_>) -> Outcome {
    let scale: u8 = context.get(0)?;
    let Some(number) = decimal(context.get_raw(1), scale) else { return Ok(Held::Null) };
    let (whole, part) = number::key(number);
    let mut bytes = wide(whole).to_vec();
    bytes.extend_from_slice(&part.to_be_bytes());
    Ok(Held::Blob(bytes))
}

/// The sum or average of a group; the signature is `<type>><type>`.
struct Summed {
    average: bool,
}

impl Aggregate<(Sum, Option<Type>), Held> for Summed {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<(Sum, Option<Type>)> {
        Ok((Sum::default(), None))
    }

    fn step(&self, context: &mut Context<'_>, (sum, ty): &mut (Sum, Option<Type>)) -> rusqlite::Result<()> {
        let types = context.get_or_create_aux(0, |text| {
            let types = text
                .as_str()?
                .split_once('>')
                .and_then(|(of, result)| Some((read_types(of)?.pop()?, read_types(result)?.pop()?)));
            types.ok_or_else(|| Box::<dyn std::error::Error + Send + Sync>::from("a signature"))
        })?;
        *ty = Some(types.1);
        let wrong = || Error::UserFunctionError("a value of another type".into());
        sum.add(&read(context.get_raw(1), types.0).ok_or_else(wrong)?);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, state: Option<(Sum, Option<Type>)>) -> rusqlite::Result<Held> {
        let Some((sum, Some(ty))) = state else { return Ok(Held::Null) };
        Ok(held(sum.result(self.average, ty)))
    }
}

/// Over windows that begin with the first row: none ever leaves one.
impl WindowAggregate<(Sum, Option<Type>), Held> for Summed {
    fn value(&self, state: Option<&mut (Sum, Option<Type>)>) -> rusqlite::Result<Held> {
        let Some((sum, Some(ty))) = state else { return Ok(Held::Null) };
        Ok(held(sum.clone().result(self.average, *ty)))
    }

    fn inverse(&self, _: &mut Context<'_>, _: &mut (Sum, Option<Type>)) -> rusqlite::Result<()> {
        Err(Error::UserFunctionError("a window that rows leave".into()))
    }
}

/// The first or last text of a group, as texts are ordered; what is in one place there, by its bytes.
struct Extreme {
    largest: bool,
}

impl Aggregate<Option<(String, String)>, Held> for Extreme {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Option<(String, String)>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, best: &mut Option<(String, String)>) -> rusqlite::Result<()> {
        let text = match context.get_raw(0) {
            ValueRef::Null => return Ok(()),
            text => text.as_str()?,
        };
        let own = (query::sort_key(text), text.to_owned());
        if best.as_ref().is_none_or(|best| if self.largest { own > *best } else { own < *best }) {
            *best = Some(own);
        }
        Ok(())
    }

    fn finalize(
        &self,
        _: &mut Context<'_>,
        best: Option<Option<(String, String)>>,
    ) -> rusqlite::Result<Held> {
        Ok(best.flatten().map_or(Held::Null, |(_, text)| Held::Text(text)))
    }
}

/// What `gk` is to do.
struct Signature {
    operation: Operation,
    arguments: Vec<Type>,
    result: Type,
}

const ARITHMETIC: [(Arithmetic, &str); 6] = [
    (Arithmetic::Add, "add"),
    (Arithmetic::Sub, "sub"),
    (Arithmetic::Mul, "mul"),
    (Arithmetic::Div, "div"),
    (Arithmetic::DivBy, "divby"),
    (Arithmetic::Mod, "mod"),
];

/// Those that SQLite does not have itself.
const FUNCTIONS: [(Function, &str); 12] = [
    (Function::EndsWith, "endswith"),
    (Function::Substring, "substring"),
    (Function::ToLower, "tolower"),
    (Function::ToUpper, "toupper"),
    (Function::Trim, "trim"),
    (Function::FractionalSeconds, "fraction"),
    (Function::Round, "round"),
    (Function::Floor, "floor"),
    (Function::Ceiling, "ceiling"),
    (Function::TotalSeconds, "totalseconds"),
    (Function::Within, "within"),
    (Function::Single, "single"),
];

/// What an operation is called in a signature.
pub(super) fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::Negate => "negate",
        Operation::Cast => "cast",
        Operation::Arithmetic(operator) => {
            ARITHMETIC.iter().find(|(known, _)| *known == operator).map_or("", |(_, name)| name)
        }
        Operation::Call(Function::Has) => "has",
        Operation::Call(function) => {
            FUNCTIONS.iter().find(|(known, _)| *known == function).map_or("", |(_, name)| name)
        }
    }
}

/// Appends what a type is called in a signature.
pub(super) fn letter(ty: Type, signature: &mut String) {
    signature.push(match ty {
        Type::Null => 'n',
        Type::Column(ColumnType::Text) => 't',
        Type::Column(ColumnType::Integer) => 'i',
        Type::Column(ColumnType::Double) => 'f',
        Type::Column(ColumnType::Boolean) => 'b',
        Type::Column(ColumnType::Date) => 'D',
        Type::Column(ColumnType::Time) => 'T',
        Type::Column(ColumnType::DateTime) => 'M',
        Type::Column(ColumnType::Guid) => 'g',
        Type::Column(ColumnType::Duration) => 'l',
        Type::Column(ColumnType::Binary) => 'B',
        Type::Column(ColumnType::Decimal { scale }) => return super::sqlite_words::scale(scale, signature),
    });
}

impl Signature {
    fn read(text: &str) -> Option<Self> {
        let (operation, types) = text.split_once('|')?;
        let (arguments, result) = types.split_once('>')?;
        let arithmetic = |(operator, name): &(Arithmetic, &str)| {
            (*name == operation).then_some(Operation::Arithmetic(*operator))
        };
        let function =
            |(function, name): &(Function, &str)| (*name == operation).then_some(Operation::Call(*function));
        let operation = match operation {
            "negate" => Operation::Negate,
            "cast" => Operation::Cast,
            "has" => Operation::Call(Function::Has),
            _ => ARITHMETIC.iter().find_map(arithmetic).or_else(|| FUNCTIONS.iter().find_map(function))?,
        };
        let result = read_types(result)?.pop()?;
        Some(Self { operation, arguments: read_types(arguments)?, result })
    }
}

fn read_types(text: &str) -> Option<Vec<Type>> {
    let mut types = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        types.push(match letter {
            'n' => Type::Null,
            'g' => Type::GUID,
            'l' => Type::DURATION,
            'B' => Type::BINARY,
            't' => Type::TEXT,
            'i' => Type::INTEGER,
            'f' => Type::DOUBLE,
            'b' => Type::BOOLEAN,
            'D' => Type::Column(ColumnType::Date),
            'T' => Type::Column(ColumnType::Time),
            'M' => Type::Column(ColumnType::DateTime),
            'd' => {
                let mut scale = 0_u8;
                while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
                    letters.next();
                    scale = scale.checked_mul(10)?.checked_add(digit as u8)?;
                }
                Type::Column(ColumnType::Decimal { scale })
            }
            _ => return None,
        });
    }
    Some(types)
}

fn operate(context: &Context<'_>) -> Outcome {
    let wrong = || Error::UserFunctionError("an operation that is not known".into());
    let signature = context.get_or_create_aux(0, |text| {
        Signature::read(text.as_str()?)
            .ok_or_else(|| Box::<dyn std::error::Error + Send + Sync>::from("a signature"))
    })?;
    let mut arguments = Vec::with_capacity(signature.arguments.len());
    for (index, ty) in signature.arguments.iter().enumerate() {
        let value = read(context.get_raw(index + 1), *ty).ok_or_else(wrong)?;
        if value.is_null() {
            return Ok(Held::Null);
        }
        arguments.push(value);
    }
    let result = match (signature.operation, signature.result) {
        (Operation::Negate, _) => query::negate(&arguments[0]),
        (Operation::Cast, Type::Column(to)) => query::cast(arguments.swap_remove(0), to),
        (Operation::Arithmetic(operator), ty) => {
            let right = arguments.pop().ok_or_else(wrong)?;
            query::arithmetic(operator, arguments.pop().ok_or_else(wrong)?, right, ty)
        }
        (Operation::Call(function), _) => query::call(function, &arguments),
        (Operation::Cast, _) => return Err(wrong()),
    };
    Ok(held(result))
}

/// A value as SQLite keeps it, by its type; `None` when it is another.
fn read(value: ValueRef<'_>, ty: Type) -> Option<Value> {
    if value == ValueRef::Null {
        return Some(Value::Null);
    }
    Some(match (ty, value) {
        (Type::GUID, ValueRef::Blob(bytes)) => Value::Guid(Uuid::from_slice(bytes).ok()?),
        (Type::BINARY, ValueRef::Blob(bytes)) => Value::Binary(bytes.to_vec()),
        (Type::DURATION, ValueRef::Integer(micros)) => Value::Duration(duration::from_micros(micros)),
        (Type::Column(ColumnType::Decimal { scale }), value) => Value::Decimal(decimal(value, scale)?),
        (Type::Column(ColumnType::Integer), ValueRef::Integer(integer)) => Value::Integer(integer),
        (Type::Column(ColumnType::Boolean), ValueRef::Integer(integer)) => Value::Boolean(integer != 0),
        (Type::Column(ColumnType::Double), ValueRef::Real(double)) => Value::Double(double),
        (Type::Column(ty), ValueRef::Text(_)) => {
            let text = value.as_str().ok()?;
            match ty {
                ColumnType::Text => Value::Text(text.to_owned()),
                ColumnType::Date => Value::Date(text.parse().ok()?),
                ColumnType::Time => Value::Time(text.parse().ok()?),
                ColumnType::DateTime => Value::DateTime(text.parse().ok()?),
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn held(value: Value) -> Held {
    match value {
        Value::Null => Held::Null,
        Value::Text(text) => Held::Text(text),
        Value::Integer(integer) => Held::Integer(integer),
        Value::Decimal(number) => Held::Blob(wide(number.mantissa()).to_vec()),
        Value::Double(double) => Held::Real(double),
        Value::Boolean(boolean) => Held::Integer(boolean.into()),
        Value::Date(date) => Held::Text(date.to_string()),
        Value::Time(time) => Held::Text(time.to_string()),
        Value::DateTime(moment) => Held::Text(moment.to_string()),
        Value::Guid(id) => Held::Blob(id.as_bytes().to_vec()),
        Value::Duration(length) => duration::micros(length).map_or(Held::Null, Held::Integer),
        Value::Binary(bytes) => Held::Blob(bytes),
    }
}
