//! Basic types to bytes.

/// Appends basic types to a buffer.
#[derive(Default)]
pub(super) struct Writer {
    data: Vec<u8>,
}

impl Writer {
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.data
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.data.extend_from_slice(bytes);
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.data.push(value);
    }

    pub(super) fn bool(&mut self, value: bool) {
        self.data.push(u8::from(value));
    }

    pub(super) fn short(&mut self, value: i16) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn int(&mut self, value: i32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn long(&mut self, value: i64) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn float(&mut self, value: f32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn double(&mut self, value: f64) {
        self.bytes(&value.to_le_bytes());
    }

    /// A size or count. Ice can not send more than `i32::MAX` of anything; a buffer that large
    /// is refused by every transport long before.
    pub(super) fn size(&mut self, value: usize) {
        match u8::try_from(value) {
            Ok(short) if short < 255 => self.byte(short),
            _ => {
                self.byte(255);
                self.int(i32::try_from(value).unwrap_or(i32::MAX));
            }
        }
    }

    pub(super) fn string(&mut self, value: &str) {
        self.size(value.len());
        self.bytes(value.as_bytes());
    }

    /// Leaves room for a block size that [`Self::end_block`] fills in.
    pub(super) fn begin_block(&mut self) -> usize {
        let at = self.data.len();
        self.int(0);
        at
    }

    /// Writes the size of the block, which counts itself.
    pub(super) fn end_block(&mut self, at: usize) {
        let size = i32::try_from(self.data.len().saturating_sub(at)).unwrap_or(i32::MAX);
        if let Some(room) = self.data.get_mut(at..at.saturating_add(4)) {
            room.copy_from_slice(&size.to_le_bytes());
        }
    }

    /// Adds bits to a byte already written: flags known only after what they announce.
    pub(super) fn set_bits(&mut self, at: usize, bits: u8) {
        if let Some(byte) = self.data.get_mut(at) {
            *byte |= bits;
        }
    }
}
