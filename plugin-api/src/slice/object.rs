//! Class instances.

use super::schema::{self, Class};
use super::{SliceError, Value};

/// An instance of a class of the table.
///
/// ```
/// use omero_plugin_api::slice::{Graph, Object};
///
/// let mut request = Object::new("::omero::cmd::UpdateSessionTimeoutRequest")?;
/// request.set("session", "0a1b2c3d")?;
/// assert!(request.is_a("::omero::cmd::Request"));
///
/// // It is sent as part of a graph.
/// let mut graph = Graph::new();
/// let reference = graph.insert(request);
/// assert_eq!(graph.field(reference, "session")?.as_str()?, "0a1b2c3d");
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    class: &'static Class,
    wire_id: Option<Box<str>>,
    fields: Vec<Value>,
}

impl Object {
    /// An instance whose members are zero, empty or null.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Object, SliceError};
    ///
    /// let request = Object::new("::omero::cmd::Delete2")?;
    /// assert_eq!(request.get("dryRun")?.as_bool()?, false);
    /// let unknown = Object::new("::omero::cmd::Delete9");
    /// assert!(matches!(unknown, Err(SliceError::UnknownClass { .. })));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn new(class_id: &str) -> Result<Self, SliceError> {
        let class = schema::known_class(class_id)?;
        let members = class.and_bases().flat_map(|class| &class.members);
        let fields = members
            .map(|member| member.ty.zero())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            class,
            wire_id: None,
            fields,
        })
    }

    pub(super) fn from_parts(class: &'static Class, wire_id: &str, fields: Vec<Value>) -> Self {
        let wire_id = (wire_id != class.id).then(|| wire_id.into());
        Self {
            class,
            wire_id,
            fields,
        }
    }

    /// Type id of its class.
    ///
    /// When the sender used a class that is not in the table this is the closest known base, in
    /// the end `::Ice::Object`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Object;
    /// let tag = Object::new("::omero::model::TagAnnotation")?;
    /// assert_eq!(tag.class(), "::omero::model::TagAnnotation");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub const fn class(&self) -> &'static str {
        self.class.id
    }

    /// The type id the sender used, known or not.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoder, Encoding, Graph, Type, decode};
    /// # let mut graph = Graph::new();
    /// # let note = graph.new_object("::omero::model::TextAnnotation")?;
    /// # let mut encoder = Encoder::new(Encoding::V1_1).sliced(true);
    /// # encoder.object(Some(note), &graph)?;
    /// # let mut bytes = encoder.finish();
    /// # let at = bytes.windows(4).position(|four| four == b"Text").unwrap_or_default();
    /// # bytes[at..at + 4].copy_from_slice(b"Clip");
    /// // A newer server sends an annotation of a kind that this table does not have.
    /// let reply = decode(&bytes, &[Type::class("::omero::model::Annotation")])?;
    /// for (_, object) in reply.graph.iter() {
    ///     assert_eq!(object.wire_class(), "::omero::model::ClipAnnotation");
    ///     assert_eq!(object.class(), "::omero::model::Annotation");
    /// }
    /// # assert_eq!(reply.graph.len(), 1);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn wire_class(&self) -> &str {
        self.wire_id.as_deref().unwrap_or(self.class.id)
    }

    /// Whether it is an instance of this class or of one derived from it.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Object;
    /// let tag = Object::new("::omero::model::TagAnnotation")?;
    /// assert!(tag.is_a("::omero::model::Annotation"));
    /// assert!(!tag.is_a("::omero::model::Dataset"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn is_a(&self, class_id: &str) -> bool {
        self.class.is_a(class_id)
    }

    /// The values of all members in wire order: most derived class first.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Object, Value, schema};
    ///
    /// let mut chgrp = Object::new("::omero::cmd::Chgrp2")?;
    /// chgrp.set("groupId", 3_i64)?;
    /// assert_eq!(chgrp.fields()[0], Value::Long(3)); // the bases' members follow
    ///
    /// let members = schema::chain(chgrp.class()).flat_map(|class| &class.members);
    /// assert_eq!(members.count(), chgrp.fields().len());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn fields(&self) -> &[Value] {
        &self.fields
    }

    /// The value of a member, also of an inherited one.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Object;
    /// let image = Object::new("::omero::model::Image")?;
    /// assert!(image.get("_name")?.is_null());
    /// // `_id` comes from `IObject`.
    /// assert!(image.get("_id").is_ok());
    /// let error = image.get("name").unwrap_err();
    /// assert_eq!(error.to_string(), "::omero::model::Image has no member name");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn get(&self, member: &str) -> Result<&Value, SliceError> {
        let index = self.position(member);
        index
            .and_then(|at| self.fields.get(at))
            .ok_or_else(|| self.no_member(member))
    }

    /// Sets a member, also an inherited one.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Object;
    /// let mut pair = Object::new("::omero::model::NamedValue")?;
    /// pair.set("name", "stain")?;
    /// pair.set("value", "DAPI")?;
    /// assert_eq!(pair.get("value")?.as_str()?, "DAPI");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn set(&mut self, member: &str, value: impl Into<Value>) -> Result<(), SliceError> {
        let index = self.position(member);
        match index.and_then(|at| self.fields.get_mut(at)) {
            Some(field) => *field = value.into(),
            None => return Err(self.no_member(member)),
        }
        Ok(())
    }

    pub(super) const fn known(&self) -> &'static Class {
        self.class
    }

    fn position(&self, member: &str) -> Option<usize> {
        let mut members = self.class.and_bases().flat_map(|class| &class.members);
        members.position(|candidate| candidate.name == member)
    }

    fn no_member(&self, member: &str) -> SliceError {
        SliceError::NoSuchMember {
            class: self.class.id.to_owned(),
            member: member.to_owned(),
        }
    }
}
