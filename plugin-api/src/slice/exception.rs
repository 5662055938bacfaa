//! User exceptions: what an operation throws instead of returning.

use super::chain::Chain;
use super::decode_v10::Decoder10;
use super::decode_v11::Decoder11;
use super::schema::{self, Class};
use super::{Encoding, Graph, Limits, SliceError, Value, encapsulation};

/// A user exception.
#[derive(Clone, Debug, PartialEq)]
pub struct UserException {
    /// Type id: the most derived one that is in the table of exceptions or, if none is, the most
    /// derived one the sender named.
    pub id: String,
    /// The most derived type id the sender named.
    pub wire_id: String,
    fields: Vec<(&'static str, Value)>,
}

/// Decodes the encapsulation of a reply that holds a user exception, with the usual limits.
pub fn decode_exception(encapsulation: &[u8]) -> Result<(UserException, Graph), SliceError> {
    decode_exception_with(encapsulation, &Limits::default())
}

/// Decodes the encapsulation of a reply that holds a user exception, within limits.
pub fn decode_exception_with(
    encapsulation: &[u8],
    limits: &Limits,
) -> Result<(UserException, Graph), SliceError> {
    let (encoding, reader) = encapsulation::open(encapsulation, limits)?;
    let (chain, values, graph) = match encoding {
        Encoding::V1_0 => Decoder10::new(reader, limits).exception()?,
        Encoding::V1_1 => Decoder11::new(reader, limits).exception()?,
    };
    Ok((UserException::from_chain(&chain, values), graph))
}

impl UserException {
    fn from_chain(chain: &Chain, values: Vec<Value>) -> Self {
        let wire_id = chain.wire_id().to_owned();
        let id = chain
            .class()
            .map_or_else(|| wire_id.clone(), |class| class.id.to_owned());
        let names = members(chain.class()).map(|member| member.name);
        Self {
            id,
            wire_id,
            fields: names.zip(values).collect(),
        }
    }

    /// The value of a member, also of an inherited one.
    #[must_use]
    pub fn get(&self, member: &str) -> Option<&Value> {
        self.fields
            .iter()
            .find(|(name, _)| *name == member)
            .map(|(_, value)| value)
    }

    /// All members and their values, most derived type first.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.fields.iter().map(|(name, value)| (*name, value))
    }

    /// The known type and its bases, most derived first; empty when no type is known.
    pub fn bases(&self) -> impl Iterator<Item = &'static str> + use<> {
        schema::exception_chain(&self.id).map(|class| class.id)
    }

    /// Whether it is an exception of this type or of one derived from it.
    #[must_use]
    pub fn is_a(&self, id: &str) -> bool {
        self.id == id || self.wire_id == id || self.bases().any(|base| base == id)
    }

    /// The text for people: `message` of OMERO's exceptions, `reason` of those of the login.
    ///
    /// It is the name of the exception if there is no text. Texts of servers may contain control
    /// characters.
    #[must_use]
    pub fn message(&self) -> &str {
        let texts = ["message", "reason"]
            .into_iter()
            .filter_map(|name| self.get(name));
        let mut texts = texts.filter_map(|value| value.as_str().ok());
        texts.find(|text| !text.is_empty()).unwrap_or(&self.wire_id)
    }
}

/// Whether exceptions of this type contain class instances.
pub(super) fn has_classes(class: &'static Class) -> bool {
    members(Some(class)).any(|member| member.ty.has_classes())
}

/// The values of all members in wire order.
pub(super) fn ordered_fields(
    class: &'static Class,
    fields: &[(&str, Value)],
) -> Result<Vec<Value>, SliceError> {
    let declared = |name: &str| members(Some(class)).any(|member| member.name == name);
    if let Some((name, _)) = fields.iter().find(|(name, _)| !declared(name)) {
        let (class, member) = (class.id.to_owned(), (*name).to_owned());
        return Err(SliceError::NoSuchMember { class, member });
    }
    let values = members(Some(class)).map(|member| {
        let given = fields.iter().find(|(name, _)| *name == member.name);
        given.map_or_else(|| member.ty.zero(), |(_, value)| Ok(value.clone()))
    });
    values.collect()
}

fn members(class: Option<&'static Class>) -> impl Iterator<Item = &'static schema::Member> {
    schema::ancestors(class, schema::exception).flat_map(|class| &class.members)
}
