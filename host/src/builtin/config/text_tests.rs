use super::*;

const FILE: &str = "\
# My settings.
report: without-key   # for the logs

# Short words.
aliases:
  # to work with
  prod: -s prod.example.org login
  imgs: |
    hql
    'select i'

  # the last
  x: version
# Where plugins are.
plugin-path:
- /a   # first
- /b
";

fn changed(text: &str, path: &[&str], value: Option<&str>) -> Changed {
    let root: Value = serde_yaml::from_str(text).unwrap();
    let value: Option<Value> = value.map(|yaml| serde_yaml::from_str(yaml).unwrap());
    let wanted = with(&root, path, value.as_ref()).unwrap();
    let changed = change(text, path, value.as_ref(), &wanted).unwrap();
    assert!(reads_as(&changed.text, &wanted), "{}", changed.text);
    changed
}

fn kept(text: &str, path: &[&str], value: Option<&str>) -> String {
    let changed = changed(text, path, value);
    assert!(!changed.lost_comments, "{}", changed.text);
    changed.text
}

#[test]
fn one_value_changes_and_the_rest_stays() {
    assert_eq!(
        kept(FILE, &["report"], Some("with-key")),
        FILE.replace("without-key   # for the logs", "with-key")
    );
    assert_eq!(
        kept(FILE, &["aliases", "prod"], Some("login x")),
        FILE.replace("-s prod.example.org login", "login x")
    );
    assert_eq!(
        kept(FILE, &["aliases", "imgs"], Some("y")),
        FILE.replace("imgs: |\n    hql\n    'select i'\n", "imgs: y\n")
    );
    assert_eq!(
        kept(FILE, &["plugin-path"], Some("/c")),
        FILE.replace("plugin-path:\n- /a   # first\n- /b\n", "plugin-path: /c\n")
    );
}

#[test]
fn new_values_stand_at_the_end_of_their_block() {
    assert_eq!(
        kept(FILE, &["aliases", "y"], Some("'!ls'")),
        FILE.replace("  x: version\n", "  x: version\n  y: '!ls'\n")
    );
    assert_eq!(
        kept(FILE, &["fallback"], Some("/o")),
        format!("{FILE}fallback: /o\n")
    );
    assert_eq!(
        kept("", &["aliases", "x"], Some("version")),
        "aliases:\n  x: version\n"
    );
    assert_eq!(
        kept(
            "# only this\n",
            &["executables", "x", "session-key"],
            Some("true")
        ),
        "# only this\nexecutables:\n  x:\n    session-key: true\n"
    );
    assert_eq!(
        kept("aliases:\n    a: b\n", &["aliases", "c"], Some("d")),
        "aliases:\n    a: b\n    c: d\n",
        "the indentation is that of the others"
    );
}

#[test]
fn values_go_with_their_lines() {
    assert_eq!(
        kept(FILE, &["aliases", "imgs"], None),
        FILE.replace("  imgs: |\n    hql\n    'select i'\n", "")
    );
    assert_eq!(
        kept(FILE, &["report"], None),
        FILE.replace("report: without-key   # for the logs\n", "")
    );
    assert_eq!(kept("report: x\n", &["report"], None), "");
}

#[test]
fn what_cannot_be_kept_is_said() {
    let braces = "# c\naliases: {a: b}\nreport: x\n";
    let result = changed(braces, &["aliases", "c"], Some("d"));
    assert!(result.lost_comments);
    assert_eq!(result.text, "aliases:\n  a: b\n  c: d\nreport: x\n");
    let no_comments = "aliases: {a: b}\n";
    assert!(!changed(no_comments, &["aliases", "c"], Some("d")).lost_comments);
    assert_eq!(with(&Value::from("text"), &["a"], None), None);
    assert_eq!(
        with(&serde_yaml::from_str("a: 5").unwrap(), &["a", "b"], None),
        None
    );
}

#[test]
fn the_last_alias_takes_its_key_along() {
    let result = changed("aliases:\n  a: b\nreport: x\n", &["aliases", "a"], None);
    assert_eq!(result.text, "report: x\n");
}
