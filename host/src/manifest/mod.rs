//! Reading the manifest of a plugin library without running any of its code.
//!
//! The dynamic linker trusts the file it maps: one that is cut short or filled up with zeros kills
//! the program with SIGBUS or SIGSEGV. So the reader looks at everything the linker will rely on
//! first. It reads a few headers and one section, through bounded reads rather than a mapping:
//! a file that shrinks meanwhile is an error, not a signal.

mod elf;

use std::{fs::File, path::Path};

use object::{
    BinaryFormat, Object, ObjectSection, ObjectSegment, ReadCache, ReadRef, read::FileKind,
};
use omero_plugin_api::manifest::{Manifest, SECTION};

/// No manifest is larger; a number in a damaged header may claim anything.
const LARGEST: u64 = 4 << 20;

/// Why a file's manifest cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The operating system does not let us.
    #[error("it cannot be read ({0})")]
    Unreadable(String),
    /// A text file, a script, an archive.
    #[error("it is no shared library")]
    NoLibrary,
    /// A library for another operating system.
    #[error("it was built for another operating system")]
    WrongSystem,
    /// A library for another processor.
    #[error("it was built for another processor ({plugin}; this is {host})")]
    WrongProcessor {
        /// What it was built for.
        plugin: String,
        /// What this program runs on.
        host: &'static str,
    },
    /// Headers that point beyond the end of the file, or make no sense.
    #[error("it is damaged or incomplete ({0})")]
    Damaged(String),
    /// A proper library that is no plugin.
    #[error("it carries no omero manifest, so it is no plugin")]
    NoManifest,
    /// The manifest itself, in words of the manifest's own reader.
    #[error("{0}")]
    Manifest(String),
}

impl Problem {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "check the permissions of the file",
            Self::NoLibrary | Self::NoManifest => {
                "remove the file, or replace it by a plugin built with omero-plugin-api"
            }
            Self::WrongSystem | Self::WrongProcessor { .. } => {
                "install the plugin that was built for this machine"
            }
            Self::Damaged(_) => "install the plugin again: the file was not copied completely",
            Self::Manifest(_) => "install a plugin built for this omero, or a newer omero",
        }
    }
}

impl From<object::Error> for Problem {
    fn from(error: object::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Reads the manifest of a library and checks that the dynamic linker can map the file.
///
/// # Errors
///
/// The first thing that is wrong with the file.
pub fn read(path: &Path) -> Result<Manifest, Problem> {
    let unreadable = |error: std::io::Error| Problem::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(Problem::NoLibrary);
    }
    let data = &ReadCache::new(file);
    // A PE file says only in its second header, wherever that is, for which machine it is.
    let kind = FileKind::parse(data).map_err(|_| Problem::NoLibrary)?;
    if !is_native(kind) {
        return Err(foreign(kind));
    }
    Manifest::from_section(section(kind, data)?).map_err(Problem::Manifest)
}

/// The content of the manifest's section in a library of any format.
fn section(kind: FileKind, data: &ReadCache<File>) -> Result<&[u8], Problem> {
    match kind {
        FileKind::Elf32 => elf::section::<object::elf::FileHeader32<object::Endianness>>(data),
        FileKind::Elf64 => elf::section::<object::elf::FileHeader64<object::Endianness>>(data),
        _ => other(data),
    }
}

/// Whether the format is the one of this operating system.
fn is_native(kind: FileKind) -> bool {
    match BinaryFormat::native_object() {
        BinaryFormat::Elf => matches!(kind, FileKind::Elf32 | FileKind::Elf64),
        BinaryFormat::MachO => matches!(kind, FileKind::MachO32 | FileKind::MachO64),
        _ => matches!(kind, FileKind::Pe32 | FileKind::Pe64),
    }
}

fn foreign(kind: FileKind) -> Problem {
    match kind {
        FileKind::Elf32
        | FileKind::Elf64
        | FileKind::MachO32
        | FileKind::MachO64
        | FileKind::Pe32
        | FileKind::Pe64 => Problem::WrongSystem,
        _ => Problem::NoLibrary,
    }
}

/// The section of a Mach-O or PE library, once everything that the dynamic linker will map is known
/// to lie inside the file.
fn other(data: &ReadCache<File>) -> Result<&[u8], Problem> {
    let file = object::File::parse(data)?;
    expect_processor(file.architecture())?;
    if file.kind() != object::ObjectKind::Dynamic {
        return Err(Problem::NoLibrary);
    }
    let length = data
        .len()
        .map_err(|()| Problem::Damaged("its length is unknown".to_owned()))?;
    for segment in file.segments() {
        let (start, size) = segment.file_range();
        if start.checked_add(size).is_none_or(|end| end > length) {
            return Err(Problem::Damaged("a segment lies beyond its end".to_owned()));
        }
    }
    // On Mach-O the reader finds `__omero` by the common spelling.
    let section = file.section_by_name(SECTION).ok_or(Problem::NoManifest)?;
    if section.size() > LARGEST {
        return Err(Problem::Damaged("its manifest is too large".to_owned()));
    }
    Ok(section.data()?)
}

/// The processors this program is built for, as the two sides name them.
const PROCESSORS: &[(&str, object::Architecture)] = &[
    ("x86_64", object::Architecture::X86_64),
    ("aarch64", object::Architecture::Aarch64),
    ("x86", object::Architecture::I386),
    ("arm", object::Architecture::Arm),
    ("riscv64", object::Architecture::Riscv64),
    ("powerpc64", object::Architecture::PowerPc64),
    ("s390x", object::Architecture::S390x),
    ("loongarch64", object::Architecture::LoongArch64),
];

fn expect_processor(plugin: object::Architecture) -> Result<(), Problem> {
    let host = std::env::consts::ARCH;
    match PROCESSORS.iter().find(|(name, _)| *name == host) {
        Some((_, ours)) if *ours != plugin => {
            let known = PROCESSORS.iter().find(|(_, theirs)| *theirs == plugin);
            let plugin =
                known.map_or_else(|| format!("{plugin:?}"), |(name, _)| (*name).to_owned());
            Err(Problem::WrongProcessor { plugin, host })
        }
        // A processor that is not in the table is left to the dynamic linker's judgement.
        _ => Ok(()),
    }
}

#[cfg(test)]
mod foreign_formats;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
