//! Links between entities, made and ended by their references: `Orders(1)/Customer/$ref` (OData-Protocol 4.01, section
//! 11.4.6).

use axum::http::Method;
use gridkeep_odata::{
    bind::{CollectionPart, EntityKey, EntityPart, Target},
    header::{ETag, RequestBody},
    json::{Limits, Reader},
};

use super::{
    answer::Answer,
    changes::Changes,
    deep::{Before, Planned, malformed},
    dispatch::{Service, Understood, not_offered},
    follow::Origin,
    handler::nothing,
    refusal::Refusal,
};
use crate::error::ApiError;

impl Service {
    /// Makes or ends links; `None` when the request is about something else. A navigation property to one that leads
    /// nowhere has no target.
    pub(super) async fn links(
        &self,
        request: Understood<'_>,
        found: Option<&Target<'_>>,
        origin: &Origin<'_>,
    ) -> Result<Option<Answer>, Refusal> {
        let planned = self.planned_links(request, found, origin, Before::default()).await?;
        let Some(planned) = planned else { return Ok(None) };
        let set = self.projection.target(origin.navigation).unwrap_or(origin.set);
        self.run(set, planned.operations, planned.guards).await?;
        Ok(Some(nothing()))
    }

    /// What making or ending links comes to; `None` when the request is about something else.
    pub(super) async fn planned_links(
        &self,
        request: Understood<'_>,
        found: Option<&Target<'_>>,
        origin: &Origin<'_>,
        before: Before<'_>,
    ) -> Result<Option<Planned>, Refusal> {
        let one = match found {
            Some(Target::Entity { key, part: EntityPart::Ref, .. }) => Some(key),
            Some(Target::Collection { part: CollectionPart::Refs, .. }) | None => None,
            Some(_) => return Ok(None),
        };
        if !self.caller.writes {
            return Err(ApiError::Forbidden.into());
        }
        if !origin.navigation.many
            && let Some(condition) = request.asked.if_match()?
            && !condition.fits(Some(&ETag::weak(origin.row.version.to_string())))
        {
            return Err(Refusal::Precondition);
        }
        let mut changes = Changes::new(self, before);
        let method = &request.asked.method;
        if *method == Method::POST || *method == Method::PUT {
            RequestBody::json(request.asked.header("content-type"))?;
            let reader = Reader::new(&self.projection.edm, &request.asked.body, 0, Limits::default())?;
            let ids = reader.references()?;
            if !origin.navigation.many && ids.len() != 1 {
                let message = format!("{} takes one reference", origin.navigation.property);
                return Err(malformed("WRONG_TYPE", message).into());
            }
            for id in &ids {
                changes.link(origin, id).await?;
            }
        } else if *method == Method::DELETE {
            match (&request.options.id, one) {
                (Some(id), _) => changes.unlink(origin, &id.value).await?,
                (None, Some(EntityKey::Row(row))) if origin.navigation.many => {
                    let id = format!("{}({row})", origin.navigation.set);
                    changes.unlink(origin, &id).await?;
                }
                (None, _) if !origin.navigation.many => changes.clear(origin)?,
                _ => {
                    let message = "which reference is removed is said by $id".to_owned();
                    return Err(malformed("MISSING_ID", message).about("$id").into());
                }
            }
        } else {
            return Err(not_offered());
        }
        Ok(Some(changes.planned()))
    }
}
