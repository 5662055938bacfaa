//! Encoding 1.0: values first, then the instances they refer to, in batches.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use super::chain::Chain;
use super::plan::{Declared, Plan};
use super::read_value::{Promises, ReadRefs, read_value};
use super::reader::Reader;
use super::schema::{self, Class};
use super::{Decoded, Encoding, Graph, Object, ObjectRef, SliceError, Value};

/// Id, type id index, slice size and the empty facet map of the least instance.
const MIN_INSTANCE: usize = 4 + 2 + 4 + 1;
/// The memory of an instance without its members: itself, its number and where that was met.
const INSTANCE: usize = size_of::<Option<Object>>() + 2 * size_of::<(i32, usize)>();

/// A type id and its class, if it is in the table.
type TypeId<'a> = Rc<(Cow<'a, str>, Option<&'static Class>)>;

/// Reads one encapsulation.
pub(super) struct Decoder10<'a, 'p> {
    reader: Reader<'a>,
    type_ids: Vec<TypeId<'a>>,
    instances: Instances<'p>,
}

/// The instances met so far; those that are only referred to are `None`.
struct Instances<'p> {
    numbers: HashMap<i32, usize>,
    objects: Vec<Option<Object>>,
    ids: Vec<(i32, usize)>,
    promises: Promises<'p>,
}

impl<'a, 'p> Decoder10<'a, 'p> {
    pub(super) fn new(reader: Reader<'a>) -> Self {
        let instances = Instances {
            numbers: HashMap::new(),
            objects: Vec::new(),
            ids: Vec::new(),
            promises: Promises::default(),
        };
        Self {
            reader,
            type_ids: Vec::new(),
            instances,
        }
    }

    pub(super) fn decode(mut self, plans: &'p [Plan]) -> Result<Decoded, SliceError> {
        let values = plans
            .iter()
            .map(|plan| self.value(plan))
            .collect::<Result<_, _>>()?;
        let graph = self.finish(plans.iter().any(Plan::has_classes))?;
        Ok(Decoded { values, graph })
    }

    /// The slices of an exception, and the members of those of known types. An exception without
    /// a known slice is not an error: its name is worth something too.
    pub(super) fn exception(mut self) -> Result<(Chain, Vec<Value>, Graph), SliceError> {
        self.reader.set_lossy();
        let has_classes = self.reader.bool()?;
        let (mut chain, mut fields) = (Chain::default(), Vec::new());
        while !chain.is_complete() {
            // Only the size of the encapsulation tells that no base will follow.
            if chain.class().is_none() && !chain.is_new() && self.reader.left() == 0 {
                return Ok((chain, fields, Graph::new()));
            }
            let offset = self.reader.pos();
            let id = self.reader.type_id()?;
            let known = schema::exception(&id);
            self.slice(&mut chain, (&id, known), offset, &mut fields)?;
        }
        let graph = self.finish(has_classes)?;
        Ok((chain, fields, graph))
    }

    /// Reads the batches, if there are any, and makes sure that nothing is missing or left.
    fn finish(mut self, has_classes: bool) -> Result<Graph, SliceError> {
        if has_classes {
            self.batches()?;
        }
        self.reader.expect_end()?;
        let Instances {
            objects,
            ids,
            promises,
            ..
        } = self.instances;
        let missing = ids
            .iter()
            .zip(&objects)
            .find(|(_, object)| object.is_none());
        if let Some((&(id, offset), _)) = missing {
            return Err(SliceError::UnknownInstance {
                offset,
                id: id.into(),
            });
        }
        let objects: Vec<_> = objects.into_iter().flatten().collect();
        promises.check(&objects)?;
        Ok(Graph::from_objects(objects, self.reader.into_lease()))
    }

    fn batches(&mut self) -> Result<(), SliceError> {
        loop {
            let count = self.reader.count(MIN_INSTANCE)?;
            if count == 0 {
                return Ok(());
            }
            for _ in 0..count {
                self.instance()?;
            }
        }
    }

    fn value(&mut self, plan: &'p Plan) -> Result<Value, SliceError> {
        read_value(&mut self.reader, Encoding::V1_0, plan, &mut self.instances)
    }

    fn instance(&mut self) -> Result<(), SliceError> {
        let offset = self.reader.pos();
        let id = self.reader.int()?;
        if id <= 0 {
            let problem = "its number is not positive";
            return Err(SliceError::InvalidInstance { offset, problem });
        }
        let index = self.instances.index(&mut self.reader, id, offset)?;
        let (mut chain, mut fields) = (Chain::default(), Vec::new());
        loop {
            let offset = self.reader.pos();
            let id = self.type_id()?;
            let (id, known) = &*id;
            if id == schema::OBJECT {
                break self.root_slice()?;
            }
            self.slice(&mut chain, (id, *known), offset, &mut fields)?;
        }
        chain.finish(self.reader.pos())?;
        self.reader.charge(chain.wire_id().len())?;
        let class = chain.class().unwrap_or(&schema::ROOT);
        let object = Object::from_parts(class, chain.wire_id(), fields);
        match self.instances.objects.get_mut(index) {
            Some(place @ None) => *place = Some(object),
            _ => {
                let problem = "there are two with this number";
                return Err(SliceError::InvalidInstance { offset, problem });
            }
        }
        Ok(())
    }

    /// The size and the members of one slice; members of unknown classes are passed over.
    fn slice(
        &mut self,
        chain: &mut Chain,
        (id, known): (&str, Option<&'static Class>),
        offset: usize,
        fields: &mut Vec<Value>,
    ) -> Result<(), SliceError> {
        let end = self.reader.block_end(4)?;
        let Some(class) = chain.named(id, known, offset)? else {
            return self.reader.seek(end);
        };
        if fields.is_empty() {
            fields.reserve_exact(class.fields);
        }
        self.members(class, fields)?;
        if self.reader.pos() == end {
            return Ok(());
        }
        let problem = "a slice has not the size of its members";
        Err(SliceError::InvalidInstance { offset, problem })
    }

    fn members(
        &mut self,
        class: &'static Class,
        fields: &mut Vec<Value>,
    ) -> Result<(), SliceError> {
        self.reader
            .charge(class.members.len().saturating_mul(size_of::<Value>()))?;
        for plan in &class.plans {
            let value = self.value(plan)?;
            fields.push(value);
        }
        Ok(())
    }

    fn type_id(&mut self) -> Result<TypeId<'a>, SliceError> {
        let offset = self.reader.pos();
        if self.reader.bool()? {
            let index = self.reader.size()?.checked_sub(1);
            let known = index.and_then(|index| self.type_ids.get(index));
            let problem = "its type id is not in the table of type ids";
            return known
                .cloned()
                .ok_or(SliceError::InvalidInstance { offset, problem });
        }
        let id = self.reader.type_id()?;
        let known = schema::class(&id);
        let id = Rc::new((id, known));
        self.type_ids.push(Rc::clone(&id));
        Ok(id)
    }

    /// The slice that ends every instance holds a facet map nobody uses any more.
    fn root_slice(&mut self) -> Result<(), SliceError> {
        let offset = self.reader.pos();
        let end = self.reader.block_end(5)?;
        if self.reader.byte()? == 0 && self.reader.pos() == end {
            return Ok(());
        }
        let problem = "its last slice is not empty";
        Err(SliceError::InvalidInstance { offset, problem })
    }
}

impl Instances<'_> {
    /// The place of an instance, which may be met before or after the references to it.
    fn index(
        &mut self,
        reader: &mut Reader<'_>,
        id: i32,
        offset: usize,
    ) -> Result<usize, SliceError> {
        if let Some(index) = self.numbers.get(&id) {
            return Ok(*index);
        }
        reader.charge(INSTANCE)?;
        let index = self.objects.len();
        self.objects.push(None);
        self.ids.push((id, offset));
        self.numbers.insert(id, index);
        Ok(index)
    }
}

impl<'p> ReadRefs<'p> for Instances<'p> {
    fn read_ref(
        &mut self,
        reader: &mut Reader<'_>,
        declared: &'p Declared,
    ) -> Result<Option<ObjectRef>, SliceError> {
        let offset = reader.pos();
        let number = reader.int()?;
        if number == 0 {
            return Ok(None);
        }
        let id = number.checked_neg().filter(|id| *id > 0);
        let id = id.ok_or(SliceError::UnknownInstance {
            offset,
            id: number.into(),
        })?;
        let instance = ObjectRef(self.index(reader, id, offset)?);
        reader.charge(Promises::SIZE)?;
        self.promises.add(instance, declared)?;
        Ok(Some(instance))
    }
}
