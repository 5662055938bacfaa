//! The Slice encoding: pure functions on bytes.
//!
//! Everything that travels in an Ice encapsulation is read and written here, in the encodings
//! 1.0 and 1.1 (Ice 3.7 manual, "Data Encoding"). Nothing in this module does I/O, and nothing
//! trusts what it reads: sizes are checked against the bytes that are there, memory and object
//! counts are limited, and every malformed input is a [`SliceError`].
//!
//! An object graph becomes bytes and an object graph again:
//!
//! ```
//! use omero_plugin_api::slice::{Encoding, Graph, Type, Value, decode, encode};
//!
//! let mut graph = Graph::new();
//! let image = graph.new_object("::omero::model::Image")?;
//! let name = graph.rstring("a.tif");
//! graph.set(image, "_name", name)?;
//!
//! let ty = Type::parse("@::omero::model::Image")?;
//! let bytes = encode(Encoding::V1_1, &[(&ty, &Value::from(image))], &graph)?;
//!
//! let decoded = decode(&bytes, &[ty])?;
//! if let Some(image) = decoded.graph.object_of(&decoded.values[0])? {
//!     assert_eq!(decoded.graph.rstring_of(image.get("_name")?)?, Some("a.tif"));
//! }
//! # assert_eq!(decoded.graph.len(), 2);
//! # Ok::<(), omero_plugin_api::Error>(())
//! ```

mod budget;
mod chain;
mod cursor;
mod decode;
mod decode_v10;
mod decode_v11;
mod encapsulation;
mod encode;
mod encode_v10;
mod encode_v11;
mod endpoint;
mod error;
mod exception;
mod graph;
mod identity;
mod limits;
mod object;
mod open;
mod optional;
mod plan;
mod proxy;
mod read_value;
mod reader;
mod refs_v11;
mod rows;
mod rtypes;
mod scan;
pub mod schema;
mod slices_v11;
mod slots;
mod source;
mod types;
mod value;
mod value_as;
mod write_value;
mod writer;

pub(crate) use decode::decode_owned;
pub use decode::{Decoded, decode, decode_with};
pub use encapsulation::{Encoding, peek_encoding};
pub use encode::{Encoder, encode};
pub use endpoint::{Endpoint, Ip};
pub use error::SliceError;
pub use exception::{UserException, decode_exception, decode_exception_with};
pub use graph::{Graph, ObjectRef};
pub use identity::Identity;
pub use limits::Limits;
pub use object::Object;
pub use proxy::{Mode, Proxy};
pub(crate) use rows::RowScan;
pub use schema::{Class, Member};
pub(crate) use source::Basic;
pub use types::Type;
pub use value::Value;
