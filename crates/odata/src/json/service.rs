//! The service document: what there is at the service's root (OData-JSON 4.01, section 5).

use std::borrow::Cow;

use super::{Scalar, Style, Writer};
use crate::edm::Edm;

/// Writes the service document; `context` is the address of the metadata, `title` gives names for people.
pub fn service_document(
    edm: &Edm,
    style: Style,
    context: &str,
    title: impl Fn(&str) -> Option<String>,
) -> Vec<u8> {
    let mut writer = Writer::new(style);
    writer.begin_collection(Some(context), None);
    let text = |writer: &mut Writer, key: &str, content: &str| {
        writer.key(key);
        writer.scalar(&Scalar::Text(Cow::Borrowed(content)));
    };
    let mut entry = |name: &str, kind: &str| {
        writer.begin_object();
        text(&mut writer, "name", name);
        if let Some(title) = title(name) {
            text(&mut writer, "title", &title);
        }
        text(&mut writer, "kind", kind);
        text(&mut writer, "url", name);
        writer.end_object();
    };
    if let Some((_, container)) = edm.container() {
        container.sets.iter().filter(|it| it.in_service_document).for_each(|it| entry(&it.name, "EntitySet"));
        container.singletons.iter().for_each(|it| entry(&it.name, "Singleton"));
        let shown = container.functions.iter().filter(|it| it.in_service_document);
        shown.for_each(|it| entry(&it.name, "FunctionImport"));
    }
    writer.end_collection(None, None);
    writer.finish()
}
