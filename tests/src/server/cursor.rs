//! The few primitives that message headers are made of.

use std::fmt;

/// Why bytes are not a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A place in the bytes of one message.
pub struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(Malformed("too short"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.bytes(1)?[0])
    }

    pub fn int(&mut self) -> Result<i32, Malformed> {
        let value = self.peek_int()?;
        self.bytes(4)?;
        Ok(value)
    }

    pub fn peek_int(&self) -> Result<i32, Malformed> {
        let bytes = self.rest.first_chunk::<4>().ok_or(Malformed("too short"))?;
        Ok(i32::from_le_bytes(*bytes))
    }

    /// One byte, or 255 and an int.
    pub fn size(&mut self) -> Result<usize, Malformed> {
        match self.byte()? {
            255 => usize::try_from(self.int()?).map_err(|_| Malformed("negative size")),
            small => Ok(usize::from(small)),
        }
    }

    pub fn string(&mut self) -> Result<String, Malformed> {
        let size = self.size()?;
        let bytes = self.bytes(size)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Malformed("a string is not UTF-8"))
    }

    pub fn expect_end(&self) -> Result<(), Malformed> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Malformed("bytes left over"))
        }
    }
}

pub fn put_size(out: &mut Vec<u8>, size: usize) {
    match u8::try_from(size) {
        Ok(small) if small < 255 => out.push(small),
        _ => {
            out.push(255);
            out.extend(i32::try_from(size).unwrap_or(i32::MAX).to_le_bytes());
        }
    }
}

pub fn put_string(out: &mut Vec<u8>, text: &str) {
    put_size(out, text.len());
    out.extend(text.as_bytes());
}
