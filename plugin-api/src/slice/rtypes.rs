//! The boxed values of OMERO: classes around one basic value, so that it can be null.

use super::{Graph, Object, SliceError, Value};

impl Graph {
    /// A new `RString`.
    pub fn rstring(&mut self, value: impl Into<String>) -> Value {
        self.boxed("::omero::RString", value.into().into())
    }

    /// A new `RLong`.
    pub fn rlong(&mut self, value: i64) -> Value {
        self.boxed("::omero::RLong", value.into())
    }

    /// A new `RInt`.
    pub fn rint(&mut self, value: i32) -> Value {
        self.boxed("::omero::RInt", value.into())
    }

    /// A new `RBool`.
    pub fn rbool(&mut self, value: bool) -> Value {
        self.boxed("::omero::RBool", value.into())
    }

    /// A new `RDouble`.
    pub fn rdouble(&mut self, value: f64) -> Value {
        self.boxed("::omero::RDouble", value.into())
    }

    /// A new `RFloat`.
    pub fn rfloat(&mut self, value: f32) -> Value {
        self.boxed("::omero::RFloat", value.into())
    }

    /// A new `RTime`, in milliseconds since the epoch.
    pub fn rtime(&mut self, value: i64) -> Value {
        self.boxed("::omero::RTime", value.into())
    }

    /// A new `RList` of boxed values.
    pub fn rlist(&mut self, values: Vec<Value>) -> Value {
        self.boxed("::omero::RList", values.into())
    }

    /// The text of an `RString`, `None` for null.
    pub fn rstring_of(&self, value: &Value) -> Result<Option<&str>, SliceError> {
        self.unboxed(value, "::omero::RString")?
            .map(Value::as_str)
            .transpose()
    }

    /// The number of an `RLong`, `None` for null.
    pub fn rlong_of(&self, value: &Value) -> Result<Option<i64>, SliceError> {
        self.unboxed(value, "::omero::RLong")?
            .map(Value::as_long)
            .transpose()
    }

    /// The number of an `RInt`, `None` for null.
    pub fn rint_of(&self, value: &Value) -> Result<Option<i32>, SliceError> {
        self.unboxed(value, "::omero::RInt")?
            .map(Value::as_int)
            .transpose()
    }

    /// The value of an `RBool`, `None` for null.
    pub fn rbool_of(&self, value: &Value) -> Result<Option<bool>, SliceError> {
        self.unboxed(value, "::omero::RBool")?
            .map(Value::as_bool)
            .transpose()
    }

    /// The number of an `RDouble`, `None` for null.
    pub fn rdouble_of(&self, value: &Value) -> Result<Option<f64>, SliceError> {
        self.unboxed(value, "::omero::RDouble")?
            .map(Value::as_double)
            .transpose()
    }

    /// The number of an `RFloat`, `None` for null.
    pub fn rfloat_of(&self, value: &Value) -> Result<Option<f32>, SliceError> {
        self.unboxed(value, "::omero::RFloat")?
            .map(Value::as_float)
            .transpose()
    }

    /// The milliseconds since the epoch of an `RTime`, `None` for null.
    pub fn rtime_of(&self, value: &Value) -> Result<Option<i64>, SliceError> {
        self.unboxed(value, "::omero::RTime")?
            .map(Value::as_long)
            .transpose()
    }

    /// The elements of an `RList` or another collection, `None` for null.
    pub fn rlist_of(&self, value: &Value) -> Result<Option<&[Value]>, SliceError> {
        self.unboxed(value, "::omero::RCollection")?
            .map(Value::as_seq)
            .transpose()
    }

    /// The entries of an `RMap`, `None` for null.
    pub fn rmap_of(&self, value: &Value) -> Result<Option<&[(Value, Value)]>, SliceError> {
        self.unboxed(value, "::omero::RMap")?
            .map(Value::as_dict)
            .transpose()
    }

    /// A value that is in the class table, as a test of this file makes sure.
    fn boxed(&mut self, class: &str, value: Value) -> Value {
        let object = Object::new(class).and_then(|mut object| {
            object.set("_val", value)?;
            Ok(object)
        });
        Value::Object(object.ok().map(|object| self.insert(object)))
    }

    fn unboxed(&self, value: &Value, class: &str) -> Result<Option<&Value>, SliceError> {
        let Some(object) = self.object_of(value)? else {
            return Ok(None);
        };
        if object.is_a(class) {
            return object.get("_val").map(Some);
        }
        let (expected, found) = (class.to_owned(), object.class().to_owned());
        Err(SliceError::ClassMismatch { expected, found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let mut graph = Graph::new();
        let (text, long, int) = (graph.rstring("x"), graph.rlong(-5), graph.rint(7));
        let (flag, time) = (graph.rbool(true), graph.rtime(1_700_000_000_000));
        let (double, float) = (graph.rdouble(0.5), graph.rfloat(1.5));
        let list = graph.rlist(vec![text.clone(), Value::Object(None)]);
        assert_eq!(graph.rstring_of(&text), Ok(Some("x")));
        assert_eq!(graph.rlong_of(&long), Ok(Some(-5)));
        assert_eq!(graph.rint_of(&int), Ok(Some(7)));
        assert_eq!(graph.rbool_of(&flag), Ok(Some(true)));
        assert_eq!(graph.rtime_of(&time), Ok(Some(1_700_000_000_000)));
        assert_eq!(graph.rdouble_of(&double), Ok(Some(0.5)));
        assert_eq!(graph.rfloat_of(&float), Ok(Some(1.5)));
        assert_eq!(graph.rlist_of(&list).unwrap().unwrap().len(), 2);
        assert_eq!(graph.rlong_of(&Value::Object(None)), Ok(None));
        assert!(graph.rlong_of(&text).is_err());
        assert!(graph.rlong_of(&Value::Long(1)).is_err());
    }
}
