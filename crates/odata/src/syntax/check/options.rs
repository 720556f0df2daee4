//! The paths inside query options and transformations.

use super::{Check, Mode, States, refuse};
use crate::syntax::{
    Class,
    ast::{
        Apply, Compute, Expand, ExpandKind, GroupBy, Hierarchy, OrderBy, QueryOptions, Rollup, Select,
        SelectKind, TransformationKind,
    },
    parser::Result,
};

impl Check<'_> {
    pub(super) fn options(&self, options: &QueryOptions) -> Result<()> {
        if let Some(filter) = &options.filter {
            self.expr(filter)?;
        }
        if let Some(apply) = &options.apply {
            self.apply(apply)?;
        }
        self.computed(&options.compute)?;
        self.orderby(&options.orderby)?;
        options.select.iter().try_for_each(|item| self.select(item))?;
        options.expand.iter().try_for_each(|item| self.expand(item))?;
        options.aliases.iter().try_for_each(|alias| self.expr(&alias.value))?;
        match options.custom.iter().find(|custom| !self.names.may_be(Class::Option, &custom.name)) {
            Some(custom) => refuse(&format!("`{}`", custom.name), custom.at.0),
            None => Ok(()),
        }
    }

    fn computed(&self, items: &[Compute]) -> Result<()> {
        items.iter().try_for_each(|item| self.expr(&item.value))
    }

    fn orderby(&self, items: &[OrderBy]) -> Result<()> {
        items.iter().try_for_each(|item| self.expr(&item.value))
    }

    fn select(&self, item: &Select) -> Result<()> {
        match &item.kind {
            SelectKind::All => Ok(()),
            SelectKind::Operations(namespace) => {
                let known = namespace.split('.').all(|part| self.names.may_be(Class::Namespace, part));
                if known { Ok(()) } else { refuse(&format!("`{namespace}.*`"), item.at.0) }
            }
            SelectKind::Path { path, options, .. } => {
                self.path(path, Mode::Shape)?;
                self.options(options)
            }
        }
    }

    fn expand(&self, item: &Expand) -> Result<()> {
        match &item.kind {
            ExpandKind::Value | ExpandKind::All(None) => {}
            ExpandKind::All(Some(path)) => {
                let states = self.follow(path, &path.segments, Mode::Shape)?;
                if !states.has(States::ONE.and(States::MANY)) {
                    return refuse("`*`", path.at.0);
                }
            }
            ExpandKind::Path(path) => {
                let related = States::ENTITY.and(States::ENTITY_AS).and(States::SET).and(States::STREAM);
                if !self.path(path, Mode::Shape)?.has(related) {
                    return refuse("what is no navigation property", path.at.0);
                }
            }
        }
        self.options(&item.options)
    }

    fn apply(&self, apply: &Apply) -> Result<()> {
        apply.steps.iter().try_for_each(|step| self.transformation(&step.kind))
    }

    fn maybe(&self, apply: Option<&Apply>) -> Result<()> {
        apply.map_or(Ok(()), |apply| self.apply(apply))
    }

    fn transformation(&self, kind: &TransformationKind) -> Result<()> {
        match kind {
            TransformationKind::Aggregate(items) => items.iter().try_for_each(|item| self.aggregate(item)),
            TransformationKind::Compute(items) => self.computed(items),
            TransformationKind::Concat(parts) => parts.iter().try_for_each(|part| self.apply(part)),
            TransformationKind::GroupBy(elements, apply) => {
                elements.iter().try_for_each(|element| self.group(element))?;
                self.maybe(apply.as_ref())
            }
            TransformationKind::Join { property, apply, .. } => {
                self.collection(property)?;
                self.maybe(apply.as_ref())
            }
            TransformationKind::Nest(items) => items.iter().try_for_each(|item| self.apply(&item.apply)),
            TransformationKind::AddNested(path, items) => {
                self.path(path, Mode::Aggregate)?;
                items.iter().try_for_each(|item| self.apply(&item.apply))
            }
            TransformationKind::Filter(filter) => self.expr(filter),
            TransformationKind::OrderBy(items) => self.orderby(items),
            TransformationKind::Ranked(_, amount, by) => {
                self.expr(amount)?;
                self.expr(by)
            }
            TransformationKind::Relatives { hierarchy, start, .. } => {
                self.hierarchy(hierarchy)?;
                self.apply(start)
            }
            TransformationKind::Traverse { hierarchy, start, orderby, .. } => {
                self.hierarchy(hierarchy)?;
                self.maybe(start.as_ref())?;
                self.orderby(orderby)
            }
            TransformationKind::Custom(path) => self.transforms(path),
            TransformationKind::Search(_)
            | TransformationKind::Identity
            | TransformationKind::Top(_)
            | TransformationKind::Skip(_) => Ok(()),
        }
    }

    fn group(&self, element: &GroupBy) -> Result<()> {
        match element {
            GroupBy::Path(path) => self.path(path, Mode::Group).map(|_| ()),
            GroupBy::Rollup(Rollup::Named(_)) => Ok(()),
            GroupBy::Rollup(Rollup::Levels(levels)) => {
                // The level above all others has no name of the model.
                let named = levels.iter().filter(|path| !path.is_all());
                named.into_iter().try_for_each(|path| self.path(path, Mode::Group).map(|_| ()))
            }
            GroupBy::Recursive(hierarchy, start) => {
                self.hierarchy(hierarchy)?;
                self.maybe(start.as_ref())
            }
        }
    }

    fn hierarchy(&self, hierarchy: &Hierarchy) -> Result<()> {
        self.path(&hierarchy.nodes, Mode::Expression)?;
        self.path(&hierarchy.node, Mode::Aggregate).map(|_| ())
    }
}
