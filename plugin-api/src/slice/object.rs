//! Class instances.

use super::schema::{self, Class};
use super::{SliceError, Value};

/// An instance of a class of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    class: &'static Class,
    wire_id: Option<Box<str>>,
    fields: Vec<Value>,
}

impl Object {
    /// An instance whose members are zero, empty or null.
    pub fn new(class_id: &str) -> Result<Self, SliceError> {
        let class = schema::known_class(class_id)?;
        let members = schema::chain(class_id).flat_map(|class| &class.members);
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
    #[must_use]
    pub const fn class(&self) -> &'static str {
        self.class.id
    }

    /// The type id the sender used, known or not.
    #[must_use]
    pub fn wire_class(&self) -> &str {
        self.wire_id.as_deref().unwrap_or(self.class.id)
    }

    /// Whether it is an instance of this class or of one derived from it.
    #[must_use]
    pub fn is_a(&self, class_id: &str) -> bool {
        schema::is_a(self.class.id, class_id)
    }

    /// The values of all members in wire order: most derived class first.
    #[must_use]
    pub fn fields(&self) -> &[Value] {
        &self.fields
    }

    /// The value of a member, also of an inherited one.
    pub fn get(&self, member: &str) -> Result<&Value, SliceError> {
        let index = self.position(member);
        index
            .and_then(|at| self.fields.get(at))
            .ok_or_else(|| self.no_member(member))
    }

    /// Sets a member, also an inherited one.
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
        let mut members = schema::chain(self.class.id).flat_map(|class| &class.members);
        members.position(|candidate| candidate.name == member)
    }

    fn no_member(&self, member: &str) -> SliceError {
        SliceError::NoSuchMember {
            class: self.class.id.to_owned(),
            member: member.to_owned(),
        }
    }
}
