//! `/api/invitation-links`: links that are handed on, as text or drawn as a QR code (ISO/IEC 18004).
//!
//! **Architecture Invariant:** a link makes nobody more than a member, and is shown once, to whoever makes it.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode};
use gridkeep_model::{AppId, GroupId, JoinLinkId, domain};
use gridkeep_store::{Audience, JoinLink, TenantRole};
use jiff::{SignedDuration, Timestamp};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json_, json};
use utoipa::ToSchema;

use super::{
    invite::{name, there},
    view::{Named, named_app, named_groups, names, said},
};
use crate::{
    chance::Time,
    distribution::MakerGrant,
    error::ApiError,
    extract::{Json, Path},
    invited::{Invitations, NewJoinLink},
    noted,
    people::Ruler,
    session::{Email, Person, RoleView},
    site::Site,
    tenancy::Tenancy,
};

/// Most days a link works, and most people who join by it.
const MOST: (u32, u32) = (90, 10_000);
/// Most domains of a link.
const MOST_DOMAINS: usize = 20;
/// Most links that let people in, of a tenant or of an app.
const MOST_LINKS: usize = 50;

/// A link as whoever made it sees it; never the link itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvitationLink)]
pub(super) struct LinkCard {
    #[schema(value_type = String, format = Uuid)]
    id: JoinLinkId,
    /// What whoever made it calls it.
    name: String,
    /// The app it leads to; null for the tenant itself.
    app: Option<Named>,
    role: RoleView,
    groups: Vec<Named>,
    /// Domains of the addresses that may join; all when empty.
    domains: Vec<String>,
    /// How many may join.
    most: u32,
    /// How many have.
    used: u32,
    #[schema(value_type = String, format = DateTime)]
    created: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires: Timestamp,
    /// `open`, `used`, `expired` or `revoked`.
    status: &'static str,
}

/// A link that was just made; it is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewInvitationLink)]
pub(super) struct Made {
    link: LinkCard,
    /// To be handed on.
    address: String,
    /// To be scanned: SVG, black on white whatever the theme.
    picture: String,
}

/// A link to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = InvitationLinkWish)]
pub(super) struct Wish {
    /// What to call it.
    #[serde(default)]
    name: String,
    /// `guest` or `member`; whoever joins an app is a guest.
    #[serde(default)]
    role: Option<RoleView>,
    /// Ids of the groups they will be in; not for apps.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    groups: BTreeSet<GroupId>,
    /// For how many days it works, at most 90.
    days: u32,
    /// How many may join, at most 10,000.
    most: u32,
    /// Domains of the addresses that may join, such as `example.com`; all when empty.
    #[serde(default)]
    domains: Vec<String>,
}

/// The links of the tenant and its apps, the newest first.
#[utoipa::path(get, path = "/api/invitation-links", tag = "invitations", operation_id = "links",
    responses((status = 200, body = Vec<LinkCard>)))]
pub(super) async fn list(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    _: Ruler,
) -> Result<Json<Vec<LinkCard>>, ApiError> {
    Ok(Json(cards(&tenancy, invitations.links(None).await?, time.now()).await?))
}

/// The links of an app, the newest first.
#[utoipa::path(get, path = "/api/apps/{app}/invitation-links", tag = "invitations", operation_id = "links_of_app",
    params(("app" = String, Path)), responses((status = 200, body = Vec<LinkCard>)))]
pub(super) async fn list_of_app(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    State(time): State<Time>,
    MakerGrant { app, .. }: MakerGrant,
) -> Result<Json<Vec<LinkCard>>, ApiError> {
    Ok(Json(cards(&tenancy, invitations.links(Some(app.id)).await?, time.now()).await?))
}

/// Makes a link by which people join the tenant, as guests or members. It is shown this once.
#[utoipa::path(post, path = "/api/invitation-links", tag = "invitations", operation_id = "make_link",
    request_body = Wish, responses((status = 201, body = Made)))]
pub(super) async fn make(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    State(time): State<Time>,
    ruler: Ruler,
    Json(wish): Json<Wish>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let role = TenantRole::from(wish.role.unwrap_or(RoleView::Member));
    if role > TenantRole::Member {
        return Err(ApiError::Forbidden);
    }
    let groups = there(&tenancy, wish.groups.clone()).await?;
    let new = checked(&wish, None, (role, groups), &time)?;
    finish((&invitations, &tenancy, &site, &time), &ruler.person, new).await
}

/// Makes a link by which people join an app: its owner and administrators do. It is shown this once.
#[utoipa::path(post, path = "/api/apps/{app}/invitation-links", tag = "invitations", operation_id = "make_link_for_app",
    params(("app" = String, Path)), request_body = Wish, responses((status = 201, body = Made)))]
pub(super) async fn make_for_app(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    State(site): State<Site>,
    State(time): State<Time>,
    MakerGrant { app, person }: MakerGrant,
    Json(wish): Json<Wish>,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    let is_guest = wish.role.is_none_or(|role| matches!(role, RoleView::Guest));
    if (app.owner != person.id && !person.administers()) || !is_guest || !wish.groups.is_empty() {
        return Err(ApiError::Forbidden);
    }
    if app.audience == Audience::Prototype {
        return Err(ApiError::InvalidRequest("audience".to_owned()));
    }
    let new = checked(&wish, Some(app.id), (TenantRole::Guest, Vec::new()), &time)?;
    finish((&invitations, &tenancy, &site, &time), &person, new).await
}

/// Takes a link back; whoever joined by it stays.
#[utoipa::path(delete, path = "/api/invitation-links/{link}", tag = "invitations", operation_id = "revoke_link",
    params(("link" = String, Path)), responses((status = 204, description = "It lets nobody in any more.")))]
pub(super) async fn revoke(
    State(invitations): State<Invitations>,
    State(tenancy): State<Tenancy>,
    person: Person,
    Path(id): Path<JoinLinkId>,
) -> Result<StatusCode, ApiError> {
    let link = invitations.link(id).await?.ok_or(ApiError::NotFound)?;
    if !person.administers() {
        // Of an app: its owner.
        let app = link.app.ok_or(ApiError::NotFound)?;
        let app = tenancy.read(move |reader| Ok(reader.app(app)?)).await?.ok_or(ApiError::NotFound)?;
        if app.owner != person.id {
            return Err(ApiError::NotFound);
        }
    }
    noted::fact("before", said_of(&link));
    invitations.revoke_link(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn checked(
    wish: &Wish,
    app: Option<AppId>,
    (role, groups): (TenantRole, Vec<GroupId>),
    time: &Time,
) -> Result<NewJoinLink, ApiError> {
    let wrong = |what: &str| ApiError::InvalidRequest(what.to_owned());
    if !(1..=MOST.0).contains(&wish.days) {
        return Err(wrong("days"));
    }
    if !(1..=MOST.1).contains(&wish.most) {
        return Err(wrong("most"));
    }
    let mut domains = BTreeSet::new();
    for domain in &wish.domains {
        let domain = domain.trim().trim_start_matches('@');
        let address = Email::new(&format!("somebody@{domain}")).map_err(|_| wrong("domains"))?;
        if !address.domain().contains('.') {
            return Err(wrong("domains"));
        }
        domains.insert(address.domain().into_owned());
    }
    if domains.len() > MOST_DOMAINS {
        return Err(wrong("domains"));
    }
    Ok(NewJoinLink {
        app,
        role,
        groups,
        name: name(&wish.name)?,
        domains: domains.into_iter().collect(),
        most: wish.most,
        expires: time.after(SignedDuration::from_hours(24 * i64::from(wish.days))),
    })
}

/// Domains as people read them.
pub(super) fn shown(domains: Vec<String>) -> Vec<String> {
    domains.into_iter().map(|own| domain::shown(&own).into_owned()).collect()
}

/// What a link gives, as the log has it.
fn said_of(link: &JoinLink) -> Json_ {
    let mut said = said(link.role, &link.groups, link.app);
    for (name, value) in [
        ("domains", json!(link.domains)),
        ("most", json!(link.most)),
        ("used", json!(link.used)),
        ("expires", json!(link.expires.to_string())),
    ] {
        said[name] = value;
    }
    said
}

async fn finish(
    (invitations, tenancy, site, time): (&Invitations, &Tenancy, &Site, &Time),
    person: &Person,
    new: NewJoinLink,
) -> Result<(StatusCode, Json<Made>), ApiError> {
    if !person.confirmed {
        return Err(ApiError::ConfirmFirst);
    }
    let there = invitations.links(new.app).await?;
    if there.iter().filter(|link| link.holds(time.now())).count() >= MOST_LINKS {
        return Err(ApiError::TooManyLinks(MOST_LINKS));
    }
    let (link, token) = invitations.make_link(person, new).await?;
    noted::about(link.id.to_string());
    noted::fact("after", said_of(&link));
    noted::done();
    // Behind the `#`: browsers send it to nobody when they open the page.
    let address = site.page(&format!("/join#{}", token.expose()));
    let code = QrCode::with_error_correction_level(&address, EcLevel::M).map_err(ApiError::internal)?;
    let picture = code.render::<svg::Color<'_>>().quiet_zone(true).min_dimensions(256, 256).build();
    let link = cards(tenancy, vec![link], time.now()).await?.pop().ok_or(ApiError::NotFound)?;
    Ok((StatusCode::CREATED, Json(Made { link, address, picture })))
}

async fn cards(tenancy: &Tenancy, all: Vec<JoinLink>, now: Timestamp) -> Result<Vec<LinkCard>, ApiError> {
    let (groups, apps) = names(tenancy, all.iter().filter_map(|link| link.app).collect()).await?;
    let cards = all.into_iter().map(|link| {
        let status = if link.revoked.is_some() {
            "revoked"
        } else if link.expires <= now {
            "expired"
        } else if link.used >= link.most {
            "used"
        } else {
            "open"
        };
        LinkCard {
            id: link.id,
            name: link.name,
            app: named_app(link.app, &apps),
            role: link.role.into(),
            groups: named_groups(&link.groups, &groups),
            domains: shown(link.domains),
            most: link.most,
            used: link.used,
            created: link.created,
            expires: link.expires,
            status,
        }
    });
    Ok(cards.collect())
}
