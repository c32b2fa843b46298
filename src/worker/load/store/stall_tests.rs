//! Servers that neither send nor hang up: the load ends when the person cancels it, and by itself in the end.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use pollster::block_on;

use super::tests::{World, request};
use crate::{
    protocol::{Fault, FaultCode, LoadRequest},
    shelf::ledger::CHUNK_BYTES,
    worker::load::bytes::ByteSource,
};

const CHUNK: usize = CHUNK_BYTES as usize;
const URL: &str = "https://example.org/models/m.gguf";
const HUB: &str = "owner/name:Q8_0";

/// What a future gives when it is asked once; `None` where it waits.
fn asked<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Finds the file and reads it to its end.
async fn read(world: &World, request: &LoadRequest) -> Result<usize, Fault> {
    let store = world.store();
    let mut source = store.open(&store.find(request).await?, 0).await?;
    let (mut n_bytes, mut buffer) = (0, Vec::new());
    while source.next(&mut buffer).await? {
        n_bytes += buffer.len();
    }
    Ok(n_bytes)
}

/// Where a server can fall silent: in the list of a Hub, before the reply, and within a file that is kept or not.
fn cases() -> Vec<(&'static str, World, LoadRequest)> {
    let world = |stalls_after, is_silent| {
        let world = World::new();
        (world.server().stalls_after, world.server().is_silent) = (stalls_after, is_silent);
        world
    };
    let list = world(Some(0), false);
    list.server().list = Some("[]".to_owned());
    vec![
        ("list", list, request(HUB)),
        ("reply", world(None, true), request(URL)),
        ("kept", world(Some(CHUNK + 600_000), false), request(URL)),
        ("passing", world(Some(600_000), false), LoadRequest { keep: false, ..request(URL) }),
    ]
}

#[test]
fn cancelling_ends_a_load_at_once_while_the_server_is_silent() {
    for (name, world, request) in cases() {
        world.server().is_timeless = true;
        let mut load = pin!(read(&world, &request));
        assert_eq!(asked(load.as_mut()), None, "{name}: it waits");
        world.host.is_cancelled.set(true);
        let fault = asked(load.as_mut()).expect(name).unwrap_err();
        assert_eq!(fault.code, FaultCode::Cancelled, "{name}");
        assert_eq!(world.server().n_open, 0, "{name}: the connection is given up");
    }
}

#[test]
fn a_silent_server_is_given_up_after_half_a_minute_and_the_next_load_goes_on() {
    for (name, world, request) in cases() {
        let fault = asked(pin!(read(&world, &request))).expect(name).unwrap_err();
        assert_eq!(fault.code, FaultCode::Unreachable, "{name}");
        assert!(
            fault.message.contains("30 seconds") && fault.message.contains("load the model again"),
            "{name}"
        );
        let server = world.server();
        assert_eq!((server.n_open, server.slept_ms), (0, 30_000), "{name}");
    }
    let (_, world, request) = cases().remove(2);
    assert!(asked(pin!(read(&world, &request))).expect("it ends").is_err());
    world.server().stalls_after = None;
    let n_bytes = world.server().file.len();
    assert_eq!(block_on(read(&world, &request)), Ok(n_bytes));
    assert_eq!(world.server().sent[1].0, CHUNK, "what came whole is not fetched again");
}
