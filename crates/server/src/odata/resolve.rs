//! What a URL means before it is bound: however its blanks are written, of which version of the schema it speaks, and which
//! entity an id names.

use std::borrow::Cow;

use gridkeep_odata::{
    Error, ErrorKind,
    bind::{EntityKey, EntityPart, Target, target},
    header::Version,
    project::SetSource,
    syntax::{
        Limits,
        ast::{QueryOptions, Request, Resource, ResourcePath, Segment, SegmentKind, Spanned},
    },
};

use super::{
    asked::Asked,
    deep::{Before, malformed},
    dispatch::Service,
    follow::Followed,
    refusal::Refusal,
};

impl Service {
    /// The tree of a request's URL; and the request anew where its URL is to be written otherwise.
    pub(super) fn resolved(&self, asked: &Asked) -> Result<(Request, Option<Asked>), Refusal> {
        let (mut request, url) = Request::parse_lenient(&asked.url, &Limits::default())?;
        let plain = (url != asked.url).then(|| Asked { url: url.into_owned(), ..asked.clone() });
        if let Some(version) = request.options.schemaversion.take() {
            self.speaks(&version, asked.version()?)?;
        }
        if let Resource::Entity(_) = &request.resource {
            request = self.named(request)?;
        }
        Ok((request, plain))
    }

    /// Whether the schema has this version now: no other is kept (OData-Protocol 4.01, section 11.2.12).
    fn speaks(&self, asked: &Spanned<String>, version: Version) -> Result<(), Error> {
        let refuse = |kind, code, message: String| {
            Err(Error::new(kind, code, message).at(asked.at.0.start..asked.at.0.end).about("$schemaversion"))
        };
        if version == Version::V4_0 {
            let message = "$schemaversion is not supported in OData 4.0".to_owned();
            return refuse(ErrorKind::Malformed, "UNKNOWN_OPTION", message);
        }
        match self.projection.schema_version() {
            _ if asked.value == "*" => Ok(()),
            Some(current) if current == asked.value => Ok(()),
            Some(current) => {
                let message = format!("the schema has version {current}");
                refuse(ErrorKind::NotFound, "UNKNOWN_SCHEMA_VERSION", message)
            }
            None => {
                let message = "the schema has no versions".to_owned();
                refuse(ErrorKind::NotFound, "UNKNOWN_SCHEMA_VERSION", message)
            }
        }
    }

    /// The request for the entity that `$entity?$id=...` names, perhaps as a type (OData-URL 4.01, section 4.5).
    fn named(&self, request: Request) -> Result<Request, Error> {
        let Request { resource, options, context } = request;
        let Some(id) = options.id.clone() else { return Ok(Request { resource, options, context }) };
        let span = id.at.0;
        let mut path = self.path_of(&id.value).map_err(|error| error.at(span).about("$id"))?;
        if let Resource::Entity(Some(kind)) = resource {
            let (text, at) = (kind.to_string(), kind.at);
            path.segments.push(Segment { kind: SegmentKind::Name(kind), text, parens: Vec::new(), at });
        }
        Ok(Request { resource: Resource::Path(path), options: QueryOptions { id: None, ..options }, context })
    }

    /// The path of the entity that an id names: absolute, from the root of the server or from that of the service.
    pub(super) fn path_of(&self, id: &str) -> Result<ResourcePath, Error> {
        let wrong = || wrong(id);
        let address = self.place().relative(id, None).map_err(|_| wrong())?;
        if address.contains(['?', '#']) {
            return Err(wrong());
        }
        let Ok(Resource::Path(path)) = Resource::parse(address, &Limits::default()) else {
            return Err(wrong());
        };
        // What has no key names no entity; the path of a singleton has but one segment.
        let whole = |segment: &Segment| matches!(segment.kind, SegmentKind::Name(_) | SegmentKind::Text);
        if path.segments.iter().all(whole) { Ok(path) } else { Err(wrong()) }
    }

    /// The entity that an id names, behind what an atomicity group has done so far.
    pub(super) async fn referred(
        &self,
        id: &str,
        before: Before<'_>,
    ) -> Result<(&SetSource, EntityKey), Refusal> {
        let id = match before.references {
            Some(references) => references.url(id)?,
            None => Cow::Borrowed(id),
        };
        let wrong = || wrong(&id);
        let (resource, options) = (Resource::Path(self.path_of(&id)?), QueryOptions::default());
        let parsed = Request { resource, options, context: None };
        let found = target(&parsed, &self.projection, self.now()).map_err(|_| wrong())?;
        match self.followed_behind(found, before.operations).await? {
            Followed::There(Target::Entity { set, key, part: EntityPart::Whole }, _) => {
                // Of the projection itself, which lives as long as the service.
                let set = self.projection.set(&set.name).ok_or_else(wrong)?;
                Ok((set, key))
            }
            _ => Err(wrong().into()),
        }
    }
}

fn wrong(id: &str) -> Error {
    let shown: String = id.chars().take(100).collect();
    malformed("INVALID_ID", format!("`{shown}` names no entity of this service"))
}
