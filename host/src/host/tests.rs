use super::*;

/// Nothing here runs a command.
const NOBODY: EntryPoints = EntryPoints {
    run: |_, _| Ok(0),
    invoke: |_, _| Ok(0),
    log_in: |_, _| Ok(0),
    lend: |_, _| Err(Error::cancelled()),
    login_target: |_, _| Err(Error::cancelled()),
};

fn host(variables: &[(&str, &str)]) -> Host {
    let variables: Vec<_> = variables
        .iter()
        .map(|(k, v)| (*k, OsStr::new(*v)))
        .collect();
    let streams = Arc::new(Streams::discarding());
    Host {
        streams,
        ..Host::new(Environment::of(&variables), NOBODY)
    }
}

#[test]
fn the_variable_debug_sets_the_default_level() {
    for (value, level) in [
        ("2", 2),
        ("0", 0),
        ("", 0),
        ("yes", 1),
        ("-1", 1),
        ("999", 1),
    ] {
        assert_eq!(
            host(&[("DEBUG", value)]).default_debug_level(),
            level,
            "{value}"
        );
    }
    assert_eq!(host(&[]).default_debug_level(), 0);
}

#[test]
fn places_come_in_the_documented_order() {
    let root = tempfile::tempdir().unwrap();
    let directory = |name: &str| {
        let path = root.path().join(name);
        std::fs::create_dir(&path).unwrap();
        path.display().to_string()
    };
    let [option, variable, configured] = ["option", "variable", "configured"].map(directory);
    let file = root.path().join("config.yaml");
    std::fs::write(&file, format!("plugin-path: {configured}\n")).unwrap();
    let file = file.display().to_string();
    let host = host(&[("OMERO_PLUGIN_PATH", &variable), ("OMERO_CONFIG", &file)]);
    host.add_paths(&[OsString::from(&option)], true);
    let places = host.places(true).unwrap();
    let named: Vec<_> = places
        .iter()
        .take(3)
        .map(|place| place.path().display())
        .collect();
    assert_eq!(
        named.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [option, variable.clone(), configured]
    );
    host.add_paths(&[OsString::from(&variable)], true);
    assert_eq!(
        host.places(true).unwrap().len(),
        places.len(),
        "each place counts once"
    );
    let own = std::env::current_exe().unwrap().canonicalize().unwrap();
    assert_eq!(places.last().map(Place::path), own.parent());
}

#[test]
fn output_that_cannot_be_delivered_is_no_success() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for (code, left) in [(0, 1), (7, 7)] {
        let streams = Streams::to(Box::new(Full), Box::new(std::io::sink()));
        let host = Host {
            streams: Arc::new(streams),
            ..host(&[])
        };
        host.streams.write(Stream::OUTPUT, b"x").unwrap();
        assert_eq!(host.leave(code), left);
    }
}
