//! A cursor over bytes nobody vouches for.

use super::budget::{Budget, Lease};
use super::{Limits, SliceError};
use std::borrow::Cow;

/// The longest name in the tables has about fifty bytes.
const MAX_TYPE_ID: usize = 1024;

/// Reads basic types from the front of a byte slice.
pub(super) struct Reader<'a> {
    data: &'a [u8],
    pos: usize,
    budget: Budget,
    max_depth: usize,
    lossy: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(data: &'a [u8], limits: &Limits) -> Self {
        Self {
            data,
            pos: 0,
            budget: Budget::new(limits),
            max_depth: limits.max_depth,
            lossy: false,
        }
    }

    /// From now on broken text is repaired instead of refused: for text that is only shown.
    pub(super) fn set_lossy(&mut self) {
        self.lossy = true;
    }

    pub(super) const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// How deep instances may be nested.
    pub(super) const fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// How much memory was counted.
    pub(super) const fn charged(&self) -> usize {
        self.budget.charged()
    }

    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn left(&self) -> usize {
        self.data.len().saturating_sub(self.pos)
    }

    /// Continues at another place; the place must be inside the data.
    pub(super) fn seek(&mut self, pos: usize) -> Result<(), SliceError> {
        if pos > self.data.len() {
            let needed = pos.saturating_sub(self.pos);
            return Err(SliceError::UnexpectedEnd {
                offset: self.pos,
                needed,
                left: self.left(),
            });
        }
        self.pos = pos;
        Ok(())
    }

    /// Counts memory that is about to be used for what was read.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), SliceError> {
        self.budget.charge(bytes)
    }

    pub(super) fn bytes(&mut self, needed: usize) -> Result<&'a [u8], SliceError> {
        let (offset, left) = (self.pos, self.left());
        let end = offset.checked_add(needed);
        let found = end.and_then(|end| self.data.get(offset..end));
        let found = found.ok_or(SliceError::UnexpectedEnd {
            offset,
            needed,
            left,
        })?;
        self.pos = offset.saturating_add(needed);
        Ok(found)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SliceError> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    pub(super) fn byte(&mut self) -> Result<u8, SliceError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn bool(&mut self) -> Result<bool, SliceError> {
        let offset = self.pos;
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(SliceError::InvalidBool { offset, value }),
        }
    }

    pub(super) fn short(&mut self) -> Result<i16, SliceError> {
        self.array().map(i16::from_le_bytes)
    }

    pub(super) fn int(&mut self) -> Result<i32, SliceError> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn long(&mut self) -> Result<i64, SliceError> {
        self.array().map(i64::from_le_bytes)
    }

    pub(super) fn float(&mut self) -> Result<f32, SliceError> {
        self.array().map(f32::from_le_bytes)
    }

    pub(super) fn double(&mut self) -> Result<f64, SliceError> {
        self.array().map(f64::from_le_bytes)
    }

    /// A size or count: one byte, or 255 and an int.
    pub(super) fn size(&mut self) -> Result<usize, SliceError> {
        let offset = self.pos;
        let short = self.byte()?;
        if short < 255 {
            return Ok(usize::from(short));
        }
        let long = self.int()?;
        usize::try_from(long).map_err(|_| SliceError::InvalidSize {
            offset,
            size: long.into(),
        })
    }

    /// The count of something whose elements take at least `min` bytes each.
    pub(super) fn count(&mut self, min: usize) -> Result<usize, SliceError> {
        let offset = self.pos;
        let count = self.size()?;
        if count
            .checked_mul(min.max(1))
            .is_none_or(|needed| needed > self.left())
        {
            let size = i64::try_from(count).unwrap_or(i64::MAX);
            return Err(SliceError::InvalidSize { offset, size });
        }
        Ok(count)
    }

    /// An int that counts itself and what follows it; gives the place where that ends.
    pub(super) fn block_end(&mut self, min: usize) -> Result<usize, SliceError> {
        let offset = self.pos;
        let size = self.int()?;
        let invalid = SliceError::InvalidSize {
            offset,
            size: size.into(),
        };
        let Ok(length) = usize::try_from(size) else {
            return Err(invalid);
        };
        match offset.checked_add(length) {
            Some(end) if length >= min && end <= self.data.len() => Ok(end),
            _ => Err(invalid),
        }
    }

    pub(super) fn string(&mut self) -> Result<String, SliceError> {
        let offset = self.pos;
        let length = self.count(1)?;
        self.charge(length)?;
        self.text(length, offset).map(Cow::into_owned)
    }

    fn text(&mut self, length: usize, offset: usize) -> Result<Cow<'a, str>, SliceError> {
        let bytes = self.bytes(length)?;
        match str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(_) if self.lossy => Ok(String::from_utf8_lossy(bytes)),
            Err(_) => Err(SliceError::InvalidUtf8 { offset }),
        }
    }

    /// The name of a type. Names are looked up again and again, so they must be short.
    pub(super) fn type_id(&mut self) -> Result<Cow<'a, str>, SliceError> {
        let offset = self.pos;
        let length = self.count(1)?;
        if length > MAX_TYPE_ID {
            return Err(SliceError::LimitExceeded {
                what: "bytes in a type id",
                limit: MAX_TYPE_ID,
            });
        }
        self.text(length, offset)
    }

    /// What was counted, once everything is read.
    pub(super) fn into_lease(self) -> Lease {
        self.budget.into_lease()
    }

    /// What lies between two places that were already passed.
    pub(super) fn between(&self, start: usize, end: usize) -> &'a [u8] {
        self.data.get(start..end).unwrap_or_default()
    }

    pub(super) fn expect_end(&self) -> Result<(), SliceError> {
        match self.left() {
            0 => Ok(()),
            left => Err(SliceError::TrailingBytes {
                offset: self.pos,
                left,
            }),
        }
    }
}
