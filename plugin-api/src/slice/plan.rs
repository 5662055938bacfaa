//! Types prepared for decoding: names are looked up once, not for each value.

use super::schema::{self, Class};
use super::{Encoding, SliceError, Type};

/// How values of a type are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Bool,
    Byte,
    Short,
    Int,
    Long,
    Float,
    Double,
    String,
    /// A sequence of bytes.
    Bytes,
    Seq(Box<Elements>),
    Dict(Box<Entries>),
    Enum(Box<Enumeration>),
    Struct(&'static Class),
    Proxy,
    Class(Declared),
    /// A type that is in no table. Reading a value of it is an error.
    Unknown(String),
}

/// The elements of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Elements {
    pub(super) plan: Plan,
    pub(super) has_classes: bool,
    min_sizes: [usize; 2],
}

/// The keys and values of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entries {
    pub(super) key: Plan,
    pub(super) value: Plan,
    pub(super) has_classes: bool,
    min_sizes: [usize; 2],
}

/// An enumeration and how many enumerators it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Enumeration {
    pub(super) name: String,
    pub(super) count: usize,
}

/// The declared class of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// `::Ice::Object`
    Any,
    /// A class of the table, by its number. Classes refer to one another in circles, so it is not
    /// the class itself.
    Number(u16),
    /// A class that is not in the table.
    Unknown(Box<str>),
}

impl Plan {
    pub(super) fn of(ty: &Type) -> Self {
        match ty {
            Type::Bool => Self::Bool,
            Type::Byte => Self::Byte,
            Type::Short => Self::Short,
            Type::Int => Self::Int,
            Type::Long => Self::Long,
            Type::Float => Self::Float,
            Type::Double => Self::Double,
            Type::String => Self::String,
            Type::Seq(element) if **element == Type::Byte => Self::Bytes,
            Type::Seq(element) => {
                let plan = Self::of(element);
                Self::Seq(Box::new(Elements {
                    has_classes: plan.has_classes(),
                    min_sizes: plan.min_sizes(),
                    plan,
                }))
            }
            Type::Dict(key, value) => {
                let (key, value) = (Self::of(key), Self::of(value));
                let ([k0, k1], [v0, v1]) = (key.min_sizes(), value.min_sizes());
                Self::Dict(Box::new(Entries {
                    has_classes: key.has_classes() || value.has_classes(),
                    min_sizes: [k0 + v0, k1 + v1],
                    key,
                    value,
                }))
            }
            Type::Enum(name) => match schema::enumerators(name) {
                Some(names) => Self::Enum(Box::new(Enumeration {
                    name: name.clone(),
                    count: names.len(),
                })),
                None => Self::Unknown(name.clone()),
            },
            Type::Struct(name) => match schema::structure(name) {
                Some(class) => Self::Struct(class),
                None => Self::Unknown(name.clone()),
            },
            Type::Proxy(_) => Self::Proxy,
            Type::Class(id) => Self::Class(Declared::of(id)),
        }
    }

    /// Whether values of this type can contain class instances, which decides about the trailer
    /// of encoding 1.0.
    pub(super) fn has_classes(&self) -> bool {
        match self {
            Self::Class(_) => true,
            Self::Seq(elements) => elements.has_classes,
            Self::Dict(entries) => entries.has_classes,
            Self::Struct(class) => class.plans.iter().any(Self::has_classes),
            _ => false,
        }
    }

    /// The least number of bytes of a value, in encoding 1.0 and in 1.1.
    fn min_sizes(&self) -> [usize; 2] {
        match self {
            Self::Bool | Self::Byte | Self::String | Self::Bytes => [1, 1],
            Self::Seq(_) | Self::Dict(_) | Self::Enum(_) | Self::Unknown(_) => [1, 1],
            Self::Short | Self::Proxy => [2, 2],
            Self::Int | Self::Float => [4, 4],
            Self::Long | Self::Double => [8, 8],
            Self::Class(_) => [4, 1],
            Self::Struct(class) => {
                let sizes = class.plans.iter().map(Self::min_sizes);
                let [old, new] = sizes.fold([0, 0], |[a, b], [c, d]| [a + c, b + d]);
                [old.max(1), new.max(1)]
            }
        }
    }
}

impl Elements {
    /// The least number of bytes of an element.
    pub(super) const fn min_size(&self, encoding: Encoding) -> usize {
        min_size(self.min_sizes, encoding)
    }
}

impl Entries {
    /// The least number of bytes of a key with its value.
    pub(super) const fn min_size(&self, encoding: Encoding) -> usize {
        min_size(self.min_sizes, encoding)
    }
}

const fn min_size([old, new]: [usize; 2], encoding: Encoding) -> usize {
    match encoding {
        Encoding::V1_0 => old,
        Encoding::V1_1 => new,
    }
}

impl Declared {
    fn of(id: &str) -> Self {
        if id == schema::OBJECT {
            return Self::Any;
        }
        match schema::class_number(id) {
            Some(number) => Self::Number(number),
            None => Self::Unknown(id.into()),
        }
    }

    /// Whether instances of this class may be referred to.
    pub(super) fn allows(&self, class: &'static Class) -> bool {
        match self {
            Self::Any => true,
            Self::Number(number) => class.derives_from(*number),
            Self::Unknown(_) => false,
        }
    }

    /// An error for a class that is not in the table.
    pub(super) fn check(&self) -> Result<(), SliceError> {
        match self {
            Self::Unknown(id) => Err(SliceError::UnknownClass { id: id.to_string() }),
            Self::Any | Self::Number(_) => Ok(()),
        }
    }

    /// Its type id.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Any => schema::OBJECT,
            Self::Number(number) => schema::class_id(*number),
            Self::Unknown(id) => id,
        }
    }
}
