//! `gridkeep serve`

use std::{io::Write, time::Duration};

use anyhow::Context;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tracing_subscriber::EnvFilter;

use crate::{
    config::Config,
    door::Door,
    house::House,
    http,
    start::{self, Start},
};

/// Serves until SIGTERM or SIGINT.
pub fn serve(config: Config) -> anyhow::Result<()> {
    log_to_stderr(config.log_json);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        // Idle blocking threads keep their stacks and arenas: let them go soon.
        .thread_keep_alive(Duration::from_secs(5))
        .build()?;
    let house = runtime.block_on(run(config))?;
    // Writes end even when nobody waits for them: until their threads have, no other server may use the folder.
    drop(runtime);
    drop(house);
    tracing::info!("stopped");
    Ok(())
}

async fn run(config: Config) -> anyhow::Result<House> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    // With port 0 the system chooses: links must name what it chose.
    let config = Config { listen: listener.local_addr()?, ..config };
    let house = start::open(Start::of(&config)?).await?;
    // Whoever reads that it is ready may end it at once: until then a signal would kill it.
    let stop = stop_signal()?;
    let address = house.home().state.site.link("/");
    writeln!(std::io::stdout(), "Gridkeep is ready: {address}")?;
    tracing::info!(server.address = %address, server.version = env!("CARGO_PKG_VERSION"), "ready");
    tokio::spawn(house.clone().keep());
    http::serve(listener, Door::new(house.clone()), stop).await;
    Ok(house)
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
