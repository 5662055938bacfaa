//! The values of expressions.

use std::collections::BTreeMap;

use super::super::super::database::{Database, Datum};
use super::paths::{Binding, value_of};
use super::{Expression, Item};

/// The objects of one row.
pub type Scope = Vec<Binding>;

/// A value, or none where a join that the expression needs has no row.
pub type Value = Result<Option<Datum>, String>;

/// Runs a query within a row of another one.
pub type Inner<'a> = dyn Fn(&super::Query, &Scope) -> Result<Vec<Vec<Datum>>, String> + 'a;

/// What expressions are computed from.
pub struct Evaluator<'a> {
    pub database: &'a Database,
    pub parameters: &'a BTreeMap<String, Datum>,
    pub text: &'a str,
    /// What runs the queries within this one.
    pub inner: &'a Inner<'a>,
}

impl Evaluator<'_> {
    /// Whether a condition holds; unknown is not true.
    pub fn holds(&self, condition: &Expression, row: &Scope) -> Result<bool, String> {
        let value = self.value(condition, std::slice::from_ref(row))?;
        Ok(value == Some(Datum::Bool(true)))
    }

    /// The value of an expression for rows that belong together.
    pub fn value(&self, expression: &Expression, rows: &[Scope]) -> Value {
        Ok(Some(match expression {
            Expression::Literal(datum) => datum.clone(),
            Expression::Star => Datum::Int(1),
            Expression::Parameter(name) => return self.parameter(name),
            Expression::Path(path) => match rows.first() {
                Some(row) => return value_of(self.database, row, path, self.text),
                None => Datum::Null,
            },
            Expression::Binary(operator, a, b) => {
                let (Some(a), Some(b)) = (self.value(a, rows)?, self.value(b, rows)?) else {
                    return Ok(None);
                };
                binary(operator, &a, &b)
            }
            Expression::Call {
                name,
                distinct,
                arguments,
            } => return self.call(name, *distinct, arguments, rows),
            Expression::List(items) => return Ok(self.items(items, rows)?.map(Datum::List)),
            Expression::Map(items) => {
                // Without names they are numbered.
                let names = (0..).zip(items).map(|(index, item)| match &item.name {
                    Some(name) => name.clone(),
                    None => format!("{index}"),
                });
                let values = self.items(items, rows)?;
                return Ok(values.map(|values| Datum::Map(names.zip(values).collect())));
            }
            Expression::Query(query) => {
                let rows = (self.inner)(query, rows.first().unwrap_or(&Scope::new()))?;
                rows.into_iter().flatten().next().unwrap_or(Datum::Null)
            }
            condition => return self.condition(condition, rows),
        }))
    }

    fn parameter(&self, name: &str) -> Value {
        let text = self.text;
        let missing = || format!("Not all named parameters have been set: [{name}] [{text}]");
        let value = self.parameters.get(name).cloned();
        value.map(Some).ok_or_else(missing)
    }

    /// What is true, false or unknown.
    fn condition(&self, condition: &Expression, rows: &[Scope]) -> Value {
        let of = |inner: &Expression| self.value(inner, rows);
        Ok(Some(match condition {
            Expression::Not(inner) => match of(inner)? {
                Some(Datum::Bool(flag)) => Datum::Bool(!flag),
                _ => Datum::Null,
            },
            Expression::And(a, b) => both(of(a)?, of(b)?, false),
            Expression::Or(a, b) => both(of(a)?, of(b)?, true),
            Expression::IsNull(inner) => Datum::Bool(of(inner)?.is_none_or(|v| v == Datum::Null)),
            Expression::Between(inner, low, high) => {
                let (Some(value), Some(low), Some(high)) = (of(inner)?, of(low)?, of(high)?) else {
                    return Ok(None);
                };
                let (low, high) = (binary(">=", &value, &low), binary("<=", &value, &high));
                both(Some(low), Some(high), false)
            }
            Expression::In(inner, list) => {
                let Some(value) = of(inner)? else {
                    return Ok(None);
                };
                let candidates = self.candidates(list, rows)?;
                let is = |other| binary("=", &value, other) == Datum::Bool(true);
                Datum::Bool(candidates.iter().any(is))
            }
            _ => return Ok(None),
        }))
    }

    /// All values, or none where one of them has no row.
    pub fn items(&self, items: &[Item], rows: &[Scope]) -> Result<Option<Vec<Datum>>, String> {
        items
            .iter()
            .map(|item| self.value(&item.value, rows))
            .collect()
    }

    fn candidates(&self, list: &[Expression], rows: &[Scope]) -> Result<Vec<Datum>, String> {
        let mut candidates = Vec::new();
        for expression in list {
            if let Expression::Query(query) = expression {
                let outer = rows.first().cloned().unwrap_or_default();
                candidates.extend((self.inner)(query, &outer)?.into_iter().flatten());
                continue;
            }
            match self.value(expression, rows)? {
                Some(Datum::List(values)) => candidates.extend(values),
                Some(value) => candidates.push(value),
                None => {}
            }
        }
        Ok(candidates)
    }

    fn call(&self, name: &str, distinct: bool, arguments: &[Expression], rows: &[Scope]) -> Value {
        let [first, ..] = arguments else {
            return Ok(None);
        };
        if super::AGGREGATES.contains(&name) {
            let mut values = Vec::new();
            for row in rows {
                let value = self.value(first, std::slice::from_ref(row))?;
                values.extend(value.filter(|value| *value != Datum::Null));
            }
            if distinct {
                values.sort_by(Datum::order);
                values.dedup();
            }
            return Ok(Some(aggregate(name, values)));
        }
        let mut values = Vec::new();
        for argument in arguments {
            match self.value(argument, rows)? {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        function(name, &values).map(Some).ok_or_else(|| {
            let text = self.text;
            format!("No data type for node: MethodNode \n -[METHOD_CALL] {name} [{text}]")
        })
    }
}

/// `and` and `or` with unknown values; `decisive` is the value that decides alone.
fn both(a: Option<Datum>, b: Option<Datum>, decisive: bool) -> Datum {
    let (a, b) = (a.unwrap_or(Datum::Null), b.unwrap_or(Datum::Null));
    if [&a, &b].contains(&&Datum::Bool(decisive)) {
        return Datum::Bool(decisive);
    }
    match (a, b) {
        (Datum::Bool(_), Datum::Bool(_)) => Datum::Bool(!decisive),
        _ => Datum::Null,
    }
}

fn binary(operator: &str, a: &Datum, b: &Datum) -> Datum {
    if *a == Datum::Null || *b == Datum::Null {
        return Datum::Null;
    }
    match operator {
        "like" => Datum::Bool(like(&text_of(a), &text_of(b))),
        "||" => Datum::Text(text_of(a) + &text_of(b)),
        "+" | "-" | "*" | "/" => arithmetic(operator, a, b),
        _ => match a.compare(b) {
            None => Datum::Null,
            Some(order) => Datum::Bool(match operator {
                "=" => order.is_eq(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                _ => order.is_ne(),
            }),
        },
    }
}

fn arithmetic(operator: &str, a: &Datum, b: &Datum) -> Datum {
    let whole = |datum: &Datum| match datum {
        Datum::Int(number) => Some(i64::from(*number)),
        Datum::Long(number) => Some(*number),
        _ => None,
    };
    if let (Some(x), Some(y)) = (whole(a), whole(b)) {
        let result = match operator {
            "+" => x.checked_add(y),
            "-" => x.checked_sub(y),
            "*" => x.checked_mul(y),
            _ => x.checked_div(y),
        };
        let Some(result) = result else {
            return Datum::Null;
        };
        let both_short = matches!((a, b), (Datum::Int(_), Datum::Int(_)));
        return match i32::try_from(result) {
            Ok(short) if both_short => Datum::Int(short),
            _ => Datum::Long(result),
        };
    }
    match (a.number(), b.number()) {
        (Some(x), Some(y)) => Datum::Double(match operator {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            _ => x / y,
        }),
        _ => Datum::Null,
    }
}

fn aggregate(name: &str, values: Vec<Datum>) -> Datum {
    let sum = || values.iter().filter_map(Datum::number).sum::<f64>();
    let count = values.len();
    match name {
        "count" => Datum::Long(i64::try_from(count).unwrap_or(i64::MAX)),
        _ if count == 0 => Datum::Null,
        #[expect(clippy::cast_precision_loss, reason = "test data has few rows")]
        "avg" => Datum::Double(sum() / count as f64),
        "sum" => {
            let zero = Datum::Long(0);
            values
                .iter()
                .fold(zero, |sum, value| arithmetic("+", &sum, value))
        }
        "min" => values
            .into_iter()
            .min_by(Datum::order)
            .unwrap_or(Datum::Null),
        _ => values
            .into_iter()
            .max_by(Datum::order)
            .unwrap_or(Datum::Null),
    }
}

fn function(name: &str, values: &[Datum]) -> Option<Datum> {
    let first = values.first()?;
    if *first == Datum::Null && name != "coalesce" {
        return Some(Datum::Null);
    }
    Some(match name {
        "lower" => Datum::Text(text_of(first).to_lowercase()),
        "upper" => Datum::Text(text_of(first).to_uppercase()),
        "trim" => Datum::Text(text_of(first).trim().to_owned()),
        "str" => Datum::Text(text_of(first)),
        "length" => Datum::Int(i32::try_from(text_of(first).chars().count()).ok()?),
        "concat" => Datum::Text(values.iter().map(text_of).collect()),
        "coalesce" => values.iter().find(|value| **value != Datum::Null)?.clone(),
        "size" => match first {
            Datum::List(elements) => Datum::Int(i32::try_from(elements.len()).ok()?),
            _ => return None,
        },
        _ => return None,
    })
}

fn text_of(datum: &Datum) -> String {
    match datum {
        Datum::Text(text) => text.clone(),
        Datum::Bool(flag) => flag.to_string(),
        Datum::Int(number) => number.to_string(),
        Datum::Long(number) | Datum::Time(number) | Datum::Link(_, number) => number.to_string(),
        Datum::Float(number) => format!("{number:?}"),
        Datum::Double(number) | Datum::Quantity(number, _) => format!("{number:?}"),
        Datum::Null | Datum::List(_) | Datum::Map(_) => String::new(),
    }
}

/// SQL's pattern with `%` for any text and `_` for any character.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let rest = rest.as_str();
            let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            starts.into_iter().any(|at| like(&text[at..], rest))
        }
        Some(wanted) => {
            let mut text = text.chars();
            let fits = text.next().is_some_and(|c| wanted == '_' || wanted == c);
            fits && like(text.as_str(), rest.as_str())
        }
    }
}
