//! Whether a query makes sense, which Hibernate tells before it looks at a single row.

use omero_plugin_api::slice::schema;

use super::super::super::database::{Datum, Kind, type_id};
use super::paths::{Binding, kind_of};
use super::{Expression, Query, Source};

/// Checks the classes and paths of a query within the names of the query around it.
pub fn check(query: &Query, outer: &[Binding]) -> Result<(), String> {
    let mut scope = outer.to_vec();
    for source in &query.sources {
        let class = class_of(source, &scope, &query.text)?;
        let alias = source.alias().to_owned();
        // Names of this query hide those of the one around it.
        let at = scope.len() - outer.len();
        let value = Datum::Null;
        scope.insert(
            at,
            Binding {
                alias,
                class,
                value,
            },
        );
    }
    let items = query.items.iter().map(|item| &item.value);
    let keys = query.order.iter().map(|(key, _)| key);
    for expression in items
        .chain(&query.condition)
        .chain(&query.groups)
        .chain(keys)
    {
        check_expression(expression, &scope, query)?;
    }
    Ok(())
}

fn class_of(source: &Source, scope: &[Binding], text: &str) -> Result<String, String> {
    match source {
        Source::Class { class, .. } => {
            let known = schema::is_a(&type_id(class), "::omero::model::IObject")
                && schema::class(&type_id(class)).is_some();
            let short = class.rsplit('.').next().unwrap_or(class);
            match known {
                true => Ok(short.to_owned()),
                false => Err(format!("{class} is not mapped [{text}]")),
            }
        }
        Source::Join { path, .. } => match kind_of(scope, path, text)? {
            Kind::Object(class) | Kind::Collection(class) => Ok(class),
            _ => Err(format!("Path expected for join! [{text}]")),
        },
    }
}

fn check_expression(
    expression: &Expression,
    scope: &[Binding],
    query: &Query,
) -> Result<(), String> {
    match expression {
        // The name of an item may be used to order by.
        Expression::Path(path) if query.item_named(path).is_some() => Ok(()),
        Expression::Path(path) => kind_of(scope, path, &query.text).map(|_| ()),
        Expression::Query(inner) => check(inner, scope),
        other => {
            let mut parts = other.parts().into_iter();
            parts.try_for_each(|part| check_expression(part, scope, query))
        }
    }
}
