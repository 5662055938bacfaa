//! Values of a reply without OMERO's boxes around them.

use omero_plugin_api::slice::{Graph, Object, SliceError, Type, Value, schema};

/// A value as it is inside of its box.
pub enum Plain<'a> {
    /// A database null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Text.
    Text(&'a str),
    /// A time, milliseconds since 1970.
    Time(i64),
    /// Binary data.
    Bytes(&'a [u8]),
    /// A model object.
    Object(&'a Object),
    /// Owner, group and permissions of a model object.
    Details(&'a Object),
    /// A number with its unit.
    Quantity(f64, &'a str),
    /// Several values.
    Sequence(&'a [Value]),
    /// Several values with names.
    Map(&'a [(Value, Value)]),
    /// The class of an instance that has no plain form.
    Other(&'a str),
}

impl<'a> Plain<'a> {
    /// Takes a value out of its box.
    ///
    /// # Errors
    ///
    /// The value refers to an instance that is not in the graph.
    pub fn of(graph: &'a Graph, value: &'a Value) -> Result<Self, SliceError> {
        Ok(match value {
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Byte(number) => Self::Integer((*number).into()),
            Value::Short(number) => Self::Integer((*number).into()),
            Value::Int(number) | Value::Enum(number) => Self::Integer((*number).into()),
            Value::Long(number) => Self::Integer(*number),
            Value::Float(number) => Self::Real((*number).into()),
            Value::Double(number) => Self::Real(*number),
            Value::String(text) => Self::Text(text),
            Value::Bytes(bytes) => Self::Bytes(bytes),
            Value::Seq(values) => Self::Sequence(values),
            Value::Dict(entries) => Self::Map(entries),
            Value::Object(None) => Self::Null,
            Value::Object(Some(reference)) => {
                match Self::of_basic(graph, value, graph.class_of(*reference)?.id)? {
                    Some(plain) => plain,
                    None => Self::of_object(graph, graph.get(*reference)?)?,
                }
            }
            other => Self::Other(other.kind()),
        })
    }

    /// A boxed basic value. A result may have millions, so none becomes an object that the graph
    /// keeps.
    fn of_basic(graph: &'a Graph, value: &Value, class: &str) -> Result<Option<Self>, SliceError> {
        Ok(match class {
            "::omero::RBool" => graph.rbool_of(value)?.map(Self::Bool),
            "::omero::RInt" => graph.rint_of(value)?.map(|n| Self::Integer(n.into())),
            "::omero::RLong" => graph.rlong_of(value)?.map(Self::Integer),
            "::omero::RFloat" => graph.rfloat_of(value)?.map(|n| Self::Real(n.into())),
            "::omero::RDouble" => graph.rdouble_of(value)?.map(Self::Real),
            "::omero::RTime" => graph.rtime_of(value)?.map(Self::Time),
            "::omero::RString" => graph.rstring_of(value)?.map(Self::Text),
            _ => None,
        })
    }

    fn of_object(graph: &'a Graph, object: &'a Object) -> Result<Self, SliceError> {
        let class = object.class();
        if object.is_a("::omero::model::IObject") {
            return Ok(Self::Object(object));
        }
        if object.is_a("::omero::model::Details") {
            return Ok(Self::Details(object));
        }
        if class.starts_with("::omero::model::")
            && let (Ok(Value::Double(number)), Some(unit)) = (object.get("_value"), unit(object))
        {
            return Ok(Self::Quantity(*number, unit));
        }
        if object.is_a("::omero::RType")
            && let Ok(inner) = object.get("_val")
        {
            return match inner {
                // The only box with a class instance in it holds a model object.
                Value::Object(_) => Ok(match graph.object_of(inner)? {
                    Some(model) if model.is_a("::omero::model::IObject") => Self::Object(model),
                    Some(other) => Self::Other(other.class()),
                    None => Self::Null,
                }),
                inner => Self::of(graph, inner),
            };
        }
        Ok(Self::Other(class))
    }
}

/// The name of a quantity's unit, for instance `MICROMETER`.
fn unit(quantity: &Object) -> Option<&'static str> {
    let Ok(Value::Enum(number)) = quantity.get("_unit") else {
        return None;
    };
    let mut members = schema::chain(quantity.class()).flat_map(|class| &class.members);
    let Type::Enum(name) = &members.find(|member| member.name == "_unit")?.ty else {
        return None;
    };
    let names = schema::enumerators(name)?;
    names.get(usize::try_from(*number).ok()?).copied()
}

/// The members of a model object with their names, those of its base classes first: the order in
/// which OMERO.py's objects have them.
pub fn members(object: &Object) -> Vec<(&'static str, &Value)> {
    let classes: Vec<_> = schema::chain(object.class()).collect();
    let mut values = object.fields();
    let mut groups = Vec::new();
    for class in classes {
        let (own, rest) = values.split_at(class.members.len().min(values.len()));
        groups.push(class.members.iter().map(|member| member.name).zip(own));
        values = rest;
    }
    groups.into_iter().rev().flatten().collect()
}

/// The id of a model object, or `None` where it has none yet.
///
/// # Errors
///
/// The object has no such member.
pub fn id_of(graph: &Graph, object: &Object) -> Result<Option<i64>, SliceError> {
    graph.rlong_of(object.get("_id")?)
}

/// The name that OMERO.py's class of an object has: `ExperimenterGroupI`.
pub fn class_name(object: &Object) -> String {
    let class = object.class();
    format!("{}I", class.rsplit("::").next().unwrap_or(class))
}
