//! Rows that `$apply` made: not all have the same properties, and some show related entities they are grouped by.

use gridkeep_model::{Row, Value};
use gridkeep_odata::{
    bind::{Made, MadeFace, Shape, Shown},
    json::{Column, EntityHead, Name, Scalar, Style, Writer},
};

use super::{cells::Place, dispatch::Service, expand::Branch, nested::Nested, rows::Face};

/// How each kind of row is written.
pub(super) struct Faces<'f> {
    which: Option<usize>,
    faces: Vec<(Face<'f>, Vec<Related>)>,
}

/// What is shown of a related entity.
struct Related {
    name: Name,
    /// Place of the value that tells whether it is there.
    there: Option<usize>,
    columns: Vec<(Column, Place)>,
    further: Vec<Self>,
}

impl<'f> Faces<'f> {
    /// From a face that has all properties.
    pub(super) fn new(
        service: &Service,
        all: &Face<'f>,
        shape: &'f Shape<'f>,
        made: &Made,
        style: Style,
    ) -> Self {
        let face = |face: &MadeFace| {
            let (mut own, mut paths) = (Vec::new(), Vec::new());
            for place in &face.shown {
                match shape.shown.get(*place) {
                    Some(Shown::Computed { name, kind, .. }) if name.contains('/') => {
                        let Some(value) = all.cells.place(*place) else { continue };
                        let last = name.rsplit('/').next().unwrap_or_default();
                        paths.push((name.as_str(), (Column::new(&style, last, kind, false), value.clone())));
                    }
                    Some(_) => own.push(*place),
                    None => {}
                }
            }
            let expanded = if face.transient { [].as_slice() } else { &shape.expanded };
            let nested = Nested::all(service, expanded, style);
            (all.part(&own, face.transient, nested), Related::of("", &paths, made))
        };
        Self { which: made.which, faces: made.faces.iter().map(face).collect() }
    }

    /// Writes a row, the one at this place among those that were read together, with what was read along with it.
    pub(super) fn write(&self, writer: &mut Writer, row: &Row, along: (usize, &[Option<Branch>])) {
        let which = match self.which.and_then(|place| row.values.get(place)) {
            Some(Value::Integer(which)) => usize::try_from(*which).unwrap_or(0),
            _ => 0,
        };
        let Some((face, related)) = self.faces.get(which) else { return };
        face.begin(writer, row, None, along);
        for related in related {
            related.write(writer, row);
        }
        writer.end_object();
    }
}

impl Related {
    /// The entities that paths begin with behind a prefix, in order.
    fn of(prefix: &str, paths: &[(&str, (Column, Place))], made: &Made) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (path, _) in paths {
            let Some((name, _)) = path.strip_prefix(prefix).and_then(|rest| rest.split_once('/')) else {
                continue;
            };
            if all.iter().any(|known| known.name.plain() == name) {
                continue;
            }
            let whole = format!("{prefix}{name}");
            let inner = format!("{whole}/");
            let own = paths.iter().filter(|(path, _)| {
                path.strip_prefix(inner.as_str()).is_some_and(|rest| !rest.contains('/'))
            });
            all.push(Self {
                name: Name::new(name),
                there: made.related.iter().find(|(path, _)| *path == whole).map(|(_, place)| *place),
                columns: own.map(|(_, column)| column.clone()).collect(),
                further: Self::of(&inner, paths, made),
            });
        }
        all
    }

    fn write(&self, writer: &mut Writer, row: &Row) {
        writer.member(&self.name);
        let there = self.there.and_then(|place| row.values.get(place));
        if there == Some(&Value::Boolean(false)) {
            return writer.scalar(&Scalar::Null);
        }
        writer.begin_entity(&EntityHead { transient: true, ..EntityHead::default() });
        for (column, place) in &self.columns {
            writer.cell(column, &place.scalar(row));
        }
        for related in &self.further {
            related.write(writer, row);
        }
        writer.end_object();
    }
}
