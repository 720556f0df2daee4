//! The gate of gates, by which all others are changed: whether anybody can meet it.
//!
//! **Architecture Invariant:** nothing that an administrator does to others leaves a gate of gates that nobody can meet. What nobody may
//! be kept from (their own factors, a directory) does, where it must: that is seen whatever brought it about, those who rule are told once,
//! and the log says so.

use gridkeep_store::{Asked, Lack, MailPurpose, Provers, audit::NewEntry};

use super::{AtGate, Gates};
use crate::{
    error::{ApiError, Unmeetable},
    language::Language,
    mail::Wish,
    session::{Email, Logins},
};

/// The gate of gates.
pub(crate) const CONFIG: &str = "CHECKPOINT_CONFIG";

impl From<Lack> for ApiError {
    fn from(lack: Lack) -> Self {
        Self::CheckpointUnmeetable(match lack {
            Lack::Way => Unmeetable::ByNobody,
            Lack::Second => Unmeetable::Alone,
        })
    }
}

impl AtGate {
    /// What the gate of gates asks, to be met still by those whom an operation leaves.
    pub(crate) async fn keeps(&self) -> Result<Option<Asked>, ApiError> {
        self.gates.keeps().await
    }
}

impl Gates {
    /// What the gate of gates asks; `None` where it does not ask.
    async fn keeps(&self) -> Result<Option<Asked>, ApiError> {
        let read = self.tenancy().read(|reader| Ok((reader.gate(CONFIG)?, reader.gate_settings()?)));
        let (gate, settings) = read.await?;
        Ok(gate.and_then(|gate| Asked::of(&gate, &settings)))
    }

    /// Looks whether somebody can meet the gate of gates. Where nobody can any more those who rule are told by mail, once until
    /// somebody can again; gives whether it can be met.
    pub async fn watch(&self, logins: &Logins) -> Result<bool, ApiError> {
        let asked = self.keeps().await?;
        let known = self.tenancy().read(|reader| Ok(reader.gates_unmet()?)).await?;
        let (provers, lack) = match asked {
            // Nothing is asked of anybody, and nothing was missed: most tenants, every minute.
            None => (Provers::default(), None),
            Some(asked) => {
                let provers = logins.provers().await?;
                let lack = provers.lack(&asked);
                (provers, lack)
            }
        };
        let Some(lack) = lack else {
            if known.is_some() {
                self.tenancy().write(|work| Ok(work.forget_gates_unmet()?)).await?;
            }
            return Ok(true);
        };
        if known.is_some() {
            return Ok(false);
        }
        let (now, random) = (self.time().now(), self.chance().bytes());
        let first = self.tenancy().write(move |work| {
            if !work.note_gates_unmet(now)? {
                return Ok(false);
            }
            let word = lack.word();
            work.audit(
                &NewEntry::new("checkpoint.unmeetable", now, random).about(CONFIG).fact("lacks", word),
            )?;
            Ok(true)
        });
        if first.await? {
            tracing::warn!(lacks = lack.word(), "nobody can meet the gate of gates");
            let wishes = provers.all().iter().filter(|ruler| ruler.confirmed).map(|ruler| Wish {
                purpose: MailPurpose::GatesUnmeetable,
                address: Email::kept(ruler.address.clone()),
                account: Some(ruler.account),
                // It is written in both: nobody asked for it in one.
                language: Language::English,
            });
            if let Err(error) = self.post().ask(wishes.collect()).await {
                // Told at the next look.
                self.tenancy().write(|work| Ok(work.forget_gates_unmet()?)).await?;
                return Err(error);
            }
        }
        Ok(false)
    }
}
