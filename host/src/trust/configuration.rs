//! The configuration decides which programs run with the user's sessions and password, so it is
//! trusted by the rules for plugins: another user may neither own nor change the file or a directory
//! on the way to it.
//!
//! Root with the home directory of another user (`sudo -E`) reads that user's file, but does not run
//! what it names.

use std::{fs::Metadata, path::Path};

use omero_plugin_api::Error;

use super::{Distrust, Owners};
use crate::{
    configuration::{self, Configuration},
    environment::Environment,
    error::{self, UNUSABLE},
    private_files,
};

/// Checks and reads the user's file.
///
/// # Errors
///
/// Another user could have written the file; as [`Configuration::read`].
pub fn read(environment: &Environment) -> Result<Configuration, Error> {
    let Some(path) = configuration::file(environment) else {
        return Configuration::read(environment);
    };
    let foreign = private_files::foreign_home().filter(|(home, _)| path.starts_with(home));
    match &foreign {
        Some((_, owner)) => check(&path, &Owners::one(*owner))?,
        None => check(&path, &Owners::default())?,
    }
    let mut configuration = Configuration::read(environment)?;
    if let Some((_, owner)) = foreign {
        configuration.ignore_programs(owner);
    }
    Ok(configuration)
}

fn check(path: &Path, owners: &Owners) -> Result<(), Error> {
    // What cannot be looked at is explained where it is read.
    let Ok(metadata) = path.metadata() else {
        return Ok(());
    };
    match super::check(path, owners) {
        Ok(()) => Ok(()),
        Err(_) if is_null(&metadata) => Ok(()),
        // A pipe of this process, such as `/dev/fd/63`, is in no directory.
        Err(Distrust::Unknown { .. }) if !metadata.is_file() => Ok(()),
        Err(distrust) => Err(error::fatal(
            UNUSABLE,
            format!("the configuration is not trusted: {distrust}"),
        )
        .hint(distrust.remedy_without_owners())),
    }
}

/// Whether this is a device, such as `/dev/null`, which every user may write.
#[cfg(unix)]
fn is_null(metadata: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    metadata.file_type().is_char_device() && metadata.uid() == 0
}

#[cfg(not(unix))]
fn is_null(_metadata: &Metadata) -> bool {
    false
}
