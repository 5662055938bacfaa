//! `omero::api::IQuery` over people, groups and sessions; see [`super::hql`] for the language.

use std::cmp::Ordering;

use omero_plugin_api::slice::{Graph, ObjectRef, Value};

use super::super::dispatch::{Answer, Outcome, Trouble};
use super::super::model::Model;
use super::super::thrown::Thrown;
use super::super::values::Builder;
use super::hql::{self, Cell, Condition, Item, Operand, Query};
use super::{Call, not_implemented};

/// A row: which object it is, and its columns.
struct Row {
    id: i64,
    columns: Vec<(&'static str, Cell)>,
}

/// Classes that can be asked for, with the package of their Java names.
const CLASSES: [&str; 3] = ["Experimenter", "ExperimenterGroup", "Session"];

pub fn invoke(call: &mut Call<'_>, operation: &str) -> Outcome {
    match operation {
        "get" => by_id(call, true),
        "find" => by_id(call, false),
        "findAll" => {
            let query = everything(call.text(0)?);
            let rows = page(call, select(call, &query, None)?, Some(1))?;
            objects(call, &query.class, &rows)
        }
        "findByString" | "findAllByString" => by_string(call, operation == "findByString"),
        "findByQuery" => {
            let (query, rows) = by_query(call)?;
            unique(call, &query.class, &rows)
        }
        "findAllByQuery" => {
            let (query, rows) = by_query(call)?;
            objects(call, &query.class, &rows)
        }
        "projection" => projection(call),
        _ => not_implemented(operation),
    }
}

fn everything(class: &str) -> Query {
    let class = class.rsplit('.').next().unwrap_or(class).to_owned();
    Query {
        items: vec![Item::Object],
        class,
        conditions: Vec::new(),
        order: Vec::new(),
    }
}

fn refused(words: &str) -> Trouble {
    Thrown::server("QueryException", words).into()
}

fn by_id(call: &Call<'_>, required: bool) -> Outcome {
    let (query, id) = (everything(call.text(0)?), call.long(1)?);
    let rows: Vec<Row> = select(call, &query, None)?
        .into_iter()
        .filter(|row| row.id == id)
        .collect();
    if required && rows.is_empty() {
        let words = format!(
            "The requested object ({},{id}) is not available.\nPlease use IQuery.find to deal \
             with nulls.",
            java_name(&query.class)
        );
        return Err(Thrown::server("ValidationException", &words).into());
    }
    unique(call, &query.class, &rows)
}

fn by_string(call: &Call<'_>, one: bool) -> Outcome {
    let mut query = everything(call.text(0)?);
    let operand = Operand::Literal(Cell::Text(call.text(2)?.to_owned()));
    let (field, operator) = (call.text(1)?.to_owned(), "=".to_owned());
    query.conditions.push(Condition {
        field,
        operator,
        operand,
    });
    let rows = select(call, &query, None)?;
    if one {
        unique(call, &query.class, &rows)
    } else {
        objects(call, &query.class, &rows)
    }
}

fn by_query(call: &Call<'_>) -> Result<(Query, Vec<Row>), Trouble> {
    let query = hql::parse(call.text(0)?).map_err(|words| refused(&words))?;
    if query.items != [Item::Object] {
        return Err(refused("only whole objects can be returned by this method"));
    }
    let rows = page(call, select(call, &query, Some(1))?, None)?;
    Ok((query, rows))
}

fn projection(call: &Call<'_>) -> Outcome {
    let query = hql::parse(call.text(0)?).map_err(|words| refused(&words))?;
    let rows = select(call, &query, Some(1))?;
    let mut builder = Builder::new(&call.world.model);
    if query.items.contains(&Item::Count) {
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let count = builder.graph.rlong(count);
        return Ok(Answer::with(builder.graph, vec![Value::Seq(vec![count])]));
    }
    let mut table = Vec::new();
    for row in page(call, rows, None)? {
        let mut line = Vec::new();
        for item in &query.items {
            line.push(match item {
                Item::Field(name) => boxed(&mut builder.graph, &column(&query.class, &row, name)?),
                _ => whole(call, &mut builder, &query.class, row.id)?,
            });
        }
        table.push(Value::Seq(line));
    }
    Ok(Answer::with(builder.graph, table))
}

fn boxed(graph: &mut Graph, cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Object(None),
        Cell::Long(number) => graph.rlong(*number),
        Cell::Text(text) => graph.rstring(text.as_str()),
        Cell::Bool(flag) => graph.rbool(*flag),
        Cell::Time(time) => graph.rtime(*time),
    }
}

fn whole(
    call: &Call<'_>,
    builder: &mut Builder<'_>,
    class: &str,
    id: i64,
) -> Result<Value, Trouble> {
    let object = object(call, builder, class, id)?;
    let wrapper = builder.graph.new_object("::omero::RObject")?;
    builder.graph.set(wrapper, "_val", object)?;
    Ok(wrapper.into())
}

fn object(
    call: &Call<'_>,
    builder: &mut Builder<'_>,
    class: &str,
    id: i64,
) -> Result<Option<ObjectRef>, Trouble> {
    let model = &call.world.model;
    let built = match class {
        "Experimenter" => model.users.get(&id).map(|user| builder.experimenter(user)),
        "ExperimenterGroup" => model.groups.get(&id).map(|group| builder.group(group)),
        _ => {
            let session = model.sessions.values().find(|session| session.id == id);
            session.map(|session| builder.session(session))
        }
    };
    Ok(built.transpose()?)
}

fn objects(call: &Call<'_>, class: &str, rows: &[Row]) -> Outcome {
    let mut builder = Builder::new(&call.world.model);
    let mut list = Vec::new();
    for row in rows {
        list.push(Value::from(object(call, &mut builder, class, row.id)?));
    }
    Ok(Answer::with(builder.graph, list))
}

fn unique(call: &Call<'_>, class: &str, rows: &[Row]) -> Outcome {
    let mut builder = Builder::new(&call.world.model);
    let object = match rows {
        [] => None,
        [row] => object(call, &mut builder, class, row.id)?,
        many => {
            let words = format!("query did not return a unique result: {}", many.len());
            return Err(Thrown::api_usage(&words).into());
        }
    };
    Ok(Answer::with(builder.graph, object))
}

/// All rows that fulfil the conditions, in order; `parameters` tells which argument has values.
fn select(call: &Call<'_>, query: &Query, parameters: Option<usize>) -> Result<Vec<Row>, Trouble> {
    if !CLASSES.contains(&query.class.as_str()) {
        return Err(refused(&format!("{} is not mapped", query.class)));
    }
    let mut rows = rows(&call.world.model, &query.class);
    for condition in &query.conditions {
        let operand = match &condition.operand {
            Operand::Literal(cell) => cell.clone(),
            Operand::Parameter(name) => parameter(call, parameters, name)?,
        };
        let mut kept = Vec::new();
        for row in rows {
            let cell = column(&query.class, &row, &condition.field)?;
            if holds(&cell, &condition.operator, &operand) {
                kept.push(row);
            }
        }
        rows = kept;
    }
    for (field, descending) in query.order.iter().rev() {
        if let Some(row) = rows.first() {
            column(&query.class, row, field)?;
        }
        let key = |row: &Row| column(&query.class, row, field).unwrap_or(Cell::Null);
        rows.sort_by(|a, b| {
            let order = key(a).compare(&key(b)).unwrap_or(Ordering::Equal);
            if *descending { order.reverse() } else { order }
        });
    }
    Ok(rows)
}

fn holds(cell: &Cell, operator: &str, operand: &Cell) -> bool {
    if operator == "like" {
        let (Cell::Text(text), Cell::Text(pattern)) = (cell, operand) else {
            return false;
        };
        return like(text, pattern);
    }
    let Some(order) = cell.compare(operand) else {
        return false;
    };
    match operator {
        "=" => order.is_eq(),
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        ">=" => order.is_ge(),
        _ => order.is_ne(),
    }
}

/// SQL's pattern with `%` for any text.
fn like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| like(&tail[at..], rest))
        }),
    }
}

fn parameter(call: &Call<'_>, argument: Option<usize>, name: &str) -> Result<Cell, Trouble> {
    let missing = || refused(&format!("Not all named parameters have been set: [{name}]"));
    let parameters = call
        .graph
        .object_of(call.argument(argument.ok_or_else(missing)?)?)?;
    let map = parameters.ok_or_else(missing)?.get("map")?;
    let value = map.entry(name).ok_or_else(missing)?;
    let object = call.graph.object_of(value)?.ok_or_else(missing)?;
    Ok(match object.get("_val")? {
        Value::String(text) => Cell::Text(text.clone()),
        Value::Long(number) if object.is_a("::omero::RTime") => Cell::Time(*number),
        Value::Long(number) => Cell::Long(*number),
        Value::Int(number) => Cell::Long((*number).into()),
        Value::Bool(flag) => Cell::Bool(*flag),
        other => {
            return Err(refused(&format!(
                "unsupported parameter type: {}",
                other.kind()
            )));
        }
    })
}

/// Applies offset and limit of the filter: an argument of its own, or part of the parameters.
fn page(call: &Call<'_>, rows: Vec<Row>, filter: Option<usize>) -> Result<Vec<Row>, Trouble> {
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
    let count = |number: i32| usize::try_from(number).unwrap_or(0);
    let offset = number("offset")?.map_or(0, count);
    let limit = number("limit")?.map_or(usize::MAX, count);
    Ok(rows.into_iter().skip(offset).take(limit).collect())
}

fn column(class: &str, row: &Row, name: &str) -> Result<Cell, Trouble> {
    let found = row.columns.iter().find(|(known, _)| *known == name);
    let words = || {
        format!(
            "could not resolve property: {name} of: {}",
            java_name(class)
        )
    };
    found
        .map(|(_, cell)| cell.clone())
        .ok_or_else(|| refused(&words()))
}

fn java_name(class: &str) -> String {
    format!("ome.model.meta.{class}")
}

fn rows(model: &Model, class: &str) -> Vec<Row> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let maybe = |value: &Option<String>| value.as_deref().map_or(Cell::Null, text);
    let row = |id, mut columns: Vec<(&'static str, Cell)>| {
        columns.push(("id", Cell::Long(id)));
        Row { id, columns }
    };
    match class {
        "Experimenter" => model
            .users
            .values()
            .map(|user| {
                row(
                    user.id,
                    vec![
                        ("omeName", text(&user.name)),
                        ("firstName", text(&user.first_name)),
                        ("middleName", maybe(&user.middle_name)),
                        ("lastName", text(&user.last_name)),
                        ("institution", maybe(&user.institution)),
                        ("email", maybe(&user.email)),
                        ("ldap", Cell::Bool(user.ldap)),
                    ],
                )
            })
            .collect(),
        "ExperimenterGroup" => model
            .groups
            .values()
            .map(|group| {
                row(
                    group.id,
                    vec![
                        ("name", text(&group.name)),
                        ("description", maybe(&group.description)),
                        ("ldap", Cell::Bool(group.ldap)),
                    ],
                )
            })
            .collect(),
        _ => model
            .sessions
            .values()
            .map(|session| {
                row(
                    session.id,
                    vec![
                        ("uuid", text(&session.uuid)),
                        ("userAgent", maybe(&session.agent)),
                        ("started", Cell::Time(session.started)),
                        ("timeToIdle", Cell::Long(session.time_to_idle)),
                        ("timeToLive", Cell::Long(session.time_to_live)),
                    ],
                )
            })
            .collect(),
    }
}
