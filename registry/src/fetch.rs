//! Reading files from where they are: a server that speaks HTTPS, or a directory.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use omero_registry_protocol::Failure;
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

use crate::{
    failure::{Hint, failed, unreachable, with_file},
    format,
};

/// How long a connection and each step of an answer may take. A download of any length passes as
/// long as bytes arrive.
const PATIENCE: Duration = Duration::from_secs(60);
/// No proxy answers a request for a plugin after more redirects than a download page needs.
const REDIRECTS: u32 = 5;

/// A place that files are fetched from.
#[derive(Debug, Clone)]
pub enum Location {
    /// `https://HOST/PATH`, without a slash at the end.
    Https(String),
    /// A directory, or a file.
    Path(PathBuf),
}

impl Location {
    /// Reads a URL or a path.
    ///
    /// # Errors
    ///
    /// Another scheme than `https` and `file`, or a URL with a password.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        match scheme {
            "https" => {
                let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
                if authority.contains('@') {
                    return Err(failed("a URL must not hold a user name or password"));
                }
                Ok(Self::Https(text.trim_end_matches('/').to_owned()))
            }
            "file" if rest.starts_with('/') => Ok(Self::Path(rest.into())),
            "file" => Err(
                failed(format!("{text} is no URL of a file on this machine"))
                    .hint("write file:///DIRECTORY"),
            ),
            "" => match text.strip_prefix("file:") {
                Some(path) => Ok(Self::Path(path.into())),
                None => Ok(Self::Path(text.into())),
            },
            _ => Err(failed(format!(
                "{text} cannot be fetched: `{scheme}` is not supported"
            ))
            .hint("use https://…, file:… or a path")),
        }
    }

    /// A file below this place, by a relative path with `/`.
    pub fn join(&self, relative: &str) -> Self {
        match self {
            Self::Https(base) => Self::Https(format!("{base}/{relative}")),
            Self::Path(base) => Self::Path(base.join(relative)),
        }
    }

    /// What an index means by the URL of an archive.
    ///
    /// # Errors
    ///
    /// The URL is neither `https` nor a path that stays inside the index.
    pub fn resolve(&self, url: &str) -> Result<Self, Failure> {
        if url.starts_with("https://") {
            Self::parse(url)
        } else if format::is_inside(url) {
            Ok(self.join(url))
        } else {
            Err(failed(format!("the index names an archive at {url:?}")))
        }
    }

    /// The last part of the path.
    pub fn file_name(&self) -> String {
        let name = match self {
            Self::Https(url) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                path.rsplit('/').next().unwrap_or_default().to_owned()
            }
            Self::Path(path) => path
                .file_name()
                .map_or(String::new(), |name| name.to_string_lossy().into_owned()),
        };
        // It becomes a file name in a temporary directory, whatever the server's URL holds.
        let safe = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
        let name: String = name.chars().filter(|c| safe(*c)).collect();
        if name.trim_matches('.').is_empty() {
            "download".to_owned()
        } else {
            name
        }
    }

    /// Opens the file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// The server or the file cannot be reached.
    pub fn open(&self) -> Result<Option<Box<dyn Read>>, Failure> {
        match self {
            Self::Https(url) => get(url),
            Self::Path(path) => match File::open(path) {
                Ok(file) => Ok(Some(Box::new(file))),
                Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(e) => Err(with_file("cannot be read", path, e)),
            },
        }
    }

    /// Reads a small file; `None` if there is none.
    ///
    /// # Errors
    ///
    /// It cannot be reached, or is larger than `limit` bytes.
    pub fn read(&self, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        let Some(reader) = self.open()? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let read = reader.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|e| unreachable(format!("{self} cannot be read: {e}")))?;
        if bytes.len() as u64 > limit {
            return Err(failed(format!(
                "{self} cannot be used: it is larger than {limit} bytes"
            )));
        }
        Ok(Some(bytes))
    }

    /// The failure about a file that is not there.
    pub fn missing(&self) -> Failure {
        unreachable(format!("{self} does not exist"))
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Https(url) => f.write_str(url),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

fn get(url: &str) -> Result<Option<Box<dyn Read>>, Failure> {
    let answer = agent()
        .get(url)
        .call()
        .map_err(|e| unreachable(format!("{url} cannot be fetched: {e}")).hint(advice(&e)))?;
    match answer.status().as_u16() {
        200 => Ok(Some(Box::new(answer.into_body().into_reader()))),
        404 | 410 => Ok(None),
        status => Err(unreachable(format!(
            "{url} cannot be fetched: the server answers {status}"
        ))),
    }
}

fn advice(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::HostNotFound => "check the address, the network and HTTPS_PROXY",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
            "the system's certificates decide; SSL_CERT_FILE names others"
        }
        _ => "",
    }
}

/// The client: HTTPS only, also after a redirect; the system's root certificates; the proxy that the
/// environment names.
fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        Agent::config_builder()
            .https_only(true)
            .http_status_as_error(false)
            .max_redirects(REDIRECTS)
            .tls_config(tls)
            .user_agent(concat!("omero/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(PATIENCE))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE))
            .build()
            .new_agent()
    })
}

/// The path of a local file or directory, absolute because it is remembered.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations() {
        let of = |text: &str| Location::parse(text).map_or_else(|e| e.message, |l| l.to_string());
        assert_eq!(of("https://host/index/"), "https://host/index");
        assert_eq!(of("file:///srv/index"), "/srv/index");
        assert_eq!(of("file:index"), "index");
        assert_eq!(of("/srv/index"), "/srv/index");
        assert!(of("http://host/x").contains("`http` is not supported"));
        assert!(of("ftp://host/x").contains("not supported"));
        assert!(of("https://me:word@host/x").contains("password"));
        assert!(of("file://host/x").contains("no URL of a file"));
    }

    #[test]
    fn archives_stay_inside_the_index() {
        let index = Location::parse("https://host/index").unwrap();
        let of = |url: &str| index.resolve(url).map(|l| l.to_string()).ok();
        assert_eq!(
            of("archives/a.tar.gz").unwrap(),
            "https://host/index/archives/a.tar.gz"
        );
        assert_eq!(of("https://other/a").unwrap(), "https://other/a");
        for bad in [
            "/etc/passwd",
            "../a",
            "a/../../b",
            "file:///a",
            "http://h/a",
            "",
            "a//b",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_of_downloads_are_plain() {
        let of = |url: &str| Location::parse(url).unwrap().file_name();
        assert_eq!(of("https://h/a/cells-1.0.tar.gz?x=/y"), "cells-1.0.tar.gz");
        assert_eq!(of("https://h/a/.."), "download");
        assert_eq!(of("https://h/%2e%2e%2fx"), "2e2e2fx");
    }
}
