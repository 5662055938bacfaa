//! Passing over values without making anything of them.

use super::plan::Plan;

/// A position in bytes. What is not well-formed is `None`; the decoder proper says what is wrong.
pub(super) struct Cursor<'a> {
    data: &'a [u8],
    pos: usize,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(data: &'a [u8], pos: usize) -> Self {
        Self { data, pos }
    }

    pub(super) const fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.data.get(self.pos)?;
        self.pos += 1;
        Some(byte)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.pos.checked_add(count)?;
        let bytes = self.data.get(self.pos..end)?;
        self.pos = end;
        Some(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// A size or count: one byte, or 255 and an int.
    pub(super) fn size(&mut self) -> Option<usize> {
        match self.byte()? {
            u8::MAX => usize::try_from(i32::from_le_bytes(self.array()?)).ok(),
            short => Some(short.into()),
        }
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.size()?;
        str::from_utf8(self.bytes(length)?).ok()
    }

    /// Passes over a value without class instances.
    pub(super) fn skip(&mut self, plan: &Plan) -> Option<()> {
        let fixed = match plan {
            Plan::Bool => return (self.byte()? <= 1).then_some(()),
            Plan::Byte => 1,
            Plan::Short => 2,
            Plan::Int | Plan::Float => 4,
            Plan::Long | Plan::Double => 8,
            Plan::String => return self.text().map(|_| ()),
            Plan::Bytes => self.size()?,
            Plan::Seq(elements) => {
                for _ in 0..self.size()? {
                    self.skip(&elements.plan)?;
                }
                return Some(());
            }
            Plan::Dict(entries) => {
                for _ in 0..self.size()? {
                    self.skip(&entries.key)?;
                    self.skip(&entries.value)?;
                }
                return Some(());
            }
            Plan::Enum(names) => return (self.size()? < names.count).then_some(()),
            Plan::Struct(class) => {
                let mut plans = class.plans.iter();
                return plans.try_for_each(|plan| self.skip(plan));
            }
            Plan::Proxy | Plan::Class(_) | Plan::Unknown(_) => return None,
        };
        self.bytes(fixed).map(|_| ())
    }

    /// Passes over a member that contains no instance, only references to some.
    pub(super) fn skip_references(&mut self, plan: &Plan) -> Option<()> {
        match plan {
            Plan::Class(_) => self.size().map(|_| ()),
            Plan::Seq(elements) if elements.has_classes => {
                (0..self.size()?).try_for_each(|_| self.skip_references(&elements.plan))
            }
            Plan::Dict(entries) if entries.has_classes => (0..self.size()?).try_for_each(|_| {
                self.skip(&entries.key)?;
                self.skip_references(&entries.value)
            }),
            plan => self.skip(plan),
        }
    }
}
