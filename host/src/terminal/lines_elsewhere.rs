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
    /// Up to this many bytes; none at the end of the input.
    ///
    /// # Errors
    ///
    /// Standard input cannot be read.
    pub fn bytes(
        &mut self,
        _interrupt: &Interrupt,
        _life: &Life,
        longest: usize,
    ) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; longest.min(64 * 1024)];
        match io::Read::read(&mut io::stdin(), &mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                Ok(bytes)
            }
            Err(error) => Err(unusable(&error)),
        }
    }

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
            Err(error) => Err(unusable(&error)),
        }
    }
}

fn unusable(error: &io::Error) -> Error {
    Error::new(1, format!("cannot read standard input: {error}")).labelled()
}

/// The console ends the line by itself.
pub fn end_prompt() {}

/// The console restores itself.
pub fn restorer() -> Restore {
    Box::new(|| ())
}
