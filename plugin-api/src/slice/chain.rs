//! Following the slices of one instance from the most derived class to the last base.

use super::schema::Class;
use super::{SliceError, schema};

/// What is known so far about the class of an instance or exception that is being read.
#[derive(Default)]
pub(super) struct Chain {
    /// The type id that the sender used, if it is in no table.
    unknown: Option<String>,
    class: Option<&'static Class>,
    expected: Option<&'static Class>,
}

impl Chain {
    /// The most derived class of the table, once a slice of it was met.
    pub(super) const fn class(&self) -> Option<&'static Class> {
        self.class
    }

    /// True when no slice was met.
    pub(super) const fn is_new(&self) -> bool {
        self.unknown.is_none() && self.class.is_none()
    }

    /// True when all slices of a known class were met.
    pub(super) const fn is_complete(&self) -> bool {
        self.class.is_some() && self.expected.is_none()
    }

    /// The type id the sender used, also when it is in no table.
    pub(super) fn wire_id(&self) -> &str {
        self.unknown
            .as_deref()
            .or(self.class.map(|class| class.id))
            .unwrap_or(schema::OBJECT)
    }

    /// A slice with a type id, whose class is in the table or not: its class, or `None` when it has
    /// to be skipped.
    pub(super) fn named(
        &mut self,
        id: &str,
        class: Option<&'static Class>,
        offset: usize,
    ) -> Result<Option<&'static Class>, SliceError> {
        if self.class.is_some() {
            if self.expected.is_none_or(|expected| expected.id != id) {
                let problem = "its slices do not follow the inheritance of its class";
                return Err(SliceError::InvalidInstance { offset, problem });
            }
            return self.unnamed(offset).map(Some);
        }
        let Some(class) = class else {
            self.unknown.get_or_insert_with(|| id.to_owned());
            return Ok(None);
        };
        self.class = Some(class);
        self.expected = class.parent;
        Ok(Some(class))
    }

    /// A slice without a type id, which can only be the next base.
    pub(super) fn unnamed(&mut self, offset: usize) -> Result<&'static Class, SliceError> {
        let problem = "it has more slices than its class has bases";
        let base = self
            .expected
            .ok_or(SliceError::InvalidInstance { offset, problem })?;
        self.expected = base.parent;
        Ok(base)
    }

    /// No slice follows.
    pub(super) fn finish(&self, offset: usize) -> Result<(), SliceError> {
        if self.expected.is_none() {
            return Ok(());
        }
        let problem = "slices of its base classes are missing";
        Err(SliceError::InvalidInstance { offset, problem })
    }
}
