//! The class instances of a message, which may refer to one another in circles.

use super::{Object, SliceError, Value};

/// An instance in a [`Graph`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjectRef(pub(super) usize);

/// Class instances, each in one place however often it is referred to.
///
/// A [`Value::Object`] has meaning only together with the graph it was made for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    objects: Vec<Object>,
}

impl Graph {
    /// A graph without instances.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn from_objects(objects: Vec<Object>) -> Self {
        Self { objects }
    }

    /// Adds an instance.
    pub fn insert(&mut self, object: Object) -> ObjectRef {
        self.objects.push(object);
        ObjectRef(self.objects.len() - 1)
    }

    /// Adds an instance whose members are zero, empty or null.
    pub fn new_object(&mut self, class_id: &str) -> Result<ObjectRef, SliceError> {
        Object::new(class_id).map(|object| self.insert(object))
    }

    /// The instance.
    pub fn get(&self, reference: ObjectRef) -> Result<&Object, SliceError> {
        self.objects
            .get(reference.0)
            .ok_or(SliceError::NoSuchObject { index: reference.0 })
    }

    /// The instance, to be changed.
    pub fn get_mut(&mut self, reference: ObjectRef) -> Result<&mut Object, SliceError> {
        self.objects
            .get_mut(reference.0)
            .ok_or(SliceError::NoSuchObject { index: reference.0 })
    }

    /// A member of an instance, also an inherited one.
    pub fn field(&self, reference: ObjectRef, member: &str) -> Result<&Value, SliceError> {
        self.get(reference)?.get(member)
    }

    /// Sets a member of an instance, also an inherited one.
    pub fn set(
        &mut self,
        reference: ObjectRef,
        member: &str,
        value: impl Into<Value>,
    ) -> Result<(), SliceError> {
        self.get_mut(reference)?.set(member, value)
    }

    /// The instance a value refers to, `None` for null; any other value is an error.
    pub fn object_of(&self, value: &Value) -> Result<Option<&Object>, SliceError> {
        value
            .as_object()?
            .map(|reference| self.get(reference))
            .transpose()
    }

    /// All instances, in the order they were added or met.
    pub fn iter(&self) -> impl Iterator<Item = (ObjectRef, &Object)> {
        self.objects
            .iter()
            .enumerate()
            .map(|(index, object)| (ObjectRef(index), object))
    }

    /// How many instances there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// True when there are no instances.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}
