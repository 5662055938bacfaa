//! Reading and writing the basic types of Ice's message headers and bodies.
//!
//! Only what stands outside of encapsulations; their contents belong to the Slice encoding. All
//! integers are little-endian, nothing is aligned (Ice manual, "Data Encoding").

use omero_plugin_api::slice::Identity;

use super::IceError;

/// A cursor over bytes from the network. Every read can fail.
pub(super) struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(super) fn bytes(&mut self, count: usize, what: &str) -> Result<&'a [u8], IceError> {
        let Some((taken, left)) = self.left.split_at_checked(count) else {
            return Err(IceError::Protocol(format!(
                "a message ends inside its {what}"
            )));
        };
        self.left = left;
        Ok(taken)
    }

    pub(super) fn byte(&mut self, what: &str) -> Result<u8, IceError> {
        self.bytes(1, what).map(|bytes| bytes[0])
    }

    pub(super) fn int(&mut self, what: &str) -> Result<i32, IceError> {
        let mut int = [0; 4];
        int.copy_from_slice(self.bytes(4, what)?);
        Ok(i32::from_le_bytes(int))
    }

    /// A size: one byte, or 255 and an int.
    pub(super) fn size(&mut self, what: &str) -> Result<usize, IceError> {
        match self.byte(what)? {
            255 => {
                let size = self.int(what)?;
                usize::try_from(size)
                    .map_err(|_| IceError::Protocol(format!("{what} has the size {size}")))
            }
            short => Ok(usize::from(short)),
        }
    }

    pub(super) fn string(&mut self, what: &str) -> Result<String, IceError> {
        let bytes = self.text(what)?;
        let text = std::str::from_utf8(bytes);
        text.map(str::to_owned)
            .map_err(|_| IceError::Protocol(format!("{what} is not UTF-8")))
    }

    /// A text that is only shown to people: bytes that are no UTF-8 are replaced.
    pub(super) fn display_string(&mut self, what: &str) -> Result<String, IceError> {
        Ok(String::from_utf8_lossy(self.text(what)?).into_owned())
    }

    fn text(&mut self, what: &str) -> Result<&'a [u8], IceError> {
        let size = self.size(what)?;
        self.bytes(size, what)
    }

    pub(super) fn identity(&mut self) -> Result<Identity, IceError> {
        let name = self.string("identity")?;
        let category = self.string("identity")?;
        Ok(Identity { name, category })
    }

    /// A facet path: no or one element.
    pub(super) fn facet(&mut self) -> Result<Option<String>, IceError> {
        match self.size("facet path")? {
            0 => Ok(None),
            1 => self.string("facet").map(Some),
            n => Err(IceError::Protocol(format!("a facet path has {n} elements"))),
        }
    }

    /// A whole encapsulation, with its size and version.
    pub(super) fn encapsulation(&mut self) -> Result<&'a [u8], IceError> {
        let start = self.left;
        let size = self.int("encapsulation")?;
        let whole = usize::try_from(size).ok().filter(|size| *size >= 6);
        let whole = whole.and_then(|size| start.split_at_checked(size));
        let Some((taken, left)) = whole else {
            return Err(IceError::Protocol(format!(
                "an encapsulation has the size {size}"
            )));
        };
        self.left = left;
        Ok(taken)
    }

    /// That nothing is left over.
    pub(super) fn end(&self, what: &str) -> Result<(), IceError> {
        match self.left.len() {
            0 => Ok(()),
            n => Err(IceError::Protocol(format!(
                "{n} bytes are left over after a {what}"
            ))),
        }
    }
}

/// Appends a size.
pub(super) fn put_size(out: &mut Vec<u8>, size: usize) -> Result<(), IceError> {
    match u8::try_from(size) {
        Ok(short) if short < 255 => out.push(short),
        _ => {
            out.push(255);
            out.extend(to_int(size)?.to_le_bytes());
        }
    }
    Ok(())
}

/// Appends a string.
pub(super) fn put_string(out: &mut Vec<u8>, text: &str) -> Result<(), IceError> {
    put_size(out, text.len())?;
    out.extend(text.as_bytes());
    Ok(())
}

/// Appends an identity, its name first.
pub(super) fn put_identity(out: &mut Vec<u8>, identity: &Identity) -> Result<(), IceError> {
    put_string(out, &identity.name)?;
    put_string(out, &identity.category)
}

/// Appends a facet path.
pub(super) fn put_facet(out: &mut Vec<u8>, facet: Option<&str>) -> Result<(), IceError> {
    match facet {
        None => put_size(out, 0),
        Some(facet) => {
            put_size(out, 1)?;
            put_string(out, facet)
        }
    }
}

/// A size as the wire's int.
pub(super) fn to_int(size: usize) -> Result<i32, IceError> {
    i32::try_from(size).map_err(|_| IceError::Request(format!("{size} bytes are too many")))
}
