//! Tables of types, as text that was split into lines when this crate was compiled.

use std::sync::OnceLock;

use super::super::plan::Plan;
use super::{Class, Lookup, Member};
use crate::slice::Type;

/// Where a line is in its text.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    /// The end of the type id, which a line begins with.
    id_end: usize,
    end: usize,
}

/// Lines `id : …` sorted by id. A line is parsed when its class is first asked for.
pub(in crate::slice) struct Table<const N: usize> {
    text: &'static str,
    lines: [Line; N],
    parsed: [OnceLock<Option<Class>>; N],
    /// How the base of a class is found.
    bases: Lookup,
}

impl<const N: usize> Table<N> {
    pub(super) const fn new(text: &'static str, bases: Lookup) -> Self {
        Self {
            text,
            lines: split(text),
            parsed: [const { OnceLock::new() }; N],
            bases,
        }
    }

    /// The number of a type id in the table.
    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.lines
            .binary_search_by(|line| self.id_of(*line).cmp(id))
            .ok()
    }

    /// The type id with this number.
    pub(super) fn id(&self, index: usize) -> Option<&'static str> {
        self.lines.get(index).map(|line| self.id_of(*line))
    }

    /// The class with this type id.
    pub(super) fn find(&'static self, id: &str) -> Option<&'static Class> {
        self.get(self.position(id)?)
    }

    /// The class with this number.
    pub(super) fn get(&'static self, index: usize) -> Option<&'static Class> {
        let parsed = self.parsed.get(index)?;
        parsed.get_or_init(|| self.parse(index)).as_ref()
    }

    pub(super) fn ids(&'static self) -> impl Iterator<Item = &'static str> {
        self.lines.iter().map(|line| self.id_of(*line))
    }

    fn id_of(&self, line: Line) -> &'static str {
        self.text.get(line.start..line.id_end).unwrap_or_default()
    }

    /// Parses `id : base or - : name type, name type`; structs leave the base out.
    fn parse(&self, index: usize) -> Option<Class> {
        let line = self.lines.get(index)?;
        let (id, rest) = self.text.get(line.start..line.end)?.split_once(" : ")?;
        let (base, members) = match (rest.split_once(" : "), rest.strip_suffix(" :")) {
            (Some(parts), _) => parts,
            (None, Some(base)) => (base, ""),
            (None, None) => ("-", rest),
        };
        let base = Some(base).filter(|base| *base != "-");
        let members = split_members(members)
            .map(parse_member)
            .collect::<Option<Vec<_>>>()?;
        let parent = match base {
            Some(base) => Some((self.bases)(base)?),
            None => None,
        };
        Some(Class {
            id,
            base,
            plans: members.iter().map(|member| Plan::of(&member.ty)).collect(),
            fields: members.len() + parent.map_or(0, |parent| parent.fields),
            members,
            parent,
            number: u16::try_from(index).ok()?,
        })
    }
}

/// Finds the lines of a text. It runs while this crate is compiled.
const fn split<const N: usize>(text: &str) -> [Line; N] {
    let bytes = text.as_bytes();
    let mut lines = [Line {
        start: 0,
        id_end: 0,
        end: 0,
    }; N];
    let (mut at, mut line) = (0, 0);
    while at < bytes.len() {
        lines[line].start = at;
        while bytes[at] != b' ' {
            at += 1;
        }
        lines[line].id_end = at;
        while at < bytes.len() && bytes[at] != b'\n' {
            at += 1;
        }
        lines[line].end = at;
        (at, line) = (at + 1, line + 1);
    }
    assert!(line == N, "the table has another number of lines");
    lines
}

/// Members are separated by a comma and a blank; dictionaries have commas without one.
fn split_members(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(", ").filter(|member| !member.is_empty())
}

fn parse_member(text: &'static str) -> Option<Member> {
    let (name, ty) = text.split_once(' ')?;
    Some(Member {
        name,
        ty: Type::parse(ty).ok()?,
    })
}
