//! From records to the objects that travel.

use std::collections::{BTreeMap, BTreeSet};

use omero_plugin_api::slice::{Graph, ObjectRef, SliceError, Type, Value, schema};

use super::record::{Datum, Record};
use super::{Database, Kind, kind, type_id};

type Built<T = ObjectRef> = Result<T, SliceError>;

/// Makes objects; the same record is the same instance in one reply. What another object refers to
/// is there with its id only, unless it was fetched.
pub struct Encoder<'a> {
    database: &'a Database,
    /// What was made so far.
    pub graph: Graph,
    made: BTreeMap<(String, i64), ObjectRef>,
    /// Records that are there with all that they have.
    loaded: BTreeSet<(String, i64)>,
    /// Collections that are there: class and id of their record, and their name.
    collections: BTreeSet<(String, i64, String)>,
}

impl<'a> Encoder<'a> {
    /// An encoder that has made nothing yet.
    pub fn new(database: &'a Database) -> Self {
        Self {
            database,
            graph: Graph::new(),
            made: BTreeMap::new(),
            loaded: BTreeSet::new(),
            collections: BTreeSet::new(),
        }
    }

    /// Sends a record with all that it has wherever something refers to it.
    pub fn load(&mut self, class: &str, id: i64) {
        if let Some(record) = self.database.get(class, id) {
            self.loaded.insert((record.class.clone(), id));
        }
    }

    /// Sends all records with all that they have that a value consists of. This comes before the
    /// first value is made.
    pub fn load_all(&mut self, datum: &Datum) {
        match datum {
            Datum::Link(class, id) => self.load(class, *id),
            Datum::List(values) => values.iter().for_each(|value| self.load_all(value)),
            Datum::Map(entries) => entries.iter().for_each(|(_, value)| self.load_all(value)),
            _ => {}
        }
    }

    /// Sends a collection with its record.
    pub fn load_collection(&mut self, class: &str, id: i64, name: &str) {
        self.collections
            .insert((class.to_owned(), id, name.to_owned()));
    }

    /// A value in its box, as `IQuery.projection` gives it.
    pub fn boxed(&mut self, datum: &Datum) -> Built<Value> {
        Ok(match datum {
            Datum::Null => Value::Object(None),
            Datum::Bool(flag) => self.graph.rbool(*flag),
            Datum::Int(number) => self.graph.rint(*number),
            Datum::Long(number) => self.graph.rlong(*number),
            Datum::Float(number) => self.graph.rfloat(*number),
            Datum::Double(number) | Datum::Quantity(number, _) => self.graph.rdouble(*number),
            Datum::Text(text) => self.graph.rstring(text.as_str()),
            Datum::Time(time) => self.graph.rtime(*time),
            Datum::Link(class, id) => {
                let object = self.link(class, *id)?;
                let wrapper = self.graph.new_object("::omero::RObject")?;
                self.graph.set(wrapper, "_val", object)?;
                wrapper.into()
            }
            Datum::List(values) => {
                let values = values
                    .iter()
                    .map(|value| self.boxed(value))
                    .collect::<Built<_>>()?;
                self.graph.rlist(values)
            }
            Datum::Map(entries) => {
                let mut values = Vec::new();
                for (name, value) in entries {
                    values.push((Value::from(name.as_str()), self.boxed(value)?));
                }
                let map = self.graph.new_object("::omero::RMap")?;
                self.graph.set(map, "_val", values)?;
                map.into()
            }
        })
    }

    /// The object of a record.
    pub fn link(&mut self, class: &str, id: i64) -> Built {
        let database = self.database;
        match database.get(class, id) {
            Some(record) if self.loaded.contains(&(record.class.clone(), id)) => {
                self.object(record)
            }
            // It has the class that it has, whatever the member is declared as.
            Some(record) => self.reference(&record.class, id),
            None => self.reference(class, id),
        }
    }

    /// A record with all that it has.
    fn object(&mut self, record: &Record) -> Built {
        let key = (record.class.clone(), record.id);
        if let Some(known) = self.made.get(&key) {
            return Ok(*known);
        }
        let class = type_id(&record.class);
        let object = self.graph.new_object(&class)?;
        self.made.insert(key, object);
        let id = self.graph.rlong(record.id);
        self.graph.set(object, "_id", id)?;
        self.graph.set(object, "_loaded", true)?;
        let details = self.details(record)?;
        self.graph.set(object, "_details", details)?;
        let members = schema::chain(&class).flat_map(|class| &class.members);
        for member in members.filter(|member| member.name != "_id") {
            let name = member.name.trim_start_matches('_');
            match record.members.get(name) {
                Some(Datum::Link(class, id)) => {
                    let other = self.link(class, *id)?;
                    self.graph.set(object, member.name, other)?;
                }
                Some(Datum::Quantity(number, unit)) => {
                    let quantity = self.quantity(&member.ty, *number, unit)?;
                    self.graph.set(object, member.name, quantity)?;
                }
                Some(Datum::Null) | None => {}
                Some(plain) => {
                    let plain = self.boxed(plain)?;
                    self.graph.set(object, member.name, plain)?;
                }
            }
        }
        self.fill_collections(record, object)?;
        Ok(object)
    }

    fn fill_collections(&mut self, record: &Record, object: ObjectRef) -> Built<()> {
        let wanted =
            |(class, id, _): &&(String, i64, String)| *class == record.class && *id == record.id;
        let names: Vec<_> = self.collections.iter().filter(wanted).cloned().collect();
        let database = self.database;
        for (_, _, name) in names {
            let Some(Kind::Collection(class)) = kind(&record.class, &name) else {
                continue;
            };
            let mut elements = Vec::new();
            for element in database.collection(record, &class) {
                elements.push(Value::from(self.object(element)?));
            }
            self.graph.set(object, &format!("_{name}Seq"), elements)?;
            self.graph.set(object, &format!("_{name}Loaded"), true)?;
        }
        Ok(())
    }

    fn details(&mut self, record: &Record) -> Built {
        let details = self.graph.new_object("::omero::model::Details")?;
        for (member, class, id) in [
            ("_owner", "Experimenter", record.details.owner),
            ("_group", "ExperimenterGroup", record.details.group),
            ("_creationEvent", "Event", record.details.owner.map(|_| 0)),
            ("_updateEvent", "Event", record.details.owner.map(|_| 0)),
        ] {
            if let Some(id) = id {
                let other = self.link(class, id)?;
                self.graph.set(details, member, other)?;
            }
        }
        if let Some(bits) = record.details.permissions {
            let permissions = self.graph.new_object("::omero::model::Permissions")?;
            self.graph.set(permissions, "_perm1", bits)?;
            self.graph.set(details, "_permissions", permissions)?;
        }
        Ok(details)
    }

    fn quantity(&mut self, ty: &Type, number: f64, unit: &str) -> Built {
        let Type::Class(class) = ty else {
            return Err(SliceError::UnknownType {
                name: ty.to_string(),
            });
        };
        let object = self.graph.new_object(class)?;
        self.graph.set(object, "_value", number)?;
        self.graph
            .set(object, "_unit", Value::Enum(unit_number(class, unit)?))?;
        Ok(object)
    }

    fn reference(&mut self, class: &str, id: i64) -> Built {
        let key = (class.to_owned(), id);
        if let Some(known) = self.made.get(&key) {
            return Ok(*known);
        }
        let object = self.graph.new_object(&type_id(class))?;
        self.made.insert(key, object);
        let id = self.graph.rlong(id);
        self.graph.set(object, "_id", id)?;
        Ok(object)
    }
}

/// The number of a unit, for instance of `MICROMETER` among the lengths.
fn unit_number(class: &str, unit: &str) -> Built<i32> {
    let unknown = || SliceError::UnknownType {
        name: unit.to_owned(),
    };
    let mut members = schema::chain(class).flat_map(|class| &class.members);
    let member = members
        .find(|member| member.name == "_unit")
        .ok_or_else(unknown)?;
    let Type::Enum(name) = &member.ty else {
        return Err(unknown());
    };
    let names = schema::enumerators(name).ok_or_else(unknown)?;
    let number = names
        .iter()
        .position(|name| *name == unit)
        .ok_or_else(unknown)?;
    i32::try_from(number).map_err(|_| unknown())
}
