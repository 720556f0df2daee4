//! Pages encrypted in counter mode and authenticated with GMAC (docs/adr/0034): what both take is done many blocks at once,
//! where a chain of blocks or a hash goes from one to the next.
//!
//! **Architecture Invariant:** a start is drawn anew for each page that is written and used for nothing else; the key of a tag is
//! made of start and page number, and is that of no other page. A page that was changed, moved or cut is refused before it
//! is decrypted.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    error::Unspecified,
    hmac,
};
use secrecy::zeroize::Zeroizing;

/// Bytes of a start, which stands behind the page's contents.
pub(super) const START: usize = 16;
/// Bytes of a tag.
pub(super) const TAG: usize = 16;

/// What is kept ready for the pages of one connection.
#[derive(Default)]
pub(super) struct Counter {
    cipher: Option<(Zeroizing<Vec<u8>>, EncryptingKey)>,
    seal: Option<(Zeroizing<Vec<u8>>, hmac::Key)>,
}

impl Counter {
    /// Encrypts or decrypts, which is the same: AES-256 in counter mode from this start on.
    pub(super) fn change(
        &mut self,
        key: &[u8],
        start: [u8; START],
        page: &mut [u8],
    ) -> Result<(), Unspecified> {
        let cipher = match self.cipher.take().filter(|(known, _)| **known == key) {
            Some(known) => known,
            None => (key.to_vec().into(), EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, key)?)?),
        };
        let (_, cipher) = self.cipher.insert(cipher);
        cipher.less_safe_encrypt(page, EncryptionContext::Iv128(start.into())).map(drop)
    }

    /// The tag of an encrypted page with its start behind it, which is the page of this number: AES-256-GMAC with a key that is
    /// HMAC-SHA256 of start and number. Such a key is used once, so that its nonce need not differ.
    pub(super) fn tag(&mut self, key: &[u8], page: &[u8], number: &[u8]) -> Result<[u8; TAG], Unspecified> {
        let start = page.last_chunk::<START>().ok_or(Unspecified)?;
        let seal = self.seal.take().filter(|(known, _)| **known == key);
        let seal = seal.unwrap_or_else(|| (key.to_vec().into(), hmac::Key::new(hmac::HMAC_SHA256, key)));
        let (_, seal) = self.seal.insert(seal);
        let mut once = hmac::Context::with_key(seal);
        once.update(start);
        once.update(number);
        let once = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, once.sign().as_ref())?);
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let tag = once.seal_in_place_separate_tag(nonce, Aad::from(page), &mut [])?;
        tag.as_ref().try_into().map_err(|_| Unspecified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits = text.as_bytes().chunks_exact(2).map(|two| std::str::from_utf8(two).unwrap());
        digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
    }

    /// NIST SP 800-38A, F.5.5.
    #[test]
    fn counting_is_what_the_standard_says() {
        let mut counter = Counter::default();
        let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let start: [u8; START] = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff").try_into().unwrap();
        let clear = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let mut page = clear.clone();
        counter.change(&key, start, &mut page).unwrap();
        assert_eq!(page, hex("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"));
        // Another key between, so that none is mistaken for the one that is ready.
        counter.change(&[1; 32], start, &mut clear.clone()).unwrap();
        counter.change(&key, start, &mut page).unwrap();
        assert_eq!(page, clear);
        assert!(counter.change(&[1; 5], start, &mut page).is_err());
    }

    /// What OpenSSL 3 makes of the same: `openssl mac -cipher AES-256-GCM -macopt hexiv:000000000000000000000000 GMAC` with the key
    /// that `openssl dgst -sha256 -mac HMAC` gives.
    #[test]
    fn tags_are_those_of_another_library() {
        let page: Vec<u8> = (0_u8..64).collect();
        let tag = Counter::default().tag(&[7; 32], &page, &1_u32.to_le_bytes()).unwrap();
        assert_eq!(tag.to_vec(), hex("a0f4ada242af415889f9d1e332f8d430"));
    }

    #[test]
    fn a_tag_is_that_of_one_page_at_one_place() {
        let mut counter = Counter::default();
        let (key, other) = ([7; 32], [8; 32]);
        let page: Vec<u8> = (0..4_064_u32).map(|index| index as u8).collect();
        let mut seen = std::collections::HashSet::new();
        assert!(seen.insert(counter.tag(&key, &page, &1_u32.to_le_bytes()).unwrap()));
        assert!(!seen.insert(counter.tag(&key, &page, &1_u32.to_le_bytes()).unwrap()));
        assert!(seen.insert(counter.tag(&other, &page, &1_u32.to_le_bytes()).unwrap()));
        assert!(seen.insert(counter.tag(&key, &page, &2_u32.to_le_bytes()).unwrap()));
        for at in [0, 100, 4_047, 4_048, 4_063] {
            let mut changed = page.clone();
            changed[at] ^= 1;
            assert!(seen.insert(counter.tag(&key, &changed, &1_u32.to_le_bytes()).unwrap()), "{at}");
        }
        assert!(seen.insert(counter.tag(&key, &page[1..], &1_u32.to_le_bytes()).unwrap()));
        assert!(counter.tag(&key, &page[..START - 1], &[]).is_err());
    }
}
