//! The signature of an operation.

use crate::slice::{SliceError, Type};

/// How an operation may be repeated, as the Ice protocol encodes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mode {
    /// Runs at most once.
    Normal = 0,
    /// Only reads (written `nonmutating` in old interfaces).
    Nonmutating = 1,
    /// May be repeated without harm.
    Idempotent = 2,
}

/// An operation of an Ice interface: its name, mode and the types that cross the wire.
///
/// ```
/// use omero_plugin_api::services::Operation;
/// const LOOKUP: Operation = Operation::idempotent(
///     "lookupGroup",
///     &["string"],
///     &["@::omero::model::ExperimenterGroup"],
/// );
/// assert_eq!(LOOKUP.name, "lookupGroup");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Its mode, which has to be the declared one: real servers refuse another.
    pub mode: Mode,
    /// The in-parameters' types, in the notation of [`Type::parse`].
    pub input: &'static [&'static str],
    /// The out-parameters' types, then the return value's.
    pub output: &'static [&'static str],
}

impl Operation {
    /// An operation that runs at most once.
    pub const fn normal(
        name: &'static str,
        input: &'static [&'static str],
        output: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            mode: Mode::Normal,
            input,
            output,
        }
    }

    /// An operation that only reads.
    pub const fn nonmutating(
        name: &'static str,
        input: &'static [&'static str],
        output: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            mode: Mode::Nonmutating,
            input,
            output,
        }
    }

    /// An operation that may be repeated without harm.
    pub const fn idempotent(
        name: &'static str,
        input: &'static [&'static str],
        output: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            mode: Mode::Idempotent,
            input,
            output,
        }
    }

    /// The in-parameters' types.
    ///
    /// # Errors
    ///
    /// A type that is not written as [`Type::parse`] reads it.
    pub fn input_types(&self) -> Result<Vec<Type>, SliceError> {
        self.input.iter().map(|text| Type::parse(text)).collect()
    }

    /// The results' types.
    ///
    /// # Errors
    ///
    /// As [`Operation::input_types`].
    pub fn output_types(&self) -> Result<Vec<Type>, SliceError> {
        self.output.iter().map(|text| Type::parse(text)).collect()
    }
}
