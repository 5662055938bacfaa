//! The TLS layer and the certificates it shows.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::crypto::ring as provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::{ServerConnection, SupportedProtocolVersion, version};

use super::layer::Layer;

/// How the server presents itself on TLS.
#[derive(Clone, Debug)]
pub struct TlsOptions {
    /// Offer TLS 1.2 and nothing newer, as older servers do.
    pub only_tls12: bool,
    /// Host names and addresses that the certificate is for.
    pub names: Vec<String>,
    /// The certificate ran out in 2001.
    pub expired: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        let names = ["localhost", "127.0.0.1", "::1"].map(String::from).to_vec();
        Self {
            only_tls12: false,
            names,
            expired: false,
        }
    }
}

/// The certificate in use, which may be exchanged while the server runs.
#[derive(Debug)]
pub struct Certificate {
    current: Mutex<Arc<CertifiedKey>>,
}

impl Certificate {
    /// A new self-signed certificate with a new key.
    pub fn new(options: &TlsOptions) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            current: Mutex::new(self_signed(options)?),
        }))
    }

    /// Exchanges certificate and key; connections that are open keep the old one.
    pub fn replace(&self, options: &TlsOptions) -> io::Result<()> {
        let new = self_signed(options)?;
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// The certificate as DER.
    pub fn der(&self) -> Vec<u8> {
        self.current()
            .cert
            .first()
            .map(|der| der.to_vec())
            .unwrap_or_default()
    }

    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn self_signed(options: &TlsOptions) -> io::Result<Arc<CertifiedKey>> {
    let mut params = CertificateParams::new(options.names.clone()).map_err(io::Error::other)?;
    let name = options.names.first().map_or("localhost", String::as_str);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    if options.expired {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    }
    let pair = KeyPair::generate().map_err(io::Error::other)?;
    let certificate = params.self_signed(&pair).map_err(io::Error::other)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pair.serialize_der()));
    let key = provider::sign::any_supported_type(&key).map_err(io::Error::other)?;
    Ok(Arc::new(CertifiedKey::new(
        vec![certificate.der().clone()],
        key,
    )))
}

/// The settings all TLS connections of a server share.
pub fn server_config(
    options: &TlsOptions,
    certificate: &Arc<Certificate>,
) -> io::Result<Arc<ServerConfig>> {
    const BOTH: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];
    let versions = if options.only_tls12 { &BOTH[1..] } else { BOTH };
    let resolver: Arc<Certificate> = Arc::clone(certificate);
    let config = ServerConfig::builder_with_provider(Arc::new(provider::default_provider()))
        .with_protocol_versions(versions)
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    Ok(Arc::new(config))
}

/// The server's end of TLS.
pub struct TlsLayer(ServerConnection);

impl TlsLayer {
    pub fn new(config: &Arc<ServerConfig>) -> io::Result<Self> {
        ServerConnection::new(Arc::clone(config))
            .map(Self)
            .map_err(io::Error::other)
    }
}

impl Layer for TlsLayer {
    fn incoming(&mut self, mut below: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let mut above = Vec::new();
        while !below.is_empty() {
            self.0.read_tls(&mut below)?;
            let state = self.0.process_new_packets().map_err(io::Error::other)?;
            let mut plain = vec![0; state.plaintext_bytes_to_read()];
            if !plain.is_empty() {
                self.0.reader().read_exact(&mut plain)?;
                above.extend(plain);
            }
            if state.peer_has_closed() && above.is_empty() {
                return Ok(None);
            }
        }
        Ok(Some(above))
    }

    fn outgoing(&mut self, above: &[u8]) -> io::Result<Vec<u8>> {
        let mut below = Vec::new();
        for part in above.chunks(16 * 1024) {
            self.0.writer().write_all(part)?;
            self.flush(&mut below)?;
        }
        self.flush(&mut below)?;
        Ok(below)
    }

    fn ready(&self) -> bool {
        !self.0.is_handshaking()
    }

    fn close(&mut self) -> io::Result<()> {
        self.0.send_close_notify();
        Ok(())
    }
}

impl TlsLayer {
    fn flush(&mut self, below: &mut Vec<u8>) -> io::Result<()> {
        while self.0.wants_write() {
            self.0.write_tls(below)?;
        }
        Ok(())
    }
}
