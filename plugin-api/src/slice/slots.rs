//! Where the instances of a reply in the compact format of encoding 1.1 are.

use super::cursor::Cursor;
use super::schema::{self, Class};

/// The instances in the order in which they start, which is that of their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    spans: Vec<Span>,
}

/// An instance. Most contain no other one, so what the others need is kept apart.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Where the members of its first slice start.
    start: u32,
    /// The number of its class or, with [`SPAN`], of its span.
    class: u32,
}

const SPAN: u32 = 1 << 31;

/// An instance that contains others.
#[derive(Clone, Copy, Debug)]
struct Span {
    end: u32,
    /// The next instance that is not inside this one.
    next: u32,
    class: u16,
}

impl Slots {
    /// The most memory of an instance.
    pub(super) const SIZE: usize = size_of::<Slot>() + size_of::<Span>();

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn begin(&mut self, start: usize, class: &Class) -> Option<usize> {
        self.slots.push(Slot {
            start: u32::try_from(start).ok()?,
            class: class.number.into(),
        });
        Some(self.slots.len() - 1)
    }

    pub(super) fn end(&mut self, index: usize, end: usize) -> Option<()> {
        let next = self.slots.len();
        if next == index + 1 {
            return Some(());
        }
        let slot = self.slots.get_mut(index)?;
        let span = u32::try_from(self.spans.len()).ok()?;
        self.spans.push(Span {
            end: u32::try_from(end).ok()?,
            next: u32::try_from(next).ok()?,
            class: u16::try_from(slot.class).ok()?,
        });
        slot.class = SPAN | span;
        Some(())
    }

    pub(super) fn class(&self, index: usize) -> Option<&'static Class> {
        let slot = self.slots.get(index)?;
        schema::class_at(match self.span(*slot) {
            Some(span) => span.class,
            None => u16::try_from(slot.class).ok()?,
        })
    }

    /// The class of an instance, and where its members start.
    pub(super) fn start(&self, index: usize) -> Option<(&'static Class, usize)> {
        let start = self.slots.get(index)?.start;
        Some((self.class(index)?, usize::try_from(start).ok()?))
    }

    /// Where an instance ends, and the next one that is not inside it.
    pub(super) fn end_of(&self, index: usize, data: &[u8]) -> Option<(usize, usize)> {
        if let Some(span) = self.span(*self.slots.get(index)?) {
            return Some((span.end.try_into().ok()?, span.next.try_into().ok()?));
        }
        let (class, start) = self.start(index)?;
        let mut cursor = Cursor::new(data, start);
        for class in class.and_bases() {
            for plan in &class.plans {
                cursor.skip_references(plan)?;
            }
            if class.parent.is_some() {
                cursor.byte()?;
            }
        }
        Some((cursor.pos(), index + 1))
    }

    fn span(&self, slot: Slot) -> Option<&Span> {
        if slot.class & SPAN == 0 {
            return None;
        }
        self.spans.get(usize::try_from(slot.class & !SPAN).ok()?)
    }
}
