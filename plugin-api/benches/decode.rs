//! Decoding of the replies that clients wait for: rows of a projection, and lists of objects.
//!
//!     cargo bench -p omero-plugin-api --bench decode -- KIND ENCODING COUNT REPEATS
//!
//! `KIND` is `rows2`, `rows10`, `images`, `read-images` (whose members are also read) or
//! `experimenters`, `ENCODING` `1.0` or `1.1`. It prints
//! the size of the reply, the number of its instances, and the peak of memory while it is decoded.
//! For instructions per instance run it below `valgrind --tool=callgrind` with two numbers of
//! repeats, and divide the difference. `write` in place of the repeats writes the reply to the
//! standard output, for other decoders to read.
#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::io::Write;

use omero_plugin_api::{
    Error,
    services::Rows,
    slice::{Encoding, Graph, ObjectRef, Type, Value, decode, encode},
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> Result<(), Error> {
    let words: Vec<String> = std::env::args().filter(|word| word != "--bench").collect();
    let word =
        |index: usize, default: &'static str| words.get(index).map_or(default, String::as_str);
    let count: i64 = word(3, "1000").parse().unwrap_or(1000);
    let encoding = match word(2, "1.1") {
        "1.0" => Encoding::V1_0,
        _ => Encoding::V1_1,
    };
    let kind = word(1, "rows2");
    let mut graph = Graph::new();
    let (ty, value) = match kind {
        "images" | "read-images" => (
            Type::parse("seq<@::omero::model::IObject>")?,
            images(&mut graph, count)?,
        ),
        "experimenters" => (
            Type::parse("seq<@::omero::model::IObject>")?,
            experimenters(&mut graph, count)?,
        ),
        "rows10" => (
            Type::parse("seq<seq<@::omero::RType>>")?,
            rows(&mut graph, count, 10),
        ),
        _ => (
            Type::parse("seq<seq<@::omero::RType>>")?,
            rows(&mut graph, count, 2),
        ),
    };
    let reply = encode(encoding, &[(&ty, &value)], &graph)?;
    let instances = graph.len();
    drop((graph, value));
    if word(4, "1") == "write" {
        let _ = std::io::stdout().write_all(&reply);
        return Ok(());
    }
    let repeats: usize = word(4, "1").parse().unwrap_or(1);
    let types = [ty];
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    for _ in 0..repeats {
        std::hint::black_box(read(kind, &reply, &types)?);
    }
    let peak = MEMORY.peak_usage().saturating_sub(before) + reply.len();
    println!(
        "{kind}: {} bytes, {instances} instances, peak {:.2} times the reply",
        reply.len(),
        peak as f64 / reply.len() as f64
    );
    Ok(())
}

fn read(kind: &str, reply: &[u8], types: &[Type]) -> Result<usize, Error> {
    if kind.starts_with("rows") {
        let mut cells = 0;
        for row in Rows::read(reply.to_vec())? {
            cells += row?.len();
        }
        return Ok(cells);
    }
    let decoded = decode(reply, types)?;
    if kind.starts_with("read-") {
        for value in decoded.values[0].as_seq()? {
            std::hint::black_box(decoded.graph.object_of(value)?);
        }
    }
    Ok(decoded.graph.len())
}

/// Rows of ids and names, and in wide ones numbers, times, nulls and flags.
fn rows(graph: &mut Graph, count: i64, columns: usize) -> Value {
    let flag = graph.rbool(true);
    let mut rows = Vec::new();
    for id in 0..count {
        let mut row = vec![
            graph.rlong(id),
            graph.rstring(format!("image-{id:06}.ome.tif")),
        ];
        while row.len() < columns {
            row.push(match row.len() % 5 {
                0 => graph.rtime(1_700_000_000_000 + id),
                1 => graph.rdouble(0.5),
                2 => graph.rint(2048),
                3 => flag.clone(),
                _ => Value::Object(None),
            });
        }
        rows.push(Value::Seq(row));
    }
    Value::Seq(rows)
}

/// An object of which only the id is known.
fn unloaded(graph: &mut Graph, class: &str, id: i64) -> Result<ObjectRef, Error> {
    let object = graph.new_object(class)?;
    let id = graph.rlong(id);
    graph.set(object, "_id", id)?;
    Ok(object)
}

/// Owner, group, events and permissions, as a server sends them with every object.
fn details(
    graph: &mut Graph,
    owner: ObjectRef,
    group: ObjectRef,
    id: i64,
) -> Result<ObjectRef, Error> {
    let details = graph.new_object("::omero::model::Details")?;
    let event = unloaded(graph, "::omero::model::Event", id)?;
    let permissions = graph.new_object("::omero::model::Permissions")?;
    graph.set(
        permissions,
        "_restrictions",
        Value::Seq(vec![Value::Bool(false); 5]),
    )?;
    graph.set(permissions, "_perm1", -120_i64)?;
    for (member, value) in [
        ("_owner", owner),
        ("_group", group),
        ("_creationEvent", event),
        ("_updateEvent", event),
        ("_permissions", permissions),
    ] {
        graph.set(details, member, value)?;
    }
    Ok(details)
}

fn images(graph: &mut Graph, count: i64) -> Result<Value, Error> {
    let owner = unloaded(graph, "::omero::model::Experimenter", 2)?;
    let group = unloaded(graph, "::omero::model::ExperimenterGroup", 3)?;
    let mut images = Vec::new();
    for id in 0..count {
        let image = unloaded(graph, "::omero::model::Image", id)?;
        let members = [
            ("_name", graph.rstring(format!("image-{id:06}.ome.tif"))),
            ("_description", graph.rstring("a slice of the cortex")),
            ("_acquisitionDate", graph.rtime(1_700_000_000_000 + id)),
            ("_archived", graph.rbool(false)),
            ("_series", graph.rint(0)),
        ];
        for (member, value) in members {
            graph.set(image, member, value)?;
        }
        let details = details(graph, owner, group, id)?;
        graph.set(image, "_details", details)?;
        graph.set(image, "_loaded", true)?;
        images.push(Value::from(image));
    }
    Ok(Value::Seq(images))
}

fn experimenters(graph: &mut Graph, count: i64) -> Result<Value, Error> {
    let root = unloaded(graph, "::omero::model::Experimenter", 0)?;
    let group = unloaded(graph, "::omero::model::ExperimenterGroup", 1)?;
    let mut users = Vec::new();
    for id in 0..count {
        let user = unloaded(graph, "::omero::model::Experimenter", id)?;
        for member in [
            "_omeName",
            "_firstName",
            "_lastName",
            "_institution",
            "_email",
        ] {
            let text = graph.rstring(format!("{member}-{id}"));
            graph.set(user, member, text)?;
        }
        let ldap = graph.rbool(false);
        graph.set(user, "_ldap", ldap)?;
        let details = details(graph, root, group, id)?;
        graph.set(user, "_details", details)?;
        graph.set(user, "_loaded", true)?;
        users.push(Value::from(user));
    }
    Ok(Value::Seq(users))
}
