//! `omero plugin info NAME`: everything that is known of one plugin or program, without loading it.

use omero_plugin_api::{Error, manifest::Manifest, table::Table};

use super::{
    Task, registry,
    survey::{self, Library, Program},
};

/// Shows the plugin that the name leads to.
pub fn run(task: &Task) -> Result<i32, Error> {
    // `INDEX/NAME` is a plugin of an index.
    let wanted = task.name();
    let name = match wanted.split_once('/') {
        Some((_, name)) => name,
        None => task.plugin_name()?,
    };
    let libraries = survey::libraries(task.host, task.quiet)?;
    let programs = survey::programs(task.host, &libraries)?;
    let library = libraries.into_iter().find(|l| l.is_called(name));
    let program = programs.into_iter().find(|program| program.name == name);
    let mut fields = match (library, program) {
        (Some(library), _) => fields(&library),
        (None, Some(program)) => of_program(program),
        (None, None) => Vec::new(),
    };
    let is_here = !fields.is_empty();
    match registry::listed(task, wanted) {
        Ok(listed) => fields.extend(listed),
        // What is on this machine is shown all the same.
        Err(e) if is_here => task.host.warn(task.quiet, &e.to_string()),
        Err(e) => return Err(e),
    }
    if fields.is_empty() {
        return Err(missing(task, name)?);
    }
    let mut table = Table::new(["Field", "Value"]);
    for (field, value) in fields {
        table.row([field, value.as_str()]);
    }
    task.show(&table)
}

/// The error about a plugin that is not there.
///
/// # Errors
///
/// The configuration cannot be used.
pub fn missing(task: &Task, name: &str) -> Result<Error, Error> {
    let places = task.host.places(task.quiet)?;
    let sentence = format!("there is no plugin `{name}`");
    Ok(crate::missing::not_found(&sentence, &places, &[]))
}

fn fields(library: &Library) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("Name", library.found.name().to_owned()),
        ("Kind", "plugin".to_owned()),
    ];
    if let Ok(manifest) = &library.found.described {
        fields.extend(of_manifest(manifest));
    }
    fields.push(("State", library.state()));
    fields.push(("Path", library.found.path.display().to_string()));
    let installed = library.record.installed.as_ref();
    match installed.filter(|installed| installed.is_at(&library.found.path)) {
        Some(installed) => {
            fields.push(("Installed from", installed.source.clone()));
            fields.push(("SHA-256", installed.sha256.clone()));
            let signed = installed.key.clone();
            fields.push((
                "Signed with",
                signed.unwrap_or_else(|| "nothing".to_owned()),
            ));
            if let Some(index) = &installed.index {
                fields.push(("Follows", format!("the index {index}")));
            }
            if library.record.pinned {
                fields.push(("Pinned", "yes".to_owned()));
            }
            if let Some(previous) = &library.record.previous {
                fields.push(("Kept for rollback", previous.version.clone()));
            }
        }
        None => fields.push(("Installed from", "not by `omero plugin install`".to_owned())),
    }
    fields
}

fn of_program(program: Program) -> Vec<(&'static str, String)> {
    let help = format!("omero help {}", program.name);
    vec![
        ("Name", program.name),
        ("Kind", "program".to_owned()),
        ("State", survey::state(&program.obstacles)),
        ("Path", program.path.display().to_string()),
        ("Help", help),
    ]
}

fn of_manifest(manifest: &Manifest) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("Version", manifest.version.clone()),
        ("ABI", manifest.abi.clone()),
        ("Built for", manifest.target.clone()),
        ("About", manifest.command.about.clone()),
    ];
    let commands = manifest.command.commands.iter().filter(|c| !c.hidden);
    for command in commands {
        let name = format!("{} {}: {}", manifest.name, command.name, command.about);
        fields.push(("Command", name));
    }
    for service in &manifest.provides {
        fields.push(("Provides", service.clone()));
    }
    for alias in &manifest.aliases {
        fields.push(("Proposes", format!("{} = {}", alias.name, alias.command)));
    }
    for exit in &manifest.exit_codes {
        fields.push(("Exit code", format!("{}: {}", exit.code, exit.meaning)));
    }
    fields
}
