//! Bodies whose parts go out while the rest of them is read.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures::{Stream, stream};
use gridkeep_store::Rest;

use super::refusal::Refusal;
use crate::error::ApiError;

/// A body, or its beginning with what follows.
pub(super) struct Payload {
    pub(super) body: Bytes,
    pub(super) parts: Option<Parts>,
}

/// What is still being read.
type Reading = Rest<Vec<u8>, ApiError>;

/// The parts that follow a beginning, whoever takes them first.
#[derive(Clone)]
pub(super) struct Parts(Arc<Mutex<Option<Reading>>>);

/// The same, taken. Dropping it stops the read.
pub(super) struct Following(Reading);

impl Payload {
    /// A beginning and what follows it, if anything does.
    pub(super) fn new(body: Vec<u8>, rest: Option<Reading>) -> Self {
        Self { body: body.into(), parts: rest.map(|rest| Parts(Arc::new(Mutex::new(Some(rest))))) }
    }
}

impl Parts {
    pub(super) fn take(&self) -> Option<Following> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().map(Following)
    }
}

impl Following {
    /// All of them behind their beginning.
    pub(super) async fn behind(mut self, beginning: &[u8]) -> Result<Bytes, Refusal> {
        let mut whole = beginning.to_vec();
        while let Some(part) = self.0.next().await {
            whole.extend_from_slice(&part?);
        }
        Ok(whole.into())
    }

    /// One after the other; an error is the last.
    pub(super) fn stream(self) -> impl Stream<Item = Result<Bytes, ApiError>> + Send + 'static {
        stream::unfold(self, |mut following| async move {
            let part = following.0.next().await?;
            if let Err(error) = &part {
                tracing::error!(error.code = error.code(), error.cause = %error, "an answer was cut off");
            }
            Some((part.map(Bytes::from), following))
        })
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parts")
    }
}
