//! The class instances of a message, which may refer to one another in circles.

use std::borrow::Cow;
use std::fmt;

use super::budget::Lease;
use super::source::{Basic, Source};
use super::{Class, Object, SliceError, Value};

/// An instance in a [`Graph`].
///
/// ```
/// use omero_plugin_api::slice::Graph;
///
/// let mut graph = Graph::new();
/// let user = graph.new_object("::omero::model::Experimenter")?;
/// let session = graph.new_object("::omero::model::Session")?;
/// graph.set(session, "_owner", user)?;
/// graph.set(session, "_sudoer", user)?; // the same instance, which is sent once
/// assert_eq!(graph.len(), 2);
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjectRef(pub(super) usize);

/// Class instances, each in one place however often it is referred to.
///
/// A [`Value::Object`] has meaning only together with the graph it was made for.
///
/// ```
/// use omero_plugin_api::slice::Graph;
///
/// // A tag on a dataset, as it is handed to `IUpdate`.
/// let mut graph = Graph::new();
/// let dataset = graph.new_object("::omero::model::Dataset")?;
/// let tag = graph.new_object("::omero::model::TagAnnotation")?;
/// let text = graph.rstring("reviewed");
/// graph.set(tag, "_textValue", text)?;
/// let link = graph.new_object("::omero::model::DatasetAnnotationLink")?;
/// graph.set(link, "_parent", dataset)?;
/// graph.set(link, "_child", tag)?;
///
/// let child = graph.object_of(graph.field(link, "_child")?)?;
/// assert_eq!(child.map(|object| object.class()), Some("::omero::model::TagAnnotation"));
/// # Ok::<(), omero_plugin_api::Error>(())
/// ```
///
/// The instances of a reply stay in its bytes until they are asked for.
#[derive(Clone, Default)]
pub struct Graph {
    /// The instances that were not made here, which come first.
    source: Option<Box<Source>>,
    objects: Vec<Object>,
    /// What these objects take of the memory for replies.
    _lease: Lease,
}

impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let objects = self.iter().map(|(_, object)| object);
        f.debug_list().entries(objects).finish()
    }
}

impl Graph {
    /// A graph without instances.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoding, Graph, Type, Value, encode};
    ///
    /// // Plain values need no instances: the graph that goes with them is empty.
    /// let bytes = encode(Encoding::V1_1, &[(&Type::Long, &Value::Long(7))], &Graph::new())?;
    /// assert_eq!(bytes.len(), 6 + 8);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn from_objects(objects: Vec<Object>, lease: Lease) -> Self {
        Self {
            source: None,
            objects,
            _lease: lease,
        }
    }

    pub(super) fn from_source(source: Source) -> Self {
        Self {
            source: Some(Box::new(source)),
            ..Self::default()
        }
    }

    /// How many instances are in the bytes of a reply.
    fn first(&self) -> usize {
        self.source.as_ref().map_or(0, |source| source.slots.len())
    }

    /// The source of an instance, and its index in it.
    fn source_of(&self, reference: ObjectRef) -> Option<(&Source, usize)> {
        let source = self.source.as_deref()?;
        (reference.0 < source.slots.len()).then_some((source, reference.0))
    }

    /// An instance that need not be kept, and how much memory was taken for it.
    pub(crate) fn peek(
        &self,
        reference: ObjectRef,
    ) -> Result<(Cow<'_, Object>, usize), SliceError> {
        match self.source_of(reference) {
            Some((source, index)) if source.known(index).is_none() => {
                let (object, taken) = source.read(index)?;
                Ok((Cow::Owned(object), taken))
            }
            _ => Ok((Cow::Borrowed(self.get(reference)?), 0)),
        }
    }

    /// The class of an instance, without reading the instance.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let image = graph.new_object("::omero::model::Image")?;
    /// assert_eq!(graph.class_of(image)?.id, "::omero::model::Image");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn class_of(&self, reference: ObjectRef) -> Result<&'static Class, SliceError> {
        match self.source_of(reference) {
            Some((source, index)) => Ok(source.class(index)),
            None => self.get(reference).map(Object::known),
        }
    }

    /// The bytes that the instances are in, for more of them.
    pub(super) fn source_mut(&mut self) -> Option<&mut Source> {
        self.source.as_deref_mut()
    }

    /// The bytes that the instances are in, which are lost.
    pub(super) fn take_bytes(&mut self) -> Vec<u8> {
        self.source
            .take()
            .map_or_else(Vec::new, |source| source.bytes)
    }

    /// The basic value in a boxed value that is still in the bytes of a reply.
    pub(crate) fn unread(&self, reference: ObjectRef) -> Option<Basic<'_>> {
        let (source, index) = self.source_of(reference)?;
        match source.known(index) {
            Some(_) => None,
            None => source.basic(index),
        }
    }

    /// Adds an instance.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Graph, Object};
    ///
    /// let mut pair = Object::new("::omero::model::NamedValue")?;
    /// pair.set("name", "stain")?;
    /// let mut graph = Graph::new();
    /// let reference = graph.insert(pair);
    /// assert_eq!(graph.field(reference, "name")?.as_str()?, "stain");
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn insert(&mut self, object: Object) -> ObjectRef {
        self.objects.push(object);
        ObjectRef(self.len() - 1)
    }

    /// Adds an instance whose members are zero, empty or null.
    ///
    /// ```
    /// use omero_plugin_api::slice::Graph;
    ///
    /// let mut graph = Graph::new();
    /// let dataset = graph.new_object("::omero::model::Dataset")?;
    /// assert!(graph.field(dataset, "_id")?.is_null());
    /// assert!(graph.new_object("::omero::model::Datazet").is_err());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn new_object(&mut self, class_id: &str) -> Result<ObjectRef, SliceError> {
        Object::new(class_id).map(|object| self.insert(object))
    }

    /// The instance.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// # let mut graph = Graph::new();
    /// let tag = graph.new_object("::omero::model::TagAnnotation")?;
    /// assert!(graph.get(tag)?.is_a("::omero::model::Annotation"));
    /// // A reference means nothing in another graph.
    /// assert!(Graph::new().get(tag).is_err());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn get(&self, reference: ObjectRef) -> Result<&Object, SliceError> {
        if let Some((source, index)) = self.source_of(reference) {
            return source.get(index);
        }
        let index = reference.0.checked_sub(self.first());
        let object = index.and_then(|index| self.objects.get(index));
        object.ok_or(SliceError::NoSuchObject { index: reference.0 })
    }

    /// The instance, to be changed.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// # let mut graph = Graph::new();
    /// let request = graph.new_object("::omero::cmd::Chgrp2")?;
    /// let chgrp = graph.get_mut(request)?;
    /// chgrp.set("groupId", 3_i64)?;
    /// chgrp.set("dryRun", true)?;
    /// assert_eq!(graph.field(request, "groupId")?.as_long()?, 3);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn get_mut(&mut self, reference: ObjectRef) -> Result<&mut Object, SliceError> {
        let first = self.first();
        let Some(index) = reference.0.checked_sub(first) else {
            let missing = SliceError::NoSuchObject { index: reference.0 };
            return self.source.as_mut().ok_or(missing)?.get_mut(reference.0);
        };
        self.objects
            .get_mut(index)
            .ok_or(SliceError::NoSuchObject { index: reference.0 })
    }

    /// A member of an instance, also an inherited one.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// # let mut graph = Graph::new();
    /// let pair = graph.new_object("::omero::model::NamedValue")?;
    /// assert_eq!(graph.field(pair, "value")?.as_str()?, "");
    /// assert!(graph.field(pair, "colour").is_err());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn field(&self, reference: ObjectRef, member: &str) -> Result<&Value, SliceError> {
        self.get(reference)?.get(member)
    }

    /// Sets a member of an instance, also an inherited one.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// # let mut graph = Graph::new();
    /// let group = graph.new_object("::omero::model::ExperimenterGroup")?;
    /// let name = graph.rstring("microscopy");
    /// graph.set(group, "_name", name)?;
    /// assert_eq!(graph.rstring_of(graph.field(group, "_name")?)?, Some("microscopy"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn set(
        &mut self,
        reference: ObjectRef,
        member: &str,
        value: impl Into<Value>,
    ) -> Result<(), SliceError> {
        self.get_mut(reference)?.set(member, value)
    }

    /// The instance a value refers to, `None` for null; any other value is an error.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Graph, Value};
    ///
    /// let mut graph = Graph::new();
    /// let text = graph.rstring("reviewed");
    /// let boxed = graph.object_of(&text)?.map(|object| object.class());
    /// assert_eq!(boxed, Some("::omero::RString"));
    /// assert_eq!(graph.object_of(&Value::Object(None))?, None);
    /// assert!(graph.object_of(&Value::Long(1)).is_err());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn object_of(&self, value: &Value) -> Result<Option<&Object>, SliceError> {
        value
            .as_object()?
            .map(|reference| self.get(reference))
            .transpose()
    }

    /// All instances, in the order they were added or met.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// # let mut graph = Graph::new();
    /// graph.new_object("::omero::model::TagAnnotation")?;
    /// graph.new_object("::omero::model::Dataset")?;
    /// graph.new_object("::omero::model::MapAnnotation")?;
    /// // What of all that came is an annotation?
    /// let found = graph.iter().filter(|(_, object)| object.is_a("::omero::model::Annotation"));
    /// assert_eq!(found.count(), 2);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (ObjectRef, &Object)> {
        let first = self.first();
        let read = (0..first).filter_map(|index| {
            let object = self.source.as_ref()?.get_anyhow(index)?;
            Some((ObjectRef(index), object))
        });
        let made = self.objects.iter().enumerate();
        read.chain(made.map(move |(index, object)| (ObjectRef(first + index), object)))
    }

    /// How many instances there are.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// # let mut graph = Graph::new();
    /// let ids = [3, 4].map(|id| graph.rlong(id));
    /// graph.rlist(ids.into());
    /// assert_eq!(graph.len(), 3); // the list and what is in it
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.first() + self.objects.len()
    }

    /// True when there are no instances.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Encoding, Graph, Type, decode, encode};
    /// # let reply = encode(Encoding::V1_1, &[(&Type::String, &"5.6.14".into())], &Graph::new())?;
    /// // A reply that is plain text brings no instances.
    /// assert!(decode(&reply, &[Type::String])?.graph.is_empty());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
