//! `omero::api::IQuery` over everything in [`Database`]; see [`super::hql`] for the language.

use std::collections::BTreeMap;

use omero_plugin_api::slice::{Graph, Object, Value, schema};

use super::super::database::{Database, Datum, Encoder, Kind, Sight, java_name, kind, type_id};
use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::thrown::Thrown;
use super::hql::{self, Expression, Fetched, Found, Query};
use super::{Call, not_implemented};

/// Classes and ids of records.
type Keys = Vec<(String, i64)>;

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    let database = Database::of(&call.world.model, &sight(call)?);
    match operation {
        "get" => by_id(call, &database, true),
        "find" => by_id(call, &database, false),
        "findAll" => {
            let class = class(call)?;
            let all = database
                .all(&class)
                .map(|r| (r.class.clone(), r.id))
                .collect();
            let all = page(call, all, Some(1))?;
            objects(&database, &all, &Fetched::default())
        }
        "findByString" | "findAllByString" => {
            by_string(call, &database, operation == "findByString")
        }
        "findByQuery" => {
            let (found, fetched) = by_query(call, &database)?;
            unique(&database, &found, &fetched)
        }
        "findAllByQuery" => {
            let (found, fetched) = by_query(call, &database)?;
            objects(&database, &found, &fetched)
        }
        "projection" => projection(call, &database),
        _ => not_implemented(operation),
    }
}

/// What the session may see: the group in force, or with the group -1 in the context all of them.
fn sight(call: &Call<'_>) -> Result<Sight, Trouble> {
    let all = call.request.context("omero.group") == Some("-1");
    Ok(Sight {
        user: call.user()?,
        group: if all { None } else { Some(call.group()?) },
    })
}

fn refused(words: &str) -> Trouble {
    Thrown::server("QueryException", words).into()
}

/// The class in the first argument.
fn class(call: &Call<'_>) -> Result<String, Trouble> {
    let name = call.text(0)?;
    let short = name.rsplit('.').next().unwrap_or(name).to_owned();
    if schema::class(&type_id(&short)).is_none() {
        let words = format!("{name} does not specify a valid class.");
        return Err(Thrown::api_usage(&words).into());
    }
    Ok(short)
}

fn by_id(call: &Call<'_>, database: &Database, required: bool) -> Outcome {
    let (class, id) = (class(call)?, call.long(1)?);
    let found: Keys = database
        .get(&class, id)
        .map(|r| (r.class.clone(), r.id))
        .into_iter()
        .collect();
    if required && found.is_empty() {
        let words = format!(
            "The requested object ({},{id}) is not available.\nPlease use IQuery.find to deal \
             with nulls.",
            java_name(&class)
        );
        return Err(Thrown::server("ValidationException", &words).into());
    }
    unique(database, &found, &Fetched::default())
}

fn by_string(call: &Call<'_>, database: &Database, one: bool) -> Outcome {
    let (class, field, text) = (class(call)?, call.text(1)?, call.text(2)?);
    if kind(&class, field) != Some(Kind::Plain) {
        let class = java_name(&class);
        return Err(refused(&format!(
            "could not resolve property: {field} of: {class}"
        )));
    }
    let fits = Datum::Text(text.to_owned());
    let records = database
        .all(&class)
        .filter(|record| record.get(field) == fits);
    let found = records.map(|r| (r.class.clone(), r.id)).collect();
    match one {
        true => unique(database, &found, &Fetched::default()),
        false => objects(database, &found, &Fetched::default()),
    }
}

fn run(call: &Call<'_>, database: &Database) -> Result<(Query, Found), Trouble> {
    let query = hql::parse(call.text(0)?).map_err(|words| refused(&words))?;
    let found = hql::run(&query, database, &parameters(call)?).map_err(|words| refused(&words))?;
    Ok((query, found))
}

fn by_query(call: &Call<'_>, database: &Database) -> Result<(Keys, Fetched), Trouble> {
    let (query, found) = run(call, database)?;
    let objects = query.items.len() <= 1
        && query
            .items
            .iter()
            .all(|item| matches!(item.value, Expression::Path(_)));
    let key = |row: Vec<Datum>| match row.into_iter().next() {
        Some(Datum::Link(class, id)) => Some((class, id)),
        _ => None,
    };
    let count = found.rows.len();
    let keys: Keys = found.rows.into_iter().filter_map(key).collect();
    if !objects || keys.len() != count {
        let words = format!("Queries must return IObjects: {}", query.text);
        return Err(Thrown::api_usage(&words).into());
    }
    Ok((page(call, keys, None)?, found.fetched))
}

fn projection(call: &Call<'_>, database: &Database) -> Outcome {
    let (_, found) = run(call, database)?;
    let rows = page(call, found.rows, None)?;
    let mut encoder = encoder(database, &found.fetched);
    for datum in rows.iter().flatten() {
        encoder.load_all(datum);
    }
    let mut table = Vec::new();
    for row in &rows {
        // The server takes a null that is alone in its row for a row without values.
        let values: &[Datum] = if *row == [Datum::Null] { &[] } else { row };
        let line: Result<_, _> = values.iter().map(|datum| encoder.boxed(datum)).collect();
        table.push(Value::Seq(line?));
    }
    Ok(Answer::with(encoder.graph, table))
}

fn encoder<'a>(database: &'a Database, fetched: &Fetched) -> Encoder<'a> {
    let mut encoder = Encoder::new(database);
    for (class, id) in &fetched.records {
        encoder.load(class, *id);
    }
    for (class, id, name) in &fetched.collections {
        encoder.load_collection(class, *id, name);
    }
    encoder
}

fn objects(database: &Database, keys: &Keys, fetched: &Fetched) -> Outcome {
    let mut encoder = encoder(database, fetched);
    for (class, id) in keys {
        encoder.load(class, *id);
    }
    let mut list = Vec::new();
    for (class, id) in keys {
        list.push(Value::from(encoder.link(class, *id)?));
    }
    Ok(Answer::with(encoder.graph, list))
}

fn unique(database: &Database, keys: &Keys, fetched: &Fetched) -> Outcome {
    let mut encoder = encoder(database, fetched);
    let object = match keys.as_slice() {
        [] => None,
        [(class, id)] => {
            encoder.load(class, *id);
            Some(encoder.link(class, *id)?)
        }
        many => {
            let words = format!("query did not return a unique result: {}", many.len());
            return Err(Thrown::api_usage(&words).into());
        }
    };
    Ok(Answer::with(encoder.graph, object))
}

/// The named values of a query.
fn parameters(call: &Call<'_>) -> Result<BTreeMap<String, Datum>, Trouble> {
    let Some(object) = call.graph.object_of(call.argument(1)?)? else {
        return Ok(BTreeMap::new());
    };
    let mut named = BTreeMap::new();
    for (name, value) in object.get("map")?.as_dict()? {
        let datum = match call.graph.object_of(value)? {
            Some(boxed) => parameter(&call.graph, boxed)?,
            None => Datum::Null,
        };
        named.insert(name.as_str()?.to_owned(), datum);
    }
    Ok(named)
}

fn parameter(graph: &Graph, boxed: &Object) -> Result<Datum, Trouble> {
    Ok(match boxed.get("_val")? {
        Value::String(text) => Datum::Text(text.clone()),
        Value::Long(number) if boxed.is_a("::omero::RTime") => Datum::Time(*number),
        Value::Long(number) => Datum::Long(*number),
        Value::Int(number) => Datum::Int(*number),
        Value::Float(number) => Datum::Float(*number),
        Value::Double(number) => Datum::Double(*number),
        Value::Bool(flag) => Datum::Bool(*flag),
        Value::Seq(values) => {
            let mut list = Vec::new();
            for value in values {
                list.push(match graph.object_of(value)? {
                    Some(inner) => parameter(graph, inner)?,
                    None => Datum::Null,
                });
            }
            Datum::List(list)
        }
        other => {
            let words = format!("unsupported parameter type: {}", other.kind());
            return Err(refused(&words));
        }
    })
}

/// Applies offset and limit of the filter: an argument of its own, or part of the parameters. A
/// negative limit is none; PostgreSQL refuses a negative offset.
fn page<T>(call: &Call<'_>, rows: Vec<T>, filter: Option<usize>) -> Result<Vec<T>, Trouble> {
    let graph = &call.graph;
    let filter = match filter {
        Some(index) => graph.object_of(call.argument(index)?)?,
        None => match graph.object_of(call.argument(1)?)? {
            Some(parameters) => graph.object_of(parameters.get("theFilter")?)?,
            None => None,
        },
    };
    let Some(filter) = filter else {
        return Ok(rows);
    };
    let number = |member| Ok::<_, Trouble>(graph.rint_of(filter.get(member)?)?);
    let limit = number("limit")?.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let offset = number("offset")?.unwrap_or(0);
    let Ok(offset) = usize::try_from(offset) else {
        let words =
            "query failed: org.postgresql.util.PSQLException: ERROR: OFFSET must not be negative";
        return Err(Thrown::api_usage(words).into());
    };
    Ok(rows.into_iter().skip(offset).take(limit).collect())
}
