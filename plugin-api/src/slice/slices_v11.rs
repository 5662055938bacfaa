//! The slices of instances and exceptions in encoding 1.1, compact and sliced.

use super::decode_v11::{Decoder11, Slice, Task};
use super::open::{Flags, Naming, Open};
use super::read_value::read_value;
use super::refs_v11::TableRefs;
use super::schema::{self, Class};
use super::{Encoding, Object, ObjectRef, SliceError, Value, optional};

impl Decoder11<'_, '_> {
    /// The head of a slice, and what has to be done for the rest of it.
    pub(super) fn next_slice(&mut self) -> Result<(), SliceError> {
        let offset = self.reader.pos();
        let flags = Flags::read(&mut self.reader)?;
        let class = self.slice_class(flags, offset)?;
        let end = if flags.has_size() {
            Some(self.reader.block_end(4)?)
        } else {
            None
        };
        let slice = Slice {
            flags,
            class,
            start: self.reader.pos(),
            end,
        };
        let Some(end) = end else {
            let Some(class) = class else {
                return Err(self.unknown_slice());
            };
            return self.direct_slice(slice, class);
        };
        if flags.has_table() {
            // The table stands behind the members, but they can not be read without it.
            self.reader.seek(end)?;
            let offset = self.reader.pos();
            let count = self.reader.count(1)?;
            if count == 0 {
                let problem = "an indirection table is empty";
                return Err(SliceError::InvalidInstance { offset, problem });
            }
            self.tasks
                .extend([Task::Indirect(slice, count), Task::Table(count)]);
            return Ok(());
        }
        match class {
            Some(class) => self.direct_slice(slice, class),
            None => {
                self.reader.seek(end)?;
                self.after_slice(flags)
            }
        }
    }

    fn direct_slice(&mut self, slice: Slice, class: &'static Class) -> Result<(), SliceError> {
        self.reader
            .charge(class.members.len().saturating_mul(size_of::<Value>()))?;
        self.tasks
            .extend([Task::EndSlice(slice), Task::Fields(class, 0)]);
        Ok(())
    }

    /// An unknown class whose size is unknown as well.
    fn unknown_slice(&self) -> SliceError {
        match self.open.last() {
            Some(Open {
                index: None, chain, ..
            }) => SliceError::UnknownType {
                name: chain.wire_id().to_owned(),
            },
            Some(Open { chain, .. }) => SliceError::UnknownClass {
                id: chain.wire_id().to_owned(),
            },
            None => SliceError::UnknownClass {
                id: schema::OBJECT.to_owned(),
            },
        }
    }

    fn slice_class(
        &mut self,
        flags: Flags,
        offset: usize,
    ) -> Result<Option<&'static Class>, SliceError> {
        let invalid = |problem| SliceError::InvalidInstance { offset, problem };
        let open = self
            .open
            .last_mut()
            .ok_or(invalid("a slice belongs to no instance"))?;
        let unnamed = flags.naming() == Naming::None;
        if open.index.is_none() {
            if !unnamed {
                return Err(invalid("the flags of an exception announce a class"));
            }
            let id = self.reader.type_id()?;
            return open.chain.named(&id, schema::exception(&id), offset);
        }
        match flags.naming() {
            Naming::None if open.chain.is_new() => Err(invalid("it has no type id")),
            Naming::None => open.chain.unnamed(offset).map(Some),
            Naming::Text => {
                let id = self.reader.type_id()?;
                let known = schema::class(&id);
                let class = open.chain.named(&id, known, offset)?;
                self.type_ids.push((id, known));
                Ok(class)
            }
            Naming::Index => {
                let index = self.reader.size()?.checked_sub(1);
                let id = index.and_then(|index| self.type_ids.get(index));
                let (id, known) =
                    id.ok_or(invalid("its type id is not in the table of type ids"))?;
                open.chain.named(id, *known, offset)
            }
            Naming::Compact => {
                let id = format!("with compact type id {}", self.reader.size()?);
                open.chain.named(&id, None, offset)
            }
        }
    }

    pub(super) fn end_slice(&mut self, slice: Slice) -> Result<(), SliceError> {
        self.end_members(slice)?;
        self.after_slice(slice.flags)
    }

    fn end_members(&mut self, slice: Slice) -> Result<(), SliceError> {
        if slice.flags.has_optionals() {
            optional::skip_in_slice(&mut self.reader)?;
        }
        if slice.end.is_none_or(|end| end == self.reader.pos()) {
            return Ok(());
        }
        let problem = "a slice has not the size of its members";
        Err(SliceError::InvalidInstance {
            offset: slice.start,
            problem,
        })
    }

    /// Goes back to the members once the indirection table is known.
    pub(super) fn indirect_slice(&mut self, slice: Slice, count: usize) -> Result<(), SliceError> {
        let table = self.collect(count);
        let Some(class) = slice.class else {
            return self.after_slice(slice.flags);
        };
        let after = self.reader.pos();
        self.reader.seek(slice.start)?;
        self.reader
            .charge(class.members.len().saturating_mul(size_of::<Value>()))?;
        let mut refs = TableRefs {
            table: &table,
            promises: &mut self.promises,
        };
        for plan in &class.plans {
            let value = read_value(&mut self.reader, Encoding::V1_1, plan, &mut refs)?;
            self.values.push(value);
        }
        self.end_members(slice)?;
        self.reader.seek(after)?;
        self.after_slice(slice.flags)
    }

    fn after_slice(&mut self, flags: Flags) -> Result<(), SliceError> {
        if !flags.is_last() {
            self.tasks.push(Task::NextSlice);
            return Ok(());
        }
        let offset = self.reader.pos();
        let problem = "a slice belongs to no instance";
        let open = self
            .open
            .pop()
            .ok_or(SliceError::InvalidInstance { offset, problem })?;
        open.chain.finish(offset)?;
        let Some(index) = open.index else {
            self.exception = Some(open.chain);
            return Ok(());
        };
        let fields = self
            .values
            .split_off(open.first_value.min(self.values.len()));
        self.reader.charge(open.chain.wire_id().len())?;
        let class = open.chain.class().unwrap_or(&schema::ROOT);
        let object = Object::from_parts(class, open.chain.wire_id(), fields);
        if let Some(place) = self.objects.get_mut(index) {
            *place = Some(object);
        }
        self.values.push(Value::Object(Some(ObjectRef(index))));
        Ok(())
    }
}
