//! The signature of an operation.

use crate::slice::{SliceError, Type};

/// How an operation may be repeated, as the Ice protocol encodes it.
///
/// A call that failed on its way may only be repeated if its mode allows it:
///
/// ```
/// use omero_plugin_api::services::{Mode, Operation, admin, sessions};
///
/// let may_repeat = |operation: &Operation| operation.mode != Mode::Normal;
/// assert!(may_repeat(&admin::GET_GROUP));
/// assert!(!may_repeat(&sessions::CREATE_WITH_TIMEOUT));
/// ```
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

impl Mode {
    /// The mode of this number in the Ice protocol.
    ///
    /// ```
    /// # use omero_plugin_api::services::Mode;
    /// assert_eq!(Mode::from_number(2), Some(Mode::Idempotent));
    /// assert_eq!(Mode::from_number(3), None);
    /// ```
    pub fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Normal),
            1 => Some(Self::Nonmutating),
            2 => Some(Self::Idempotent),
            _ => None,
        }
    }

    /// The number in the Ice protocol.
    ///
    /// ```
    /// # use omero_plugin_api::services::Mode;
    /// assert_eq!(Mode::Normal.number(), 0);
    /// ```
    pub fn number(self) -> u8 {
        self as u8
    }
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
    ///
    /// ```
    /// use omero_plugin_api::services::{Mode, Operation};
    ///
    /// /// `long createGroup(ExperimenterGroup group)` of `IAdmin`.
    /// const CREATE_GROUP: Operation =
    ///     Operation::normal("createGroup", &["@::omero::model::ExperimenterGroup"], &["long"]);
    /// assert_eq!(CREATE_GROUP.mode, Mode::Normal);
    /// ```
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
    ///
    /// ```
    /// use omero_plugin_api::services::{Mode, Operation};
    ///
    /// /// `nonmutating long getSessionTimeout()` of Glacier2's router.
    /// const TIMEOUT: Operation = Operation::nonmutating("getSessionTimeout", &[], &["long"]);
    /// assert_eq!(TIMEOUT.mode, Mode::Nonmutating);
    /// ```
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
    ///
    /// ```
    /// use omero_plugin_api::services::{Mode, Operation};
    ///
    /// /// `idempotent ExperimenterGroup getDefaultGroup(long experimenterId)` of `IAdmin`.
    /// const GET_DEFAULT_GROUP: Operation = Operation::idempotent(
    ///     "getDefaultGroup",
    ///     &["long"],
    ///     &["@::omero::model::ExperimenterGroup"],
    /// );
    /// assert_eq!(GET_DEFAULT_GROUP.mode, Mode::Idempotent);
    /// ```
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
    ///
    /// ```
    /// use omero_plugin_api::{services::{Operation, admin}, slice::Type};
    ///
    /// assert_eq!(admin::GET_GROUP.input_types()?, [Type::Long]);
    /// let misspelt = Operation::idempotent("getGroup", &["lnog"], &[]);
    /// assert!(misspelt.input_types().is_err());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn input_types(&self) -> Result<Vec<Type>, SliceError> {
        self.input.iter().map(|text| Type::parse(text)).collect()
    }

    /// The results' types.
    ///
    /// # Errors
    ///
    /// As [`Operation::input_types`].
    ///
    /// A test of one's own operations finds a misspelt type before a server is asked:
    ///
    /// ```
    /// use omero_plugin_api::services::admin;
    ///
    /// for operation in [admin::LOOKUP_GROUPS, admin::GET_SECURITY_ROLES] {
    ///     assert_eq!(operation.output_types()?.len(), 1, "{}", operation.name);
    /// }
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn output_types(&self) -> Result<Vec<Type>, SliceError> {
        self.output.iter().map(|text| Type::parse(text)).collect()
    }
}
