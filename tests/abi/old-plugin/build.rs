//! Tells the library for which machine it is built: its manifest says so.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo:rustc-env=OLDTIMER_TARGET={}", target);
}
