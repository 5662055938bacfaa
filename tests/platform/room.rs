//! A home without plugins of its own, and a plugin to install.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

pub use omero_tests::machine::set_mode;
use omero_tests::{artifacts::Artifacts, output::Output, sandbox::Sandbox};

/// A sandbox whose search path holds the product's plugins.
pub struct Room {
    pub sandbox: Sandbox,
}

impl Room {
    pub fn new() -> Self {
        Self {
            sandbox: Sandbox::new(),
        }
    }

    /// With the plugin `hello` installed.
    pub fn with_hello() -> Self {
        let room = Self::new();
        room.omero(&["plugin", "install", "-q", hello().to_str().unwrap()])
            .expect_stderr("")
            .success();
        room
    }

    pub fn omero(&self, arguments: &[&str]) -> Output {
        self.sandbox.run(arguments)
    }

    /// The command line ends with this code and without a result.
    #[track_caller]
    pub fn refuses(&self, arguments: &[&str], code: i32) {
        let output = self.omero(arguments).expect_code(code);
        assert_eq!(output.stdout, "", "{output:?}");
    }

    /// The user's plugin directory.
    pub fn plugins(&self) -> PathBuf {
        self.sandbox.path("home/.local/share/omero/plugins")
    }

    /// A library in the user's plugin directory.
    pub fn library(&self, name: &str) -> PathBuf {
        self.plugins().join(format!("libomero_{name}.so"))
    }

    /// Puts a file there by hand.
    pub fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.library(name);
        fs::create_dir_all(self.plugins()).unwrap();
        fs::write(&path, content).unwrap();
        set_mode(&path, 0o600);
        path
    }

    /// What the record of a plugin says.
    pub fn record(&self, name: &str) -> String {
        let path = format!("home/.local/share/omero/installed/{name}.yaml");
        self.sandbox.read(path)
    }

    /// The state of the plugin in `omero plugin list`; empty where it is not listed.
    pub fn state(&self, path: &Path) -> String {
        let list = self.omero(&["plugin", "list", "--style", "json"]).success();
        let rows: serde_json::Value = serde_json::from_str(&list).unwrap();
        let path = path.to_str().unwrap();
        let rows = rows.as_array().unwrap();
        let row = rows.iter().find(|row| row["Path"] == path);
        row.map_or(String::new(), |row| {
            row["State"].as_str().unwrap().to_owned()
        })
    }

    /// Text without this room's paths.
    pub fn show(&self, text: &str) -> String {
        self.sandbox.normaliser().apply(text)
    }
}

/// The library of the test plugin `hello`.
pub fn hello() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Artifacts::build(&["omero-hello"]).unwrap();
        // A copy, because another build may write the original while a test reads it.
        let library = built.library("omero_hello");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("platform");
        fs::create_dir_all(&folder).unwrap();
        let (copy, new) = (
            folder.join(library.file_name().unwrap()),
            folder.join(format!("{}.new", std::process::id())),
        );
        fs::copy(library, &new).unwrap();
        fs::rename(new, &copy).unwrap();
        copy
    })
}

pub fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o7777
}
