//! The proof that the server holds the key of the certificate it shows.
//!
//! Always demanded, whatever the policy. The library does it for every certificate that it can
//! read; for the others the key is taken out here and the provider's algorithms check the rest.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer};
use rustls::{CertificateError, DigitallySignedStruct, Error};

use super::der::PublicKey;

/// What signature checks come to.
pub(super) type Checked = Result<HandshakeSignatureValid, Error>;

/// Checks the signature of a TLS 1.2 handshake.
pub(super) fn check_tls12(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Checked {
    match verify_tls12_signature(message, certificate, signed, algorithms) {
        Err(error) if is_unreadable(&error) => {
            check_with_key(message, &key_of(certificate)?, signed, algorithms)
        }
        checked => checked,
    }
}

/// Checks the signature of a TLS 1.3 handshake.
pub(super) fn check_tls13(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Checked {
    match verify_tls13_signature(message, certificate, signed, algorithms) {
        Err(error) if is_unreadable(&error) => {
            let key = SubjectPublicKeyInfoDer::from(key_of(certificate)?.der);
            verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
        }
        checked => checked,
    }
}

/// Whether the library gave up on the certificate, before it came to the signature.
fn is_unreadable(error: &Error) -> bool {
    match error {
        Error::InvalidCertificate(CertificateError::BadEncoding | CertificateError::Other(_)) => {
            true
        }
        Error::InvalidCertificate(CertificateError::BadSignature) => false,
        Error::InvalidCertificate(other) => !format!("{other:?}").contains("Signature"),
        _ => false,
    }
}

fn key_of<'a>(certificate: &'a CertificateDer<'_>) -> Result<PublicKey<'a>, Error> {
    PublicKey::of_certificate(certificate)
        .ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))
}

/// TLS 1.2 names a family of algorithms; the one that fits the key decides.
fn check_with_key(
    message: &[u8],
    key: &PublicKey<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Checked {
    let bad = || Error::InvalidCertificate(CertificateError::BadSignature);
    let family = algorithms
        .mapping
        .iter()
        .find(|(scheme, _)| *scheme == signed.scheme);
    let (_, family) = family.ok_or_else(bad)?;
    let fits = family
        .iter()
        .find(|one| one.public_key_alg_id().as_ref() == key.algorithm);
    let algorithm = fits.ok_or_else(bad)?;
    algorithm
        .verify_signature(key.key, message, signed.signature())
        .map(|()| HandshakeSignatureValid::assertion())
        .map_err(|_| bad())
}
