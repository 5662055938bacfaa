//! Reading members of an object in a reply.

use crate::slice::{Decoded, Graph, Object, SliceError, Value};

/// An object together with the graph that its references point into.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    graph: &'a Graph,
    object: &'a Object,
}

impl<'a> View<'a> {
    /// The object that a value refers to; `None` for null.
    pub(super) fn of(graph: &'a Graph, value: &Value) -> Result<Option<Self>, SliceError> {
        Ok(graph.object_of(value)?.map(|object| Self { graph, object }))
    }

    /// The object that a member refers to.
    pub(super) fn object(&self, member: &str) -> Result<Option<Self>, SliceError> {
        Self::of(self.graph, self.object.get(member)?)
    }

    /// The objects in a sequence member, without the nulls that servers leave in them.
    pub(super) fn objects(&self, member: &str) -> Result<Vec<Self>, SliceError> {
        views(self.graph, self.object.get(member)?)
    }

    /// A plain value member.
    pub(super) fn value(&self, member: &str) -> Result<&'a Value, SliceError> {
        self.object.get(member)
    }

    /// An `RString` member; null is empty.
    pub(super) fn rstring(&self, member: &str) -> Result<String, SliceError> {
        let value = self.object.get(member)?;
        Ok(self.graph.rstring_of(value)?.unwrap_or_default().to_owned())
    }

    /// An `RLong` member.
    pub(super) fn rlong(&self, member: &str) -> Result<Option<i64>, SliceError> {
        self.graph.rlong_of(self.object.get(member)?)
    }

    /// An `RTime` member, milliseconds since 1970.
    pub(super) fn rtime(&self, member: &str) -> Result<Option<i64>, SliceError> {
        self.graph.rtime_of(self.object.get(member)?)
    }

    /// An `RBool` member; null is false.
    pub(super) fn rbool(&self, member: &str) -> Result<bool, SliceError> {
        Ok(self
            .graph
            .rbool_of(self.object.get(member)?)?
            .unwrap_or_default())
    }

    /// The id of a model object; -1 where it has none.
    pub(super) fn id(&self) -> Result<i64, SliceError> {
        Ok(self.rlong("_id")?.unwrap_or(-1))
    }
}

/// The objects in a sequence, without nulls.
pub(super) fn views<'a>(graph: &'a Graph, value: &Value) -> Result<Vec<View<'a>>, SliceError> {
    let mut views = Vec::new();
    for element in value.as_seq()? {
        views.extend(View::of(graph, element)?);
    }
    Ok(views)
}

/// The first value of a reply.
pub(super) fn first(reply: &Decoded) -> Result<&Value, SliceError> {
    reply
        .values
        .first()
        .ok_or_else(|| missing("a return value"))
}

/// The object that a reply returns; null is an error here.
pub(super) fn returned(reply: &Decoded) -> Result<View<'_>, SliceError> {
    View::of(&reply.graph, first(reply)?)?.ok_or_else(|| missing("a return value"))
}

/// Something is null that must not be.
pub(super) fn missing(what: &str) -> SliceError {
    SliceError::TypeMismatch {
        expected: what.to_owned(),
        found: "null",
    }
}
