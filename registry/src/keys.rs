//! Keys and signatures in the format of minisign.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use minisign::KeyPair;
use minisign_verify::{PublicKey, Signature};
use omero_registry_protocol::{Failure, FailureKind, SecretKey};

use crate::failure::{self, Hint, failed, untrusted, with_file};

/// Signatures and public keys are a few lines.
pub const LARGEST: u64 = 16 * 1024;

/// A public key in base64, as the second line of minisign's `.pub` files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// Reads a key, or the file that holds one.
    ///
    /// # Errors
    ///
    /// It is neither.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if let Some(key) = Self::from_base64(text) {
            return Ok(key);
        }
        let path = Path::new(text);
        let hint = "a public key begins with RW, and stands in the second line of a .pub file";
        let lines = fs::read_to_string(path)
            .map_err(|e| with_file("is no public key", path, e).hint(hint))?;
        // minisign's files have a comment first; a bare key is fine too.
        let mut lines = lines.lines().map(str::trim);
        let key = lines.find(|line| PublicKey::from_base64(line).is_ok());
        match key {
            Some(key) => Ok(Self(key.to_owned())),
            None => Err(with_file("is no public key", path, "no line of it is a key").hint(hint)),
        }
    }

    /// Reads a key in base64; `None` if it is none. Unlike [`Self::parse`], it opens no file.
    pub fn from_base64(text: &str) -> Option<Self> {
        PublicKey::from_base64(text).ok()?;
        Some(Self(text.to_owned()))
    }

    /// The key in base64.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Checks a signature of a file.
    ///
    /// # Errors
    ///
    /// The signature is damaged, or not one of this file by this key.
    pub fn verify_file(&self, path: &Path, signature: &str) -> Result<(), Failure> {
        let file = File::open(path).map_err(|e| with_file("cannot be read", path, e))?;
        self.verify(file, signature)
    }

    /// Checks a signature of bytes.
    ///
    /// # Errors
    ///
    /// The bytes cannot be read; the signature is damaged, or not one of these bytes by this key.
    pub fn verify(&self, mut bytes: impl Read, signature: &str) -> Result<(), Failure> {
        let wrong = |e: minisign_verify::Error| match e {
            minisign_verify::Error::UnexpectedKeyId => {
                untrusted(format!("it is signed with another key than {}", self.0))
            }
            minisign_verify::Error::InvalidSignature => untrusted(format!(
                "its signature is not one by the key {}: the file was changed",
                self.0
            )),
            other => untrusted(format!("its signature is damaged: {other}")),
        };
        let key = PublicKey::from_base64(&self.0).map_err(wrong)?;
        let signature = Signature::decode(signature).map_err(wrong)?;
        let mut verifier = key.verify_stream(&signature).map_err(wrong)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => verifier.update(buffer.get(..count).unwrap_or_default()),
                Err(e) => return Err(failed(format!("it cannot be read: {e}"))),
            }
        }
        verifier.finalize().map_err(wrong)
    }
}

/// A secret key that is ready to sign, and its public key.
pub struct Signer {
    secret: minisign::SecretKey,
    /// The public key.
    pub public: Key,
}

impl Signer {
    /// Reads and opens a secret key.
    ///
    /// # Errors
    ///
    /// The file is no secret key, or the password is missing or wrong.
    pub fn open(key: &SecretKey) -> Result<Self, Failure> {
        let path = &key.path;
        let text = fs::read_to_string(path).map_err(|e| with_file("cannot be read", path, e))?;
        let boxed = minisign::SecretKeyBox::from_string(&text)
            .map_err(|e| with_file("is no secret key", path, e))?;
        let secret = match &key.password {
            Some(password) => boxed
                .into_secret_key(Some(password.clone()))
                .map_err(|e| with_file("cannot be opened", path, e))?,
            None => boxed.into_unencrypted_secret_key().map_err(|e| {
                let message = format!("{} cannot be opened: {e}", path.display());
                failure::of(FailureKind::Locked, message)
                    .hint("run the command on a terminal, which asks for the password")
            })?,
        };
        let public = minisign::PublicKey::from_secret_key(&secret)
            .map_err(|e| with_file("is no secret key", path, e))?;
        Ok(Self {
            public: Key(public.to_base64()),
            secret,
        })
    }

    /// Signs bytes; `comment` is part of what is signed.
    ///
    /// # Errors
    ///
    /// The key is unusable.
    pub fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, Failure> {
        let signature = minisign::sign(None, &self.secret, bytes, Some(comment), None);
        signature
            .map(minisign::SignatureBox::into_string)
            .map_err(|e| failed(format!("cannot sign: {e}")))
    }
}

/// Makes a key pair; returns the public key.
///
/// # Errors
///
/// One of the files exists or cannot be written.
pub fn make(path: &Path, password: Option<String>) -> Result<String, Failure> {
    let broken = |e: minisign::PError| failed(format!("cannot make a key: {e}"));
    let pair = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
        None => KeyPair::generate_unencrypted_keypair(),
    }
    .map_err(broken)?;
    let key = pair.pk.to_base64();
    let public = pair.pk.to_box().map_err(broken)?.into_string();
    let secret = pair.sk.to_box(None).map_err(broken)?.into_string();
    write_new(path, secret.as_bytes(), true)?;
    write_new(&with_suffix(path, ".pub"), public.as_bytes(), false)?;
    Ok(key)
}

/// Writes a file that must not exist yet.
fn write_new(path: &Path, text: &[u8], private: bool) -> Result<(), Failure> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = private;
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text)?;
        file.sync_all()
    });
    written.map_err(|e| with_file("cannot be written", path, e))
}

/// The path of the file beside another one whose name goes on with `suffix`.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
