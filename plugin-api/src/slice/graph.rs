//! The class instances of a message, which may refer to one another in circles.

use super::{Object, SliceError, Value};

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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    objects: Vec<Object>,
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

    pub(super) fn from_objects(objects: Vec<Object>) -> Self {
        Self { objects }
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
        ObjectRef(self.objects.len() - 1)
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
        self.objects
            .get(reference.0)
            .ok_or(SliceError::NoSuchObject { index: reference.0 })
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
        self.objects
            .get_mut(reference.0)
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
        self.objects
            .iter()
            .enumerate()
            .map(|(index, object)| (ObjectRef(index), object))
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
        self.objects.len()
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
        self.objects.is_empty()
    }
}
