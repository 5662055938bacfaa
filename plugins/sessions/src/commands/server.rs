//! `omero sessions server`: the servers whose certificates are remembered.

use omero_plugin_api::{Context, Error, Stream, clap::ArgMatches, style::Style, table::Table};

use super::text;
use crate::{
    ice::{Connection, Endpoint, OpenOptions},
    login::target::Target,
    settings::{known_servers, open_options},
    trust::{Fingerprint, TlsOptions, TlsPolicy, TrustError, TrustedBy},
};

/// Runs `list`, `accept` or `remove`.
pub fn run(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    match matches.subcommand() {
        Some(("accept", matches)) => accept(ctx, matches),
        Some(("remove", matches)) => remove(ctx, matches),
        Some((_, matches)) => list(ctx, matches),
        None => Err(Error::new(2, "too few arguments")),
    }
}

fn list(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let mut table = Table::new(["Server", "Fingerprint", "Trusted by", "Since"]);
    for (server, known) in known_servers(ctx, None)?.list().map_err(failure)? {
        let by = match known.trusted_by {
            TrustedBy::Roots => "certificate authority",
            TrustedBy::FirstUse => "first use",
            TrustedBy::User => "user",
        };
        table.row([
            server,
            known.fingerprint.to_string(),
            by.to_owned(),
            known.since,
        ]);
    }
    ctx.print(&table.render(Style::of(matches)))
}

/// Remembers a certificate: the one of the given fingerprint, or the one that the server shows
/// now, after the user has compared it.
fn accept(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let endpoint = endpoint(matches)?;
    let known = known_servers(ctx, None)?;
    let server = endpoint.host_port();
    let fingerprint = match text(matches, "fingerprint") {
        Some(given) => given
            .parse()
            .map_err(|e: TrustError| Error::new(2, e.to_string()))?,
        None => {
            let shown = shown_now(ctx, &endpoint)?;
            confirm(ctx, &server, shown)?;
            shown
        }
    };
    let elsewhere = known.accept(&server, fingerprint).map_err(failure)?;
    if let Some((file, reason)) = elsewhere {
        let file = file.display();
        ctx.note(format_args!("it is remembered in {file}, because {reason}"));
    }
    ctx.line(format_args!("Accepted {fingerprint} for {server}"))
}

/// The certificate that the server shows at the moment. Nothing is sent to it.
fn shown_now(ctx: &Context, endpoint: &Endpoint) -> Result<Fingerprint, Error> {
    let mut options: OpenOptions = open_options(ctx, None)?;
    options.tls = TlsOptions::new(TlsPolicy::Off, known_servers(ctx, None)?);
    let connection = Connection::open(endpoint, &options)
        .map_err(|error| Error::new(1, format!("Cannot ask {}: {error}", endpoint.host_port())))?;
    let fingerprint = connection.trust().map(|trust| trust.fingerprint);
    connection.close();
    fingerprint.ok_or_else(|| {
        Error::new(
            1,
            format!("{endpoint} is not encrypted: it has no certificate to accept"),
        )
    })
}

fn confirm(ctx: &Context, server: &str, fingerprint: Fingerprint) -> Result<(), Error> {
    if !ctx.is_terminal(Stream::Input) || !ctx.is_terminal(Stream::Output) {
        return Err(
            Error::new(1, format!("{server} shows the certificate {fingerprint}")).hint(format!(
                "if it is the right one: omero sessions server accept {server} {fingerprint}"
            )),
        );
    }
    ctx.line(format_args!("{server} shows the certificate {fingerprint}"))?;
    ctx.flush()?;
    match ctx.read_line("Accept it? [y/N]")?.as_deref() {
        Some("y" | "Y" | "yes") => Ok(()),
        _ => Err(Error::new(1, "Not accepted")),
    }
}

fn remove(ctx: &Context, matches: &ArgMatches) -> Result<(), Error> {
    let server = endpoint(matches)?.host_port();
    match known_servers(ctx, None)?.remove(&server).map_err(failure)? {
        Some(_) => ctx.line(format_args!("Removed {server}")),
        None => Err(Error::new(1, format!("{server} is not a known server"))
            .hint("omero sessions server list shows the known ones")),
    }
}

fn endpoint(matches: &ArgMatches) -> Result<Endpoint, Error> {
    let target = Target::parse(text(matches, "server").unwrap_or_default())
        .map_err(|e| Error::new(2, e.to_string()))?;
    let host = target.server.unwrap_or_default();
    Endpoint::parse(&host, target.port.as_deref()).map_err(|error| {
        let failure = Error::new(2, error.to_string());
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

fn failure(error: TrustError) -> Error {
    Error::new(1, error.to_string())
}
