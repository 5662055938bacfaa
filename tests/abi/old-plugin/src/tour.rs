//! Calls every method that a host of ABI 1.0 offers, and shows what came of it.

use std::sync::{
    atomic::{AtomicBool, Ordering},
    Arc,
};

use omero_plugin_abi::{
    std_types::{RResult, RString, RVec},
    Failure, FailureKind, HostContextBox, SessionBox, Stream, TD_Opaque, Waker, WakerBox, WireCall,
};

/// An encapsulation of the Slice encoding 1.1 with nothing in it: no parameters.
const NO_PARAMETERS: [u8; 6] = [6, 0, 0, 0, 1, 1];

/// The words after the command say what to do.
pub fn run(host: &HostContextBox) -> Result<i32, Failure> {
    let words = host.arguments();
    match words.first().map(RString::as_str) {
        Some("panic") => panic!("an old panic"),
        Some("pipe") => Err(failure(FailureKind::OUTPUT_CLOSED, 0, "")),
        Some("fail") => Err(failure(FailureKind(99), 523, "of a kind that nobody knows")),
        Some("session") => with_session(host),
        Some("ask") => ask(host),
        Some("invoke") => {
            let rest: RVec<RString> = words[1..].iter().cloned().collect();
            let code = host.invoke(rest).into_result()?;
            line(host, &format!("code {}", code))
        }
        _ => everything(host),
    }
}

fn everything(host: &HostContextBox) -> Result<i32, Failure> {
    line(host, &format!("program {}", host.program()))?;
    line(
        host,
        &format!("quiet {} debug {}", host.quiet(), host.debug_level()),
    )?;
    line(
        host,
        &format!("login options {}", host.login_options().len()),
    )?;
    line(
        host,
        &format!("terminal {}", host.is_terminal(Stream::OUTPUT)),
    )?;
    let zone = host.environment("TZ".into()).into_option();
    let zone = zone.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    line(host, &format!("zone {:?}", zone))?;
    let report = host.configuration("report".into()).into_result()?;
    line(
        host,
        &format!("report {:?}", report.into_option().as_deref()),
    )?;
    let data = host.data_directory().into_result()?;
    let known = String::from_utf8_lossy(&data).ends_with("oldtimer");
    line(host, &format!("own directory {}", known))?;
    let progress = host.progress("Ageing".into());
    progress.set(1, 2);
    progress.label("Aged".into());
    drop(progress);
    host.debug(1, "an old debug message".into());
    let woken = Arc::new(AtomicBool::new(false));
    let waker = WakerBox::from_value(Bell(Arc::clone(&woken)), TD_Opaque);
    let number = host.on_cancel(waker);
    host.forget_waker(number);
    let stopped = host.cancelled() || woken.load(Ordering::SeqCst);
    line(host, &format!("cancelled {}", stopped))?;
    host.flush().into_result()?;
    Ok(7)
}

struct Bell(Arc<AtomicBool>);

impl Waker for Bell {
    fn wake(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

fn ask(host: &HostContextBox) -> Result<i32, Failure> {
    let name = host.read_line("Name: ".into()).into_result()?;
    let name = name.into_option();
    line(
        host,
        &format!("Hello {}", name.as_deref().unwrap_or("nobody")),
    )?;
    // Without a terminal a secret cannot be read: that has to be a failure, and no crash.
    let secret = host.read_secret("Secret: ".into()).into_result();
    line(host, &format!("secret read {}", secret.is_ok()))
}

/// Uses the lent session down to a call on the wire.
fn with_session(host: &HostContextBox) -> Result<i32, Failure> {
    let session: SessionBox = host.session().into_result()?;
    line(host, &format!("session {}", session.describe()))?;
    line(
        host,
        &format!("key of {} bytes", session.key().expose().len()),
    )?;
    let admin = session.service("omero.api.IAdmin".into()).into_result()?;
    session
        .add_proxies([admin.clone()].as_slice().into())
        .into_result()?;
    let call = WireCall {
        proxy: admin,
        operation: "getEventContext".into(),
        mode: 2,
        context: RVec::new(),
        parameters: NO_PARAMETERS.to_vec().into(),
    };
    let pending = session.begin(call).into_result()?;
    let reply = pending.wait(0).into_result()?;
    line(
        host,
        &format!(
            "status {}, an answer {}",
            reply.status,
            reply.body.len() > 6
        ),
    )?;
    session.keep_alive().into_result()?;
    Ok(0)
}

fn line(host: &HostContextBox, text: &str) -> Result<i32, Failure> {
    let text = format!("{}\n", text);
    let written: RResult<(), Failure> = host.write(Stream::OUTPUT, text.as_bytes().into());
    written.into_result().map(|()| 0)
}

/// A failure with a hint and a detail.
pub fn failure(kind: FailureKind, code: i32, message: &str) -> Failure {
    Failure {
        kind,
        code,
        message: message.into(),
        hint: "an old hint".into(),
        detail: "an old detail".into(),
    }
}
