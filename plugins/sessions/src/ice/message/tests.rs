use std::fs;
use std::path::PathBuf;

use super::*;
use crate::ice::IceError;

const LIMIT: usize = MESSAGE_SIZE_MAX;

/// Every recorded message, by file name.
fn samples() -> Vec<(String, Vec<u8>)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/wire");
    let mut samples: Vec<_> = fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    samples.sort();
    assert!(samples.len() > 200, "only {} samples", samples.len());
    samples
}

fn frame(bytes: &[u8]) -> Result<Option<Frame>, IceError> {
    take_frame(&mut bytes.to_vec(), LIMIT)
}

/// Reads whatever a message holds, as a connection would.
fn read(frame: &Frame) -> Result<(), IceError> {
    match frame.header.kind {
        Kind::Request => Request::decode(&frame.body).map(drop),
        Kind::Reply => Reply::decode(&frame.body)
            .and_then(|(_, reply)| reply)
            .map(drop),
        _ => Ok(()),
    }
}

#[test]
fn recorded_messages_come_back_byte_for_byte() {
    let (mut requests, mut replies) = (0, 0);
    for (name, bytes) in samples() {
        let frame = frame(&bytes).unwrap().unwrap();
        assert_eq!(frame.header.size, bytes.len(), "{name}");
        if frame.header.compression == 2 {
            continue;
        }
        let mut again = match frame.header.kind {
            Kind::Request => {
                requests += 1;
                Request::decode(&frame.body).unwrap().encode().unwrap()
            }
            Kind::Reply => {
                replies += 1;
                let (id, reply) = Reply::decode(&frame.body).unwrap();
                Reply {
                    id,
                    reply: reply.unwrap(),
                }
                .encode()
                .unwrap()
            }
            Kind::BatchRequest => continue,
            kind @ (Kind::Validate | Kind::Close) => Header::bodiless(kind).to_vec(),
        };
        // Whether compressed replies are welcome is the sender's own choice.
        again[9] = frame.header.compression;
        assert_eq!(again, bytes, "{name}");
    }
    assert!(
        requests > 30 && replies > 100,
        "{requests} requests, {replies} replies"
    );
}

#[test]
fn the_login_request_is_read() {
    let (_, bytes) = samples()
        .into_iter()
        .find(|(name, _)| name == "login-createSession-request.11.bin")
        .unwrap();
    let frame = frame(&bytes).unwrap().unwrap();
    let request = Request::decode(&frame.body).unwrap();
    assert_eq!(request.identity.to_string(), "OMERO.Glacier2/router");
    assert_eq!(request.operation, "createSession");
    assert!(
        request
            .context
            .iter()
            .any(|(key, _)| key == "omero.client.uuid")
    );
    let shown = format!("{request:?}");
    assert!(
        !shown.contains("omero.client.uuid") && shown.contains("createSession"),
        "{shown}"
    );
}

#[test]
fn failures_are_read() {
    let mut seen = [0; 8];
    for (name, bytes) in samples() {
        let frame = frame(&bytes).unwrap().unwrap();
        if frame.header.kind != Kind::Reply || frame.header.compression == 2 {
            continue;
        }
        let reply = Reply::decode(&frame.body).unwrap().1.unwrap();
        seen[usize::from(reply.status)] += 1;
        match reply.failure().unwrap() {
            None => assert!(reply.status < 2, "{name}"),
            Some(Failure::NotExist {
                status,
                identity,
                operation,
                ..
            }) => {
                assert!(
                    (2..=4).contains(&status) && !identity.name.is_empty(),
                    "{name}"
                );
                assert!(!operation.is_empty(), "{name}");
            }
            Some(Failure::Unknown { text, .. }) => assert!(!text.is_empty(), "{name}"),
        }
    }
    assert!(
        seen.iter().all(|count| *count > 0),
        "not every status is covered: {seen:?}"
    );
}

#[test]
fn every_truncation_waits_for_more_or_fails() {
    for (name, bytes) in samples() {
        for length in 0..bytes.len() {
            assert_eq!(
                frame(&bytes[..length]).unwrap().map(|_| ()),
                None,
                "{name} {length}"
            );
            // A body that is cut inside of a complete frame must be noticed.
            if (HEADER_SIZE..bytes.len()).contains(&length) && bytes[9] != 2 {
                let mut cut = bytes[..length].to_vec();
                let size = i32::try_from(length).unwrap();
                cut[10..14].copy_from_slice(&size.to_le_bytes());
                let frame = frame(&cut).unwrap().unwrap();
                let is_read = matches!(frame.header.kind, Kind::Request | Kind::Reply);
                assert!(!is_read || read(&frame).is_err(), "{name} {length}");
            }
        }
    }
}

#[test]
fn no_flipped_bit_does_harm() {
    for (_, bytes) in samples().into_iter().filter(|(_, bytes)| bytes.len() < 700) {
        for position in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[position] ^= 1 << bit;
                if let Ok(Some(frame)) = frame(&flipped) {
                    // Either it still makes sense or it is an error: it never panics.
                    let _ = read(&frame);
                }
            }
        }
    }
}

#[test]
fn headers_are_checked() {
    let good = Header::bodiless(Kind::Validate);
    let with = |position: usize, byte: u8| {
        let mut header = good;
        header[position] = byte;
        frame(&header).map(|frame| frame.is_some())
    };
    assert_eq!(with(9, 1), Ok(true));
    for (position, byte) in [
        (0, b'X'),
        (4, 2),
        (5, 1),
        (6, 2),
        (7, 1),
        (8, 5),
        (10, 13),
        (10, 15),
    ] {
        assert!(
            matches!(with(position, byte), Err(IceError::Protocol(_))),
            "{position} {byte}"
        );
    }
    assert!(
        matches!(with(13, 0x80), Err(IceError::Protocol(_))),
        "negative size"
    );
    let mut reply = Header::bodiless(Kind::Reply);
    reply[10..14].copy_from_slice(&i32::MAX.to_le_bytes());
    let limit = IceError::LimitExceeded {
        what: "message",
        size: 0x7fff_ffff,
        limit: LIMIT,
    };
    assert_eq!(frame(&reply).err(), Some(limit));
    assert!(frame(b"H").is_err(), "one wrong byte is enough");
    assert!(matches!(frame(b"Ice"), Ok(None)));
}

#[test]
fn a_stream_is_cut_at_every_place() {
    let mut all = Header::bodiless(Kind::Validate).to_vec();
    let reply = RawReply {
        status: 0,
        body: vec![6, 0, 0, 0, 1, 1],
    };
    all.extend(Reply { id: 7, reply }.encode().unwrap());
    all.extend(Header::bodiless(Kind::Close));
    for cut in 0..=all.len() {
        let (mut stream, mut kinds) = (Vec::new(), Vec::new());
        for piece in [&all[..cut], &all[cut..]] {
            stream.extend(piece);
            while let Some(frame) = take_frame(&mut stream, LIMIT).unwrap() {
                kinds.push(frame.header.kind);
            }
        }
        assert_eq!(kinds, [Kind::Validate, Kind::Reply, Kind::Close], "{cut}");
        assert!(stream.is_empty());
    }
}

#[test]
fn unsound_requests_are_not_sent() {
    let sound = Request {
        id: 1,
        identity: omero_plugin_api::slice::Identity::new("c", "n"),
        facet: None,
        operation: "ice_ping".into(),
        mode: 1,
        context: vec![],
        parameters: &[6, 0, 0, 0, 1, 1],
    };
    assert!(sound.encode().is_ok());
    for parameters in [
        &[][..],
        &[6, 0, 0, 0, 1],
        &[7, 0, 0, 0, 1, 1],
        &[6, 0, 0, 0, 1, 1, 0],
    ] {
        let wrong = Request {
            parameters,
            ..sound.clone()
        };
        assert!(
            matches!(wrong.encode(), Err(IceError::Request(_))),
            "{parameters:?}"
        );
    }
    let wrong = Request {
        mode: 3,
        ..sound.clone()
    };
    assert!(matches!(wrong.encode(), Err(IceError::Request(_))));
    let wrong = Request {
        identity: Default::default(),
        ..sound.clone()
    };
    assert!(matches!(wrong.encode(), Err(IceError::Request(_))));
    let long = "x".repeat(300);
    let with_long = Request {
        facet: Some(long.clone()),
        operation: long,
        ..sound
    };
    let message = with_long.encode().unwrap();
    let read = frame(&message).unwrap().unwrap();
    assert_eq!(Request::decode(&read.body).unwrap(), with_long);
}

#[test]
fn an_answer_names_what_was_called() {
    let (_, bytes) = samples()
        .into_iter()
        .find(|(name, _)| name.starts_with("bidir-request"))
        .unwrap();
    let frame1 = frame(&bytes).unwrap().unwrap();
    let request = Request::decode(&frame1.body).unwrap();
    let answer = frame(&Reply::object_not_exist(&request).unwrap())
        .unwrap()
        .unwrap();
    let (id, reply) = Reply::decode(&answer.body).unwrap();
    assert_eq!(id, request.id);
    let Ok(Some(Failure::NotExist {
        status: 2,
        identity,
        operation,
        ..
    })) = reply.unwrap().failure()
    else {
        panic!("not status 2");
    };
    assert_eq!((identity, operation), (request.identity, request.operation));
}
