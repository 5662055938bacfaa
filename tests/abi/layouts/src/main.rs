//! Compares the layouts of all types that cross the border between host and plugin: the frozen ABI
//! 1.0.0 with the present one. Ends with 0 if plugins and hosts of both fit, 1 with a report if not.

use std::process::exit;

use abi_stable::{
    abi_stability::{
        abi_checking::{check_layout_compatibility_with_globals, CheckingGlobals},
        stable_abi_trait::StableAbi,
    },
    type_layout::TypeLayout,
};

fn main() {
    let old = <frozen::PluginModule_Ref as StableAbi>::LAYOUT;
    let new = <present::PluginModule_Ref as StableAbi>::LAYOUT;
    println!("frozen {} present {}", frozen::VERSION, present::VERSION);
    if let Err(report) = compare(old, new) {
        println!("the present ABI does not fit the frozen one");
        eprintln!("{report}");
        exit(1);
    }
    println!("the frozen ABI is a part of the present one");
    // The comparison would be worth nothing if it found everything compatible.
    let backwards = compare(new, old).is_ok();
    println!("and the other way round: {backwards}");
}

fn compare(older: &'static TypeLayout, newer: &'static TypeLayout) -> Result<(), String> {
    let alone = CheckingGlobals::new();
    check_layout_compatibility_with_globals(older, newer, &alone).map_err(|e| e.to_string())
}
