use super::*;

/// `OMERO_USERDIR`, `OMERO_SESSION_DIR`, `OMERO_SESSIONDIR`; then the directory without and with
/// `--session-dir /x`. `-` is "unset"; each is also tried empty, which must make no difference.
const TABLE: &str = "
-   -    -     /h/omero/sessions            /x/omero/sessions
-   -    /new  /new                         /new
-   /old -     /old/omero/sessions          /old/omero/sessions
-   /old /new  /new                         /new
/u  -    -     /u/omero/sessions            /x/omero/sessions
/u  -    /new  /new                         /new
/u  /old -     /old/omero/sessions          /old/omero/sessions
/u  /old /new  /new                         /new
/5  -    -     /5/sessions                  /x/omero/sessions
/5  -    /new  /new                         /new
/5  /old -     /old/omero/sessions          /old/omero/sessions
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
    decide(inputs, false, |dir| dir == Path::new("/5/sessions"))
}

#[test]
fn the_truth_table_row_by_row() {
    let rows: Vec<&str> = TABLE.lines().filter(|row| !row.is_empty()).collect();
    assert_eq!(rows.len(), 11);
    for (row, unset) in rows.iter().flat_map(|row| [(row, "-"), (row, "''")]) {
        let columns: Vec<&str> = row.split_whitespace().collect();
        let [user, old, new, without, with] = columns[..] else {
            panic!("{row}")
        };
        let value = |text: &str| match text {
            "-" => value(unset),
            text => value(text),
        };
        for (option, expected) in [("-", without), ("/x", with)] {
            let inputs = LocationInputs {
                omero_userdir: value(user),
                omero_session_dir: value(old),
                omero_sessiondir: value(new),
                session_dir_option: value(option),
                home: Some("/h".into()),
                ..LocationInputs::default()
            };
            let location = decide_here(&inputs).unwrap();
            assert_eq!(location.dir, Path::new(expected), "{row} {unset}");
            assert_eq!(location.in_home, expected.starts_with("/h/"), "{row}");
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
    assert!(texts("''", "/new", "-").is_empty(), "empty is unset");
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
    for dir in ["relative", "./~/x", "a/~", "~user", "./a/../b", "/a b"] {
        assert_eq!(decide_here(&with(dir)).unwrap().dir, Path::new(dir));
    }
}

#[test]
fn a_tilde_that_no_shell_replaced_is_refused() {
    for name in [
        "OMERO_SESSIONDIR",
        "OMERO_SESSION_DIR",
        "OMERO_USERDIR",
        "--session-dir",
    ] {
        for path in ["~", "~/x"] {
            let only = |this: &str| (this == name).then(|| path.into());
            let inputs = LocationInputs {
                omero_sessiondir: only("OMERO_SESSIONDIR"),
                omero_session_dir: only("OMERO_SESSION_DIR"),
                omero_userdir: only("OMERO_USERDIR"),
                session_dir_option: only("--session-dir"),
                home: Some("/h".into()),
                ..LocationInputs::default()
            };
            let error = decide_here(&inputs).unwrap_err();
            assert_eq!(error.exit_code(), 155);
            assert!(error.to_string().contains(name), "{error}");
            assert!(
                error.hint().contains(&format!("{name}=./{path}")),
                "{}",
                error.hint()
            );
        }
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
        assert!(error.hint().contains("set HOME"), "{error}");
        let inputs = LocationInputs {
            omero_userdir: value("/u"),
            ..inputs
        };
        assert!(decide_here(&inputs).is_ok());
    }
}

#[test]
fn roaming_data_stands_for_the_home_directory_on_windows() {
    let inputs = LocationInputs {
        roaming_app_data: value("/roaming"),
        home: Some("/h".into()),
        ..LocationInputs::default()
    };
    let dir = |windows| decide(&inputs, windows, |_| false).unwrap().dir;
    assert_eq!(dir(true), Path::new("/roaming/omero/sessions"));
    assert_eq!(dir(false), Path::new("/h/omero/sessions"));
}
