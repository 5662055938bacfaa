//! From OMERO's boxed values to cells.

use super::cell::{Cell, ModelObject};
use crate::slice::{Graph, Object, SliceError, Value, schema};

/// How deep collections may be nested: a hostile server can send one that contains itself.
const MAX_DEPTH: usize = 32;
/// How many bytes the cells of one reply may take, approximately. A text that is sent once may be
/// referred to often, so the limits of decoding do not bound this.
const MAX_BYTES: usize = 512 * 1024 * 1024;

/// The boxed values that make a plain member.
const PLAIN: [&str; 7] = [
    "::omero::RBool",
    "::omero::RInt",
    "::omero::RLong",
    "::omero::RFloat",
    "::omero::RDouble",
    "::omero::RTime",
    "::omero::RString",
];

/// Reads the cells of one reply.
pub(super) struct CellReader<'a> {
    graph: &'a Graph,
    depth: usize,
    bytes: usize,
}

impl<'a> CellReader<'a> {
    pub(super) const fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            depth: 0,
            bytes: 0,
        }
    }

    /// The cells of a sequence.
    pub(super) fn cells(&mut self, values: &[Value]) -> Result<Vec<Cell>, SliceError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(SliceError::LimitExceeded {
                what: "nesting of collections",
                limit: MAX_DEPTH,
            });
        }
        let cells = values.iter().map(|value| self.cell(value)).collect();
        self.depth -= 1;
        cells
    }

    /// One cell.
    pub(super) fn cell(&mut self, value: &Value) -> Result<Cell, SliceError> {
        self.charge(size_of::<Cell>())?;
        let Some(object) = self.graph.object_of(value)? else {
            return Ok(Cell::Null);
        };
        Ok(match object.class() {
            "::omero::RBool" => Cell::Bool(object.get("_val")?.as_bool()?),
            "::omero::RInt" => Cell::Integer(object.get("_val")?.as_int()?.into()),
            "::omero::RLong" => Cell::Integer(object.get("_val")?.as_long()?),
            "::omero::RFloat" => Cell::Real(object.get("_val")?.as_float()?.into()),
            "::omero::RDouble" => Cell::Real(object.get("_val")?.as_double()?),
            "::omero::RTime" => Cell::Time(object.get("_val")?.as_long()?),
            "::omero::RMap" => self.map(object)?,
            "::omero::RObject" => match self.graph.object_of(object.get("_val")?)? {
                Some(model) => Cell::Object(self.model(model)?),
                None => Cell::Null,
            },
            _ if object.is_a("::omero::RString") => self.text(object.get("_val")?.as_str()?)?,
            _ if object.is_a("::omero::RCollection") => {
                Cell::List(self.cells(object.get("_val")?.as_seq()?)?)
            }
            other => self.text(last_part(other))?,
        })
    }

    fn text(&mut self, text: &str) -> Result<Cell, SliceError> {
        self.charge(text.len())?;
        Ok(Cell::Text(text.to_owned()))
    }

    fn map(&mut self, object: &Object) -> Result<Cell, SliceError> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (name, value) in object.get("_val")?.as_dict()? {
            let name = name.as_str()?;
            self.charge(name.len())?;
            names.push(name.to_owned());
            values.push(value.clone());
        }
        let cells = self.cells(&values)?;
        Ok(Cell::Map(names.into_iter().zip(cells).collect()))
    }

    fn model(&mut self, object: &Object) -> Result<ModelObject, SliceError> {
        let members = schema::chain(object.class()).flat_map(|class| &class.members);
        let mut fields = Vec::new();
        for (member, value) in members.zip(object.fields()) {
            if member.name != "_id" && self.is_plain(value)? {
                let name = member.name.trim_start_matches('_');
                self.charge(name.len())?;
                fields.push((name.to_owned(), self.cell(value)?));
            }
        }
        Ok(ModelObject {
            class: last_part(object.class()).to_owned(),
            id: self.graph.rlong_of(object.get("_id")?)?.unwrap_or(-1),
            fields,
        })
    }

    fn is_plain(&self, value: &Value) -> Result<bool, SliceError> {
        let Value::Object(_) = value else {
            return Ok(false);
        };
        let boxed = self.graph.object_of(value)?;
        Ok(boxed.is_some_and(|boxed| PLAIN.iter().any(|class| boxed.is_a(class))))
    }

    fn charge(&mut self, bytes: usize) -> Result<(), SliceError> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes > MAX_BYTES {
            return Err(SliceError::LimitExceeded {
                what: "size of a result",
                limit: MAX_BYTES,
            });
        }
        Ok(())
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
        CellReader::new(graph).cell(value)
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
        assert_eq!(read(&graph, &boxed.into()), Ok(Cell::Object(expected)));
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
        assert!(matches!(error, SliceError::LimitExceeded { .. }), "{error}");
    }
}
