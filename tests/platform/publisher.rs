//! A publisher with an index, and users with homes of their own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use omero_tests::{artifacts::installation, https::HttpsServer};

use crate::room::{Room, hello, mode};

/// A publisher of versions of the plugin `hello`.
pub struct Publisher {
    pub room: Room,
    /// The public key of the index.
    pub key: String,
}

impl Publisher {
    pub fn new() -> Self {
        let room = Room::new();
        let key = new_key(&room, "lab.key");
        Self { room, key }
    }

    /// The directory of the index.
    pub fn index(&self) -> PathBuf {
        self.room.sandbox.path("index")
    }

    /// Adds a version of `hello`, signed by the author if a key is named.
    #[track_caller]
    pub fn package(&self, version: &str, author: Option<&str>) {
        let library = self.library(version);
        let mut arguments = vec![
            "plugin",
            "package",
            library.to_str().unwrap(),
            "--output",
            "out",
            "--index",
            "index",
        ];
        if let Some(key) = author {
            arguments.extend(["--key", key]);
        }
        self.room.omero(&arguments).success();
    }

    /// Signs the index.
    #[track_caller]
    pub fn sign(&self) {
        self.room
            .omero(&["plugin", "index", "sign", "index", "--key", "lab.key"])
            .success();
    }

    /// Adds a version without a signature by an author, and signs the index.
    #[track_caller]
    pub fn publish(&self, version: &str) {
        self.package(version, None);
        self.sign();
    }

    /// `hello` as another version: its number is a text in the library.
    pub fn library(&self, version: &str) -> PathBuf {
        let from = br#""version":"0.1.0""#;
        let to = format!(r#""version":"{version}""#);
        assert_eq!(from.len(), to.len());
        let mut bytes = fs::read(hello()).unwrap();
        let mut changed = 0;
        for start in 0..bytes.len() - from.len() {
            if bytes[start..].starts_with(from) {
                bytes[start..start + from.len()].copy_from_slice(to.as_bytes());
                changed += 1;
            }
        }
        assert!(changed > 0, "the manifest is not where it was");
        let path = format!("{version}/libomero_hello.so");
        self.room.sandbox.write(path, bytes)
    }

    /// A web server of the index, in `index/` of its address.
    pub fn server(&self) -> HttpsServer {
        HttpsServer::start(self.room.sandbox.root()).unwrap()
    }
}

/// Makes a key pair in a room; gives the public key.
pub fn new_key(room: &Room, file: &str) -> String {
    room.omero(&["plugin", "key", file, "--no-password"])
        .success();
    let public = room.sandbox.read(format!("{file}.pub"));
    public.lines().nth(1).unwrap().to_owned()
}

/// Commits all files of a directory to the git repository in it, which is made if there is none.
#[track_caller]
pub fn commit(directory: &Path) {
    for arguments in [
        "init --quiet",
        "add .",
        "-c user.name=x -c user.email=x commit --quiet -m x",
    ] {
        let mut git = Command::new("git");
        git.args(arguments.split(' ')).current_dir(directory);
        assert!(git.status().unwrap().success());
    }
}

/// A user who trusts the root certificate of a server.
pub fn user_of(server: &HttpsServer) -> Room {
    let mut room = Room::new();
    let root = room.sandbox.write("root.pem", server.root());
    room.sandbox.set("SSL_CERT_FILE", root);
    room
}

/// Sends a request to the helper itself, as `omero` would.
pub fn helper(room: &Room, request: &serde_json::Value) -> serde_json::Value {
    let task = serde_json::json!({
        "data": room.sandbox.path("home/.local/share/omero"),
        "abi": "1.0.0",
        "request": request,
    });
    let mut command = room.sandbox.command_of(&installation().registry, [""; 0]);
    let input = room.sandbox.write("request.json", task.to_string());
    let output = command
        .stdin(Stdio::from(fs::File::open(input).unwrap()))
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn key_with_a_password_asks_for_it() {
    let lab = Publisher::new();
    lab.package("1.0.0", None);
    let room = &lab.room;
    room.refuses(&["plugin", "key", "safe.key"], 1);
    let mut terminal = room.sandbox.terminal(["plugin", "key", "safe.key"]);
    terminal.expect("Password for the new key: ");
    terminal.send("secret");
    terminal.expect("The same again: ");
    terminal.send("secret");
    assert_eq!(terminal.finish().code, 0);
    assert_eq!(mode(&room.sandbox.path("safe.key")), 0o600);
    let sign = ["plugin", "index", "sign", "index", "--key", "safe.key"];
    let refused = room.omero(&sign).expect_code(1);
    assert!(refused.stderr.contains("on a terminal"), "{refused:?}");
    for (password, code) in [("wrong", 1), ("secret", 0)] {
        let mut terminal = room.sandbox.terminal(sign);
        terminal.expect("safe.key: ");
        terminal.send(password);
        assert_eq!(terminal.finish().code, code, "{password}");
    }
}
