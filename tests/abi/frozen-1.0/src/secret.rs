//! Text that must not be seen: passwords and session keys.

use abi_stable::{
    std_types::{RString, RVec},
    StableAbi,
};
use std::fmt;

/// A password or session key. Its memory is overwritten when it is dropped, and it has no
/// `Display`; `Debug` shows nothing of it.
#[repr(C)]
#[derive(StableAbi)]
pub struct Secret {
    bytes: RVec<u8>,
}

impl Secret {
    /// Takes the text over, so that no second copy stays behind.
    pub fn new(text: String) -> Self {
        Self {
            bytes: text.into_bytes().into(),
        }
    }

    /// The text itself. Whoever asks takes care of where it goes.
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
#[repr(C)]
#[derive(StableAbi, Clone, PartialEq, Eq, Debug)]
pub struct LoginOption {
    /// The long name without dashes, for instance `server`.
    pub name: RString,
    /// Its value; empty for a flag.
    pub value: Secret,
}
