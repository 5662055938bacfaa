//! A plugin for tests: a session provider that is not `sessions`. Its card is a variable of the
//! environment, and its sessions reach no server.

mod command;

use std::sync::Arc;

use omero_plugin_api::{
    Context, Error, Kind, Secret,
    clap::ArgMatches,
    provider::{Connection, PendingReply, Request},
    session::SessionInfo,
    slice::Proxy,
};

omero_plugin_api::export_plugin!(
    command::command,
    run,
    provider: attach,
    check: check
);

/// The variable that holds the name of the card's owner.
const CARD: &str = "KEYCARD";

fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    match matches.subcommand_name() {
        Some("login") => ctx.line(format_args!("The card of {}", owner(ctx)?)),
        _ => ctx.line("Ejected"),
    }
}

fn owner(ctx: &Context) -> Result<String, Error> {
    let owner = ctx
        .environment(CARD)
        .and_then(|name| name.into_string().ok());
    owner.ok_or_else(|| Error::of_kind(Kind::NoSession, 564, "There is no card in the reader"))
}

fn check(ctx: &Context) -> Result<Vec<String>, Error> {
    let missing = owner(ctx).is_err();
    Ok(missing
        .then(|| format!("no card: set {CARD}"))
        .into_iter()
        .collect())
}

fn attach(ctx: &Context) -> Result<Arc<dyn Connection>, Error> {
    let server = ctx.login_options().into_iter().find(|o| o.name == "server");
    let info = SessionInfo {
        server: server.map_or("reader".to_owned(), |o| o.value.expose().to_owned()),
        user: owner(ctx)?,
        ..SessionInfo::default()
    };
    Ok(Arc::new(Card { info }))
}

struct Card {
    info: SessionInfo,
}

/// Panics where the variable `KEYCARD_PANICS_AT` says so.
fn panic_at(place: &str) {
    if std::env::var("KEYCARD_PANICS_AT").as_deref() == Ok(place) {
        panic!("on purpose");
    }
}

impl Drop for Card {
    /// Hangs where the variable `KEYCARD_STUCK` says so, as a session on a dead network may.
    fn drop(&mut self) {
        while std::env::var_os("KEYCARD_STUCK").is_some() {
            std::thread::sleep(std::time::Duration::from_secs(1));
        }
    }
}

impl Connection for Card {
    fn info(&self) -> SessionInfo {
        panic_at("info");
        self.info.clone()
    }

    fn key(&self) -> Secret {
        panic_at("key");
        Secret::new("a-key-on-a-card".to_owned())
    }

    fn service(&self, name: &str) -> Result<Proxy, Error> {
        Err(Error::new(1, format!("a card has no service {name}")))
    }

    fn add_proxies(&self, _proxies: &[Proxy]) -> Result<(), Error> {
        Ok(())
    }

    fn begin(&self, request: Request) -> Result<Box<dyn PendingReply>, Error> {
        Err(Error::new(
            1,
            format!("a card cannot {}", request.operation),
        ))
    }

    fn keep_alive(&self) -> Result<(), Error> {
        Ok(())
    }
}
