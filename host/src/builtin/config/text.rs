//! Changing one value in the text of a YAML file and leaving the rest as it is, comments included.
//!
//! Works on the lines of block mappings, which is how people write such files. The result is read
//! again: where it does not say what it should (the value stands in braces, say), the whole file is
//! written anew, and its comments are lost.

use serde_yaml::{Mapping, Value};

/// A changed text.
#[derive(Debug, PartialEq, Eq)]
pub struct Changed {
    /// The text.
    pub text: String,
    /// Whether comments were lost.
    pub lost_comments: bool,
}

/// Sets the value at a path, or removes it. `root` is what `text` says, `wanted` what the result
/// has to say.
///
/// # Errors
///
/// A value that YAML cannot write.
pub fn change(
    text: &str,
    path: &[&str],
    value: Option<&Value>,
    wanted: &Value,
) -> Result<Changed, serde_yaml::Error> {
    if let Some(text) = by_lines(text, path, value)
        && reads_as(&text, wanted)
    {
        return Ok(Changed {
            text,
            lost_comments: false,
        });
    }
    let anew = match wanted {
        Value::Mapping(mapping) if mapping.is_empty() => String::new(),
        _ => serde_yaml::to_string(wanted)?,
    };
    Ok(Changed {
        text: anew,
        lost_comments: text.lines().any(|line| line.trim_start().starts_with('#')),
    })
}

/// The mapping with the value at the path set or removed; a mapping that becomes empty goes too.
/// `None` where the path leads through something that is no mapping.
pub fn with(root: &Value, path: &[&str], value: Option<&Value>) -> Option<Value> {
    let mut mapping = match root {
        Value::Mapping(mapping) => mapping.clone(),
        Value::Null => Mapping::new(),
        _ => return None,
    };
    let (name, rest) = path.split_first()?;
    let old = mapping.get(*name).cloned().unwrap_or_default();
    let new = match rest {
        [] => value.cloned(),
        rest => Some(with(&old, rest, value)?),
    };
    let key = Value::from(*name);
    match new.filter(|new| {
        new.as_mapping()
            .is_none_or(|m| !m.is_empty() || rest.is_empty())
    }) {
        Some(new) => mapping.insert(key, new),
        None => mapping.shift_remove(&key),
    };
    Some(Value::Mapping(mapping))
}

fn reads_as(text: &str, wanted: &Value) -> bool {
    let read: Result<Value, _> = serde_yaml::from_str(text);
    let empty = |value: &Value| {
        value.is_null() || value.as_mapping().is_some_and(|mapping| mapping.is_empty())
    };
    read.is_ok_and(|read| read == *wanted || (empty(&read) && empty(wanted)))
}

fn by_lines(text: &str, path: &[&str], value: Option<&Value>) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let (at, indent, depth) = deepest(&lines, path);
    match (at, value) {
        (Some(block), _) if depth == path.len() => {
            let new = value.map_or(Some(Vec::new()), |v| entry(path.last()?, v, indent))?;
            changed.splice(block.begin..block.end, new);
        }
        (_, None) => return None,
        (parent, Some(value)) => {
            let (name, inner) = path[depth..].split_first()?;
            let nested = inner.iter().rev().fold(value.clone(), |value, name| {
                Value::Mapping([(Value::from(*name), value)].into_iter().collect())
            });
            let place = parent.as_ref().map_or(lines.len(), |block| block.end);
            changed.splice(place..place, entry(name, &nested, indent)?);
        }
    }
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    Some(changed.into_iter().map(|line| line + end).collect())
}

/// The lines of an entry: its first one, and the one after its last.
struct Block {
    begin: usize,
    end: usize,
}

/// Follows the path as far as it goes: the last block, the indentation of what comes next (or of
/// the block itself at the end of the path), and how many names were found.
fn deepest(lines: &[&str], path: &[&str]) -> (Option<Block>, usize, usize) {
    let mut found = None;
    let mut range = 0..lines.len();
    let mut indent = 0;
    for (depth, name) in path.iter().enumerate() {
        let Some(block) = block_of(lines, range.clone(), indent, name) else {
            return (found, indent, depth);
        };
        range = block.begin + 1..block.end;
        found = Some(block);
        if depth + 1 < path.len() {
            indent = lines[range.clone()]
                .iter()
                .find(|line| is_content(line))
                .map_or(indent + 2, |line| indentation(line));
        }
    }
    (found, indent, path.len())
}

fn block_of(
    lines: &[&str],
    range: std::ops::Range<usize>,
    indent: usize,
    name: &str,
) -> Option<Block> {
    let begin = range.clone().find(|at| {
        let line = lines[*at];
        indentation(line) == indent && key_of(line.trim_start()) == Some(name)
    })?;
    // The items of a list may stand as far left as its key.
    let is_next = |line: &str| match indentation(line) {
        left if left == indent => !line.trim_start().starts_with('-'),
        left => left < indent,
    };
    let next = (begin + 1..range.end)
        .find(|at| is_content(lines[*at]) && is_next(lines[*at]))
        .unwrap_or(range.end);
    // What stands before the next entry as far left as it does is about that one.
    let own = |line: &str| is_content(line) || (!line.is_empty() && indentation(line) > indent);
    let end = (begin + 1..next).rev().find(|at| own(lines[*at]));
    Some(Block {
        begin,
        end: end.map_or(begin + 1, |last| last + 1),
    })
}

/// The key that a line begins with, without its quotes.
fn key_of(line: &str) -> Option<&str> {
    let (key, rest) = match line.chars().next()? {
        quote @ ('"' | '\'') => line[1..].split_once(quote)?,
        _ => line
            .split_once(':')
            .map(|(key, _)| (key, &line[key.len()..]))?,
    };
    rest.trim_start().starts_with(':').then(|| key.trim_end())
}

fn is_content(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// The lines of a new entry.
fn entry(name: &str, value: &Value, indent: usize) -> Option<Vec<String>> {
    let mapping: Mapping = [(Value::from(name), value.clone())].into_iter().collect();
    let text = serde_yaml::to_string(&Value::Mapping(mapping)).ok()?;
    let pad = " ".repeat(indent);
    Some(text.lines().map(|line| format!("{pad}{line}")).collect())
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
