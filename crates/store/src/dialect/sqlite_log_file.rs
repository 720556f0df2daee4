//! Writes of SQLite's log, gathered: it writes each page as a head of 24 bytes and the page, and each of these would be a call of
//! the kernel that touches pages of its cache anew. All of a commit goes there in a few writes (docs/adr/0034).
//!
//! **Architecture Invariant:** whatever is gathered is written in its order before anybody can know of it: behind the last page of a
//! commit, before anything is read, asked or synchronised. What does not go on where the last write ended is not gathered.

#![expect(unsafe_code, reason = "SQLite takes what files do as a table of C's")]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    mem, ptr, slice,
    sync::atomic::{AtomicPtr, Ordering},
};

use rusqlite::ffi::{
    SQLITE_CANTOPEN, SQLITE_IOCAP_POWERSAFE_OVERWRITE, SQLITE_IOERR, SQLITE_OK, SQLITE_OPEN_WAL,
    sqlite3_file, sqlite3_io_methods, sqlite3_vfs, sqlite3_vfs_find, sqlite3_vfs_register,
};

/// What files are opened by.
const NAME: &CStr = c"gridkeep";
/// Bytes of the head of a page in the log.
const HEAD: usize = 24;
/// Bytes gathered at most. SQLite's own functions write less than 128 KiB at once.
const ROOM: usize = 112 << 10;

/// How the system's files are opened.
static SYSTEM: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

/// What files are opened by, when it is known.
pub(super) fn name() -> Option<&'static CStr> {
    (!SYSTEM.load(Ordering::Acquire).is_null()).then_some(NAME)
}

/// Makes files known by their name here. Called once, before anybody opens one.
pub(super) fn install() {
    // SAFETY: SQLite's own table lives for ever, and so does ours, which is given away.
    unsafe {
        let system = sqlite3_vfs_find(ptr::null());
        let Some(known) = system.as_ref() else { return };
        let own = Box::new(sqlite3_vfs {
            szOsFile: known.szOsFile + size_of::<LogFile>() as c_int,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            xOpen: Some(open),
            ..*known
        });
        if sqlite3_vfs_register(Box::into_raw(own), 0) == SQLITE_OK {
            SYSTEM.store(system, Ordering::Release);
        }
    }
}

/// What SQLite holds of a log; the system's own file stands behind it.
#[repr(C)]
struct LogFile {
    methods: *const sqlite3_io_methods,
    gathered: *mut Gathered,
}

static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Bytes on their way into the log.
#[derive(Debug, Default)]
struct Gathered {
    bytes: Vec<u8>,
    /// Where the last write ended.
    end: i64,
    /// The page that comes next is the last of a commit.
    last: bool,
}

impl Gathered {
    /// Takes a write, or hands it on: `put` writes bytes at a place.
    fn write(&mut self, bytes: &[u8], at: i64, mut put: impl FnMut(&[u8], i64) -> c_int) -> c_int {
        let goes_on = at == self.end;
        if !goes_on || self.bytes.len() + bytes.len() > ROOM {
            let done = self.flush(&mut put);
            if done != SQLITE_OK {
                return done;
            }
        }
        if goes_on && bytes.len() <= ROOM {
            self.bytes.extend_from_slice(bytes);
        } else {
            let done = put(bytes, at);
            if done != SQLITE_OK {
                return done;
            }
        }
        self.end = at + bytes.len() as i64;
        if let Ok(head) = <&[u8; HEAD]>::try_from(bytes) {
            // How many pages the file has behind the commit; 0 in other heads.
            self.last = head[4..8] != [0; 4];
            SQLITE_OK
        } else if self.last {
            self.flush(&mut put)
        } else {
            SQLITE_OK
        }
    }

    /// Writes what is gathered. When that fails it is gone, and so is the commit it belongs to.
    fn flush(&mut self, put: &mut impl FnMut(&[u8], i64) -> c_int) -> c_int {
        if self.bytes.is_empty() {
            return SQLITE_OK;
        }
        let done = put(&self.bytes, self.end - self.bytes.len() as i64);
        self.bytes.clear();
        if done != SQLITE_OK {
            self.end = -1;
        }
        done
    }
}

/// The system's own file of a log.
///
/// # Safety
///
/// It must be a file that [`open`] opened as a log.
unsafe fn system(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: SQLite gave as much room as was asked for.
    unsafe { file.cast::<LogFile>().add(1).cast() }
}

/// Calls a function of the system's own file; an error where it has none.
macro_rules! ask {
    ($file:expr, $function:ident $(, $argument:expr)*) => {{
        let own = $file;
        match (*own).pMethods.as_ref().and_then(|methods| methods.$function) {
            Some(function) => function(own $(, $argument)*),
            None => SQLITE_IOERR,
        }
    }};
}

/// Writes what is gathered of a file.
///
/// # Safety
///
/// As for [`system`].
unsafe fn flush(file: *mut sqlite3_file) -> c_int {
    // SAFETY: a file is one thread's at a time, and what is gathered of it lives until it is closed.
    unsafe {
        let inner = system(file);
        match (*file.cast::<LogFile>()).gathered.as_mut() {
            Some(gathered) => gathered
                .flush(&mut |bytes, at| ask!(inner, xWrite, bytes.as_ptr().cast(), bytes.len() as c_int, at)),
            None => SQLITE_OK,
        }
    }
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let known = SYSTEM.load(Ordering::Acquire);
    // SAFETY: SQLite's own table; it is called as SQLite would, with room for a file of its own.
    unsafe {
        let Some(function) = known.as_ref().and_then(|known| known.xOpen) else { return SQLITE_CANTOPEN };
        if flags & SQLITE_OPEN_WAL == 0 {
            return function(known, name, file, flags, out);
        }
        let log = file.cast::<LogFile>();
        log.write(LogFile { methods: ptr::null(), gathered: ptr::null_mut() });
        let inner = system(file);
        let opened = function(known, name, inner, flags, out);
        if opened != SQLITE_OK {
            if !(*inner).pMethods.is_null() {
                ask!(inner, xClose);
            }
            return opened;
        }
        // Elsewhere a commit is filled up to the end of a sector, which is not looked into here.
        let gathers = ask!(inner, xDeviceCharacteristics) & SQLITE_IOCAP_POWERSAFE_OVERWRITE != 0;
        let gathered = if gathers { Box::into_raw(Box::<Gathered>::default()) } else { ptr::null_mut() };
        log.write(LogFile { methods: &raw const METHODS, gathered });
        opened
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: the last call for this file; what was gathered is nobody else's.
    unsafe {
        let flushed = flush(file);
        let log = &mut *file.cast::<LogFile>();
        let gathered = mem::replace(&mut log.gathered, ptr::null_mut());
        if !gathered.is_null() {
            drop(Box::from_raw(gathered));
        }
        let closed = ask!(system(file), xClose);
        if flushed == SQLITE_OK { closed } else { flushed }
    }
}

unsafe extern "C" fn write(file: *mut sqlite3_file, bytes: *const c_void, size: c_int, at: i64) -> c_int {
    // SAFETY: SQLite gives so many bytes, for as long as this runs.
    unsafe {
        let inner = system(file);
        let gathered = (*file.cast::<LogFile>()).gathered.as_mut();
        if let (Some(gathered), Ok(length)) = (gathered, usize::try_from(size)) {
            return gathered.write(slice::from_raw_parts(bytes.cast(), length), at, |bytes, at| {
                ask!(inner, xWrite, bytes.as_ptr().cast(), bytes.len() as c_int, at)
            });
        }
        ask!(inner, xWrite, bytes, size, at)
    }
}

/// Functions that look at the file, or settle it: what is gathered is written first.
macro_rules! settled {
    ($($name:ident: $function:ident($($argument:ident: $type:ty),*)),+ $(,)?) => {
        $(unsafe extern "C" fn $name(file: *mut sqlite3_file, $($argument: $type),*) -> c_int {
            // SAFETY: as SQLite calls it, for a file that was opened here.
            unsafe {
                match flush(file) {
                    SQLITE_OK => ask!(system(file), $function $(, $argument)*),
                    failed => failed,
                }
            }
        })+
    };
}

settled! {
    read: xRead(into: *mut c_void, size: c_int, at: i64),
    truncate: xTruncate(size: i64),
    sync: xSync(flags: c_int),
    file_size: xFileSize(size: *mut i64),
    lock: xLock(kind: c_int),
    unlock: xUnlock(kind: c_int),
    check_lock: xCheckReservedLock(held: *mut c_int),
    control: xFileControl(what: c_int, about: *mut c_void),
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    // SAFETY: as SQLite calls it.
    unsafe { ask!(system(file), xSectorSize) }
}

unsafe extern "C" fn characteristics(file: *mut sqlite3_file) -> c_int {
    // SAFETY: as SQLite calls it.
    unsafe { ask!(system(file), xDeviceCharacteristics) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of pages of so many bytes, written to a file in memory.
    struct Log {
        gathered: Gathered,
        file: Vec<u8>,
        calls: usize,
        fails: bool,
    }

    impl Log {
        fn put(&mut self, bytes: &[u8], at: i64) -> c_int {
            let Self { gathered, file, calls, fails } = self;
            gathered.write(bytes, at, |bytes, at| {
                *calls += 1;
                if *fails {
                    return SQLITE_IOERR;
                }
                let at = at as usize;
                file.resize(file.len().max(at + bytes.len()), 0);
                file[at..at + bytes.len()].copy_from_slice(bytes);
                SQLITE_OK
            })
        }

        fn page(&mut self, at: i64, fill: u8, commit: bool) -> c_int {
            let mut head = [fill; HEAD];
            head[4..8].fill(u8::from(commit));
            match self.put(&head, at) {
                SQLITE_OK => self.put(&[fill; 4_096], at + HEAD as i64),
                failed => failed,
            }
        }
    }

    const FRAME: i64 = 4_096 + HEAD as i64;

    fn log() -> Log {
        Log { gathered: Gathered::default(), file: Vec::new(), calls: 0, fails: false }
    }

    #[test]
    fn a_commit_is_there_behind_its_last_page() {
        let mut log = log();
        assert_eq!(log.put(&[9; 32], 0), SQLITE_OK);
        let mut end = 32;
        for (pages, calls) in [(1, 1), (3, 1), (100, 4), (2, 1)] {
            log.calls = 0;
            for page in 1..=pages {
                assert_eq!(log.page(end, page as u8, page == pages), SQLITE_OK);
                end += FRAME;
            }
            assert_eq!((log.calls, log.file.len() as i64), (calls, end));
            assert!(log.gathered.bytes.is_empty());
        }
        assert_eq!(&log.file[..32], [9; 32]);
        assert_eq!(log.file[32 + HEAD..32 + HEAD + 4_096], [1; 4_096]);
        // It begins anew: a head of the whole, then pages.
        assert_eq!(log.put(&[8; 32], 0), SQLITE_OK);
        assert_eq!(log.page(32, 7, true), SQLITE_OK);
        assert_eq!((&log.file[..32], log.file[32 + HEAD]), (&[8; 32][..], 7));
    }

    #[test]
    fn what_is_written_again_is_written_at_once() {
        let mut log = log();
        for page in 0..5 {
            assert_eq!(log.page(page * FRAME, 1, false), SQLITE_OK);
        }
        assert_eq!(log.calls, 0);
        // Heads alone, as SQLite writes them when a page of this commit was written before.
        assert_eq!(log.put(&[5; HEAD], FRAME), SQLITE_OK);
        assert_eq!((log.calls, log.file.len() as i64), (2, 5 * FRAME));
        assert_eq!(log.file[FRAME as usize], 5);
        assert_eq!(log.page(3 * FRAME, 3, true), SQLITE_OK);
        assert_eq!(log.file[3 * FRAME as usize + HEAD], 3);
        assert!(log.gathered.bytes.is_empty());
    }

    #[test]
    fn a_write_that_fails_is_said_and_not_tried_again() {
        let mut log = log();
        log.fails = true;
        assert_eq!(log.page(0, 1, false), SQLITE_OK);
        assert_eq!(log.page(FRAME, 1, true), SQLITE_IOERR);
        log.fails = false;
        assert_eq!(log.page(0, 2, true), SQLITE_OK);
        assert_eq!((log.file.len() as i64, log.file[HEAD]), (FRAME, 2));
    }
}
