//! Signs heads of logs, with a key that no database's role can read: it is derived from one that only the root key opens.
//!
//! **Architecture Invariant:** a head names its tenant, so that one tenant's log cannot stand for another's.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use gridkeep_model::{TenantId, canonical::canonical};
use gridkeep_store::audit::{AuditHead, hex, tree::Hash, unhex};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a signed head begins with, so that it is nothing else's.
const DOMAIN: &str = "gridkeep-audit-head-1";

/// Signs heads.
pub struct Signer {
    pair: Ed25519KeyPair,
    id: String,
    public: String,
}

/// A head of a tenant's log as it is given away. The signature (Ed25519) is over the canonical JSON (RFC 8785) of
/// `{"domain": "gridkeep-audit-head-1", "root", "size", "tenant", "time"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedHead {
    /// Whose log.
    #[schema(value_type = String, format = Uuid)]
    pub tenant: TenantId,
    /// Of so many rows.
    pub size: u64,
    /// Their root (RFC 9162), in hexadecimal.
    pub root: String,
    /// When it was signed, in milliseconds since 1970 in UTC.
    pub time: i64,
    /// The name of the key: the first eight bytes of its SHA-256.
    pub key_id: String,
    /// The public key, in hexadecimal.
    pub public_key: String,
    /// In hexadecimal.
    pub signature: String,
}

fn message(tenant: TenantId, size: u64, root: &str, time: i64) -> String {
    let head = json!({
        "domain": DOMAIN,
        "root": root,
        "size": size,
        "tenant": tenant.to_string(),
        "time": time,
    });
    // Nothing in it is beyond what canonical JSON holds, unless somebody made the head up: then nothing verifies.
    canonical(&head).unwrap_or_default()
}

impl Signer {
    /// With the key of this seed.
    pub fn new(seed: &SecretBox<[u8; 32]>) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.expose_secret())?;
        let public = pair.public_key().as_ref().to_vec();
        let id = hex(&digest(&SHA256, &public).as_ref()[..8]);
        Ok(Self { pair, id, public: hex(&public) })
    }

    /// The name of its key.
    pub fn key_id(&self) -> &str {
        &self.id
    }

    /// Signs a head.
    pub fn sign(&self, tenant: TenantId, size: u64, root: Hash, at: Timestamp) -> AuditHead {
        let text = message(tenant, size, &hex(&root), at.as_millisecond());
        let signature = self.pair.sign(text.as_bytes()).as_ref().to_vec();
        AuditHead { size, root, at, key_id: self.id.clone(), signature }
    }

    /// A head as it is given away.
    pub fn show(&self, tenant: TenantId, head: &AuditHead) -> SignedHead {
        SignedHead {
            tenant,
            size: head.size,
            root: hex(&head.root),
            time: head.at.as_millisecond(),
            key_id: head.key_id.clone(),
            public_key: self.public.clone(),
            signature: hex(&head.signature),
        }
    }

    /// Whether a head of this tenant was signed with this key.
    pub fn signed(&self, tenant: TenantId, head: &SignedHead) -> bool {
        let text = message(head.tenant, head.size, &head.root, head.time);
        let Some(signature) = unhex(&head.signature) else { return false };
        head.tenant == tenant
            && !text.is_empty()
            && UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref())
                .verify(text.as_bytes(), &signature)
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_is_one_head_of_one_tenant() {
        let signer = Signer::new(&SecretBox::new(Box::new([7; 32]))).unwrap();
        let other = Signer::new(&SecretBox::new(Box::new([8; 32]))).unwrap();
        let tenant = |number: u128| TenantId::from_uuid(uuid::Uuid::from_u128(number));
        let head = signer.show(tenant(1), &signer.sign(tenant(1), 5, [3; 32], Timestamp::UNIX_EPOCH));
        assert!(signer.signed(tenant(1), &head));
        assert!(!other.signed(tenant(1), &head) && !signer.signed(tenant(2), &head));
        for wrong in [
            SignedHead { size: 6, ..head.clone() },
            SignedHead { size: u64::MAX, ..head.clone() },
            SignedHead { time: 1, ..head.clone() },
            SignedHead { tenant: tenant(2), ..head.clone() },
            SignedHead { root: hex(&[4; 32]), ..head.clone() },
            SignedHead { signature: String::new(), ..head.clone() },
            SignedHead { signature: "zz".to_owned(), ..head.clone() },
        ] {
            assert!(!signer.signed(wrong.tenant, &wrong), "{wrong:?}");
        }
        let back: SignedHead = serde_json::from_str(&serde_json::to_string(&head).unwrap()).unwrap();
        assert_eq!(back, head);
    }
}
