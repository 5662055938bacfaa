//! Encoding 1.1: every instance is written where it is first met.
//!
//! Like the decoder it keeps its own stack, because graphs may be deep.

use std::collections::HashMap;

use super::encode_v10::check_object;
use super::open::Flags;
use super::schema::Class;
use super::write_value::{WriteRefs, mismatch, struct_members, write_value};
use super::writer::Writer;
use super::{Encoding, Graph, ObjectRef, SliceError, Type, Value};

/// The instances and type ids of one encapsulation.
#[derive(Default)]
pub(super) struct State11 {
    numbers: HashMap<ObjectRef, usize>,
    type_ids: HashMap<&'static str, usize>,
    /// Whether all slices get a type id and a size, so that readers can skip them.
    pub(super) sliced: bool,
}

/// Something left to write.
enum Task<'g> {
    Value(&'g Type, &'g Value),
    Instance(ObjectRef),
    Slice(Slice<'g>),
}

/// One slice and, through its fields, all that follow it.
struct Slice<'g> {
    class: &'static Class,
    fields: &'g [Value],
    first: bool,
    is_exception: bool,
}

impl State11 {
    /// Writes a value and all instances that are met for the first time in it.
    pub(super) fn value(
        &mut self,
        writer: &mut Writer,
        ty: &Type,
        value: &Value,
        graph: &Graph,
    ) -> Result<(), SliceError> {
        self.run(writer, graph, Task::Value(ty, value))
    }

    /// Writes the slices of an exception.
    pub(super) fn exception(
        &mut self,
        writer: &mut Writer,
        class: &'static Class,
        fields: &[Value],
        graph: &Graph,
    ) -> Result<(), SliceError> {
        let slice = Slice {
            class,
            fields,
            first: true,
            is_exception: true,
        };
        self.run(writer, graph, Task::Slice(slice))
    }

    fn run<'g>(
        &mut self,
        writer: &mut Writer,
        graph: &'g Graph,
        first: Task<'g>,
    ) -> Result<(), SliceError> {
        let mut tasks = vec![first];
        while let Some(task) = tasks.pop() {
            match task {
                Task::Value(ty, value) => value_step(self, writer, graph, &mut tasks, ty, value)?,
                Task::Instance(instance) => {
                    self.instance(writer, graph, &mut tasks, instance)?;
                }
                Task::Slice(slice) => self.slice(writer, graph, &mut tasks, slice)?,
            }
        }
        Ok(())
    }

    /// The number of an instance that was met before, or the instance itself.
    fn instance<'g>(
        &mut self,
        writer: &mut Writer,
        graph: &'g Graph,
        tasks: &mut Vec<Task<'g>>,
        instance: ObjectRef,
    ) -> Result<(), SliceError> {
        if let Some(number) = self.numbers.get(&instance) {
            writer.size(*number);
            return Ok(());
        }
        // 0 is null and 1 announces an instance, so the first one has number 2.
        self.numbers.insert(instance, self.numbers.len() + 2);
        writer.size(1);
        let object = graph.get(instance)?;
        tasks.push(Task::Slice(Slice {
            class: object.known(),
            fields: object.fields(),
            first: true,
            is_exception: false,
        }));
        Ok(())
    }

    fn slice<'g>(
        &mut self,
        writer: &mut Writer,
        graph: &'g Graph,
        tasks: &mut Vec<Task<'g>>,
        slice: Slice<'g>,
    ) -> Result<(), SliceError> {
        let base = slice.class.parent;
        let flags_at = writer.len();
        writer.byte(if base.is_none() { Flags::LAST } else { 0 });
        if slice.is_exception {
            writer.string(slice.class.id);
        } else if slice.first || self.sliced {
            let naming = self.type_id(writer, slice.class.id);
            writer.set_bits(flags_at, naming);
        }
        let members = &slice.class.members;
        let (own, rest) = slice.fields.split_at(members.len().min(slice.fields.len()));
        if let Some(class) = base {
            tasks.push(Task::Slice(Slice {
                class,
                fields: rest,
                first: false,
                ..slice
            }));
        }
        let members = members.iter().map(|member| &member.ty).zip(own);
        if !self.sliced {
            tasks.extend(members.rev().map(|(ty, value)| Task::Value(ty, value)));
            return Ok(());
        }
        let at = writer.begin_block();
        let mut refs = TableRefs {
            graph,
            table: Vec::new(),
            indexes: HashMap::new(),
        };
        for (ty, value) in members {
            write_value(writer, Encoding::V1_1, ty, value, &mut refs)?;
        }
        writer.end_block(at);
        writer.set_bits(flags_at, Flags::SIZE);
        if !refs.table.is_empty() {
            writer.set_bits(flags_at, Flags::TABLE);
            writer.size(refs.table.len());
            tasks.extend(refs.table.into_iter().rev().map(Task::Instance));
        }
        Ok(())
    }

    /// Writes the type id, or its index if it was written before; gives the flag for it.
    fn type_id(&mut self, writer: &mut Writer, id: &'static str) -> u8 {
        let next = self.type_ids.len() + 1;
        let index = *self.type_ids.entry(id).or_insert(next);
        if index == next {
            writer.string(id);
            return Flags::TEXT;
        }
        writer.size(index);
        Flags::INDEX
    }
}

/// Takes apart what can contain instances, and writes everything else.
fn value_step<'g>(
    state: &mut State11,
    writer: &mut Writer,
    graph: &'g Graph,
    tasks: &mut Vec<Task<'g>>,
    ty: &'g Type,
    value: &'g Value,
) -> Result<(), SliceError> {
    if !ty.has_classes() {
        return write_value(writer, Encoding::V1_1, ty, value, &mut NoRefs);
    }
    match (ty, value) {
        (Type::Class(_), Value::Object(None)) => writer.size(0),
        (Type::Class(declared), Value::Object(Some(instance))) => {
            check_object(graph, *instance, declared)?;
            state.instance(writer, graph, tasks, *instance)?;
        }
        (Type::Seq(element), Value::Seq(values)) => {
            writer.size(values.len());
            tasks.extend(values.iter().rev().map(|value| Task::Value(element, value)));
        }
        (Type::Dict(key_type, value_type), Value::Dict(entries)) => {
            writer.size(entries.len());
            for (key, value) in entries.iter().rev() {
                tasks.extend([Task::Value(value_type, value), Task::Value(key_type, key)]);
            }
        }
        (Type::Struct(name), Value::Struct(values)) => {
            let members = struct_members(name, values)?;
            tasks.extend(members.rev().map(|(ty, value)| Task::Value(ty, value)));
        }
        _ => return Err(mismatch(ty, value)),
    }
    Ok(())
}

/// For types without classes.
struct NoRefs;

impl WriteRefs for NoRefs {
    fn write_ref(
        &mut self,
        _writer: &mut Writer,
        _instance: Option<ObjectRef>,
        declared: &str,
    ) -> Result<(), SliceError> {
        Err(SliceError::UnknownClass {
            id: declared.to_owned(),
        })
    }
}

/// References of a slice in the sliced format: indexes into the table that follows it.
struct TableRefs<'x> {
    graph: &'x Graph,
    table: Vec<ObjectRef>,
    indexes: HashMap<ObjectRef, usize>,
}

impl WriteRefs for TableRefs<'_> {
    fn write_ref(
        &mut self,
        writer: &mut Writer,
        instance: Option<ObjectRef>,
        declared: &str,
    ) -> Result<(), SliceError> {
        let Some(instance) = instance else {
            writer.size(0);
            return Ok(());
        };
        check_object(self.graph, instance, declared)?;
        let next = self.table.len() + 1;
        let index = *self.indexes.entry(instance).or_insert(next);
        if index == next {
            self.table.push(instance);
        }
        writer.size(index);
        Ok(())
    }
}
