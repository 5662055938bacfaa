//! What is different between two observations.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};

use super::differences::{Field, Of, Row, rewritten};
use super::observed::Observed;
use super::text::without_ours;

/// Both programs in one case.
pub struct Pair {
    /// Ours.
    pub ours: Observed,
    /// OMERO.py's.
    pub theirs: Observed,
}

impl Pair {
    /// What differs after the changes of all rows but one.
    pub fn differing(&self, rows: &[Row], but: Option<usize>) -> BTreeSet<Field> {
        let mut fields = BTreeSet::new();
        let mut note = |field, differs: bool| {
            if differs {
                fields.insert(field);
            }
        };
        let (ours, theirs) = (&self.ours, &self.theirs);
        let same = |ours: &str, theirs: &str| {
            rewritten(&without_ours(ours), Of::Ours, rows, but)
                == rewritten(theirs, Of::Theirs, rows, but)
        };
        note(Field::Code, ours.code != theirs.code);
        let in_order = same(&ours.stdout, &theirs.stdout);
        let in_any_order = in_order || same(&sorted(&ours.stdout), &sorted(&theirs.stdout));
        note(Field::Stdout, !in_any_order);
        note(Field::Order, in_any_order && !in_order);
        note(Field::Stderr, !same(&ours.stderr, &theirs.stderr));
        note(Field::Store, ours.store != theirs.store);
        note(Field::Server, ours.server != theirs.server);
        fields
    }

    /// Both sides of a field, for people.
    pub fn show(&self, field: Field) -> String {
        let (ours, theirs) = (&self.ours, &self.theirs);
        match field {
            Field::Code => sides(&ours.code, &theirs.code),
            Field::Stdout | Field::Order => texts(&ours.stdout, &theirs.stdout),
            Field::Stderr => texts(&ours.stderr, &theirs.stderr),
            Field::Store => sides(&ours.store, &theirs.store),
            Field::Server => sides(&ours.server, &theirs.server),
            Field::Alone => String::new(),
        }
    }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<_> = text.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines.concat()
}

fn sides(ours: &dyn Debug, theirs: &dyn Debug) -> String {
    format!("ours:   {ours:#?}\ntheirs: {theirs:#?}\n")
}

fn texts(ours: &str, theirs: &str) -> String {
    let mut shown = String::new();
    for (name, text) in [("ours", ours), ("theirs", theirs)] {
        let _ = writeln!(shown, "{name}:");
        text.lines().for_each(|line| {
            let _ = writeln!(shown, "  | {line}");
        });
    }
    shown
}
