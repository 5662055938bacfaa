//! Finding the instances of a reply in the compact format of encoding 1.1, in one pass.
//!
//! The compact format is what servers send. Everything else, and whatever is malformed, is left to
//! the decoder of [`decode_v11`](super::decode_v11).

use super::cursor::Cursor;
use super::open::Flags;
use super::plan::{Declared, Elements, Entries, Plan};
use super::read_value::ReadRefs;
use super::reader::Reader;
use super::schema::{self, Class};
use super::slots::Slots;
use super::{ObjectRef, SliceError};

/// Where a scan is. Instances are nested as deep as the sender likes, so it has its own stack.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    pub(super) slots: Slots,
    type_ids: Vec<&'static Class>,
    frames: Vec<Frame>,
    max_depth: usize,
}

/// Something that contains the instance that is being scanned.
#[derive(Clone, Copy, Debug)]
enum Frame {
    Fields(Fields),
    Elements(&'static Elements, usize),
    Entries(&'static Entries, usize),
}

/// An instance that is being scanned, from a member of one of its classes on.
#[derive(Clone, Copy, Debug)]
struct Fields {
    class: &'static Class,
    at: usize,
    index: usize,
}

/// What a reference leads to.
enum Found {
    Null,
    Known(usize),
    New(Fields),
}

/// What a scan says to everything that is not in the compact format.
const NOT_COMPACT: SliceError = SliceError::InvalidInstance {
    offset: 0,
    problem: "it is not in the compact format",
};

impl ReadRefs<'_> for Scan {
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        declared: &Declared,
    ) -> Result<Option<ObjectRef>, SliceError> {
        let before = self.slots.len();
        let mut cursor = Cursor::new(reader.data(), reader.pos());
        self.max_depth = reader.max_depth();
        let index = self.reference(&mut cursor, declared).ok_or(NOT_COMPACT)?;
        reader.seek(cursor.pos())?;
        reader.charge((self.slots.len() - before).saturating_mul(Slots::SIZE))?;
        Ok(index.map(ObjectRef))
    }
}

impl Scan {
    /// Scans a reference with the instance that it may contain.
    fn reference(&mut self, cursor: &mut Cursor<'_>, declared: &Declared) -> Option<Option<usize>> {
        let fields = match self.found(cursor, declared)? {
            Found::Null => return Some(None),
            Found::Known(index) => return Some(Some(index)),
            Found::New(fields) => fields,
        };
        self.fields(cursor, fields)?;
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Fields(fields) => self.fields(cursor, fields)?,
                Frame::Elements(elements, left) => self.elements(cursor, elements, left)?,
                Frame::Entries(entries, left) => self.entries(cursor, entries, left)?,
            }
        }
        Some(Some(fields.index))
    }

    fn found(&mut self, cursor: &mut Cursor<'_>, declared: &Declared) -> Option<Found> {
        let index = match cursor.size()? {
            0 => return Some(Found::Null),
            1 => return self.begin(cursor, declared).map(Found::New),
            number => number - 2,
        };
        let class = self.slots.class(index)?;
        declared.allows(class).then_some(Found::Known(index))
    }

    /// The head of an instance.
    fn begin(&mut self, cursor: &mut Cursor<'_>, declared: &Declared) -> Option<Fields> {
        let flags = cursor.byte()?;
        let class = match flags & !Flags::LAST {
            Flags::TEXT => {
                let class = schema::class(cursor.text()?)?;
                self.type_ids.push(class);
                class
            }
            Flags::INDEX => self.type_ids.get(cursor.size()?.checked_sub(1)?)?,
            _ => return None,
        };
        let is_last = flags & Flags::LAST != 0;
        if is_last != class.parent.is_none() || !declared.allows(class) {
            return None;
        }
        let index = self.slots.begin(cursor.pos(), class)?;
        Some(Fields {
            class,
            at: 0,
            index,
        })
    }

    /// The rest of an instance, or up to a collection of instances in it.
    fn fields(&mut self, cursor: &mut Cursor<'_>, fields: Fields) -> Option<()> {
        let Fields {
            mut class,
            mut at,
            mut index,
        } = fields;
        loop {
            while let Some(plan) = class.plans.get(at) {
                at += 1;
                match plan {
                    Plan::Class(declared) => {
                        if let Found::New(inner) = self.found(cursor, declared)? {
                            self.push(Frame::Fields(Fields { class, at, index }))?;
                            Fields { class, at, index } = inner;
                        }
                    }
                    Plan::Seq(elements) if elements.has_classes => {
                        let count = cursor.size()?;
                        if count > 0 {
                            self.push(Frame::Fields(Fields { class, at, index }))?;
                            self.push(Frame::Elements(elements, count))?;
                            return Some(());
                        }
                    }
                    Plan::Dict(entries) if entries.has_classes => {
                        let count = cursor.size()?;
                        if count > 0 {
                            self.push(Frame::Fields(Fields { class, at, index }))?;
                            self.push(Frame::Entries(entries, count))?;
                            return Some(());
                        }
                    }
                    plan => cursor.skip(plan)?,
                }
            }
            if let Some(parent) = class.parent {
                let last = if parent.parent.is_none() {
                    Flags::LAST
                } else {
                    0
                };
                if cursor.byte()? != last {
                    return None;
                }
                (class, at) = (parent, 0);
                continue;
            }
            self.slots.end(index, cursor.pos())?;
            match self.frames.last() {
                // Straight on with the instance around it, unless the stack is that of a caller.
                Some(Frame::Fields(outer)) => {
                    Fields { class, at, index } = *outer;
                    self.frames.pop();
                }
                _ => return Some(()),
            }
        }
    }

    fn elements(
        &mut self,
        cursor: &mut Cursor<'_>,
        elements: &'static Elements,
        left: usize,
    ) -> Option<()> {
        for left in (0..left).rev() {
            if let Some(inner) = self.inner(cursor, &elements.plan)? {
                self.push(Frame::Elements(elements, left))?;
                self.push(inner)?;
                return Some(());
            }
        }
        Some(())
    }

    fn entries(
        &mut self,
        cursor: &mut Cursor<'_>,
        entries: &'static Entries,
        left: usize,
    ) -> Option<()> {
        for left in (0..left).rev() {
            cursor.skip(&entries.key)?;
            if let Some(inner) = self.inner(cursor, &entries.value)? {
                self.push(Frame::Entries(entries, left))?;
                self.push(inner)?;
                return Some(());
            }
        }
        Some(())
    }

    fn push(&mut self, frame: Frame) -> Option<()> {
        if self.frames.len() >= self.max_depth {
            return None;
        }
        self.frames.push(frame);
        Some(())
    }

    /// What has to be scanned inside an element before the next one.
    fn inner(&mut self, cursor: &mut Cursor<'_>, plan: &'static Plan) -> Option<Option<Frame>> {
        Some(match plan {
            Plan::Class(declared) => match self.found(cursor, declared)? {
                Found::New(fields) => Some(Frame::Fields(fields)),
                Found::Null | Found::Known(_) => None,
            },
            Plan::Seq(elements) => Some(Frame::Elements(elements, cursor.size()?)),
            Plan::Dict(entries) => Some(Frame::Entries(entries, cursor.size()?)),
            plan => {
                cursor.skip(plan)?;
                None
            }
        })
    }
}
