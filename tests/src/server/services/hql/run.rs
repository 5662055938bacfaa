//! Running a query.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::super::super::database::{Database, Datum, Kind};
use super::check::check;
use super::evaluate::{Evaluator, Scope};
use super::paths::{Binding, kind_of, start, value_of};
use super::{Expression, Item, Query, Source};

/// What a query has found.
#[derive(Debug, Default)]
pub struct Found {
    pub rows: Vec<Vec<Datum>>,
    pub fetched: Fetched,
}

/// What `join fetch` has read beside the rows.
#[derive(Debug, Default)]
pub struct Fetched {
    /// Classes and ids of records.
    pub records: Vec<(String, i64)>,
    /// Classes and ids of records, and the names of their collections.
    pub collections: Vec<(String, i64, String)>,
}

/// Runs a query, or tells what is wrong with it in Hibernate's manner.
pub fn run(
    query: &Query,
    database: &Database,
    parameters: &BTreeMap<String, Datum>,
) -> Result<Found, String> {
    check(query, &[])?;
    let mut found = Found::default();
    found.rows = run_within(
        query,
        database,
        parameters,
        &Scope::new(),
        &mut found.fetched,
    )?;
    Ok(found)
}

fn run_within(
    query: &Query,
    database: &Database,
    parameters: &BTreeMap<String, Datum>,
    outer: &Scope,
    fetched: &mut Fetched,
) -> Result<Vec<Vec<Datum>>, String> {
    let inner = |query: &Query, scope: &Scope| {
        run_within(query, database, parameters, scope, &mut Fetched::default())
    };
    let text = query.text.as_str();
    let evaluator = Evaluator {
        database,
        parameters,
        text,
        inner: &inner,
    };
    let mut scopes = vec![outer.clone()];
    for (at, source) in query.sources.iter().enumerate() {
        let mut joined = Vec::new();
        for scope in scopes {
            join(source, &scope, at, &evaluator, &mut joined, fetched)?;
        }
        scopes = joined;
    }
    if let Some(condition) = &query.condition {
        let mut kept = Vec::new();
        for scope in scopes {
            if evaluator.holds(condition, &scope)? {
                kept.push(scope);
            }
        }
        scopes = kept;
    }
    let items = items(query);
    let mut rows: Vec<(Vec<Datum>, Vec<Datum>)> = Vec::new();
    for group in grouped(query, &items, scopes, &evaluator)? {
        let Some(row) = evaluator.items(&items, &group)? else {
            continue;
        };
        let mut keys = Vec::new();
        for (key, _) in &query.order {
            keys.push(order_key(key, query, &row, &group, &evaluator)?);
        }
        if !query.distinct || !rows.iter().any(|(known, _)| *known == row) {
            rows.push((row, keys));
        }
    }
    rows.sort_by(|(_, a), (_, b)| {
        let mut order = Ordering::Equal;
        for ((a, b), (_, descending)) in a.iter().zip(b).zip(&query.order) {
            let next = a.order(b);
            order = order.then(if *descending { next.reverse() } else { next });
        }
        order
    });
    Ok(rows.into_iter().map(|(row, _)| row).collect())
}

/// What is selected: without `select`, every class and every join that is not fetched.
fn items(query: &Query) -> Vec<Item> {
    if !query.items.is_empty() {
        return query.items.clone();
    }
    let roots = query.sources.iter().filter_map(|source| match source {
        Source::Join { fetch: true, .. } => None,
        other => Some(other.alias()),
    });
    let path = |alias: &str| match alias {
        "" => Vec::new(),
        alias => vec![alias.to_owned()],
    };
    let item = |alias| Item {
        value: Expression::Path(path(alias)),
        name: None,
    };
    roots.map(item).collect()
}

fn join(
    source: &Source,
    scope: &Scope,
    at: usize,
    evaluator: &Evaluator<'_>,
    joined: &mut Vec<Scope>,
    fetched: &mut Fetched,
) -> Result<(), String> {
    let alias = source.alias();
    let mut bind = |class: &str, value: Datum| {
        let mut scope = scope.clone();
        let (alias, class) = (alias.to_owned(), class.to_owned());
        scope.insert(
            at,
            Binding {
                alias,
                class,
                value,
            },
        );
        joined.push(scope);
    };
    match source {
        Source::Class { class, .. } => {
            let class = class.rsplit('.').next().unwrap_or(class);
            for record in evaluator.database.all(class) {
                bind(class, Datum::Link(record.class.clone(), record.id));
            }
        }
        Source::Join {
            path, outer, fetch, ..
        } => {
            let (Kind::Object(class) | Kind::Collection(class)) =
                kind_of(scope, path, evaluator.text)?
            else {
                return Ok(());
            };
            let found = match value_of(evaluator.database, scope, path, evaluator.text)? {
                Some(Datum::List(links)) => links,
                Some(link @ Datum::Link(..)) => vec![link],
                _ => Vec::new(),
            };
            if found.is_empty() && *outer {
                bind(&class, Datum::Null);
            }
            if *fetch {
                note_fetched(scope, path, &found, evaluator, fetched)?;
            }
            for value in found {
                bind(&class, value);
            }
        }
    }
    Ok(())
}

fn note_fetched(
    scope: &Scope,
    path: &[String],
    found: &[Datum],
    evaluator: &Evaluator<'_>,
    fetched: &mut Fetched,
) -> Result<(), String> {
    for link in found {
        if let Datum::Link(class, id) = link {
            fetched.records.push((class.clone(), *id));
        }
    }
    let is_collection = matches!(kind_of(scope, path, evaluator.text)?, Kind::Collection(_));
    let (binding, rest) = start(scope, path, evaluator.text)?;
    if let (true, Datum::Link(class, id), [name]) = (is_collection, &binding.value, rest) {
        fetched.collections.push((class.clone(), *id, name.clone()));
    }
    Ok(())
}

/// The rows that belong together: those with the same keys, all for a total, or else each alone.
fn grouped(
    query: &Query,
    items: &[Item],
    scopes: Vec<Scope>,
    evaluator: &Evaluator<'_>,
) -> Result<Vec<Vec<Scope>>, String> {
    if query.groups.is_empty() {
        let total = items.iter().any(|item| item.value.is_aggregate());
        return Ok(match total {
            true => vec![scopes],
            false => scopes.into_iter().map(|scope| vec![scope]).collect(),
        });
    }
    let mut groups: Vec<(Vec<Datum>, Vec<Scope>)> = Vec::new();
    for scope in scopes {
        let mut key = Vec::new();
        for expression in &query.groups {
            let value = evaluator.value(expression, std::slice::from_ref(&scope))?;
            key.push(value.unwrap_or(Datum::Null));
        }
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(scope),
            None => groups.push((key, vec![scope])),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

fn order_key(
    key: &Expression,
    query: &Query,
    row: &[Datum],
    group: &[Scope],
    evaluator: &Evaluator<'_>,
) -> Result<Datum, String> {
    if let Expression::Path(path) = key
        && let Some(value) = query.item_named(path).and_then(|at| row.get(at))
    {
        return Ok(value.clone());
    }
    Ok(evaluator.value(key, group)?.unwrap_or(Datum::Null))
}
