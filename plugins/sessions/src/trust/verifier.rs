//! The decision about a certificate, in the middle of a handshake.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

use super::der::PublicKey;
use super::roots::Roots;
use super::{Fingerprint, KnownServer, KnownServers, TlsPolicy, TrustError, TrustedBy, signature};

/// The shortest RSA key that the signature algorithms take, in bits.
const RSA_BITS_MIN: usize = 2048;

/// Why a certificate is accepted, provided that the handshake succeeds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// The roots vouch for it. Holds what was remembered, if that was something else.
    Roots(Option<KnownServer>),
    /// It is the remembered one.
    Remembered,
    /// The server is new.
    FirstUse,
    /// Nothing was verified.
    Off,
}

/// Judges the certificate of one server.
pub(super) struct Verifier {
    pub(super) policy: TlsPolicy,
    pub(super) known: KnownServers,
    /// `host:port`.
    pub(super) server: String,
    pub(super) roots: Roots,
    /// Whether the host is a name that certificates can carry.
    pub(super) is_name_usable: bool,
    pub(super) provider: Arc<CryptoProvider>,
    pub(super) judged: Mutex<Option<Result<(Fingerprint, Verdict), TrustError>>>,
}

impl Verifier {
    /// What was decided; `None` before the server has shown a certificate.
    pub(super) fn judgement(&self) -> Option<Result<(Fingerprint, Verdict), TrustError>> {
        self.judged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn judge(
        &self,
        certificate: &CertificateDer<'_>,
        fingerprint: Fingerprint,
        vouched: impl FnOnce() -> Result<(), String>,
    ) -> Result<Verdict, TrustError> {
        self.check_usable(certificate)?;
        if self.policy == TlsPolicy::Off {
            return Ok(Verdict::Off);
        }
        let known = self.known.get(&self.server)?;
        let is_same = known
            .as_ref()
            .is_some_and(|known| known.fingerprint == fingerprint);
        // Strictly, what the roots once vouched for must stand up to them again.
        let must_ask = |known: &KnownServer| {
            self.policy == TlsPolicy::Strict && known.trusted_by == TrustedBy::Roots
        };
        if is_same && !known.as_ref().is_some_and(must_ask) {
            return Ok(Verdict::Remembered);
        }
        let server = self.server.clone();
        match (vouched(), known) {
            (Ok(()), known) => Ok(Verdict::Roots(known.filter(|_| !is_same))),
            (Err(_), Some(known)) if !is_same => {
                let remembered = known.fingerprint;
                Err(TrustError::Changed {
                    server,
                    remembered,
                    offered: fingerprint,
                })
            }
            (Err(_), None) if self.policy == TlsPolicy::FirstUse => Ok(Verdict::FirstUse),
            (Err(reason), _) => Err(TrustError::NotTrusted {
                server,
                fingerprint,
                reason,
            }),
        }
    }

    /// That the certificate can prove anything at all, so that the reason is told clearly.
    fn check_usable(&self, certificate: &CertificateDer<'_>) -> Result<(), TrustError> {
        let unusable = |reason| TrustError::Unusable {
            server: self.server.clone(),
            reason,
        };
        let key = PublicKey::of_certificate(certificate);
        let key = key.ok_or_else(|| unusable("it is damaged".to_owned()))?;
        match key.rsa_bits() {
            Some(bits) if bits < RSA_BITS_MIN => {
                let text =
                    format!("its RSA key has {bits} bits, at least {RSA_BITS_MIN} are needed");
                Err(unusable(text))
            }
            _ => Ok(()),
        }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = Fingerprint::of(end_entity);
        let vouched = || match self.is_name_usable {
            true => self
                .roots
                .check(end_entity, intermediates, server_name, now, &self.provider),
            false => Err("certificates cannot carry such a host name".to_owned()),
        };
        let verdict = self.judge(end_entity, fingerprint, vouched);
        let refused = verdict.is_err();
        let judgement = verdict.map(|verdict| (fingerprint, verdict));
        *self.judged.lock().unwrap_or_else(PoisonError::into_inner) = Some(judgement);
        match refused {
            true => Err(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            )),
            false => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        signature::check_tls12(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        signature::check_tls13(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("policy", &self.policy)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
