//! Encoding 1.1: instances are written where they are first met, inside one another.
//!
//! How deep they are nested is up to the sender, so the decoder keeps its own stack of tasks
//! instead of calling itself.

use std::borrow::Cow;

use super::chain::Chain;
use super::open::{Flags, Open};
use super::plan::{Declared, Entries, Plan};
use super::read_value::{Promises, begin_dict, begin_seq, read_value};
use super::reader::Reader;
use super::refs_v11::NoRefs;
use super::schema::Class;
use super::{Decoded, Encoding, Graph, Object, ObjectRef, SliceError, Value, optional};

/// The memory of an instance without its members: itself, and what is kept while it is read.
const INSTANCE: usize = size_of::<Option<Object>>() + size_of::<Open>() + size_of::<Task<'_>>();

/// Something left to do; values that are read pile up until a task collects them.
pub(super) enum Task<'t> {
    Read(&'t Plan),
    Repeat(&'t Plan, usize),
    RepeatPair(&'t Entries, usize),
    CollectSeq(usize),
    CollectDict(usize),
    CollectStruct(usize),
    /// The members of a class or struct, from the one with this index on.
    Fields(&'static Class, usize),
    NextSlice,
    EndSlice(Slice),
    /// So many entries of an indirection table.
    Table(usize),
    /// A slice whose indirection table of so many entries was just read.
    Indirect(Slice, usize),
}

/// A slice that is being read.
#[derive(Clone, Copy)]
pub(super) struct Slice {
    pub(super) flags: Flags,
    /// `None` when it is passed over.
    pub(super) class: Option<&'static Class>,
    pub(super) start: usize,
    /// Where its members end, when it says so.
    pub(super) end: Option<usize>,
}

/// Reads one encapsulation.
pub(super) struct Decoder11<'a, 't> {
    pub(super) reader: Reader<'a>,
    pub(super) tasks: Vec<Task<'t>>,
    pub(super) values: Vec<Value>,
    pub(super) open: Vec<Open>,
    pub(super) objects: Vec<Option<Object>>,
    /// Those that are in no table have no class.
    pub(super) type_ids: Vec<(Cow<'a, str>, Option<&'static Class>)>,
    pub(super) promises: Promises<'t>,
    pub(super) exception: Option<Chain>,
}

impl<'a, 't> Decoder11<'a, 't> {
    pub(super) fn new(reader: Reader<'a>) -> Self {
        Self {
            reader,
            tasks: Vec::new(),
            values: Vec::new(),
            open: Vec::new(),
            objects: Vec::new(),
            type_ids: Vec::new(),
            promises: Promises::default(),
            exception: None,
        }
    }

    pub(super) fn decode(mut self, plans: &'t [Plan]) -> Result<Decoded, SliceError> {
        self.tasks.extend(plans.iter().rev().map(Task::Read));
        self.run()?;
        optional::skip_to_end(&mut self.reader)?;
        let values = std::mem::take(&mut self.values);
        Ok(Decoded {
            values,
            graph: self.into_graph()?,
        })
    }

    /// The slices of an exception, and the members of those of known types. An exception without
    /// a known slice is not an error: its name is worth something too.
    pub(super) fn exception(mut self) -> Result<(Chain, Vec<Value>, Graph), SliceError> {
        self.reader.set_lossy();
        self.open.push(Open {
            index: None,
            chain: Chain::default(),
            first_value: 0,
        });
        self.tasks.push(Task::NextSlice);
        if let Err(error) = self.run() {
            let bare = matches!(error, SliceError::UnknownType { .. });
            let open = self
                .open
                .into_iter()
                .next()
                .filter(|open| bare && open.chain.class().is_none());
            return open
                .map(|open| (open.chain, Vec::new(), Graph::new()))
                .ok_or(error);
        }
        self.reader.expect_end()?;
        let values = std::mem::take(&mut self.values);
        let problem = "the exception does not end";
        let missing = SliceError::InvalidInstance {
            offset: self.reader.pos(),
            problem,
        };
        let chain = self.exception.take().ok_or(missing)?;
        Ok((chain, values, self.into_graph()?))
    }

    fn into_graph(self) -> Result<Graph, SliceError> {
        let objects: Vec<_> = self.objects.into_iter().flatten().collect();
        self.promises.check(&objects)?;
        Ok(Graph::from_objects(objects, self.reader.into_lease()))
    }

    fn run(&mut self) -> Result<(), SliceError> {
        while let Some(task) = self.tasks.pop() {
            self.step(task)?;
        }
        Ok(())
    }

    fn step(&mut self, task: Task<'t>) -> Result<(), SliceError> {
        match task {
            Task::Read(ty) => self.read(ty)?,
            Task::Repeat(_, 0) | Task::RepeatPair(_, 0) | Task::Table(0) => {}
            Task::Repeat(plan, left) => {
                self.tasks
                    .extend([Task::Repeat(plan, left - 1), Task::Read(plan)]);
            }
            Task::RepeatPair(entries, left) => {
                let next = Task::RepeatPair(entries, left - 1);
                let (key, value) = (&entries.key, &entries.value);
                self.tasks
                    .extend([next, Task::Read(value), Task::Read(key)]);
            }
            Task::CollectSeq(count) => {
                let values = self.collect(count);
                self.values.push(Value::Seq(values));
            }
            Task::CollectStruct(count) => {
                let values = self.collect(count);
                self.values.push(Value::Struct(values));
            }
            Task::CollectDict(count) => self.collect_dict(count),
            Task::Fields(class, index) => {
                if let Some(plan) = class.plans.get(index) {
                    self.tasks
                        .extend([Task::Fields(class, index + 1), Task::Read(plan)]);
                }
            }
            Task::NextSlice => self.next_slice()?,
            Task::EndSlice(slice) => self.end_slice(slice)?,
            Task::Table(left) => {
                self.tasks.push(Task::Table(left - 1));
                self.table_entry()?;
            }
            Task::Indirect(slice, count) => self.indirect_slice(slice, count)?,
        }
        Ok(())
    }

    fn read(&mut self, plan: &'t Plan) -> Result<(), SliceError> {
        match plan {
            Plan::Class(declared) => self.class_value(declared)?,
            Plan::Seq(elements) if elements.has_classes => {
                let count = begin_seq(&mut self.reader, elements.min_size(Encoding::V1_1))?;
                let repeat = Task::Repeat(&elements.plan, count);
                self.tasks.extend([Task::CollectSeq(count), repeat]);
            }
            Plan::Dict(entries) if entries.has_classes => {
                let count = begin_dict(&mut self.reader, entries, Encoding::V1_1)?;
                let repeat = Task::RepeatPair(entries, count);
                self.tasks.extend([Task::CollectDict(count), repeat]);
            }
            Plan::Struct(class) if plan.has_classes() => {
                self.reader
                    .charge(class.members.len().saturating_mul(size_of::<Value>()))?;
                let collect = Task::CollectStruct(class.members.len());
                self.tasks.extend([collect, Task::Fields(class, 0)]);
            }
            _ => {
                let value = read_value(&mut self.reader, Encoding::V1_1, plan, &mut NoRefs)?;
                self.values.push(value);
            }
        }
        Ok(())
    }

    pub(super) fn collect(&mut self, count: usize) -> Vec<Value> {
        self.values
            .split_off(self.values.len().saturating_sub(count))
    }

    fn collect_dict(&mut self, count: usize) {
        let mut values = self.collect(count.saturating_mul(2)).into_iter();
        let mut entries = Vec::with_capacity(count);
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            entries.push((key, value));
        }
        self.values.push(Value::Dict(entries));
    }

    /// Null, an instance that starts here, or a reference to one that has started.
    fn class_value(&mut self, declared: &'t Declared) -> Result<(), SliceError> {
        let offset = self.reader.pos();
        let instance = match self.reader.size()? {
            0 => {
                self.values.push(Value::Object(None));
                return Ok(());
            }
            1 => self.start_instance()?,
            number => self.reference(number, offset)?,
        };
        self.reader.charge(Promises::SIZE)?;
        self.promises.add(instance, declared)
    }

    fn table_entry(&mut self) -> Result<(), SliceError> {
        let offset = self.reader.pos();
        match self.reader.size()? {
            0 => {
                let problem = "an indirection table has a null entry";
                Err(SliceError::InvalidInstance { offset, problem })
            }
            1 => self.start_instance().map(|_| ()),
            number => self.reference(number, offset).map(|_| ()),
        }
    }

    /// Instances have the numbers 2, 3 and so on in the order in which they start.
    fn reference(&mut self, number: usize, offset: usize) -> Result<ObjectRef, SliceError> {
        let index = number.saturating_sub(2);
        if index >= self.objects.len() {
            let id = i64::try_from(number).unwrap_or(i64::MAX);
            return Err(SliceError::UnknownInstance { offset, id });
        }
        self.values.push(Value::Object(Some(ObjectRef(index))));
        Ok(ObjectRef(index))
    }

    /// The value of the instance is added when its last slice was read.
    fn start_instance(&mut self) -> Result<ObjectRef, SliceError> {
        let index = self.objects.len();
        let max_depth = self.reader.max_depth();
        if self.open.len() >= max_depth {
            return Err(SliceError::LimitExceeded {
                what: "nested instances",
                limit: max_depth,
            });
        }
        self.reader.charge(INSTANCE)?;
        self.objects.push(None);
        let (chain, first_value) = (Chain::default(), self.values.len());
        self.open.push(Open {
            index: Some(index),
            chain,
            first_value,
        });
        self.tasks.push(Task::NextSlice);
        Ok(ObjectRef(index))
    }
}
