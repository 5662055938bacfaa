//! Encoding 1.0: references first, then batches of instances.

use std::collections::HashMap;

use super::read_value::check_class;
use super::schema::{self, Class};
use super::write_value::{WriteRefs, write_value};
use super::writer::Writer;
use super::{Encoding, Graph, ObjectRef, SliceError, Type, Value};

/// The instances and type ids of one encapsulation.
#[derive(Default)]
pub(super) struct State10 {
    numbers: HashMap<ObjectRef, i32>,
    pending: Vec<(i32, ObjectRef)>,
    type_ids: HashMap<&'static str, usize>,
}

impl State10 {
    /// Writes a value; the instances it refers to wait for [`Self::batches`].
    pub(super) fn value(
        &mut self,
        writer: &mut Writer,
        ty: &Type,
        value: &Value,
        graph: &Graph,
    ) -> Result<(), SliceError> {
        write_value(
            writer,
            Encoding::V1_0,
            ty,
            value,
            &mut Refs { state: self, graph },
        )
    }

    /// Writes the instances that wait, then those they refer to, and so on.
    pub(super) fn batches(&mut self, writer: &mut Writer, graph: &Graph) -> Result<(), SliceError> {
        while !self.pending.is_empty() {
            let batch = std::mem::take(&mut self.pending);
            writer.size(batch.len());
            for (number, instance) in batch {
                writer.int(number);
                self.instance(writer, instance, graph)?;
            }
        }
        Ok(())
    }

    /// The slices of an exception.
    pub(super) fn exception(
        &mut self,
        writer: &mut Writer,
        class: &'static Class,
        fields: &[Value],
        graph: &Graph,
    ) -> Result<(), SliceError> {
        let mut fields = fields.iter();
        for class in class.and_bases() {
            writer.string(class.id);
            self.members(writer, class, &mut fields, graph)?;
        }
        Ok(())
    }

    fn instance(
        &mut self,
        writer: &mut Writer,
        instance: ObjectRef,
        graph: &Graph,
    ) -> Result<(), SliceError> {
        let object = graph.get(instance)?;
        let mut fields = object.fields().iter();
        for class in object.known().and_bases() {
            self.type_id(writer, class.id);
            self.members(writer, class, &mut fields, graph)?;
        }
        self.type_id(writer, schema::OBJECT);
        // Its size and an empty facet map.
        writer.int(5);
        writer.byte(0);
        Ok(())
    }

    fn members<'v>(
        &mut self,
        writer: &mut Writer,
        class: &Class,
        fields: &mut impl Iterator<Item = &'v Value>,
        graph: &Graph,
    ) -> Result<(), SliceError> {
        let at = writer.begin_block();
        for (member, value) in class.members.iter().zip(fields) {
            self.value(writer, &member.ty, value, graph)?;
        }
        writer.end_block(at);
        Ok(())
    }

    fn type_id(&mut self, writer: &mut Writer, id: &'static str) {
        let next = self.type_ids.len() + 1;
        let index = *self.type_ids.entry(id).or_insert(next);
        writer.bool(index != next);
        if index == next {
            writer.string(id);
        } else {
            writer.size(index);
        }
    }
}

struct Refs<'x> {
    state: &'x mut State10,
    graph: &'x Graph,
}

impl WriteRefs for Refs<'_> {
    fn write_ref(
        &mut self,
        writer: &mut Writer,
        instance: Option<ObjectRef>,
        declared: &str,
    ) -> Result<(), SliceError> {
        let Some(instance) = instance else {
            writer.int(0);
            return Ok(());
        };
        check_object(self.graph, instance, declared)?;
        let State10 {
            numbers, pending, ..
        } = &mut *self.state;
        let next = i32::try_from(numbers.len())
            .unwrap_or(i32::MAX)
            .saturating_add(1);
        let number = *numbers.entry(instance).or_insert(next);
        if number == next {
            pending.push((number, instance));
        }
        writer.int(-number);
        Ok(())
    }
}

/// An error unless the instance is in the graph, of a known class, and of the declared one.
pub(super) fn check_object(
    graph: &Graph,
    instance: ObjectRef,
    declared: &str,
) -> Result<(), SliceError> {
    let object = graph.get(instance)?;
    check_class(object, declared)?;
    schema::known_class(object.class()).map(|_| ())
}
