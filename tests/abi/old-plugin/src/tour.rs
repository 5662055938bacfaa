//! Calls every method that a host of ABI 1.0 offers, and shows what came of it.

use std::sync::{
    atomic::{AtomicBool, Ordering},
    Arc,
};

use omero_plugin_abi::{
    share,
    std_types::{RNone, RResult, RSome, RVec},
    Failure, FailureKind, HostContextBox, InvokeMode, ProgressUnit, Request, SharedSession, Stream,
    TD_Opaque, Waker, WakerBox,
};

/// An encapsulation of the Slice encoding 1.1 with nothing in it: no parameters.
const NO_PARAMETERS: [u8; 6] = [6, 0, 0, 0, 1, 1];

/// The words after the command say what to do.
pub fn run(host: &HostContextBox) -> Result<i32, Failure> {
    let words: Vec<String> = host
        .arguments()
        .iter()
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .collect();
    match words.first().map(String::as_str) {
        Some("panic") => panic!("an old panic"),
        Some("pipe") => Err(failure(FailureKind::OUTPUT_CLOSED, 0, "")),
        Some("fail") => Err(failure(FailureKind(99), 523, "of a kind that nobody knows")),
        Some("session") => with_session(host),
        Some("ask") => ask(host),
        Some("invoke") => {
            let code = host.invoke(bytes(&words[1..]), InvokeMode::SHOW);
            line(host, &format!("code {}", code.into_result()?.code))
        }
        Some("capture") => {
            let run = host.invoke(bytes(&words[1..]), InvokeMode::CAPTURE);
            let run = run.into_result()?;
            let (output, errors) = (run.output.len(), run.errors.len());
            line(host, &format!("code {} output {} errors {}", run.code, output, errors))
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
    let progress = host.progress("Ageing".into(), ProgressUnit::ITEMS);
    progress.set(1, RSome(2));
    progress.label("Aged".into());
    drop(progress);
    host.debug(1, "an old debug message".into());
    let woken = Arc::new(AtomicBool::new(false));
    let waker = WakerBox::from_value(Bell(Arc::clone(&woken)), TD_Opaque);
    let number = host.on_cancel(waker);
    host.forget_waker(number);
    let stopped = host.cancelled() || woken.load(Ordering::SeqCst);
    line(host, &format!("cancelled {}", stopped))?;
    line(host, &format!("width {:?}", host.terminal_width(Stream::OUTPUT)))?;
    line(host, &format!("input {}", host.read(100).into_result()?.len()))?;
    line(host, &format!("host {}", host.host_abi()))?;
    // Here the tests append the call of the method of the synthetic ABI 1.1.
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
    line(host, &format!("target {}", host.login_target().into_result()?))?;
    let first: SharedSession = host.session_with(RVec::new()).into_result()?;
    let session = share(&first);
    drop(first);
    line(host, &format!("session {}", session.describe()))?;
    line(
        host,
        &format!("key of {} bytes", session.key().expose().len()),
    )?;
    let admin = session.service("omero.api.IAdmin".into()).into_result()?;
    session
        .add_proxies([admin.clone()].as_slice().into())
        .into_result()?;
    let request = Request {
        proxy: admin,
        operation: "getEventContext".into(),
        mode: 2,
        context: RVec::new(),
        parameters: NO_PARAMETERS.to_vec().into(),
    };
    let pending = session.begin(request).into_result()?;
    let reply = pending.wait(RNone).into_result()?;
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

fn bytes(words: &[String]) -> RVec<RVec<u8>> {
    words.iter().map(|word| word.as_bytes().into()).collect()
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
        labelled: false,
        hint: "an old hint".into(),
        detail: "an old detail".into(),
        causes: RVec::new(),
    }
}
