//! From OMERO's boxed values to cells.

use std::borrow::Cow;

use super::cell::{Cell, ModelObject};
use crate::slice::{Basic, Class, Graph, Limits, Object, ObjectRef, SliceError, Value, schema};

/// How deep collections may be nested: a hostile server can send one that contains itself.
const MAX_DEPTH: usize = 32;

/// Reads the cells of one reply.
pub(super) struct CellReader {
    depth: usize,
    /// How many bytes the cells took. A text that is sent once may be referred to often, so the
    /// limits of decoding do not bound this.
    bytes: usize,
    max_bytes: usize,
    /// The classes that were met.
    kinds: Vec<(&'static Class, Kind)>,
}

/// What becomes of an instance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A truth value, a number or a text.
    Basic,
    Time,
    Map,
    Object,
    List,
    Other,
}

impl Kind {
    fn of(class: &'static Class) -> Self {
        match class.id {
            "::omero::RBool" | "::omero::RInt" | "::omero::RLong" => Self::Basic,
            "::omero::RFloat" | "::omero::RDouble" => Self::Basic,
            "::omero::RTime" => Self::Time,
            "::omero::RMap" => Self::Map,
            "::omero::RObject" => Self::Object,
            _ if class.is_a("::omero::RString") => Self::Basic,
            _ if class.is_a("::omero::RCollection") => Self::List,
            _ => Self::Other,
        }
    }
}

impl CellReader {
    /// A reader of cells that take at most this many bytes.
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self {
            depth: 0,
            bytes: 0,
            max_bytes,
            kinds: Vec::new(),
        }
    }

    /// Forgets what the cells took so far, because their reader does not keep them.
    pub(super) const fn start_again(&mut self) {
        self.bytes = 0;
    }

    /// Lets all cells from now on take at most this many bytes.
    pub(super) const fn limit_to(&mut self, max_bytes: usize) {
        (self.bytes, self.max_bytes) = (0, max_bytes);
    }

    /// The cells of a sequence.
    pub(super) fn cells(
        &mut self,
        graph: &Graph,
        values: &[Value],
    ) -> Result<Vec<Cell>, SliceError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SliceError::LimitExceeded {
                what: "nesting of collections",
                limit: MAX_DEPTH,
            });
        }
        self.charge(size_of::<Vec<Cell>>() + values.len().saturating_mul(size_of::<Cell>()))?;
        let cells = values.iter().map(|value| self.cell(graph, value)).collect();
        self.depth -= 1;
        cells
    }

    /// One cell.
    pub(super) fn cell(&mut self, graph: &Graph, value: &Value) -> Result<Cell, SliceError> {
        match value.as_object()? {
            Some(reference) => self.instance(graph, reference),
            None => Ok(Cell::Null),
        }
    }

    fn instance(&mut self, graph: &Graph, reference: ObjectRef) -> Result<Cell, SliceError> {
        let class = graph.class_of(reference)?;
        let kind = self.kind(class);
        if kind == Kind::Other {
            return self.text(last_part(class.id));
        }
        if let Kind::Basic | Kind::Time = kind {
            return match graph.unread(reference) {
                Some(Basic::Text(text)) => self.text(text),
                Some(Basic::Value(value)) => self.basic(kind, &value),
                None => self.basic(kind, graph.peek(reference)?.0.get("_val")?),
            };
        }
        let object = self.peek(graph, reference)?;
        let value = object.get("_val")?;
        Ok(match kind {
            Kind::Map => self.map(graph, value.as_dict()?)?,
            Kind::List => Cell::List(self.cells(graph, value.as_seq()?)?),
            _ => match value.as_object()? {
                Some(model) => {
                    let model = self.peek(graph, model)?;
                    Cell::from(self.model(graph, &model)?)
                }
                None => Cell::Null,
            },
        })
    }

    /// An instance that is read again each time it is referred to, and counted each time.
    fn peek<'a>(
        &mut self,
        graph: &'a Graph,
        reference: ObjectRef,
    ) -> Result<Cow<'a, Object>, SliceError> {
        let (object, taken) = graph.peek(reference)?;
        self.charge(taken)?;
        Ok(object)
    }

    fn kind(&mut self, class: &'static Class) -> Kind {
        let known = self
            .kinds
            .iter()
            .find(|(known, _)| std::ptr::eq(*known, class));
        if let Some((_, kind)) = known {
            return *kind;
        }
        let kind = Kind::of(class);
        self.kinds.push((class, kind));
        kind
    }

    fn basic(&mut self, kind: Kind, value: &Value) -> Result<Cell, SliceError> {
        Ok(match value {
            Value::Bool(value) => Cell::Bool(*value),
            Value::Int(value) => Cell::Integer((*value).into()),
            Value::Long(value) if kind == Kind::Time => Cell::Time(*value),
            Value::Float(value) => Cell::Real((*value).into()),
            Value::Double(value) => Cell::Real(*value),
            Value::String(text) => self.text(text)?,
            other => Cell::Integer(other.as_long()?),
        })
    }

    fn text(&mut self, text: &str) -> Result<Cell, SliceError> {
        self.charge(text.len())?;
        Ok(Cell::Text(text.to_owned()))
    }

    fn map(&mut self, graph: &Graph, entries: &[(Value, Value)]) -> Result<Cell, SliceError> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (name, value) in entries {
            let name = name.as_str()?;
            self.charge(size_of::<String>() + name.len())?;
            names.push(name.to_owned());
            values.push(value.clone());
        }
        let cells = self.cells(graph, &values)?;
        Ok(Cell::Map(names.into_iter().zip(cells).collect()))
    }

    fn model(&mut self, graph: &Graph, object: &Object) -> Result<ModelObject, SliceError> {
        self.charge(size_of::<ModelObject>())?;
        let members = schema::chain(object.class()).flat_map(|class| &class.members);
        let mut fields = Vec::new();
        for (member, value) in members.zip(object.fields()) {
            if member.name != "_id" && self.is_plain(graph, value)? {
                let name = member.name.trim_start_matches('_');
                self.charge(size_of::<(String, Cell)>() + name.len())?;
                fields.push((name.to_owned(), self.cell(graph, value)?));
            }
        }
        Ok(ModelObject {
            class: last_part(object.class()).to_owned(),
            id: graph.rlong_of(object.get("_id")?)?.unwrap_or(-1),
            fields,
        })
    }

    fn is_plain(&mut self, graph: &Graph, value: &Value) -> Result<bool, SliceError> {
        let Value::Object(Some(reference)) = value else {
            return Ok(false);
        };
        let kind = self.kind(graph.class_of(*reference)?);
        Ok(matches!(kind, Kind::Basic | Kind::Time))
    }

    fn charge(&mut self, bytes: usize) -> Result<(), SliceError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > self.max_bytes {
            return Err(SliceError::ReplyTooLarge {
                limit: self.max_bytes,
            });
        }
        Ok(())
    }
}

/// For the cells of values that are decoded already, with the limit of [`Limits::default`].
impl Default for CellReader {
    fn default() -> Self {
        Self::new(Limits::default().max_bytes)
    }
}

/// A type id without its modules.
fn last_part(id: &str) -> &str {
    id.rsplit("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(graph: &Graph, value: &Value) -> Result<Cell, SliceError> {
        CellReader::default().cell(graph, value)
    }

    #[test]
    fn plain_members_of_objects() {
        let mut graph = Graph::new();
        let image = graph.new_object("::omero::model::Image").unwrap();
        let (id, name) = (graph.rlong(51), graph.rstring("a.tif"));
        graph.set(image, "_id", id).unwrap();
        graph.set(image, "_name", name).unwrap();
        graph.set(image, "_loaded", true).unwrap();
        let boxed = graph.new_object("::omero::RObject").unwrap();
        graph.set(boxed, "_val", image).unwrap();
        let expected = ModelObject {
            class: "Image".to_owned(),
            id: 51,
            fields: vec![("name".to_owned(), Cell::Text("a.tif".to_owned()))],
        };
        assert_eq!(read(&graph, &boxed.into()), Ok(Cell::from(expected)));
    }

    #[test]
    fn maps_keep_their_names() {
        let mut graph = Graph::new();
        let number = graph.rint(3);
        let map = graph.new_object("::omero::RMap").unwrap();
        let entries = vec![
            (Value::from("n"), number),
            (Value::from("m"), Value::Object(None)),
        ];
        graph.set(map, "_val", entries).unwrap();
        let expected = [
            ("n".to_owned(), Cell::Integer(3)),
            ("m".to_owned(), Cell::Null),
        ];
        assert_eq!(read(&graph, &map.into()), Ok(Cell::Map(expected.into())));
    }

    #[test]
    fn a_list_in_itself_is_refused() {
        let mut graph = Graph::new();
        let list = graph.new_object("::omero::RList").unwrap();
        graph.set(list, "_val", vec![Value::from(list)]).unwrap();
        let error = read(&graph, &list.into()).unwrap_err();
        assert!(matches!(error, SliceError::LimitExceeded { .. }), "{error}");
    }

    #[test]
    fn a_text_that_is_referred_to_often_is_refused() {
        let mut graph = Graph::new();
        let mut value = graph.rstring("x".repeat(1 << 20));
        for _ in 0..20 {
            value = graph.rlist(vec![value.clone(), value]);
        }
        let error = read(&graph, &value).unwrap_err();
        assert!(matches!(error, SliceError::ReplyTooLarge { .. }), "{error}");
    }
}
