//! The manifest section of an ELF library, by its headers alone: symbol tables, which can be large,
//! stay unread.

use std::fs::File;

use object::{
    Architecture, Endianness, ReadCache, ReadRef,
    elf::{self, Machine},
    read::elf::{FileHeader, ProgramHeader, SectionHeader},
};
use omero_plugin_api::manifest::SECTION;

use super::{LARGEST, Problem, expect_processor};

/// The content of the section, once everything that the dynamic linker will map is known to lie
/// inside the file.
pub fn section<H>(data: &ReadCache<File>) -> Result<&[u8], Problem>
where
    H: FileHeader<Endian = Endianness>,
{
    let header = H::parse(data)?;
    let endian = header.endian()?;
    expect_processor(architecture(header.e_machine(endian), header.is_type_64()))?;
    if header.e_type(endian) != elf::ET_DYN {
        return Err(Problem::NoLibrary);
    }
    let length = data
        .len()
        .map_err(|()| Problem::Damaged("its length is unknown".to_owned()))?;
    let segments = header.program_headers(endian, data)?;
    if !segments.iter().any(|s| s.p_type(endian) == elf::PT_LOAD) {
        return Err(Problem::Damaged("nothing in it can be loaded".to_owned()));
    }
    for segment in segments {
        inside(segment.file_range(endian), length, "a segment")?;
    }
    let sections = header.sections(endian, data)?;
    // The table stands at the end of the file, so this is how a download that stopped there looks.
    if sections
        .iter()
        .skip(1)
        .any(|section| section.sh_type(endian) == elf::SHT_NULL)
    {
        return Err(Problem::Damaged("its section table has gaps".to_owned()));
    }
    for section in sections.iter() {
        if let Some(range) = section.file_range(endian) {
            inside(range, length, "a section")?;
        }
    }
    let (_, section) = sections
        .section_by_name(endian, SECTION.as_bytes())
        .ok_or(Problem::NoManifest)?;
    let size: u64 = section.sh_size(endian).into();
    if size > LARGEST {
        return Err(Problem::Damaged("its manifest is too large".to_owned()));
    }
    Ok(section.data(endian, data)?)
}

fn inside((start, size): (u64, u64), length: u64, what: &str) -> Result<(), Problem> {
    match start.checked_add(size) {
        Some(end) if end <= length => Ok(()),
        _ => Err(Problem::Damaged(format!("{what} lies beyond its end"))),
    }
}

fn architecture(machine: Machine, is_64: bool) -> Architecture {
    match (machine, is_64) {
        (elf::EM_X86_64, true) => Architecture::X86_64,
        (elf::EM_X86_64, false) => Architecture::X86_64_X32,
        (elf::EM_AARCH64, true) => Architecture::Aarch64,
        (elf::EM_AARCH64, false) => Architecture::Aarch64_Ilp32,
        (elf::EM_386, _) => Architecture::I386,
        (elf::EM_ARM, _) => Architecture::Arm,
        (elf::EM_RISCV, true) => Architecture::Riscv64,
        (elf::EM_RISCV, false) => Architecture::Riscv32,
        (elf::EM_PPC64, _) => Architecture::PowerPc64,
        (elf::EM_S390, true) => Architecture::S390x,
        (elf::EM_LOONGARCH, true) => Architecture::LoongArch64,
        _ => Architecture::Unknown,
    }
}
