//! The certificates that the system trusts to vouch for others.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};

/// Where root certificates come from.
#[derive(Clone, Debug, Default)]
pub(super) enum Roots {
    /// The system's, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    #[default]
    System,
    /// These.
    #[cfg(test)]
    Given(Arc<RootCertStore>),
}

impl Roots {
    /// Whether they vouch for a certificate; if not, why.
    pub(super) fn check(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
        provider: &Arc<CryptoProvider>,
    ) -> Result<(), String> {
        let store = self.store();
        if store.is_empty() {
            return Err("this system has no root certificates".to_owned());
        }
        WebPkiServerVerifier::builder_with_provider(store, Arc::clone(provider))
            .build()
            .map_err(|error| error.to_string())?
            .verify_server_cert(certificate, intermediates, name, &[], now)
            .map(|_| ())
            .map_err(|error| explain(&error))
    }

    fn store(&self) -> Arc<RootCertStore> {
        match self {
            Self::System => system(),
            #[cfg(test)]
            Self::Given(store) => Arc::clone(store),
        }
    }
}

/// The library's words, except where they are only a name.
fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "no root certificate of this system vouches for it".to_owned()
        }
        Error::InvalidCertificate(CertificateError::BadEncoding | CertificateError::Other(_)) => {
            "it is of a kind that root certificates cannot vouch for".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Read once, and only when a certificate is not known already: it takes milliseconds.
fn system() -> Arc<RootCertStore> {
    static STORE: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    let load = || {
        let mut store = RootCertStore::empty();
        // What cannot be read or parsed vouches for nobody; that is the safe side.
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        Arc::new(store)
    };
    Arc::clone(STORE.get_or_init(load))
}
