//! The last question before a plugin is described and run: does the user want it, and is it still
//! the one that was installed?

use std::path::Path;

use omero_plugin_api::Error;

use super::{Integrity, Record};
use crate::{
    error::{self, UNTRUSTED, UNUSABLE},
    trust::quoted,
};

/// Lets a plugin's library pass. Looks at the plugin's own record and nothing else.
///
/// # Errors
///
/// The plugin is disabled, or its library is not the one that was installed.
pub fn check(name: &str, library: &Path) -> Result<(), Error> {
    let record = Record::read(name)?;
    if record.disabled {
        let sentence = format!("the plugin `{name}` is disabled");
        return Err(
            error::fatal(UNUSABLE, sentence).hint(format!("run: omero plugin enable {name}"))
        );
    }
    match record.integrity(name, library) {
        Ok(Integrity::Unrecorded | Integrity::Unchanged) => Ok(()),
        Ok(Integrity::Changed) => Err(changed(library)),
        Err(e) => {
            let library = library.display();
            Err(error::fatal(
                UNUSABLE,
                format!("the plugin {library} cannot be read: {e}"),
            ))
        }
    }
}

fn changed(library: &Path) -> Error {
    let sentence = format!(
        "the plugin {} is not trusted\nomero: reason: it is not the file that `omero plugin \
         install` put there: its SHA-256 is another one",
        library.display()
    );
    error::fatal(UNTRUSTED, sentence).hint(confirmation(library))
}

/// What confirms a library that was changed on purpose.
pub fn confirmation(library: &Path) -> String {
    format!(
        "if you changed it yourself, confirm it: omero plugin install {}",
        quoted(library)
    )
}
