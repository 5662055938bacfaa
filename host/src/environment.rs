//! The environment variables as they were when the program started.
//!
//! Each plugin has its own copy of Rust's standard library with its own lock around the one
//! environment of the process, so reading it while another plugin writes would be a race. The host
//! reads it once and hands out copies.

use std::{
    collections::HashMap,
    ffi::{OsStr, OsString},
};

/// The variable that holds the password to log in with.
pub const PASSWORD: &str = "OMERO_PASSWORD";

/// A snapshot of the environment.
#[derive(Debug, Default)]
pub struct Environment {
    variables: HashMap<OsString, OsString>,
}

impl Environment {
    /// The environment of this process, now.
    pub fn of_process() -> Self {
        Self {
            variables: std::env::vars_os().collect(),
        }
    }

    /// Certain variables, for tests.
    #[cfg(test)]
    pub fn of(variables: &[(&str, &OsStr)]) -> Self {
        Self {
            variables: variables
                .iter()
                .map(|(k, v)| ((*k).into(), (*v).into()))
                .collect(),
        }
    }

    /// One variable.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
    }

    /// One variable, where an empty value counts as none.
    pub fn filled(&self, name: &str) -> Option<&OsStr> {
        self.get(name).filter(|value| !value.is_empty())
    }
}
