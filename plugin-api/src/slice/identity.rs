//! Names of Ice objects.

use std::fmt;

use super::SliceError;
use super::reader::Reader;
use super::writer::Writer;

/// The identity of an Ice object.
///
/// ```
/// use omero_plugin_api::slice::Identity;
///
/// let service = Identity { name: "omero.api.IAdmin".to_owned(), ..Identity::default() };
/// assert_eq!(service.to_string(), "omero.api.IAdmin");
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct Identity {
    /// The name; an empty name stands for a null proxy.
    pub name: String,
    /// The category, often empty.
    pub category: String,
}

impl Identity {
    /// An identity from its two parts.
    ///
    /// ```
    /// use omero_plugin_api::slice::Identity;
    ///
    /// // The category comes first, as in the notation.
    /// let router = Identity::new("OMERO.Glacier2", "router");
    /// assert_eq!(router.to_string(), "OMERO.Glacier2/router");
    /// ```
    pub fn new(category: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            category: category.into(),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, SliceError> {
        Ok(Self {
            name: reader.string()?,
            category: reader.string()?,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.string(&self.name);
        writer.string(&self.category);
    }
}

/// `category/name`, or only the name when there is no category.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.category.is_empty() {
            write!(f, "{}/", self.category)?;
        }
        f.write_str(&self.name)
    }
}
