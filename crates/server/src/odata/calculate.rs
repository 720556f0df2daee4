//! A calculator, called as a function.

use std::collections::BTreeMap;

use gridkeep_odata::{
    bind::{Argument, calculable, result},
    edm::TypeName,
    json::{Context, EntityHead, Fact, Scalar, Style, Target, Writer},
    project::{CalculatorSource, OperationSource},
};

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
        function: &OperationSource,
        source: &CalculatorSource,
        arguments: &[Argument],
    ) -> Result<Answer, Refusal> {
        let (version, format) = (request.asked.version()?, request.asked.json(format_of(request))?);
        let Some(TypeName::Named(name)) = function.returns.as_ref().map(|returns| &returns.name) else {
            return Err(not_offered());
        };
        let result_type = self.projection.edm.structured(name).ok_or_else(not_offered)?;
        let mut inputs = BTreeMap::new();
        for (parameter, field) in &source.parameters {
            if let Some((_, given)) = arguments.iter().find(|(name, _)| name == parameter) {
                inputs.insert(field.clone(), calculable(given).ok_or_else(not_offered)?);
            }
        }
        let grant = &self.caller.grant;
        let whole = self.definitions.current(&grant.app).await?;
        let fields =
            self.calculators.calculate(&grant.app, &whole, &grant.rights, &source.screen, inputs).await?;
        for (parameter, field) in &source.parameters {
            if let Some(reason) = fields.get(field).and_then(|view| view.invalid.clone()) {
                return Err(Refusal::argument(parameter, reason));
            }
        }
        let mut writer = Writer::new(Style::new(version, format, request.asked.preferences()?.omit_values()));
        let type_name = name.to_string();
        let context = Context::new(Target::Type(type_name.clone())).url(&self.root, version);
        writer.begin_entity(&EntityHead {
            context: Some(&context),
            kind: Some(Fact::Computable(&type_name)),
            ..EntityHead::default()
        });
        for (property, field) in &source.results {
            let Some(view) = fields.get(field) else { continue };
            let kind =
                result_type.properties.iter().find(|known| known.name == *property).map(|known| &known.kind);
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
}
