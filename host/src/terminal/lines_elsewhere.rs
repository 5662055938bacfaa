//! Lines of standard input where there is no `poll`.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
};

use omero_plugin_api::Error;

use crate::{
    interrupt::{Interrupt, Restore},
    life::Life,
};

/// Standard input.
#[derive(Debug, Default)]
pub struct Input(Mutex<()>);

/// The right to read standard input; other readers wait until it is dropped.
pub struct Turn<'a>(MutexGuard<'a, ()>);

impl Input {
    /// Waits until no other thread reads.
    pub fn turn(&self) -> Turn<'_> {
        Turn(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Turn<'_> {
    /// The next line without its end.
    ///
    /// # Errors
    ///
    /// Standard input cannot be read.
    pub fn line(&mut self, _interrupt: &Interrupt, _life: &Life) -> Result<Option<String>, Error> {
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
