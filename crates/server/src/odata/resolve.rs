//! What a URL means before it is bound: however its blanks are written, of which version of the schema it speaks, and which
//! entity an id names.

use gridkeep_odata::{
    Error, ErrorKind,
    header::Version,
    syntax::{
        Limits,
        ast::{QueryOptions, Request, Resource, Segment, SegmentKind, Spanned},
    },
};

use super::{asked::Asked, dispatch::Service, refusal::Refusal};

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
        let wrong = |message: String| {
            let span = id.at.0;
            Error::new(ErrorKind::Malformed, "INVALID_ID", message).at(span.start..span.end).about("$id")
        };
        let address = self.place().relative(&id.value, None).map_err(|error| wrong(error.message))?;
        let named = Resource::parse(address.trim_start_matches('/'), &Limits::default());
        let Ok(Resource::Path(mut path)) = named else {
            return Err(wrong("this is no id of an entity here".to_owned()));
        };
        if let Resource::Entity(Some(kind)) = resource {
            let (text, at) = (kind.to_string(), kind.at);
            path.segments.push(Segment { kind: SegmentKind::Name(kind), text, parens: Vec::new(), at });
        }
        // What has no key names no entity; the path of a singleton has but one segment.
        let whole = path
            .segments
            .iter()
            .all(|segment| matches!(segment.kind, SegmentKind::Name(_) | SegmentKind::Text));
        if !whole || address.contains('?') {
            return Err(wrong("this is no id of an entity here".to_owned()));
        }
        Ok(Request { resource: Resource::Path(path), options: QueryOptions { id: None, ..options }, context })
    }
}
