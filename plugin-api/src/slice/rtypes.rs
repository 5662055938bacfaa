//! The boxed values of OMERO: classes around one basic value, so that it can be null.

use super::source::Basic;
use super::{Graph, Object, ObjectRef, SliceError, Value};

impl Graph {
    /// A new `RString`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let image = graph.new_object("::omero::model::Image")?;
    /// let name = graph.rstring("a.tif");
    /// graph.set(image, "_name", name)?;
    /// assert_eq!(graph.rstring_of(graph.field(image, "_name")?)?, Some("a.tif"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rstring(&mut self, value: impl Into<String>) -> Value {
        self.boxed("::omero::RString", value.into().into())
    }

    /// A new `RLong`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// // An object that is known by its id alone, as many operations take it.
    /// let group = graph.new_object("::omero::model::ExperimenterGroup")?;
    /// let id = graph.rlong(3);
    /// graph.set(group, "_id", id)?;
    /// assert_eq!(graph.rlong_of(graph.field(group, "_id")?)?, Some(3));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rlong(&mut self, value: i64) -> Value {
        self.boxed("::omero::RLong", value.into())
    }

    /// A new `RInt`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let filter = graph.new_object("::omero::sys::Filter")?;
    /// let limit = graph.rint(25);
    /// graph.set(filter, "limit", limit)?;
    /// assert_eq!(graph.rint_of(graph.field(filter, "limit")?)?, Some(25));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rint(&mut self, value: i32) -> Value {
        self.boxed("::omero::RInt", value.into())
    }

    /// A new `RBool`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let options = graph.new_object("::omero::sys::Options")?;
    /// let leaves = graph.rbool(true);
    /// graph.set(options, "leaves", leaves)?;
    /// assert_eq!(graph.rbool_of(graph.field(options, "leaves")?)?, Some(true));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rbool(&mut self, value: bool) -> Value {
        self.boxed("::omero::RBool", value.into())
    }

    /// A new `RDouble`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let point = graph.new_object("::omero::model::Point")?;
    /// for (member, at) in [("_x", 12.5), ("_y", 40.0)] {
    ///     let value = graph.rdouble(at);
    ///     graph.set(point, member, value)?;
    /// }
    /// assert_eq!(graph.rdouble_of(graph.field(point, "_x")?)?, Some(12.5));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rdouble(&mut self, value: f64) -> Value {
        self.boxed("::omero::RDouble", value.into())
    }

    /// A new `RFloat`.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let threshold = graph.rfloat(0.5);
    /// assert_eq!(graph.rfloat_of(&threshold)?, Some(0.5));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rfloat(&mut self, value: f32) -> Value {
        self.boxed("::omero::RFloat", value.into())
    }

    /// A new `RTime`, in milliseconds since the epoch.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// use std::time::{Duration, UNIX_EPOCH};
    ///
    /// let mut graph = Graph::new();
    /// let taken = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    /// let millis = taken.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    /// let time = graph.rtime(i64::try_from(millis).unwrap_or(i64::MAX));
    /// assert_eq!(graph.rtime_of(&time)?, Some(1_700_000_000_000));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rtime(&mut self, value: i64) -> Value {
        self.boxed("::omero::RTime", value.into())
    }

    /// A new `RList` of boxed values.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// // For a query "... where image.id in (:ids)".
    /// let ids = [51, 52].into_iter().map(|id| graph.rlong(id)).collect();
    /// let ids = graph.rlist(ids);
    /// assert_eq!(graph.rlist_of(&ids)?.map(<[_]>::len), Some(2));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rlist(&mut self, values: Vec<Value>) -> Value {
        self.boxed("::omero::RList", values.into())
    }

    /// The text of an `RString`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Graph, Value};
    /// let mut graph = Graph::new();
    /// let name = graph.rstring("a.tif");
    /// assert_eq!(graph.rstring_of(&name)?, Some("a.tif"));
    /// assert_eq!(graph.rstring_of(&Value::Object(None))?, None);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rstring_of(&self, value: &Value) -> Result<Option<&str>, SliceError> {
        if let Some(reference) = value.as_object()?
            && let Some(Basic::Text(text)) = self.unread(reference)
        {
            self.check(reference, "::omero::RString")?;
            return Ok(Some(text));
        }
        self.unboxed(value, "::omero::RString")?
            .map(Value::as_str)
            .transpose()
    }

    /// The number of an `RLong`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Graph, SliceError};
    /// let mut graph = Graph::new();
    /// let image = graph.new_object("::omero::model::Image")?;
    /// // An object that was never saved has no id.
    /// assert_eq!(graph.rlong_of(graph.field(image, "_id")?)?, None);
    /// // An RInt is no RLong: the classes have to be the same.
    /// let int = graph.rint(51);
    /// assert!(matches!(graph.rlong_of(&int), Err(SliceError::ClassMismatch { .. })));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rlong_of(&self, value: &Value) -> Result<Option<i64>, SliceError> {
        self.basic(value, "::omero::RLong", Value::as_long)
    }

    /// The number of an `RInt`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let width = graph.rint(2048);
    /// let pixels = graph.new_object("::omero::model::Pixels")?;
    /// graph.set(pixels, "_sizeX", width)?;
    /// assert_eq!(graph.rint_of(graph.field(pixels, "_sizeX")?)?, Some(2048));
    /// assert_eq!(graph.rint_of(graph.field(pixels, "_sizeY")?)?, None);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rint_of(&self, value: &Value) -> Result<Option<i32>, SliceError> {
        self.basic(value, "::omero::RInt", Value::as_int)
    }

    /// The value of an `RBool`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let user = graph.new_object("::omero::model::Experimenter")?;
    /// // Null where the server did not say.
    /// let ldap = graph.rbool_of(graph.field(user, "_ldap")?)?.unwrap_or_default();
    /// assert!(!ldap);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rbool_of(&self, value: &Value) -> Result<Option<bool>, SliceError> {
        self.basic(value, "::omero::RBool", Value::as_bool)
    }

    /// The number of an `RDouble`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let radius = graph.rdouble(7.25);
    /// assert_eq!(graph.rdouble_of(&radius)?, Some(7.25));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rdouble_of(&self, value: &Value) -> Result<Option<f64>, SliceError> {
        self.basic(value, "::omero::RDouble", Value::as_double)
    }

    /// The number of an `RFloat`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// let mut graph = Graph::new();
    /// let float = graph.rfloat(1.5);
    /// assert_eq!(graph.rfloat_of(&float)?, Some(1.5));
    /// // An RFloat is no RDouble, though every float is a double.
    /// assert!(graph.rdouble_of(&float).is_err());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rfloat_of(&self, value: &Value) -> Result<Option<f32>, SliceError> {
        self.basic(value, "::omero::RFloat", Value::as_float)
    }

    /// The milliseconds since the epoch of an `RTime`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::Graph;
    /// use std::time::Duration;
    ///
    /// let mut graph = Graph::new();
    /// let session = graph.new_object("::omero::model::Session")?;
    /// let now = graph.rtime(1_700_000_000_000);
    /// graph.set(session, "_started", now)?;
    ///
    /// let started = graph.rtime_of(graph.field(session, "_started")?)?;
    /// let started = started.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis);
    /// assert_eq!(started, Some(Duration::from_secs(1_700_000_000)));
    /// // A session that is still open has no end.
    /// assert_eq!(graph.rtime_of(graph.field(session, "_closed")?)?, None);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rtime_of(&self, value: &Value) -> Result<Option<i64>, SliceError> {
        self.basic(value, "::omero::RTime", Value::as_long)
    }

    /// The elements of an `RList` or another collection, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Graph, SliceError};
    /// let mut graph = Graph::new();
    /// let names = vec![graph.rstring("red"), graph.rstring("green")];
    /// let list = graph.rlist(names);
    ///
    /// let names = graph.rlist_of(&list)?.unwrap_or_default();
    /// let names: Result<Vec<_>, SliceError> =
    ///     names.iter().map(|name| graph.rstring_of(name)).collect();
    /// assert_eq!(names?, [Some("red"), Some("green")]);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn rlist_of(&self, value: &Value) -> Result<Option<&[Value]>, SliceError> {
        self.unboxed(value, "::omero::RCollection")?
            .map(Value::as_seq)
            .transpose()
    }

    /// The entries of an `RMap`, `None` for null.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Graph, Value};
    /// let mut graph = Graph::new();
    /// let map = graph.new_object("::omero::RMap")?;
    /// let size = graph.rlong(4096);
    /// graph.set(map, "_val", vec![("size".into(), size)])?;
    ///
    /// for (key, value) in graph.rmap_of(&map.into())?.unwrap_or_default() {
    ///     assert_eq!((key.as_str()?, graph.rlong_of(value)?), ("size", Some(4096)));
    /// }
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
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

    /// A basic value, which is not worth an object of its own while it is in a reply.
    fn basic<T>(
        &self,
        value: &Value,
        class: &str,
        get: fn(&Value) -> Result<T, SliceError>,
    ) -> Result<Option<T>, SliceError> {
        if let Some(reference) = value.as_object()?
            && let Some(Basic::Value(unread)) = self.unread(reference)
        {
            self.check(reference, class)?;
            return get(&unread).map(Some);
        }
        self.unboxed(value, class)?.map(get).transpose()
    }

    fn unboxed(&self, value: &Value, class: &str) -> Result<Option<&Value>, SliceError> {
        let Some(reference) = value.as_object()? else {
            return Ok(None);
        };
        self.check(reference, class)?;
        self.get(reference)?.get("_val").map(Some)
    }

    fn check(&self, reference: ObjectRef, class: &str) -> Result<(), SliceError> {
        let found = self.class_of(reference)?;
        if found.is_a(class) {
            return Ok(());
        }
        let (expected, found) = (class.to_owned(), found.id.to_owned());
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
