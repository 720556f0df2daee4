//! The gates that ask, kept under the mark of the tenant's database.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use gridkeep_model::{
    AppId, ChallengeId,
    checkpoint::{Gate, GateSettings, Template},
    query::Expr,
};
use gridkeep_store::{MailPurpose, Mark, Reader, StoreError};

use crate::{
    chance::{Chance, Time},
    error::ApiError,
    language::Language,
    mail::{Post, Wish},
    recent::Recent,
    session::Person,
    site::Site,
    tenancy::Tenancy,
};

/// Conditions kept.
const CONDITIONS: usize = 256;

/// A tenant's gates; clones share what is kept.
#[derive(Clone)]
pub struct Gates(Arc<Inner>);

/// Conditions kept understood, by app, version, table and text.
pub(crate) type Conditions = Recent<(AppId, u32, String, String), Option<Arc<Judged>>>;

/// What a row is judged by.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) expr: Expr,
    /// Ids of the columns it reads.
    pub(crate) columns: BTreeSet<String>,
}

struct Inner {
    tenancy: Tenancy,
    site: Site,
    time: Time,
    chance: Chance,
    post: Post,
    conditions: Conditions,
    kept: Mutex<Option<(Mark, Arc<Active>)>>,
}

/// Those that ask.
#[derive(Debug, Default)]
pub(crate) struct Active {
    /// What holds for all of them.
    pub(crate) settings: GateSettings,
    /// By their ids.
    pub(crate) gates: BTreeMap<String, (Gate, Template)>,
}

impl Gates {
    /// Of this tenant, at this place.
    pub fn new(tenancy: Tenancy, site: Site, post: Post, time: Time, chance: Chance) -> Self {
        let conditions = Recent::new(CONDITIONS);
        Self(Arc::new(Inner { tenancy, site, time, chance, post, conditions, kept: Mutex::default() }))
    }

    /// Conditions kept understood.
    pub(crate) fn conditions(&self) -> &Conditions {
        &self.0.conditions
    }

    /// Whose they are.
    pub(super) fn tenancy(&self) -> &Tenancy {
        &self.0.tenancy
    }

    /// Who carries mails.
    pub(super) fn post(&self) -> &Post {
        &self.0.post
    }

    /// The clock.
    pub(super) fn time(&self) -> &Time {
        &self.0.time
    }

    /// The source of chance.
    pub(crate) fn chance(&self) -> &Chance {
        &self.0.chance
    }

    /// Tells somebody by mail that changes wait for them or that others answered, where the address is theirs.
    pub(crate) async fn announce(
        &self,
        purpose: MailPurpose,
        person: &Person,
        language: Language,
    ) -> Result<(), ApiError> {
        if !person.confirmed {
            return Ok(());
        }
        let address = person.email.clone();
        self.0.post.ask(vec![Wish { purpose, address, account: Some(person.id), language }]).await
    }

    /// An id for a challenge.
    pub(crate) fn new_id(&self) -> ChallengeId {
        self.0.chance.with(|rng| ChallengeId::new(self.0.time.clock(), rng))
    }

    /// The page of a challenge.
    pub(crate) fn link(&self, id: ChallengeId) -> String {
        self.0.site.page(&format!("/checkpoint/{id}"))
    }

    /// Those that ask now, as this reader or work sees the database.
    pub(crate) fn active(&self, reader: &mut Reader<'_>) -> Result<Arc<Active>, StoreError> {
        // Before anything is read: what changes while it is read ends it.
        let mark = self.0.tenancy.mark();
        let kept = || self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, active)) = &*kept()
            && Some(*at) == mark
        {
            return Ok(Arc::clone(active));
        }
        let active = Arc::new(Active::read(reader)?);
        if let Some(mark) = mark {
            *kept() = Some((mark, Arc::clone(&active)));
        }
        Ok(active)
    }
}

impl Active {
    fn read(reader: &mut Reader<'_>) -> Result<Self, StoreError> {
        let settings = reader.gate_settings()?;
        let mut gates = BTreeMap::new();
        for gate in reader.gates()?.into_iter().filter(|gate| gate.active && settings.enabled) {
            // It was checked when it was made.
            let template = Template::parse(&gate.message).map_err(|error| StoreError::Corrupt {
                what: "message of a gate",
                detail: error.to_string(),
            })?;
            gates.insert(gate.id.clone(), (gate, template));
        }
        Ok(Self { settings, gates })
    }
}
