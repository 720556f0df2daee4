//! Reads and analyses uploads: few at a time, each on its own thread, with a limit of time, and never taking the server down.
//!
//! A file is the one thing strangers hand us to take apart. So the work runs on a thread with a deep stack of its own,
//! panics are caught, and who gives up waiting cancels the calculation.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use gridkeep_engine::{Cancel, EngineError, LoadOptions};
use gridkeep_model::{CellRef, ImportReport, Workbook, workbook::Outline};
use gridkeep_workbook::{Limits, Proposal};
use tokio::sync::{Semaphore, oneshot};

use super::words;
use crate::{chance::Time, error::ApiError, http::boundary::panic_words, language::Language};

/// Virtual memory for one thread's stack; only what is used becomes real.
const STACK_BYTES: usize = 64 << 20;
/// Files that may wait for a thread before people are told to come back.
const WAITING: usize = 32;

/// Runs analyses.
#[derive(Clone)]
pub struct Analyst {
    threads: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    time_limit: Duration,
    limits: Limits,
    time: Time,
}

/// What is known of a file.
pub struct Analysed {
    /// What was read.
    pub workbook: Arc<Workbook>,
    /// Its shape.
    pub outline: Outline,
    /// What could be imported and what not.
    pub report: ImportReport,
    /// Cells that people fill in.
    pub inputs: Vec<CellRef>,
    /// Apps it could become, best first.
    pub proposals: Vec<Proposal>,
}

impl Analyst {
    /// This many threads, this long for each file.
    pub fn new(threads: usize, time_limit: Duration, time: Time) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(threads)),
            waiting: Arc::new(Semaphore::new(WAITING)),
            time_limit,
            limits: Limits::default(),
            time,
        }
    }

    /// Reads a file and finds out what it could become.
    pub async fn analyse(&self, name: &str, bytes: Bytes, language: Language) -> Result<Analysed, ApiError> {
        let options = self.options(language);
        let limits = self.limits.clone();
        let file = name.to_owned();
        self.run(move |cancel| {
            let workbook =
                gridkeep_workbook::read(&file, &bytes, &limits).map_err(|e| words::unreadable(&e))?;
            let (engine, mut report) =
                gridkeep_engine::load_cancellable(&workbook, &options, cancel).map_err(engine_error)?;
            for finding in gridkeep_workbook::findings(&workbook) {
                report.add(finding);
            }
            let analysis = gridkeep_workbook::analyse(&workbook, &*engine);
            let proposals = gridkeep_workbook::propose(&workbook, &analysis, &file);
            let inputs = analysis.inputs.into_iter().map(|input| input.value.cell).collect();
            let outline = Outline::of(&workbook);
            Ok(Analysed { outline, workbook: Arc::new(workbook), report, inputs, proposals })
        })
        .await
    }

    /// Reads a stored workbook again.
    pub async fn read(&self, name: &str, bytes: Bytes) -> Result<Arc<Workbook>, ApiError> {
        let limits = self.limits.clone();
        let file = name.to_owned();
        self.run(move |_| {
            let workbook =
                gridkeep_workbook::read(&file, &bytes, &limits).map_err(|e| words::unreadable(&e))?;
            Ok(Arc::new(workbook))
        })
        .await
    }

    /// How a workbook is loaded: at the moment of the injected clock, so that NOW() is the server's.
    pub fn options(&self, language: Language) -> LoadOptions {
        let now = self.time.now().to_zoned(jiff::tz::TimeZone::UTC).datetime();
        LoadOptions { locale: language.locale(), ..LoadOptions::at(now) }
    }

    /// Runs heavy work on a thread of its own, within the time limit.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Cancel) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let waiting = self.waiting.clone().try_acquire_owned().map_err(|_| ApiError::Overloaded)?;
        let thread = self.threads.clone().acquire_owned().await.map_err(ApiError::internal)?;
        drop(waiting);
        let cancel = CancelOnDrop(Cancel::new());
        let signal = cancel.0.clone();
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(&signal)));
            let result = result.unwrap_or_else(|panic| {
                tracing::error!(error.cause = panic_words(&*panic), "analysis panicked");
                Err(ApiError::AnalysisFailed)
            });
            drop(thread);
            let _ = sender.send(result);
        };
        let builder = std::thread::Builder::new().name("analysis".to_owned()).stack_size(STACK_BYTES);
        builder.spawn(work).map_err(ApiError::internal)?;
        let late = tokio::time::Instant::now() + self.time_limit;
        match tokio::time::timeout_at(late, receiver).await {
            // What was there when it was looked at may have come too late all the same.
            Ok(Ok(result)) if tokio::time::Instant::now() < late => result,
            Ok(Err(_)) => Err(ApiError::AnalysisFailed),
            Ok(Ok(_)) | Err(_) => Err(ApiError::AnalysisTimedOut),
        }
    }
}

/// Stops the calculation when nobody waits for it any more: time is up, or the person has gone.
struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// What an engine's failure means to the person who uploaded the workbook.
pub fn engine_error(error: EngineError) -> ApiError {
    match error {
        EngineError::Cancelled | EngineError::Limit { what: "calculation time", .. } => {
            ApiError::AnalysisTimedOut
        }
        EngineError::Internal(cause) => {
            tracing::error!(error.cause = %cause, "analysis broke down");
            ApiError::AnalysisFailed
        }
        error => words::not_calculable(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::SystemClock;

    fn analyst(time_limit: Duration) -> Analyst {
        Analyst::new(1, time_limit, Time::new(Arc::new(SystemClock)))
    }

    #[tokio::test]
    async fn a_panic_is_an_answer_and_the_next_file_is_read() {
        let analyst = analyst(Duration::from_mins(1));
        let broken = analyst.run::<()>(|_| panic!("a parser's mistake")).await;
        assert_eq!(broken.err().map(|error| error.code()), Some("analysisFailed"));
        assert_eq!(analyst.run(|_| Ok(7)).await.ok(), Some(7));
    }

    #[tokio::test]
    async fn who_takes_too_long_is_cancelled() {
        let analyst = analyst(Duration::ZERO);
        let (stopped, has_stopped) = std::sync::mpsc::channel();
        let endless = analyst.run(move |cancel| {
            while !cancel.is_cancelled() {
                std::thread::yield_now();
            }
            let _ = stopped.send(());
            Ok(())
        });
        assert_eq!(endless.await.err().map(|error| error.code()), Some("analysisTimedOut"));
        assert!(has_stopped.recv().is_ok());
    }
}
