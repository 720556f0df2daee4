//! `gridkeep serve`

use std::{io::Write, time::Duration};

use anyhow::Context;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tracing_subscriber::EnvFilter;

use crate::{
    config::Config,
    defence::Arrivals,
    files::sweep_files,
    http,
    router::router,
    start::{self, Start},
    state::AppState,
    tenancy::sweep_objects,
};

/// How often uploads that nobody uses are looked for.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// How often stored workbooks are looked through: a server may run for months.
const SWEEP_OBJECTS_EVERY: Duration = Duration::from_hours(24);

/// Serves until SIGTERM or SIGINT.
pub fn serve(config: Config) -> anyhow::Result<()> {
    log_to_stderr(config.log_json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Idle blocking threads keep their stacks and arenas: let them go soon.
        .thread_keep_alive(Duration::from_secs(5))
        .build()?;
    let state = runtime.block_on(run(config))?;
    // Writes end even when nobody waits for them: until their threads have, no other server may use the folder.
    drop(runtime);
    drop(state);
    tracing::info!("stopped");
    Ok(())
}

async fn run(config: Config) -> anyhow::Result<AppState> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    // With port 0 the system chooses: links must name what it chose.
    let config = Config { listen: listener.local_addr()?, ..config };
    let state = start::open(Start::of(&config)?).await?;
    let address = state.site.link("/");
    writeln!(std::io::stdout(), "Gridkeep is ready: {address}")?;
    tracing::info!(server.address = %address, server.version = env!("CARGO_PKG_VERSION"), "ready");
    tokio::spawn(sweep(state.clone()));
    let executor = state.executor.clone();
    tokio::spawn(async move { executor.follow_up().await });
    tokio::spawn(state.post.clone().run());
    http::serve(listener, router(state.clone()), stop_signal()?).await;
    Ok(state)
}

/// Forgets unused uploads from time to time, and what a crash may have left in the object store: at the start and daily.
async fn sweep(state: AppState) {
    let mut uploads = tokio::time::interval(SWEEP_EVERY);
    let mut objects = tokio::time::interval(SWEEP_OBJECTS_EVERY);
    loop {
        tokio::select! {
            _ = uploads.tick() => state.uploads.sweep(),
            _ = objects.tick() => {
                sweep_objects(&state.tenancy, &state.vault, &state.time).await;
                sweep_files(&state.files).await;
                sweep_logins(&state.arrivals).await;
            }
        }
    }
}

/// Forgets sign-ins of long ago. Failing is no reason not to serve.
async fn sweep_logins(arrivals: &Arrivals) {
    match arrivals.sweep().await {
        Ok(0) => {}
        Ok(count) => tracing::info!(logins.count = count, "old sign-ins are forgotten"),
        Err(error) => tracing::warn!(error.code = error.code(), "old sign-ins could not be forgotten"),
    }
}

fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_env("GRIDKEEP_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}
