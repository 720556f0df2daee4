//! A calculator, called as a function.

use std::collections::BTreeMap;

use gridkeep_odata::{
    Error, ErrorKind,
    bind::{argument, result},
    edm::{Operation, Parameter, Property, TypeName},
    json::{Context, EntityHead, Fact, Scalar, Style, Target, Writer},
    project::CalculatorSource,
    syntax::{Limits, ast},
};
use serde_json::Value as Json;

use super::{
    answer::Answer,
    dispatch::{Service, Understood, not_offered},
    metadata::format_of,
    refusal::Refusal,
};

impl Service {
    /// What a calculator gives for these arguments; what is not given is as in the workbook.
    pub(super) async fn calculate(
        &self,
        request: Understood<'_>,
        source: &CalculatorSource,
        arguments: &[(String, ast::Expr)],
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let (function, properties) = self.signature(source).ok_or_else(not_offered)?;
        let inputs = inputs(request, source, function, arguments)?;
        let grant = &self.caller.grant;
        let fields = self
            .calculators
            .calculate(&grant.app, &self.definition, grant.role, &source.screen, inputs)
            .await?;
        for (parameter, field) in &source.parameters {
            if let Some(reason) = fields.get(field).and_then(|view| view.invalid.clone()) {
                return Err(Refusal::argument(parameter, reason));
            }
        }
        let mut writer = Writer::new(Style::new(version, format, request.asked.preferences()?.omit_values()));
        let type_name = match function.returns.as_ref().map(|returns| &returns.name) {
            Some(TypeName::Named(name)) => name.to_string(),
            _ => return Err(not_offered()),
        };
        let context = Context::new(Target::Type(type_name.clone())).url(&self.root, version);
        writer.begin_entity(&EntityHead {
            context: Some(&context),
            kind: Some(Fact::Computable(&type_name)),
            ..EntityHead::default()
        });
        for (property, field) in &source.results {
            let Some(view) = fields.get(field) else { continue };
            let kind = properties.iter().find(|known| known.name == *property).map(|known| &known.kind);
            let value = kind.filter(|_| view.error.is_none()).and_then(|kind| result(kind, &view.value));
            if let Some(value) = value {
                writer.key(property);
                writer.scalar(&Scalar::from(&value));
                continue;
            }
            // An error of the workbook, or a value of another kind than promised: said beside the null.
            let exact = view.error.as_deref().unwrap_or(&view.text);
            if !exact.is_empty() {
                writer.annotation(property, "Core.ValueException");
                writer.begin_object();
                writer.key("value");
                writer.scalar(&Scalar::Text(exact.into()));
                writer.end_object();
            }
            writer.key(property);
            writer.scalar(&Scalar::Null);
        }
        writer.end_object();
        Ok(Answer::json(format, version, writer.finish()))
    }

    /// The function and the properties of its result.
    fn signature(&self, source: &CalculatorSource) -> Option<(&Operation, &[Property])> {
        let schema = self.projection.edm.schemas.first()?;
        let function = schema.operations.iter().find(|operation| operation.name == source.name)?;
        let TypeName::Named(name) = &function.returns.as_ref()?.name else { return None };
        Some((function, &self.projection.edm.structured(name)?.properties))
    }
}

/// Values by field id, from arguments in parentheses and from options of the parameters' names (OData-URL 4.01, section
/// 4.6: implicit parameter aliases).
fn inputs(
    request: Understood<'_>,
    source: &CalculatorSource,
    function: &Operation,
    arguments: &[(String, ast::Expr)],
) -> Result<BTreeMap<String, Json>, Refusal> {
    let mut inputs = BTreeMap::new();
    let aliases = &request.options.aliases;
    for (name, field) in &source.parameters {
        let Some(Parameter { kind, .. }) = function.parameters.iter().find(|known| known.name == *name)
        else {
            continue;
        };
        if let Some((_, written)) = arguments.iter().find(|(given, _)| given == name) {
            inputs.insert(field.clone(), argument(kind, written, aliases)?);
        } else if let Some(alias) = aliases.iter().find(|alias| alias.name == *name) {
            inputs.insert(field.clone(), argument(kind, &alias.value, aliases)?);
        } else if let Some(custom) = request.options.custom.iter().find(|custom| custom.name == *name) {
            let written = custom.parameter(&Limits::default())?;
            inputs.insert(field.clone(), argument(kind, &written, aliases)?);
        }
    }
    let unknown = request
        .options
        .custom
        .iter()
        .find(|custom| source.parameters.iter().all(|(name, _)| *name != custom.name));
    match unknown {
        Some(custom) => {
            let message = format!("{} has no parameter {}", source.name, custom.name);
            let at = custom.at.0;
            Err(Error::new(ErrorKind::Malformed, "UNKNOWN_PARAMETER", message).at(at.start..at.end).into())
        }
        None => Ok(inputs),
    }
}
