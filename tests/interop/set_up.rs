//! A set-up script in the style of published ones runs the same with OMERO.py, and with this program in
//! its place and OMERO.py as the fallback.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use omero_tests::server::{Config, TestServer, Transport};

use super::peers::{Peer, present};
use super::process::{Outcome, run_within};
use super::sandbox::Sandbox;

/// The script starts OMERO.py some forty times, which takes seconds each on a busy machine.
const LIMIT: Duration = Duration::from_secs(1800);

/// Makes a course: groups, owners and members, then loops over what a query finds. `$OMERO` is the
/// client, `$AT` the server.
const SCRIPT: &str = r#"
set -e
omero=$OMERO
$omero login "$AT" -u root -w omero
for lab in lab-a lab-b; do
    $omero group add $lab --type read-annotate
done
$omero group add lab-a --ignore-existing
for n in 1 2 3; do
    $omero user add --group-name lab-a -P "pass-$n" "student-$n" Student "Number$n" -e "s$n@example.org"
done
$omero user add --ignore-existing student-1 Student Number1 --group-name lab-a -P x
$omero group adduser --name lab-b --user-name student-1
$omero group adduser --name lab-b --user-name student-2 --as-owner
$omero user joingroup --name student-3 --group-name lab-b
$omero group removeuser --name lab-b --user-name student-3
$omero group copyusers lab-a lab-b
echo "groups:"
$omero group list --style csv | cut -d, -f2,3
$omero group listusers lab-b --style csv | cut -d, -f2-5
$omero user list --style plain | cut -d, -f2-5
for id in $($omero hql -q --ids-only --limit 1000 --style plain \
    "select g from ExperimenterGroup g where g.name like 'lab-%' order by g.id" | cut -d, -f2 | cut -d: -f2); do
    $omero group info $id --style plain | cut -d, -f2-6
done
$omero hql -q --style csv "select e.omeName, e.lastName from Experimenter e where e.omeName like 'student-%' order by e.omeName"
set +e
$omero group add lab-a; echo "code $?"
$omero user add student-1 Student Number1 --group-name lab-a -P x; echo "code $?"
$omero group adduser --name nosuch --user-name student-1; echo "code $?"
$omero nonsense; echo "code $?"
$omero config set omero.web.prefix /omero; echo "code $?"
$omero logout
$omero login "$AT" -u student-2 -w pass-2 -g lab-b
$omero group add not-mine; echo "code $?"
$omero group list --style plain | cut -d, -f2
$omero logout
echo "done"
"#;

/// Users and groups, as far as the script changes them.
fn state(server: &TestServer) -> String {
    let mut text = String::new();
    let (groups, users) = server.with_model(|model| (model.groups.clone(), model.users.clone()));
    for group in groups.values() {
        let people: Vec<String> = group
            .people()
            .iter()
            .map(|(id, owner)| format!("{id}{}", if *owner { "*" } else { "" }))
            .collect();
        let bits = group.permissions.bits();
        text += &format!("{} {} {bits} {}\n", group.id, group.name, people.join(" "));
    }
    for user in users.values() {
        text += &format!("{user:?}\n");
    }
    text
}

fn run_script(sandbox: &Sandbox, program: &str, server: &TestServer) -> Outcome {
    let script = sandbox.path("home/set-up");
    std::fs::write(&script, SCRIPT).expect("the sandbox is ours");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o644)).expect("as well");
    let at = format!("localhost:{}", server.port(Transport::Ssl));
    let mut command = Command::new("sh");
    command
        .arg(&script)
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("OMERO", program)
        .env("AT", at)
        .current_dir(sandbox.path("home"));
    sandbox.account().take(&mut command);
    run_within(&mut command, LIMIT)
}

fn server() -> TestServer {
    let mut config = Config::standard();
    let required = ("omero.security.password_required", "true");
    config
        .settings
        .insert(required.0.to_owned(), required.1.to_owned());
    TestServer::start(config).expect("a port is free")
}

#[test]
fn set_up_script_does_the_same_on_the_first_day() {
    if !present(&[Peer::OmeroPy]) {
        return;
    }
    let python = Peer::OmeroPy.path();
    let python = python.to_str().expect("a path in UTF-8");
    let (theirs_at, theirs_in) = (server(), Sandbox::new());
    let theirs = run_script(&theirs_in, python, &theirs_at);
    let (ours_at, ours_in) = (server(), Sandbox::new());
    ours_in
        .ours(&["config", "set", "fallback", python])
        .success();
    let ours = ours_in.path("bin/omero");
    let ours = run_script(&ours_in, ours.to_str().expect("a path in UTF-8"), &ours_at);
    assert_eq!(ours.code, theirs.code, "{ours:#?}\n{theirs:#?}");
    assert_eq!(ours.out, theirs.out, "{ours:#?}\n{theirs:#?}");
    // Neither stopped half-way.
    for line in [
        "Added group lab-b",
        "\nlab-b,rwra--,False,",
        "student-3,Number3",
        "done",
    ] {
        assert!(theirs.out.contains(line), "no {line} in {theirs:#?}");
    }
    assert_eq!(state(&ours_at), state(&theirs_at));
    assert!(state(&theirs_at).contains("lab-a"));
    assert!(ours_at.sessions().is_empty() && theirs_at.sessions().is_empty());
}
