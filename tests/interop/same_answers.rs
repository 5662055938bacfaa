//! The same commands given to both clients: what scripts read, standard output and exit code, is
//! the same.

use omero_tests::server::{Config, PresetSession, TestServer, Transport};

use super::omero_py::address;
use super::peers::{Peer, present};
use super::sandbox::{Client, Sandbox};

const PEERS: &[Peer] = &[Peer::OmeroPy];

/// One after the other, in one session that an administrator made. Left out is what this program
/// answers otherwise on purpose: a crash of OMERO.py (`sessions group` with an unknown name, an
/// option without its value), and lines that OMERO.py writes only to standard error.
const ADMINISTRATOR: &[&str] = &[
    "sessions list",
    "sessions list --no-purge",
    "sessions key",
    "sessions file",
    "sessions group",
    "sessions group my_group",
    "sessions group my_group",
    "sessions group 4",
    "sessions group system",
    "sessions timeout 1200",
    "sessions timeout",
    "sessions timeout abc",
    "sessions timeout 60 --session 22fccb8b-d04c-49ec-9d52-000000000000",
    "sessions who",
    "sessions who --show-uuid",
    "group list",
    "group list --long",
    "group list --count --long",
    "group list --sort-by-name",
    "group list --style csv",
    "group list --style plain",
    "group list --style json",
    "group list --style nosuch",
    "group info",
    "group info --style json my_group 4",
    "group info nosuch",
    "group info my_group nosuch",
    "group info --group-id 5 --group-name mygroup --long",
    "group listusers",
    "group listusers 5 --count",
    "group listusers my_group --sort-by-login --style csv",
    "group listusers 4 5",
    "sessions open --user-name test",
    "sessions open --user-id 3 --group-name my_group --timeout 60",
    "sessions open --user-name nosuch",
    "sessions open",
    "sessions close 22fccb8b-d04c-49ec-9d52-000000000000",
    "login ADDRESS -C -u root -w wrong",
    "login ADDRESS -k 22fccb8b-d04c-49ec-9d52-000000000000",
    "login ADDRESS -s localhost",
    "login test@ADDRESS -u test",
    "login ADDRESS -p 4064 -w omero",
    "login tcp://127.0.0.1:1 -u root -w omero",
    "login nosuch.invalid -u root -w omero",
    "login",
    "sessions nosuch",
    "nosuch",
    "sessions login --nosuch",
    "sessions logout",
    "sessions logout",
    "sessions key",
    "sessions file",
    "sessions list",
    "sessions who",
    "sessions clear",
];

/// What somebody without rights is told.
const USER: &[&str] = &[
    "sessions who --show-uuid",
    "sessions group system",
    "sessions open --user-name test",
    "sessions timeout 100000",
    "group listusers mygroup",
    "sessions close 7c63248a-b636-4920-af7d-688993f8c428",
];

const KEYS: [&str; 3] = [
    "22fccb8b-d04c-49ec-9d52-116a163728ca",
    "1f800a16-1dc2-407a-8a85-fb44005306be",
    "bf7b9fee-5e3f-40fa-94a6-1e23ceb43dbd",
];

/// Sessions of others, one of which nobody may see.
fn others() -> Vec<PresetSession> {
    let shown = PresetSession::new("7c63248a-b636-4920-af7d-688993f8c428", "test", "my_group");
    let hidden = PresetSession::new("6e107964-dad6-4039-b321-afd3a442acfe", "guest", "guest");
    let data = [("imageCount", "12"), ("zoo", "ü | \"x\"")];
    vec![
        PresetSession {
            data: data.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            agent: None,
            time_to_idle: 90_000_000,
            ..shown
        },
        PresetSession {
            hidden: true,
            time_to_idle: 0,
            ..hidden
        },
    ]
}

struct Stage {
    server: TestServer,
    sandbox: Sandbox,
    client: Client,
}

impl Stage {
    fn new(client: Client, user: &str, password: &str) -> Self {
        let config = Config {
            session_uuids: KEYS.map(String::from).to_vec(),
            start_time: Some(1_353_682_525_000),
            sessions: others(),
            // Counts of calls and times of the last one: the two clients call differently.
            report_activity: false,
            ..Config::standard()
        };
        let server = TestServer::start(config).expect("a port is free");
        let sandbox = Sandbox::new();
        let address = address(Transport::Ssl, server.port(Transport::Ssl));
        let login = ["login", "-s", &address, "-u", user, "-w", password];
        sandbox.run(client, &login).success();
        Self {
            server,
            sandbox,
            client,
        }
    }

    /// Exit code and standard output, without what differs between two servers and homes.
    fn answer(&self, command: &str) -> String {
        let port = self.server.port(Transport::Ssl).to_string();
        let typed = command.replace("ADDRESS", &format!("localhost:{port}"));
        let words: Vec<&str> = typed.split_whitespace().collect();
        let outcome = self.sandbox.run(self.client, &words);
        let home = self.sandbox.path("home").display().to_string();
        let out = outcome.out.replace(&port, "PORT").replace(&home, "HOME");
        format!("{}exit code {:?}", without_seconds(&out), outcome.code)
    }
}

/// `14:55:25` as `14:55`: the servers' clocks begin at the same second and run on.
fn without_seconds(text: &str) -> String {
    let bytes = text.as_bytes();
    let time = |at: usize| {
        let shape = bytes.get(at..at + 8)?;
        let mut pairs = shape.iter().zip(b"00:00:00");
        pairs
            .all(|(b, form)| b == form || (*form == b'0' && b.is_ascii_digit()))
            .then_some(())
    };
    let kept = (0..bytes.len()).filter(|at| {
        !(0..3).any(|back| {
            at.checked_sub(5 + back)
                .is_some_and(|start| time(start).is_some())
        })
    });
    String::from_utf8_lossy(&kept.map(|at| bytes[at]).collect::<Vec<u8>>()).into_owned()
}

fn compare(user: &str, password: &str, commands: &[&str]) {
    let answers = [Client::Ours, Client::Theirs].map(|client| {
        let stage = Stage::new(client, user, password);
        let answers = commands.iter().map(|command| stage.answer(command));
        answers.collect::<Vec<String>>()
    });
    let [ours, theirs] = answers;
    let pairs = commands.iter().zip(ours.iter().zip(&theirs));
    let different = pairs.filter(|(_, (ours, theirs))| ours != theirs);
    let report: Vec<String> = different
        .map(|(command, (ours, theirs))| {
            format!("$ omero {command}\n--- ours\n{ours}\n--- OMERO.py\n{theirs}\n")
        })
        .collect();
    assert!(report.is_empty(), "\n{}", report.join("\n"));
}

#[test]
fn scripts_of_an_administrator_read_the_same_from_both() {
    if present(PEERS) {
        compare("root", "omero", ADMINISTRATOR);
    }
}

#[test]
fn scripts_of_a_user_read_the_same_from_both() {
    if present(PEERS) {
        compare("testuser", "pasw", USER);
    }
}

#[test]
fn only_seconds_are_left_out() {
    let text = "Fri Nov 23 14:55:25 2012 | 1:2:3 | é 00:00:01";
    assert_eq!(
        without_seconds(text),
        "Fri Nov 23 14:55 2012 | 1:2:3 | é 00:00"
    );
}
