//! The two primitives: AES-256-GCM and HKDF-SHA256 (RFC 5869), both of `aws-lc-rs`.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand,
};
use secrecy::{ExposeSecret, SecretBox};

use crate::ObjectsError;

pub(crate) const KEY: usize = 32;
pub(crate) const TAG: usize = 16;
pub(crate) const NONCE: usize = NONCE_LEN;

/// A 256-bit key.
pub(crate) type Secret = SecretBox<[u8; KEY]>;

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Bytes from the machine's own randomness.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], ObjectsError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// A new random key.
pub(crate) fn new_secret() -> Result<Secret, ObjectsError> {
    let mut secret = SecretBox::new(Box::new([0; KEY]));
    rand::fill(secrecy::ExposeSecretMut::expose_secret_mut(&mut secret))?;
    Ok(secret)
}

/// Fills `out` with what `label` and `salt` make of a key.
pub(crate) fn derive(key: &Secret, salt: &[u8], label: &str, out: &mut [u8]) -> Result<(), ObjectsError> {
    let label = [label.as_bytes()];
    let expanded = Salt::new(HKDF_SHA256, salt).extract(key.expose_secret());
    Ok(expanded.expand(&label, Length(out.len()))?.fill(out)?)
}

/// A key for one purpose.
pub(crate) fn derive_secret(key: &Secret, salt: &[u8], label: &str) -> Result<Secret, ObjectsError> {
    let mut secret = SecretBox::new(Box::new([0; KEY]));
    derive(key, salt, label, secrecy::ExposeSecretMut::expose_secret_mut(&mut secret))?;
    Ok(secret)
}

pub(crate) fn cipher(key: &Secret) -> Result<LessSafeKey, ObjectsError> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key.expose_secret())?))
}

/// Encrypts and appends the tag. A nonce is used once with a key.
pub(crate) fn seal(
    cipher: &LessSafeKey,
    nonce: [u8; NONCE],
    context: &[u8],
    plain: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), ObjectsError> {
    let start = out.len();
    out.extend_from_slice(plain);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = cipher.seal_in_place_separate_tag(nonce, Aad::from(context), &mut out[start..])?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

/// Decrypts in place; `None` when anything about it is not what was encrypted.
pub(crate) fn open<'a>(
    cipher: &LessSafeKey,
    nonce: [u8; NONCE],
    context: &[u8],
    sealed: &'a mut [u8],
) -> Option<&'a mut [u8]> {
    cipher.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(context), sealed).ok()
}

/// A key encrypted under another: nonce, key, tag.
pub(crate) const WRAPPED: usize = NONCE + KEY + TAG;

pub(crate) fn wrap(wrapping: &Secret, context: &[u8], key: &Secret) -> Result<[u8; WRAPPED], ObjectsError> {
    let nonce = random()?;
    let mut out = Vec::with_capacity(WRAPPED);
    out.extend_from_slice(&nonce);
    seal(&cipher(wrapping)?, nonce, context, key.expose_secret(), &mut out)?;
    out.try_into().map_err(|_| ObjectsError::Crypto)
}

/// `None` when it was wrapped by another key or for another context.
pub(crate) fn unwrap(wrapping: &Secret, context: &[u8], wrapped: &[u8; WRAPPED]) -> Option<Secret> {
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&wrapped[..NONCE]);
    let mut sealed = secrecy::zeroize::Zeroizing::new([0; KEY + TAG]);
    sealed.copy_from_slice(&wrapped[NONCE..]);
    let opened = open(&cipher(wrapping).ok()?, nonce, context, &mut *sealed)?;
    let mut secret = SecretBox::new(Box::new([0; KEY]));
    secrecy::ExposeSecretMut::expose_secret_mut(&mut secret).copy_from_slice(opened);
    Some(secret)
}
