//! `GET /api/audit/heads/deliveries`: where the newest signed heads of the log have come to.

use std::collections::HashMap;

use axum::extract::State;
use gridkeep_model::HandlerId;
use gridkeep_store::Handler;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Teller, view::DeliveryView};
use crate::{
    audit::{Auditor, HEAD_SIGNED, SignedHead},
    error::ApiError,
    extract::Json,
};

/// Heads in one answer.
const MOST: u32 = 20;

/// A signed head, and where it has come to besides the file of the server, which has all.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditHeadSent)]
pub(super) struct HeadView {
    /// Of so many rows.
    size: u64,
    /// When it was signed.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    deliveries: Vec<SentView>,
}

/// A head on its way to a handler.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditHeadDelivery)]
pub(super) struct SentView {
    /// What the handler is called.
    place: String,
    /// `mail`, `webhook` or `bucket`.
    kind: &'static str,
    #[serde(flatten)]
    delivery: DeliveryView,
}

/// The newest signed heads and what became of each at every handler, for owners and administrators. Of the last 30 days.
#[utoipa::path(get, path = "/api/audit/heads/deliveries", tag = "audit", operation_id = "head_deliveries",
    responses((status = 200, body = Vec<HeadView>)))]
pub(super) async fn list(
    State(teller): State<Teller>,
    _auditor: Auditor,
) -> Result<Json<Vec<HeadView>>, ApiError> {
    let read = teller.tenancy().read(|reader| Ok((reader.handlers()?, reader.told(HEAD_SIGNED, MOST)?)));
    let (handlers, told) = read.await?;
    let handlers: HashMap<HandlerId, Handler> = handlers.into_iter().map(|own| (own.id, own)).collect();
    let heads = told.into_iter().filter_map(|told| {
        let head: SignedHead = serde_json::from_str(&told.body).ok()?;
        let sent = told.deliveries.into_iter().filter_map(|delivery| {
            let Handler { name, kind, .. } = handlers.get(&delivery.handler)?;
            Some(SentView { place: name.clone(), kind: kind.word(), delivery: delivery.into() })
        });
        Some(HeadView { size: head.size, at: told.at, deliveries: sent.collect() })
    });
    Ok(Json(heads.collect()))
}
