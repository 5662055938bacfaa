//! Whether two messages say the same, wherever their instances are kept.

use std::collections::HashMap;

use omero_plugin_api::slice::{Graph, ObjectRef, Proxy, Value};

/// Compares values and everything that can be reached from them. Instances correspond one to one:
/// what is one instance on one side is one on the other.
pub fn same(a: (&[Value], &Graph), b: (&[Value], &Graph)) -> Result<(), String> {
    let mut partners: HashMap<ObjectRef, ObjectRef> = HashMap::new();
    let mut taken: HashMap<ObjectRef, ObjectRef> = HashMap::new();
    let mut todo: Vec<(Value, Value)> = Vec::new();
    push_all(&mut todo, a.0, b.0)?;
    while let Some((x, y)) = todo.pop() {
        match (&x, &y) {
            (Value::Object(Some(x)), Value::Object(Some(y))) => {
                match (partners.insert(*x, *y), taken.insert(*y, *x)) {
                    (None, None) => {
                        let (x, y) = (a.1.get(*x).unwrap(), b.1.get(*y).unwrap());
                        if x.class() != y.class() {
                            return Err(format!("{} is not {}", x.class(), y.class()));
                        }
                        push_all(&mut todo, x.fields(), y.fields())?;
                    }
                    (Some(old_y), Some(old_x)) if old_y == *y && old_x == *x => {}
                    _ => return Err(format!("{x:?} and {y:?} are shared in different ways")),
                }
            }
            (Value::Seq(x), Value::Seq(y)) | (Value::Struct(x), Value::Struct(y)) => {
                push_all(&mut todo, x, y)?;
            }
            (Value::Dict(x), Value::Dict(y)) => {
                let flat = |d: &[(Value, Value)]| -> Vec<Value> {
                    d.iter()
                        .cloned()
                        .flat_map(|(key, value)| [key, value])
                        .collect()
                };
                push_all(&mut todo, &flat(x), &flat(y))?;
            }
            (Value::Proxy(Some(x)), Value::Proxy(Some(y))) => same_proxy(x, y)?,
            (x, y) if x == y => {}
            (x, y) => return Err(format!("{x:?} is not {y:?}")),
        }
    }
    Ok(())
}

fn push_all(todo: &mut Vec<(Value, Value)>, a: &[Value], b: &[Value]) -> Result<(), String> {
    if a.len() != b.len() {
        return Err(format!("{} values are not {}", a.len(), b.len()));
    }
    todo.extend(a.iter().cloned().zip(b.iter().cloned()));
    Ok(())
}

fn same_proxy(a: &Proxy, b: &Proxy) -> Result<(), String> {
    let parts = |p: &Proxy| {
        (
            p.identity.clone(),
            p.facet(),
            p.mode(),
            p.secure(),
            p.endpoints(),
            p.adapter_id(),
        )
    };
    if parts(a) == parts(b) {
        Ok(())
    } else {
        Err(format!("{a:?} is not {b:?}"))
    }
}
