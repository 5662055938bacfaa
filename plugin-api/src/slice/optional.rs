//! Optional values of encoding 1.1: nobody here asks for any, so they are passed over.

use super::SliceError;
use super::reader::Reader;

/// Ends the optionals of a slice.
const END: u8 = 0xff;

/// Passes over the optionals after the last required value of an encapsulation.
pub(super) fn skip_to_end(reader: &mut Reader<'_>) -> Result<(), SliceError> {
    while reader.left() > 0 {
        let (offset, left) = (reader.pos(), reader.left());
        let skipped = reader.byte().and_then(|head| skip_one(reader, head));
        // What does not even look like an optional is not one.
        skipped.map_err(|_| SliceError::TrailingBytes { offset, left })?;
    }
    Ok(())
}

/// Passes over the optional members of a slice.
pub(super) fn skip_in_slice(reader: &mut Reader<'_>) -> Result<(), SliceError> {
    loop {
        match reader.byte()? {
            END => return Ok(()),
            head => skip_one(reader, head)?,
        }
    }
}

/// The low three bits say how long the value is, the others are its tag.
fn skip_one(reader: &mut Reader<'_>, head: u8) -> Result<(), SliceError> {
    let offset = reader.pos().saturating_sub(1);
    let problem = "optional values with classes are not supported";
    if head >> 3 == 30 {
        reader.size()?;
    }
    let length = match head & 7 {
        0 => 1,
        1 => 2,
        2 => 4,
        3 => 8,
        4 => {
            reader.size()?;
            0
        }
        5 => reader.count(1)?,
        6 => {
            let offset = reader.pos();
            let size = reader.int()?;
            let invalid = SliceError::InvalidSize {
                offset,
                size: size.into(),
            };
            usize::try_from(size).map_err(|_| invalid)?
        }
        _ => return Err(SliceError::InvalidInstance { offset, problem }),
    };
    reader.bytes(length).map(|_| ())
}
