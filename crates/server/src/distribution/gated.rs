//! Whether the gates that a definition names can ask what they are to ask.

use gridkeep_model::{
    AppDefinition,
    checkpoint::{Gate, Template},
};
use gridkeep_workbook::{DefinitionProblem, ProblemCode, ReasonText};

use super::condition::{Condition, Unclear};
use crate::places::places;

/// What is wrong with the gates that a definition names: those the tenant does not have, conditions that mean nothing, messages
/// with values that are not there.
pub(super) fn problems(definition: &AppDefinition, gates: &[Gate]) -> Vec<DefinitionProblem> {
    let mut problems = Vec::new();
    for place in places(definition) {
        let path = place.path();
        let mut add = |part: &str, code, english: String, german: String| {
            let path = format!("{path}/{part}");
            problems.push(DefinitionProblem { path, code, message: ReasonText::new(english, german) });
        };
        let name: String = place.gate.gate.chars().take(40).collect();
        let Some(gate) = gates.iter().find(|gate| gate.id == place.gate.gate) else {
            add(
                "gate",
                ProblemCode::UnknownName,
                format!("There is no gate “{name}”; an administrator makes it first"),
                format!("Es gibt kein Gate „{name}“; zuerst muss es die Verwaltung anlegen"),
            );
            continue;
        };
        if let Some(condition) = &place.gate.condition {
            let table = place.table.map_or("", |table| &table.id);
            let read = Condition::read(definition, table, condition);
            let fixed = read.and_then(|condition| {
                condition
                    .fixed()
                    .ok_or_else(|| Unclear("a gate asks everybody: user. is not offered".to_owned()))
            });
            if let Err(Unclear(why)) = fixed {
                add(
                    "where",
                    ProblemCode::Format,
                    format!("The condition cannot be used: {why}"),
                    format!("Die Bedingung ist nicht verwendbar: {why}"),
                );
            }
        }
        let known = place.parameters();
        let template = Template::parse(&gate.message).ok().filter(|_| gate.active);
        let missing = template.and_then(|template| {
            template.parameters().into_iter().find(|name| !known.contains(*name)).map(ToOwned::to_owned)
        });
        if let Some(missing) = missing {
            add(
                "gate",
                ProblemCode::UnknownColumn,
                format!("The message of “{name}” shows &{missing}, which is not there"),
                format!("Die Meldung von „{name}“ zeigt &{missing}, das es hier nicht gibt"),
            );
        }
    }
    problems
}
