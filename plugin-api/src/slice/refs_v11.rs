//! How members refer to instances in encoding 1.1, other than by containing them.

use super::plan::Declared;
use super::read_value::{Promises, ReadRefs};
use super::reader::Reader;
use super::{ObjectRef, SliceError, Value};

/// For types without classes.
pub(super) struct NoRefs;

impl ReadRefs<'_> for NoRefs {
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        _declared: &Declared,
    ) -> Result<Option<ObjectRef>, SliceError> {
        let problem = "an instance where none can be";
        Err(SliceError::InvalidInstance {
            offset: reader.pos(),
            problem,
        })
    }
}

/// References of a slice with an indirection table: indexes into it.
pub(super) struct TableRefs<'x, 'p> {
    pub(super) table: &'x [Value],
    pub(super) promises: &'x mut Promises<'p>,
}

impl<'p> ReadRefs<'p> for TableRefs<'_, 'p> {
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        declared: &'p Declared,
    ) -> Result<Option<ObjectRef>, SliceError> {
        let offset = reader.pos();
        let number = reader.size()?;
        let Some(index) = number.checked_sub(1) else {
            return Ok(None);
        };
        let problem = "an index is not in the indirection table";
        let entry = self.table.get(index);
        let entry = entry.ok_or(SliceError::InvalidInstance { offset, problem })?;
        let instance = entry.as_object()?;
        if let Some(instance) = instance {
            self.promises.add(instance, declared)?;
        }
        Ok(instance)
    }
}
