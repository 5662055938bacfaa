//! Rows of the database.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::kinds::{Kind, boxed, kind};

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A database null.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number of 32 bits.
    Int(i32),
    /// A whole number of 64 bits.
    Long(i64),
    /// A floating-point number of 32 bits.
    Float(f32),
    /// A floating-point number of 64 bits.
    Double(f64),
    /// Text.
    Text(String),
    /// Milliseconds since the epoch.
    Time(i64),
    /// Another record: its class and id.
    Link(String, i64),
    /// A number and the name of its unit.
    Quantity(f64, String),
    /// Several values.
    List(Vec<Self>),
    /// Several values with names.
    Map(Vec<(String, Self)>),
}

impl Datum {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "test data has small numbers")]
        match self {
            Self::Int(number) => Some((*number).into()),
            Self::Long(number) | Self::Time(number) => Some(*number as f64),
            Self::Float(number) => Some((*number).into()),
            Self::Double(number) => Some(*number),
            _ => None,
        }
    }

    /// SQL's order where there is one; a record is its id.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Long(a) | Self::Time(a), Self::Long(b) | Self::Time(b)) => Some(a.cmp(b)),
            (Self::Link(_, a), Self::Link(_, b) | Self::Long(b)) => Some(a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (a, b) => a.number()?.partial_cmp(&b.number()?),
        }
    }

    /// PostgreSQL's order for `order by`: nulls come last.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            (a, b) => a.compare(b).unwrap_or(Ordering::Equal),
        }
    }
}

/// Who has a record; nothing for what belongs to the whole server.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Details {
    /// Id of the user.
    pub owner: Option<i64>,
    /// Id of the group.
    pub group: Option<i64>,
    /// The bits of its permissions.
    pub permissions: Option<i64>,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its class without packages: `Image`.
    pub class: String,
    /// Its id.
    pub id: i64,
    /// Who has it.
    pub details: Details,
    /// Its members without `_`; those that are missing are null.
    pub members: BTreeMap<String, Datum>,
}

impl Record {
    /// A row of an object that nobody owns.
    pub fn new(class: &str, id: i64) -> Self {
        let version = ("version".to_owned(), Datum::Int(0));
        Self {
            class: class.to_owned(),
            id,
            details: Details::default(),
            // Enumerations and events are immutable, and have no version.
            members: kind(class, "version")
                .map(|_| version)
                .into_iter()
                .collect(),
        }
    }

    /// The row of somebody's object in a group.
    pub fn owned_by(mut self, owner: i64, group: i64) -> Self {
        self.details.owner = Some(owner);
        self.details.group = Some(group);
        self
    }

    /// With a value.
    pub fn with(mut self, member: &str, value: Datum) -> Self {
        self.members.insert(member.to_owned(), value);
        self
    }

    /// With a number, in the type that the class has for it: the id of another record, a count, a
    /// time. `None` if the class has no such member, or none for a number.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "test data has small numbers"
    )]
    pub fn with_number(self, member: &str, number: f64) -> Option<Self> {
        let value = match kind(&self.class, member)? {
            Kind::Object(class) => Datum::Link(class, number as i64),
            Kind::Plain => match boxed(&self.class, member)? {
                "RInt" => Datum::Int(number as i32),
                "RLong" => Datum::Long(number as i64),
                "RTime" => Datum::Time(number as i64),
                "RFloat" => Datum::Float(number as f32),
                "RDouble" => Datum::Double(number),
                _ => return None,
            },
            _ => return None,
        };
        Some(self.with(member, value))
    }

    /// The value of a member that the class has.
    pub fn get(&self, member: &str) -> Datum {
        match member {
            "id" => Datum::Long(self.id),
            _ => self.members.get(member).cloned().unwrap_or(Datum::Null),
        }
    }
}
