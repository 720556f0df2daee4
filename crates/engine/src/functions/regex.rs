//! REGEXTEST, REGEXEXTRACT and REGEXREPLACE.

use formualizer::common::{ExcelErrorKind, LiteralValue};
use regex_lite::{Regex, RegexBuilder};

use super::adapter::{Body, Context, Definition, Outcome, text_of};

pub(super) const FUNCTIONS: &[Definition] = &[
    Definition { name: "REGEXTEST", arguments: (2, 3), body: Body::Scalar(test) },
    Definition { name: "REGEXEXTRACT", arguments: (2, 4), body: Body::Scalar(extract) },
    Definition { name: "REGEXREPLACE", arguments: (3, 5), body: Body::Scalar(replace) },
];

/// Compiled size a pattern may reach: a guard against `(a{1000}){1000}`.
const SIZE_LIMIT: usize = 1 << 20;

fn compiled(
    context: &Context,
    pattern: &LiteralValue,
    case: Option<&LiteralValue>,
) -> Result<Regex, ExcelErrorKind> {
    let case = case.map_or(Ok(0.0), |case| context.number(case))?;
    let mut builder = RegexBuilder::new(&text_of(pattern)?);
    builder.case_insensitive(case != 0.0).size_limit(SIZE_LIMIT);
    builder.build().map_err(|_| ExcelErrorKind::Value)
}

fn test(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let regex = compiled(context, &arguments[1], arguments.get(2))?;
    Ok(LiteralValue::Boolean(regex.is_match(&text_of(&arguments[0])?)))
}

fn extract(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let regex = compiled(context, &arguments[1], arguments.get(3))?;
    let text = text_of(&arguments[0])?;
    let mode = arguments.get(2).map_or(Ok(0.0), |mode| context.number(mode))?;
    let texts: Vec<String> = match mode {
        0.0 => regex.find(&text).into_iter().map(|found| found.as_str().to_owned()).collect(),
        1.0 => regex.find_iter(&text).map(|found| found.as_str().to_owned()).collect(),
        2.0 => regex
            .captures(&text)
            .into_iter()
            .flat_map(|groups| {
                let group = |index| groups.get(index).map_or("", |found| found.as_str()).to_owned();
                (1..groups.len()).map(group).collect::<Vec<_>>()
            })
            .collect(),
        _ => return Err(ExcelErrorKind::Value),
    };
    let mut values: Vec<LiteralValue> = texts.into_iter().map(LiteralValue::Text).collect();
    match values.len() {
        0 => Err(ExcelErrorKind::Na),
        1 => Ok(values.remove(0)),
        // All matches go down, the groups of one go across.
        _ if mode == 1.0 => Ok(LiteralValue::Array(values.into_iter().map(|value| vec![value]).collect())),
        _ => Ok(LiteralValue::Array(vec![values])),
    }
}

fn replace(context: &Context, arguments: &[LiteralValue]) -> Outcome {
    let regex = compiled(context, &arguments[1], arguments.get(4))?;
    let (text, with) = (text_of(&arguments[0])?, text_of(&arguments[2])?);
    let occurrence = arguments.get(3).map_or(Ok(0.0), |number| context.number(number))?.trunc();
    if occurrence == 0.0 {
        return Ok(LiteralValue::Text(regex.replace_all(&text, with.as_str()).into_owned()));
    }
    let count = regex.find_iter(&text).count() as f64;
    let wanted = if occurrence < 0.0 { count + occurrence } else { occurrence - 1.0 };
    let mut index = -1.0;
    let replaced = regex.replace_all(&text, |groups: &regex_lite::Captures<'_>| {
        index += 1.0;
        let mut out = String::new();
        if index == wanted {
            groups.expand(&with, &mut out);
        } else {
            out.push_str(groups.get(0).map_or("", |found| found.as_str()));
        }
        out
    });
    Ok(LiteralValue::Text(replaced.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;

    #[test]
    fn excels_cases() {
        check("REGEXTEST(\"CRANE\",\"^[A-Z]{5}$\")", "TRUE");
        check("REGEXTEST(\"crane\",\"^[A-Z]{5}$\")", "FALSE");
        check("REGEXTEST(\"crane\",\"^[A-Z]{5}$\",1)", "TRUE");
        check("REGEXTEST(\"a\",\"(\")", "#VALUE!");
        check("REGEXEXTRACT(\"order 47 of 48\",\"[0-9]+\")", "47");
        check("SUMPRODUCT(VALUE(REGEXEXTRACT(\"47 48\",\"[0-9]+\",1)))", "95");
        check("REGEXEXTRACT(\"a\",\"[0-9]+\")", "#N/A");
        check("REGEXREPLACE(\"a-b-c\",\"-\",\"+\")", "a+b+c");
        check("REGEXREPLACE(\"a-b-c\",\"-\",\"+\",2)", "a-b+c");
        check("REGEXREPLACE(\"a-b-c\",\"-\",\"+\",-2)", "a+b-c");
    }
}
