//! Annotations in CSDL XML, from the tree to the model.

use super::{
    expression::{CONSTANTS, ELEMENTS, value},
    read::{qualified, text},
    tree::Element,
};
use crate::{
    Error,
    csdl::shown,
    edm::{Annotation, TargetAnnotations},
};

/// The annotations directly in an element.
pub(super) fn said_of(from: &Element) -> Result<Vec<Annotation>, Error> {
    from.all("Annotation").map(annotation).collect()
}

fn annotation(from: &Element) -> Result<Annotation, Error> {
    let attributes: Vec<&str> = ["Term", "Qualifier"].iter().chain(&CONSTANTS).copied().collect();
    let children: Vec<&str> = ["Annotation"].iter().chain(&ELEMENTS).copied().collect();
    from.only(&attributes, &children, false)?;
    Ok(Annotation {
        term: qualified(from, from.required("Term")?)?,
        qualifier: text(from, "Qualifier"),
        value: value(from)?,
        annotations: said_of(from)?,
    })
}

/// A group of annotations with a target. Its qualifier becomes each one's.
pub(super) fn target(from: &Element) -> Result<TargetAnnotations, Error> {
    from.only(&["Target", "Qualifier"], &["Annotation"], false)?;
    let mut annotations = said_of(from)?;
    if let Some(qualifier) = from.attribute("Qualifier") {
        for annotation in &mut annotations {
            if let Some(own) = &annotation.qualifier {
                let message = format!("the qualifier {} stands within another one", shown(own));
                return Err(from.wrong(message));
            }
            annotation.qualifier = Some(qualifier.to_owned());
        }
    }
    Ok(TargetAnnotations { target: from.required("Target")?.to_owned(), annotations })
}
