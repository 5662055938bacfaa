//! Certificates as files, for servers that are not ours.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, DnType, KeyPair};

/// A certificate and its key in PEM files.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate's file.
    pub certificate: PathBuf,
    /// The key's file.
    pub key: PathBuf,
}

impl Certificate {
    /// Makes a self-signed certificate for this machine in a directory.
    pub fn in_directory(directory: &Path) -> Self {
        let names = ["localhost", "127.0.0.1"].map(String::from).to_vec();
        let mut params = CertificateParams::new(names).expect("names are valid");
        params
            .distinguished_name
            .push(DnType::CommonName, "localhost");
        let pair = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&pair).expect("a certificate");
        let files = Self {
            certificate: directory.join("certificate.pem"),
            key: directory.join("key.pem"),
        };
        fs::write(&files.certificate, certificate.pem()).expect("a file");
        fs::write(&files.key, pair.serialize_pem()).expect("a file");
        files
    }
}
