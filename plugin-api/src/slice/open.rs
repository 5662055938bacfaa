//! Heads of the slices of encoding 1.1, and the instances whose slices are being read.

use super::SliceError;
use super::chain::Chain;
use super::reader::Reader;

/// Which parts a slice has.
#[derive(Clone, Copy)]
pub(super) struct Flags(u8);

/// How a slice names its class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Not at all.
    None,
    /// By type id.
    Text,
    /// By index into the table of type ids.
    Index,
    /// By a number that both sides know.
    Compact,
}

impl Flags {
    pub(super) const TEXT: u8 = 0x01;
    pub(super) const INDEX: u8 = 0x02;
    pub(super) const TABLE: u8 = 0x08;
    pub(super) const SIZE: u8 = 0x10;
    pub(super) const LAST: u8 = 0x20;
    const OPTIONALS: u8 = 0x04;
    const UNUSED: u8 = 0xc0;

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SliceError> {
        let offset = reader.pos();
        let bits = reader.byte()?;
        if bits & Self::UNUSED != 0 {
            let problem = "a slice has flags that do not exist";
            return Err(SliceError::InvalidInstance { offset, problem });
        }
        if bits & Self::TABLE != 0 && bits & Self::SIZE == 0 {
            let problem = "a slice has an indirection table, but no size";
            return Err(SliceError::InvalidInstance { offset, problem });
        }
        Ok(Self(bits))
    }

    pub(super) const fn naming(self) -> Naming {
        match self.0 & 3 {
            0 => Naming::None,
            1 => Naming::Text,
            2 => Naming::Index,
            _ => Naming::Compact,
        }
    }

    pub(super) const fn has_optionals(self) -> bool {
        self.0 & Self::OPTIONALS != 0
    }

    pub(super) const fn has_table(self) -> bool {
        self.0 & Self::TABLE != 0
    }

    pub(super) const fn has_size(self) -> bool {
        self.0 & Self::SIZE != 0
    }

    pub(super) const fn is_last(self) -> bool {
        self.0 & Self::LAST != 0
    }
}

/// An instance, or the exception, whose slices are being read.
pub(super) struct Open {
    /// Its place among the instances; the exception has none.
    pub(super) index: Option<usize>,
    /// Its slices so far.
    pub(super) chain: Chain,
    /// Where its members start among the values that are not placed yet.
    pub(super) first_value: usize,
}
