//! Stops a calculation that takes too long, or that somebody cancelled.
//!
//! The engine beneath looks at one flag. Natively a small thread sets it; in the browser there are no threads, and a worker
//! that takes too long is ended from outside.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::Cancel;

/// Watches one calculation; dropped when it ends.
pub(crate) struct Watch {
    flag: Arc<AtomicBool>,
    late: Arc<AtomicBool>,
    #[cfg(not(target_arch = "wasm32"))]
    thread: Option<(std::thread::JoinHandle<()>, Arc<AtomicBool>)>,
}

#[cfg(not(target_arch = "wasm32"))]
impl Watch {
    /// How often the person's wish is looked at.
    const TICK: Duration = Duration::from_millis(10);

    pub(crate) fn start(cancel: &Cancel, limit: Option<Duration>) -> Self {
        let Some(limit) = limit else {
            return Self { flag: Arc::clone(&cancel.0), late: Arc::default(), thread: None };
        };
        let flag = Arc::new(AtomicBool::new(cancel.is_cancelled()));
        let (late, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let watching = (Arc::clone(&flag), Arc::clone(&late), Arc::clone(&done), cancel.clone());
        let thread = std::thread::Builder::new().name("gridkeep-watch".into()).stack_size(64 * 1024).spawn(
            move || {
                let (flag, late, done, cancel) = watching;
                let started = std::time::Instant::now();
                while !done.load(Ordering::Acquire) {
                    let is_late = started.elapsed() >= limit;
                    if is_late || cancel.is_cancelled() {
                        late.store(is_late, Ordering::Release);
                        flag.store(true, Ordering::Release);
                        return;
                    }
                    std::thread::park_timeout(Self::TICK);
                }
            },
        );
        // Without a thread to watch, the calculation still sees what the person wishes.
        match thread {
            Ok(thread) => Self { flag, late, thread: Some((thread, done)) },
            Err(_) => Self { flag: Arc::clone(&cancel.0), late, thread: None },
        }
    }
}

#[cfg(target_arch = "wasm32")]
impl Watch {
    pub(crate) fn start(cancel: &Cancel, _: Option<Duration>) -> Self {
        Self { flag: Arc::clone(&cancel.0), late: Arc::default() }
    }
}

impl Watch {
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    pub(crate) fn is_late(&self) -> bool {
        self.late.load(Ordering::Acquire)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Drop for Watch {
    fn drop(&mut self) {
        if let Some((thread, done)) = self.thread.take() {
            done.store(true, Ordering::Release);
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}
