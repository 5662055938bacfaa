//! ZeroC's `glacier2router` in front of our test server.

use std::fs;
use std::process::Command;

use omero_tests::server::{TestServer, Transport};
use tempfile::TempDir;

use super::certificate::Certificate;
use super::peers::Peer;
use super::ports;
use super::process::Daemon;

/// A running router.
pub struct Router {
    _daemon: Daemon,
    _directory: TempDir,
    ports: [u16; 4],
}

impl Router {
    /// Starts a router before a back end and waits until all four transports are served.
    pub fn before(back_end: &TestServer) -> Self {
        Self::with(back_end, "")
    }

    /// The same with more lines of configuration.
    pub fn with(back_end: &TestServer, more: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let certificate = Certificate::in_directory(directory.path());
        let ports = ports::free();
        let file = directory.path().join("router.config");
        fs::write(
            &file,
            properties(ports, back_end.back_end_port(), &certificate) + more,
        )
        .expect("a file");
        let mut command = Command::new(Peer::Glacier2.path());
        command.arg(format!("--Ice.Config={}", file.display()));
        let daemon = Daemon::start(&mut command, || {
            ports.iter().all(|port| ports::taken(*port))
        });
        Self {
            _daemon: daemon,
            _directory: directory,
            ports,
        }
    }

    /// Where it listens for a transport.
    pub fn port(&self, transport: Transport) -> u16 {
        let at = Transport::ALL.iter().position(|known| *known == transport);
        at.map_or(0, |at| self.ports[at])
    }
}

/// The configuration that OMERO servers have, as far as clients can see it (`etc/grid/templates.xml`
/// of OMERO.server; Ice manual, "Glacier2 properties").
fn properties([tcp, ssl, ws, wss]: [u16; 4], back_end: u16, certificate: &Certificate) -> String {
    let Certificate { certificate, key } = certificate;
    let (certificate, key) = (certificate.display(), key.display());
    format!(
        "Glacier2.InstanceName=OMERO.Glacier2\n\
         Glacier2.Client.Endpoints=tcp -h 127.0.0.1 -p {tcp}:ssl -h 127.0.0.1 -p {ssl}\
         :ws -h 127.0.0.1 -p {ws}:wss -h 127.0.0.1 -p {wss}\n\
         Glacier2.Server.Endpoints=tcp -h 127.0.0.1\n\
         Glacier2.PermissionsVerifier=verifier:tcp -h 127.0.0.1 -p {back_end}\n\
         Glacier2.SessionManager=manager:tcp -h 127.0.0.1 -p {back_end}\n\
         Glacier2.Client.ForwardContext=1\n\
         Glacier2.SessionTimeout=600\n\
         Ice.Plugin.IceSSL=IceSSL:createIceSSL\n\
         IceSSL.CertFile={certificate}\n\
         IceSSL.KeyFile={key}\n\
         IceSSL.VerifyPeer=0\n"
    )
}
