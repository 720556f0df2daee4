//! What SQLCipher asks of a library for each page, done by aws-lc with keys that stay ready (docs/adr/0028).
//!
//! **Architecture Invariant:** chained pages are those that SQLCipher writes without it, AES-256 in CBC and HMAC: either reads
//! what the other wrote. Counted ones are ours (docs/adr/0034), and without it nobody reads them. What is not said here is still
//! done by the library that SQLCipher brings.

#![expect(unsafe_code, reason = "SQLCipher takes the functions of a library as a table of C's")]

use std::{
    cell::Cell,
    ffi::{c_char, c_int, c_uchar, c_void},
    ptr, slice,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext, UnboundCipherKey},
    error::Unspecified,
    hmac, rand,
};
use rusqlite::{
    Connection,
    ffi::{SQLITE_ERROR, SQLITE_OK},
};
use secrecy::zeroize::{Zeroize, Zeroizing};

use super::sqlite_counter::{Counter, START, TAG};

/// The one whose table is laid out as [`Provider`] is.
const KNOWN: &str = "4.10.0";
/// Bytes of chance fetched at once, which a page takes 48 of.
const NOISE: usize = 4_096;

type Random = unsafe extern "C" fn(*mut c_void, *mut c_void, c_int) -> c_int;
type Hmac = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    *mut c_uchar,
) -> c_int;
type Cipher = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    *const c_uchar,
    c_int,
    *mut c_uchar,
) -> c_int;
type Context = unsafe extern "C" fn(*mut *mut c_void) -> c_int;
/// What is only handed on.
type Other = Option<unsafe extern "C" fn()>;

/// `struct sqlcipher_provider` of SQLCipher 4.10.
#[repr(C)]
#[derive(Clone, Copy)]
struct Provider {
    init: Other,
    shutdown: Other,
    name: unsafe extern "C" fn(*mut c_void) -> *const c_char,
    add_random: Other,
    random: Random,
    hmac: Hmac,
    kdf: Other,
    cipher: Cipher,
    sizes_and_names: [Other; 5],
    begin: Context,
    end: Context,
    fips_status: Other,
    version: Other,
    next: *mut Provider,
}

unsafe extern "C" {
    fn sqlcipher_get_provider() -> *mut Provider;
    fn sqlcipher_register_provider(provider: *mut Provider) -> c_int;
    fn sqlcipher_malloc(bytes: u64) -> *mut c_void;
}

/// The functions that SQLCipher brings.
static BROUGHT: OnceLock<Brought> = OnceLock::new();

struct Brought {
    hmac: Hmac,
    cipher: Cipher,
    begin: Context,
    end: Context,
}

/// How the pages of a file are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Manner {
    /// As SQLCipher does: a chain of blocks.
    #[default]
    Chained,
    /// In counter mode, with a tag of GMAC.
    Counted,
}

thread_local! {
    /// Of the connection that this thread gives its key to.
    static MANNER: Cell<Manner> = const { Cell::new(Manner::Chained) };
}

/// Runs what gives a connection its key: its pages are of this manner from then on.
pub(super) fn keyed<T>(manner: Manner, run: impl FnOnce() -> T) -> T {
    struct Before(Manner);
    impl Drop for Before {
        fn drop(&mut self) {
            MANNER.set(self.0);
        }
    }
    let _before = Before(MANNER.replace(manner));
    run()
}

/// Commits so far.
static COMMITS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The commit that this thread is in; 0 for none.
    static COMMIT: Cell<u64> = const { Cell::new(0) };
}

/// Runs a commit. What it writes is settled when it begins: even a machine that is copied meanwhile writes the same pages in
/// both copies, so that what their starts are made of may be drawn at once for many of them.
pub(super) fn committing<T>(run: impl FnOnce() -> T) -> T {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            COMMIT.set(0);
        }
    }
    COMMIT.set(COMMITS.fetch_add(1, Ordering::Relaxed) + 1);
    let _end = End;
    run()
}

/// Whether pages are encrypted here.
pub(super) fn is_installed() -> bool {
    BROUGHT.get().is_some()
}

/// From now on connections that are opened have their pages encrypted here. Called once, before other threads open any; nothing
/// happens where SQLCipher is not the one that this was written for.
pub(super) fn install(connection: &Connection) {
    let version = connection.query_row("PRAGMA cipher_version", [], |row| row.get::<_, String>(0));
    if !version.is_ok_and(|version| version.split(' ').next() == Some(KNOWN)) {
        return;
    }
    // SAFETY: an open connection has initialised SQLCipher, so that there is a provider; its table and those of its functions
    // are what version 4.10 has, which was asked for. It frees what it is given with its own allocator, which this is from.
    unsafe {
        let brought = sqlcipher_get_provider();
        let own = sqlcipher_malloc(size_of::<Provider>() as u64).cast::<Provider>();
        if brought.is_null() || own.is_null() {
            return;
        }
        let Provider { hmac, cipher, begin, end, .. } = *brought;
        if BROUGHT.set(Brought { hmac, cipher, begin, end }).is_ok() {
            let (begin, end) = (begin_pages as Context, end_pages as Context);
            let table = Provider { name, random, hmac: authenticate, cipher: change, begin, end, ..*brought };
            own.write(table);
            sqlcipher_register_provider(own);
        }
    }
}

/// What is kept ready for the pages of one connection.
#[derive(Default)]
struct Pages {
    manner: Manner,
    counter: Counter,
    ciphers: Option<Ciphers>,
    seal: Option<Seal>,
    noise: Noise,
    /// The commit that the noise is of.
    commit: u64,
}

struct Ciphers {
    key: Zeroizing<Vec<u8>>,
    encrypt: EncryptingKey,
    decrypt: DecryptingKey,
}

struct Seal {
    key: Zeroizing<Vec<u8>>,
    algorithm: hmac::Algorithm,
    ready: hmac::Key,
}

/// Bytes of chance that nobody has had yet.
struct Noise {
    bytes: Box<[u8; NOISE]>,
    used: usize,
}

impl Default for Noise {
    fn default() -> Self {
        Self { bytes: Box::new([0; NOISE]), used: NOISE }
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Noise {
    /// Nobody gets what is left.
    fn forget(&mut self) {
        self.bytes[self.used..].fill(0);
        self.used = NOISE;
    }

    fn fill(&mut self, target: &mut [u8]) -> Result<(), Unspecified> {
        if target.len() > NOISE {
            return rand::fill(target);
        }
        if NOISE - self.used < target.len() {
            rand::fill(&mut self.bytes[..])?;
            self.used = 0;
        }
        let next = &mut self.bytes[self.used..][..target.len()];
        target.copy_from_slice(next);
        next.fill(0);
        self.used += target.len();
        Ok(())
    }
}

impl Ciphers {
    fn new(key: &[u8]) -> Result<Self, Unspecified> {
        let unbound = || UnboundCipherKey::new(&AES_256, key);
        let (encrypt, decrypt) = (EncryptingKey::cbc(unbound()?)?, DecryptingKey::cbc(unbound()?)?);
        Ok(Self { key: key.to_vec().into(), encrypt, decrypt })
    }
}

impl Pages {
    /// Chance, for a page that is written in this commit, or in none.
    fn draw(&mut self, commit: u64, target: &mut [u8]) -> Result<(), Unspecified> {
        if self.manner == Manner::Counted {
            // What is kept would come out twice where a machine is copied while it runs: a chain shows which pages begin alike then, a
            // counter what they say.
            if commit == 0 {
                return rand::fill(target);
            }
            if commit != self.commit {
                self.noise.forget();
                self.commit = commit;
            }
        }
        self.noise.fill(target)
    }

    fn change(
        &mut self,
        encrypt: bool,
        key: &[u8],
        start: [u8; START],
        page: &mut [u8],
    ) -> Result<(), Unspecified> {
        if self.manner == Manner::Counted {
            return self.counter.change(key, start, page);
        }
        let ciphers = match self.ciphers.take().filter(|known| *known.key == key) {
            Some(known) => known,
            None => Ciphers::new(key)?,
        };
        let ciphers = self.ciphers.insert(ciphers);
        if encrypt {
            ciphers.encrypt.less_safe_encrypt(page, EncryptionContext::Iv128(start.into())).map(drop)
        } else {
            ciphers.decrypt.decrypt(page, DecryptionContext::Iv128(start.into())).map(drop)
        }
    }

    fn authenticate(&mut self, algorithm: hmac::Algorithm, key: &[u8], parts: [&[u8]; 2]) -> hmac::Tag {
        let known = self.seal.take().filter(|known| known.algorithm == algorithm && *known.key == key);
        let seal = known.unwrap_or_else(|| Seal {
            key: key.to_vec().into(),
            algorithm,
            ready: hmac::Key::new(algorithm, key),
        });
        let mut run = hmac::Context::with_key(&self.seal.insert(seal).ready);
        for part in parts {
            run.update(part);
        }
        run.sign()
    }
}

fn code(done: Result<(), Unspecified>) -> c_int {
    if done.is_ok() { SQLITE_OK } else { SQLITE_ERROR }
}

/// Bytes that SQLCipher hands over, none where there are none.
///
/// # Safety
///
/// What is not null must be readable for so many bytes for as long as the caller says.
unsafe fn given<'a>(bytes: *const c_uchar, size: c_int) -> &'a [u8] {
    match usize::try_from(size) {
        // SAFETY: by the caller's word.
        Ok(size) if !bytes.is_null() => unsafe { slice::from_raw_parts(bytes, size) },
        _ => &[],
    }
}

unsafe extern "C" fn begin_pages(context: *mut *mut c_void) -> c_int {
    let Some(brought) = BROUGHT.get() else { return SQLITE_ERROR };
    let mut none = ptr::null_mut();
    // SAFETY: what SQLCipher brings keeps nothing there, and only counts how often it is begun.
    let begun = unsafe { (brought.begin)(&raw mut none) };
    if begun == SQLITE_OK {
        // SAFETY: SQLCipher gives a place to write to.
        let pages = Pages { manner: MANNER.get(), ..Pages::default() };
        unsafe { context.write(Box::into_raw(Box::new(pages)).cast()) };
    }
    begun
}

unsafe extern "C" fn end_pages(context: *mut *mut c_void) -> c_int {
    let Some(brought) = BROUGHT.get() else { return SQLITE_ERROR };
    // SAFETY: the place that was written to when it began, once.
    let pages = unsafe { ptr::replace(context, ptr::null_mut()) }.cast::<Pages>();
    if !pages.is_null() {
        // SAFETY: it is what `begin_pages` made, and nobody else has it.
        drop(unsafe { Box::from_raw(pages) });
    }
    let mut none = ptr::null_mut();
    // SAFETY: as when it began.
    unsafe { (brought.end)(&raw mut none) }
}

unsafe extern "C" fn name(_: *mut c_void) -> *const c_char {
    c"aws-lc".as_ptr()
}

unsafe extern "C" fn random(context: *mut c_void, target: *mut c_void, size: c_int) -> c_int {
    let Ok(size) = usize::try_from(size) else { return SQLITE_ERROR };
    // SAFETY: SQLCipher has room for so many bytes there.
    let target = unsafe { slice::from_raw_parts_mut(target.cast::<u8>(), size) };
    // SAFETY: a connection is one thread's at a time, and so is what is kept for it.
    match unsafe { context.cast::<Pages>().as_mut() } {
        Some(pages) => code(pages.draw(COMMIT.get(), target)),
        None => code(rand::fill(target)),
    }
}

unsafe extern "C" fn authenticate(
    context: *mut c_void,
    algorithm: c_int,
    key: *const c_uchar,
    key_size: c_int,
    first: *const c_uchar,
    first_size: c_int,
    second: *const c_uchar,
    second_size: c_int,
    out: *mut c_uchar,
) -> c_int {
    let known = match algorithm {
        1 => Some(hmac::HMAC_SHA256),
        2 => Some(hmac::HMAC_SHA512),
        _ => None,
    };
    // SAFETY: a connection is one thread's at a time.
    let (Some(known), Some(pages)) = (known, unsafe { context.cast::<Pages>().as_mut() }) else {
        let Some(brought) = BROUGHT.get() else { return SQLITE_ERROR };
        // SAFETY: as it was called.
        return unsafe {
            (brought.hmac)(
                ptr::null_mut(),
                algorithm,
                key,
                key_size,
                first,
                first_size,
                second,
                second_size,
                out,
            )
        };
    };
    // SAFETY: SQLCipher's own buffers, which nobody changes meanwhile; the tag has room where it is asked for.
    unsafe {
        let (key, parts) = (given(key, key_size), [given(first, first_size), given(second, second_size)]);
        if pages.manner == Manner::Counted {
            let Ok(tag) = pages.counter.tag(key, parts[0], parts[1]) else { return SQLITE_ERROR };
            // There is room for a longer one, all of which is compared.
            ptr::copy_nonoverlapping(tag.as_ptr(), out, TAG);
            out.add(TAG).write_bytes(0, known.digest_algorithm().output_len() - TAG);
            return SQLITE_OK;
        }
        let tag = pages.authenticate(known, key, parts);
        ptr::copy_nonoverlapping(tag.as_ref().as_ptr(), out, tag.as_ref().len());
    }
    SQLITE_OK
}

unsafe extern "C" fn change(
    context: *mut c_void,
    mode: c_int,
    key: *const c_uchar,
    key_size: c_int,
    start: *const c_uchar,
    page: *const c_uchar,
    size: c_int,
    out: *mut c_uchar,
) -> c_int {
    // SAFETY: a connection is one thread's at a time.
    let (Ok(length), Some(pages)) = (usize::try_from(size), unsafe { context.cast::<Pages>().as_mut() })
    else {
        let Some(brought) = BROUGHT.get() else { return SQLITE_ERROR };
        // SAFETY: as it was called.
        return unsafe { (brought.cipher)(ptr::null_mut(), mode, key, key_size, start, page, size, out) };
    };
    // SAFETY: SQLCipher's own buffers: the page may be changed where it is; the start of a chain has one block.
    unsafe {
        let start = start.cast::<[u8; START]>().read();
        ptr::copy(page, out, length);
        code(pages.change(mode != 0, given(key, key_size), start, slice::from_raw_parts_mut(out, length)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        DatabaseKey, Durability,
        dialect::{Db, Link as _, SqliteFile},
        source::{Role, Source},
    };

    fn names(connection: &Connection) -> Vec<String> {
        let mut all = connection.prepare("SELECT name FROM people ORDER BY name").unwrap();
        all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn library(connection: &Connection) -> String {
        connection.query_row("PRAGMA cipher_provider", [], |row| row.get(0)).unwrap()
    }

    /// Each test has a process of its own, so that the first connection here is SQLCipher's own.
    #[test]
    fn either_library_reads_what_the_other_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let key = || DatabaseKey::new(Box::new([7; 32]).into());
        let files = ["SHA512", "SHA256"].map(|hash| {
            let path = folder.path().join(hash);
            let first = Connection::open(&path).unwrap();
            let pragma = format!(
                "PRAGMA key = \"x'{}'\"; PRAGMA cipher_hmac_algorithm = HMAC_{hash}; PRAGMA journal_mode = WAL;",
                "07".repeat(32)
            );
            first.execute_batch(&pragma).unwrap();
            let rows = "CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ada');
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                INSERT INTO people SELECT 'Nobody ' || i || hex(randomblob(100)) FROM n;";
            first.execute_batch(rows).unwrap();
            (path, first)
        });
        for (path, first) in files {
            let file = SqliteFile::new(path, key(), Durability::Full, 64);
            let Db::Sqlite(mut own) = file.take(Role::Writer).unwrap() else { unreachable!() };
            assert_eq!((&*library(&first), &*library(&own.connection)), ("openssl", "aws-lc"));
            assert_eq!(names(&own.connection), names(&first));
            own.batch("INSERT INTO people SELECT 'Grace ' || name FROM people").unwrap();
            assert_eq!(names(&first).len(), 1_002);
            assert_eq!(names(&own.connection), names(&first));
            first
                .execute_batch("PRAGMA wal_checkpoint (TRUNCATE); UPDATE people SET name = name || '!'")
                .unwrap();
            assert_eq!(names(&own.connection), names(&first));
            file.give(Role::Writer, Db::Sqlite(own));
        }
    }

    #[test]
    fn chance_is_never_given_twice() {
        let mut noise = Noise::default();
        let mut seen = std::collections::HashSet::new();
        for size in [48, 48, 4_000, 100, 16, 5_000].into_iter().cycle().take(300) {
            let mut bytes = vec![0; size];
            noise.fill(&mut bytes).unwrap();
            assert!(bytes.chunks_exact(16).all(|chunk| seen.insert(chunk.to_vec())));
        }
    }

    #[test]
    fn starts_of_a_counter_are_drawn_anew_for_each_commit() {
        let mut pages = Pages { manner: Manner::Counted, ..Pages::default() };
        let mut seen = std::collections::HashSet::new();
        for (commit, kept) in
            [(0, 0), (1, NOISE - 48), (1, NOISE - 96), (0, NOISE - 96), (2, NOISE - 48), (0, NOISE - 48)]
        {
            let mut bytes = [0; 48];
            pages.draw(commit, &mut bytes).unwrap();
            assert!(seen.insert(bytes));
            assert_eq!(NOISE - pages.noise.used, kept, "{commit}");
            assert!(pages.noise.bytes[..pages.noise.used].iter().all(|byte| *byte == 0));
        }
        assert_eq!(COMMIT.get(), 0);
        assert!(committing(|| COMMIT.get()) < committing(|| COMMIT.get()));
        assert_eq!(COMMIT.get(), 0);
    }

    /// What OpenSSL makes of the same is in the standards: NIST SP 800-38A, F.2.5, and RFC 4231, case 1.
    #[test]
    fn ciphers_do_what_the_standards_say() {
        let hex = |text: &str| -> Vec<u8> {
            let digits = text.as_bytes().chunks_exact(2).map(|two| std::str::from_utf8(two).unwrap());
            digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
        };
        let mut pages = Pages::default();
        let key = hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let start: [u8; START] = std::array::from_fn(|index| index as u8);
        let clear = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let mut page = clear.clone();
        pages.change(true, &key, start, &mut page).unwrap();
        assert_eq!(page, hex("f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"));
        // Another key between, so that none is mistaken for the one that is ready.
        pages.change(true, &[1; 32], start, &mut clear.clone()).unwrap();
        pages.change(false, &key, start, &mut page).unwrap();
        assert_eq!(page, clear);
        let tag = hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        for other in [1, 2, 1] {
            pages.authenticate(hmac::HMAC_SHA512, &[11; 20], [b"Hi", b" There"]);
            pages.authenticate(hmac::HMAC_SHA256, &[other; 20], [b"Hi", b" There"]);
            let own = pages.authenticate(hmac::HMAC_SHA256, &[11; 20], [b"Hi", b" There"]);
            assert_eq!(own.as_ref(), tag);
        }
        assert!(pages.change(true, &[1; 5], start, &mut page).is_err());
    }
}
