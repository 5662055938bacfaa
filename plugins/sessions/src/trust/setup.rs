//! From a policy to a TLS handshake, and from a finished handshake to what is remembered.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{IpAddr, ServerName};

use super::roots::Roots;
use super::verifier::{Verdict, Verifier};
use super::{Fingerprint, KnownServers, TlsPolicy, TrustError, TrustedBy};

/// Which servers to trust.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    policy: TlsPolicy,
    known: KnownServers,
    roots: Roots,
}

impl TlsOptions {
    /// This policy, with these remembered servers and the system's roots.
    #[must_use]
    pub fn new(policy: TlsPolicy, known: KnownServers) -> Self {
        Self {
            policy,
            known,
            roots: Roots::default(),
        }
    }

    /// For proxies that are spoken to over TLS. They are trusted as servers are, except that none is
    /// trusted because it is new: a proxy gets credentials of its own.
    #[must_use]
    pub(crate) fn for_proxies(&self) -> Self {
        let policy = match self.policy {
            TlsPolicy::Off => TlsPolicy::Off,
            TlsPolicy::FirstUse | TlsPolicy::Strict => TlsPolicy::Strict,
        };
        Self {
            policy,
            ..self.clone()
        }
    }

    #[cfg(test)]
    pub(crate) fn with_roots(mut self, roots: rustls::RootCertStore) -> Self {
        self.roots = Roots::Given(Arc::new(roots));
        self
    }
}

/// Why a server is trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grounds {
    /// The system's roots vouch for its certificate and name.
    Roots,
    /// The roots vouch for it, and so it took the place of one that a person had accepted.
    Replaced {
        /// The certificate that was remembered until now.
        previous: Fingerprint,
    },
    /// Its certificate is the remembered one.
    Remembered,
    /// It was not known until now.
    FirstUse,
    /// The policy is not to verify.
    NotVerified,
}

/// What is known of the server at the other end of an encrypted connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerTrust {
    /// `host:port`.
    pub server: String,
    /// Its certificate.
    pub fingerprint: Fingerprint,
    /// Why it is trusted.
    pub grounds: Grounds,
    /// The file that remembers the certificate and why, if it is not the one in the user directory.
    /// The reason is a clause.
    pub elsewhere: Option<(PathBuf, String)>,
    /// Why the certificate could not be remembered, if that failed.
    pub unsaved: Option<String>,
    /// Who else could remove what is remembered, one sentence each.
    pub exposures: Vec<String>,
    /// Where verification is off: what speaks against the certificate, a clause.
    pub mismatch: Option<String>,
}

impl ServerTrust {
    /// What the user should be told, one sentence without the leading `omero: note: `; `None` if
    /// there is nothing new.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let Self {
            server,
            fingerprint,
            ..
        } = self;
        let text = match self.grounds {
            Grounds::Roots | Grounds::Remembered | Grounds::NotVerified => return None,
            Grounds::FirstUse => {
                format!("{server} is trusted on first use, its certificate is {fingerprint}")
            }
            Grounds::Replaced { previous } => format!(
                "{server} has a new certificate that this system's roots trust: {fingerprint} \
                 instead of {previous}"
            ),
        };
        Some(match (&self.elsewhere, &self.unsaved) {
            (_, Some(reason)) => format!("{text}; it could not be remembered: {reason}"),
            (Some((path, reason)), None) => format!(
                "{text}; it is remembered in {}, because {reason}",
                path.display()
            ),
            (None, None) => text,
        })
    }

    /// What the user has to be told at every connection, also with `-q`: the next connection would
    /// not notice another server in this one's place. One sentence each, without the leading
    /// `omero: warning: `.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let trusted_by_sight = matches!(self.grounds, Grounds::FirstUse | Grounds::Remembered);
        let unsaved = self.unsaved.as_ref().filter(|_| trusted_by_sight);
        let unsaved = unsaved.map(|reason| {
            format!(
                "the certificate of {} cannot be remembered, so another server in its place would \
                 not be noticed: {reason}. Name a directory that you can write in OMERO_USERDIR or \
                 OMERO_SESSIONDIR. The certificate is {}",
                self.server, self.fingerprint
            )
        });
        let mismatch = self.mismatch.as_ref().map(|reason| {
            format!(
                "{} is not verified, and {reason}: somebody in between can read passwords and \
                 session keys",
                self.server
            )
        });
        let first = unsaved.into_iter().chain(mismatch);
        first.chain(self.exposures.clone()).collect()
    }
}

/// The trust side of one handshake.
pub(crate) struct TlsSetup {
    verifier: Arc<Verifier>,
    name: ServerName<'static>,
}

impl TlsSetup {
    /// For the server at this address, which is remembered as `server` (`host:port`).
    pub(crate) fn new(host: &str, server: String, options: &TlsOptions) -> Self {
        // A zone (`%eth0`) is a matter of this machine, not of the server's name.
        let host = host.split('%').next().unwrap_or_default();
        let name = ServerName::try_from(host.to_owned()).ok();
        let is_name_usable = name.is_some();
        // An address sends no server name, which is what a host needs that cannot be one.
        let name = name.unwrap_or(ServerName::IpAddress(IpAddr::from(std::net::IpAddr::V4(
            Ipv4Addr::UNSPECIFIED,
        ))));
        let verifier = Verifier {
            policy: options.policy,
            known: options.known.clone(),
            server,
            roots: options.roots.clone(),
            is_name_usable,
            provider: Arc::new(default_provider()),
            judged: Mutex::new(None),
        };
        Self {
            verifier: Arc::new(verifier),
            name,
        }
    }

    pub(crate) fn server_name(&self) -> ServerName<'static> {
        self.name.clone()
    }

    pub(crate) fn client_config(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        let verifier = Arc::clone(&self.verifier);
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&verifier.provider))
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        // One connection per program run: there is nothing to resume.
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }

    /// Asks for the reason, once a handshake has failed; `None` if it was not the certificate.
    pub(crate) fn refusal(&self) -> impl Fn() -> Option<TrustError> + Send + use<> {
        let verifier = Arc::clone(&self.verifier);
        move || verifier.judgement().and_then(Result::err)
    }

    /// To be called when the handshake has succeeded, and not before: remembers what is new. `None`
    /// if the server showed no certificate.
    ///
    /// # Errors
    ///
    /// [`TrustError::Changed`] if another program remembered another certificate meanwhile.
    pub(crate) fn settle(self) -> Result<Option<ServerTrust>, TrustError> {
        let verifier = self.verifier;
        let Some((fingerprint, verdict)) = verifier.judgement().transpose()? else {
            return Ok(None);
        };
        let (grounds, save) = match verdict {
            Verdict::Off => (Grounds::NotVerified, None),
            Verdict::Remembered => (Grounds::Remembered, None),
            Verdict::FirstUse => (Grounds::FirstUse, Some((None, TrustedBy::FirstUse))),
            Verdict::Roots(None) => (Grounds::Roots, Some((None, TrustedBy::Roots))),
            Verdict::Roots(Some(known)) => {
                let previous = known.fingerprint;
                let grounds = match known.trusted_by {
                    TrustedBy::Roots => Grounds::Roots,
                    TrustedBy::FirstUse | TrustedBy::User => Grounds::Replaced { previous },
                };
                (grounds, Some((Some(previous), TrustedBy::Roots)))
            }
        };
        let saved = match save {
            // Strictly, nothing is remembered by itself.
            Some((expected, by)) if verifier.policy != TlsPolicy::Strict => verifier
                .known
                .remember(&verifier.server, expected, fingerprint, by)
                .map(Some),
            _ => Ok(None),
        };
        let mut trust = ServerTrust {
            server: verifier.server.clone(),
            fingerprint,
            grounds,
            elsewhere: None,
            unsaved: None,
            exposures: Vec::new(),
            mismatch: None,
        };
        match saved {
            Ok(Some(remembered)) => {
                if grounds == Grounds::FirstUse && !remembered.is_new {
                    trust.grounds = Grounds::Remembered;
                }
                trust.elsewhere = remembered.elsewhere;
            }
            Ok(None) if grounds == Grounds::Remembered => {
                trust.unsaved = verifier.known.unsaved_reason(&verifier.server);
            }
            Ok(None) => {}
            // A home that cannot be written must not keep anyone from logging in.
            Err(TrustError::Store { path, reason }) => {
                trust.unsaved = Some(format!("{}: {reason}", path.display()));
            }
            Err(error) => return Err(error),
        }
        if matches!(trust.grounds, Grounds::FirstUse | Grounds::Remembered) {
            trust.exposures = verifier.known.exposures();
        }
        if trust.grounds == Grounds::NotVerified {
            trust.mismatch = verifier.known.mismatch(&verifier.server, fingerprint);
        }
        Ok(Some(trust))
    }
}
