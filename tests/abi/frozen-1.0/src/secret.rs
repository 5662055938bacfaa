//! Text that must not be seen: passwords and session keys.

use abi_stable::{
    std_types::{RString, RVec},
    StableAbi,
};
use std::fmt;

/// A password or session key. Its memory is overwritten when it is dropped, and it has no
/// `Display`; `Debug` shows nothing of it.
///
/// ```
/// # use omero_plugin_abi::Secret;
/// let password = Secret::new("tulip".to_owned());
/// assert_eq!(format!("{:?}", password), "Secret(…)");
/// assert!(password == Secret::new("tulip".to_owned()));
/// ```
#[repr(C)]
#[derive(StableAbi)]
pub struct Secret {
    bytes: RVec<u8>,
}

impl Secret {
    /// Takes the text over, so that no second copy stays behind.
    ///
    /// ```
    /// # use omero_plugin_abi::Secret;
    /// # let file = "token=tulip";
    /// let token = file.strip_prefix("token=").unwrap_or("");
    /// let token = Secret::new(token.to_owned());
    /// assert_eq!(token.expose(), "tulip");
    /// ```
    pub fn new(text: String) -> Self {
        Self {
            bytes: text.into_bytes().into(),
        }
    }

    /// The text itself. Whoever asks takes care of where it goes.
    ///
    /// ```
    /// # use omero_plugin_abi::Secret;
    /// fn authorization(token: &Secret) -> Secret {
    ///     Secret::new(format!("Bearer {}", token.expose())) // again one that cleans up
    /// }
    /// let header = authorization(&Secret::new("tulip".to_owned()));
    /// assert_eq!(header.expose(), "Bearer tulip");
    /// ```
    pub fn expose(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or("")
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(self.bytes.as_mut_slice());
    }
}

/// One login option of the command line (`-s`, `-u`, `-w`, …), by its long name. The host takes
/// these out of the arguments without interpreting them; only the session provider receives them.
///
/// ```
/// # use omero_plugin_abi::{LoginOption, Secret};
/// fn server(options: &[LoginOption]) -> Option<&str> {
///     let option = options.iter().find(|option| option.name == "server")?;
///     Some(option.value.expose())
/// }
/// // As of `omero -q -s omero.example.org …`.
/// let value = Secret::new("omero.example.org".to_owned());
/// let options = [LoginOption { name: "server".into(), value }];
/// assert_eq!(server(&options), Some("omero.example.org"));
/// ```
#[repr(C)]
#[derive(StableAbi, Clone, PartialEq, Eq, Debug)]
pub struct LoginOption {
    /// The long name without dashes, for instance `server`.
    pub name: RString,
    /// Its value; empty for a flag.
    pub value: Secret,
}
