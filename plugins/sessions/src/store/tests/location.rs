use super::*;

/// `OMERO_USERDIR`, `OMERO_SESSION_DIR`, `OMERO_SESSIONDIR`; then the directory without and with
/// `--session-dir /x`. `-` is "unset" before, and error 155 after.
const TABLE: &str = "
-   -    -     /h/omero/sessions            /x/omero/sessions
-   -    /new  /new                         /new
-   -    ''    -                            -
-   /old -     /old/omero/sessions          /old/omero/sessions
-   /old /new  /new                         /new
-   /old ''    -                            -
-   ''   -     /h/omero/sessions            /h/omero/sessions
-   ''   /new  /new                         /new
-   ''   ''    -                            -
/u  -    -     /u/omero/sessions            /x/omero/sessions
/u  -    /new  /new                         /new
/u  -    ''    -                            -
/u  /old -     /old/omero/sessions          /old/omero/sessions
/u  /old /new  /new                         /new
/u  /old ''    -                            -
/u  ''   -     /u/omero/sessions            /u/omero/sessions
/u  ''   /new  /new                         /new
/u  ''   ''    -                            -
/5  -    -     /5/sessions                  /x/omero/sessions
/5  -    /new  /new                         /new
/5  /old -     /old/omero/sessions          /old/omero/sessions
/5  ''   -     /5/sessions                  /5/sessions
''  -    -     /h/.local/share/OMERO.py/5/sessions  /x/omero/sessions
''  -    /new  /new                         /new
''  -    ''    -                            -
''  /old -     /old/omero/sessions          /old/omero/sessions
''  /old /new  /new                         /new
''  /old ''    -                            -
''  ''   -     /h/.local/share/OMERO.py/5/sessions  /h/.local/share/OMERO.py/5/sessions
''  ''   /new  /new                         /new
''  ''   ''    -                            -
";

fn value(text: &str) -> Option<OsString> {
    match text {
        "-" => None,
        "''" => Some(OsString::new()),
        text => Some(text.into()),
    }
}

/// `/5` is a user directory in which OMERO.py has made `sessions`.
fn decide_here(inputs: &LocationInputs) -> Result<Location, StoreError> {
    decide(inputs, Platform::Xdg, |dir| dir == Path::new("/5/sessions"))
}

#[test]
fn the_truth_table_row_by_row() {
    let rows: Vec<&str> = TABLE.lines().filter(|row| !row.is_empty()).collect();
    assert_eq!(rows.len(), 31);
    for row in rows {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let [user, old, new, without, with] = columns[..] else {
            panic!("{row}")
        };
        for (option, expected) in [(None, without), (Some("/x"), with)] {
            let inputs = LocationInputs {
                omero_userdir: value(user),
                omero_session_dir: value(old),
                omero_sessiondir: value(new),
                session_dir_option: option.map(OsString::from),
                home: Some("/h".into()),
                ..LocationInputs::default()
            };
            match (decide_here(&inputs), expected) {
                (Err(error), "-") => {
                    assert_eq!(error.to_string(), "Could not access session dir: ", "{row}");
                    assert_eq!(error.exit_code(), 155);
                }
                (Ok(location), dir) => assert_eq!(location.dir, Path::new(dir), "{row}"),
                (Err(error), _) => panic!("{row}: {error}"),
            }
        }
    }
}

#[test]
fn deprecated_ways_are_told_even_where_they_have_no_effect() {
    let texts = |old: &str, new: &str, option: &str| {
        let inputs = LocationInputs {
            omero_session_dir: value(old),
            omero_sessiondir: value(new),
            session_dir_option: value(option),
            home: Some("/h".into()),
            ..LocationInputs::default()
        };
        let told = decide_here(&inputs).unwrap().deprecated;
        told.iter().map(Deprecated::to_string).collect::<Vec<_>>()
    };
    let old = "OMERO_SESSION_DIR is deprecated. Use OMERO_SESSIONDIR instead.";
    let option = "--session-dir is deprecated. Use OMERO_SESSIONDIR instead.";
    assert!(texts("-", "/new", "-").is_empty());
    assert_eq!(texts("/old", "-", "-"), [old]);
    assert_eq!(texts("''", "/new", "-"), [old]);
    assert_eq!(texts("-", "-", "/x"), [option]);
    assert_eq!(texts("/old", "-", "/x"), [option, old]);
    assert!(
        texts("-", "-", "''").is_empty(),
        "an empty option counts as not given"
    );
}

#[test]
fn values_are_taken_as_they_stand() {
    let with = |dir: &str| LocationInputs {
        omero_sessiondir: Some(dir.into()),
        ..LocationInputs::default()
    };
    for dir in ["relative", "~/x", "./a/../b", "/a b"] {
        assert_eq!(decide_here(&with(dir)).unwrap().dir, Path::new(dir));
    }
}

#[test]
fn without_a_home_there_is_an_error_only_where_home_matters() {
    for home in [None, Some(PathBuf::new())] {
        let inputs = LocationInputs {
            home,
            ..LocationInputs::default()
        };
        let error = decide_here(&inputs).unwrap_err();
        assert_eq!(error.exit_code(), 155);
        assert!(error.to_string().contains("set HOME"), "{error}");
        let inputs = LocationInputs {
            omero_userdir: value("/u"),
            ..inputs
        };
        assert!(decide_here(&inputs).is_ok());
    }
}

#[test]
fn program_data_by_platform() {
    let dir = |platform, change: fn(&mut LocationInputs)| {
        let mut inputs = LocationInputs {
            omero_userdir: value("''"),
            home: Some("/h".into()),
            ..LocationInputs::default()
        };
        change(&mut inputs);
        decide(&inputs, platform, |_| false).map(|location| location.dir)
    };
    let xdg = dir(Platform::Xdg, |inputs| {
        inputs.xdg_data_home = value("/data")
    })
    .unwrap();
    assert_eq!(xdg, Path::new("/data/OMERO.py/5/sessions"));
    for ignored in ["''", "relative"] {
        let inputs = LocationInputs {
            omero_userdir: value("''"),
            home: Some("/h".into()),
            xdg_data_home: value(ignored),
            ..LocationInputs::default()
        };
        let dir = decide(&inputs, Platform::Xdg, |_| false).unwrap().dir;
        assert_eq!(dir, Path::new("/h/.local/share/OMERO.py/5/sessions"));
    }
    let mac = dir(Platform::MacOs, |_| ()).unwrap();
    assert_eq!(
        mac,
        Path::new("/h/Library/Application Support/OMERO.py/5/sessions")
    );
    let windows = dir(Platform::Windows, |inputs| {
        inputs.local_app_data = value("/local")
    });
    assert_eq!(
        windows.unwrap(),
        Path::new("/local/OME/OMERO.py/5/sessions")
    );
    assert!(dir(Platform::Windows, |_| ()).is_err());
    let roaming = |inputs: &mut LocationInputs| {
        inputs.omero_userdir = None;
        inputs.roaming_app_data = value("/roaming");
    };
    let windows = dir(Platform::Windows, roaming).unwrap();
    assert_eq!(windows, Path::new("/roaming/omero/sessions"));
}
