//! Lines of standard input where there is no `poll`.

use std::io;

use omero_plugin_api::Error;

use crate::interrupt::{Interrupt, Restore};

/// Standard input.
#[derive(Debug, Default)]
pub struct Input;

impl Input {
    /// The next line without its end.
    pub fn line(&self, _interrupt: &Interrupt) -> Result<Option<String>, Error> {
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => Err(Error::new(
                1,
                format!("omero: error: cannot read standard input: {error}"),
            )),
        }
    }
}

/// The console ends the line by itself.
pub fn end_prompt() {}

/// The console restores itself.
pub fn restorer() -> Restore {
    Box::new(|| ())
}
