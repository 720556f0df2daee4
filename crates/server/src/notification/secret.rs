//! What requests to handlers are signed with, as the Standard Webhooks specification has it.
//!
//! **Architecture Invariant:** a handler's secret is derived from a key that only the root key opens, so that it stands in no database;
//! another number gives another secret.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use gridkeep_model::{HandlerId, TenantId};
use secrecy::{ExposeSecret, SecretBox};

/// Derives secrets. Cheap to clone.
#[derive(Clone)]
pub struct Secrets(Arc<hmac::Key>);

/// The secret of a handler.
pub(super) struct Secret(hmac::Tag);

impl Secrets {
    /// From this key.
    pub fn new(key: &SecretBox<[u8; 32]>) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret())))
    }

    pub(super) fn of(&self, tenant: TenantId, handler: HandlerId, number: u32) -> Secret {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(tenant.uuid().as_bytes());
        context.update(handler.uuid().as_bytes());
        context.update(&number.to_be_bytes());
        Secret(context.sign())
    }
}

impl Secret {
    /// As it is shown, once.
    pub(super) fn shown(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0.as_ref()))
    }

    /// The signature of a message: of its id, the moment in seconds, and what it says.
    pub(super) fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_ref());
        let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // Its own example: the secret MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let body = r#"{"test": 2432232314}"#;
        let tag = hmac::sign(&key, format!("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{body}").as_bytes());
        assert_eq!(STANDARD.encode(tag.as_ref()), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let secrets = Secrets::new(&SecretBox::new(Box::new([1; 32])));
        let of = |tenant: u128, handler: u128, number| {
            let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(tenant));
            secrets.of(tenant, HandlerId::from_uuid(uuid::Uuid::from_u128(handler)), number).shown()
        };
        let all = [of(1, 2, 1), of(1, 2, 2), of(2, 2, 1), of(1, 3, 1)];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
        assert!(all[0].starts_with("whsec_") && of(1, 2, 1) == all[0]);
    }
}
