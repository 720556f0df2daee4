//! Request and response headers as small typed values (OData-Protocol 4.01, section 8).
//!
//! **Architecture Invariant:** a header is text until one of these nouns has parsed it; nothing else in the product looks
//! into a header's text. Names and preferences are known with and without the `odata.` prefix of 4.0.

mod accept;
mod annotations;
mod content;
mod entity_id;
mod etag;
mod isolation;
mod line;
mod media;
mod prefer;
mod request_id;
mod scan;
mod status;
mod version;

pub use accept::{Offer, Representation, negotiate};
pub use annotations::AnnotationFilter;
pub(crate) use content::check_boundary;
pub use content::{JsonFormat, Metadata, RequestBody};
pub use entity_id::EntityId;
pub use etag::{Condition, ETag};
pub use isolation::Isolation;
pub use line::Header;
pub(crate) use line::excerpt;
pub use media::MediaType;
pub use prefer::{Omit, Preference, Preferences, Return};
pub use request_id::RequestId;
pub use status::{AsyncResult, wants_message};
pub use version::{MaxVersion, Version, prefixed};
