//! From the words before the cursor to what may stand there.

use std::{ffi::OsString, sync::Arc};

use omero_plugin_api::Error;

use super::{
    Answer,
    place::{Cursor, Waiting, is_option, walk},
    values,
};
use crate::host::Host;

/// What may stand at the cursor, after these words and with this beginning.
///
/// # Errors
///
/// Plugins or the configuration cannot be read.
pub fn answer(host: &Arc<Host>, words: &[String], current: &str) -> Result<Answer, Error> {
    host.add_paths(&paths(words), true);
    let Some(Cursor {
        place,
        waiting,
        only_values,
    }) = walk(host, words)
    else {
        return Ok(Answer::default());
    };
    if let Some(Waiting { option, taken }) = waiting
        && (taken < option.min_values || !is_option(current))
    {
        return values::of_argument(host, &place, &option, current);
    }
    if only_values || !current.starts_with('-') {
        return values::at(host, &place, current);
    }
    let joined = current.split_once('=');
    match joined.and_then(|(name, value)| Some((name, value, place.long(name)?))) {
        None => Ok(values::options(&place)),
        Some((name, value, option)) => {
            let mut answer = values::of_argument(host, &place, &option, value)?;
            for candidate in &mut answer.candidates {
                candidate.value = format!("{name}={}", candidate.value);
            }
            Ok(answer)
        }
    }
}

/// The values of `--path`, which say where plugins are.
fn paths(words: &[String]) -> Vec<OsString> {
    let joined = words.iter().filter_map(|word| word.strip_prefix("--path="));
    let apart = words
        .windows(2)
        .filter(|pair| pair[0] == "--path")
        .map(|pair| pair[1].as_str());
    joined.chain(apart).map(OsString::from).collect()
}
