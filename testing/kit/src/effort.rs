//! How much work something is, on machines whose other work must not decide a test.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Does something and says how long a processor was busy with it on this thread: unlike a clock on the wall, this does not
/// grow because the machine does something else as well.
pub fn effort<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let busy = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
    };
    let before = busy();
    let done = work();
    (done, busy().saturating_sub(before))
}
