//! Time and the event loop, on the page and in the worker alike.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    rc::Rc,
    task::{Poll, Waker},
};

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

/// Milliseconds since the page or worker started.
pub fn now_ms() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into()).unwrap_or(JsValue::UNDEFINED);
    performance.dyn_into::<web_sys::Performance>().map_or(0.0, |performance| performance.now())
}

/// The time now as ISO 8601, UTC.
pub fn iso_now() -> String {
    js_sys::Date::new_0().to_iso_string().into()
}

/// Milliseconds since 1970 of an ISO 8601 time; `None` where it is none.
pub fn ms_of(iso: &str) -> Option<f64> {
    Some(js_sys::Date::parse(iso)).filter(|ms| ms.is_finite())
}

/// Year, month from 1 and day from 1, in this machine's time zone.
pub fn local_date() -> (u32, u32, u32) {
    let now = js_sys::Date::new_0();
    (now.get_full_year(), now.get_month() + 1, now.get_date())
}

/// Lets the event loop run once, so that waiting messages (such as Cancel) are taken.
///
/// On the page by a timer, which lets frames through. In a worker by a message to itself: timers that set timers wait at least
/// 4 ms from the fifth on, which can be as long as a step of a small model.
pub async fn breathe() {
    let rung = if web_sys::window().is_some() { None } else { BELL.with(Bell::ring) };
    match rung {
        Some(rung) => until(&rung).await,
        None => sleep(0).await,
    }
}

/// Whether what is waited for has come, and who waits for it.
type Awaited = Rc<RefCell<(bool, Option<Waker>)>>;

/// Those who wait, the longest first.
type Waiting = Rc<RefCell<VecDeque<Awaited>>>;

thread_local! {
    static BELL: Bell = Bell::new();
}

/// A channel to oneself: what is sent comes back as a task of its own.
struct Bell {
    sender: Option<MessagePort>,
    waiting: Waiting,
    _on_message: Closure<dyn FnMut()>,
    _channel: Option<MessageChannel>,
}

impl Bell {
    fn new() -> Self {
        let waiting = Waiting::default();
        let of_port = Rc::clone(&waiting);
        let on_message = Closure::<dyn FnMut()>::new(move || {
            let first = of_port.borrow_mut().pop_front();
            first.iter().for_each(come);
        });
        let channel = MessageChannel::new().ok();
        let sender = channel.as_ref().map(|channel| {
            channel.port2().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            channel.port1()
        });
        Self { sender, waiting, _on_message: on_message, _channel: channel }
    }

    /// Sends a message; what it gives has come when the message has. `None` where there are no channels.
    fn ring(&self) -> Option<Awaited> {
        self.sender.as_ref()?.post_message(&JsValue::NULL).ok()?;
        let own = Awaited::default();
        self.waiting.borrow_mut().push_back(Rc::clone(&own));
        Some(own)
    }
}

/// Tells who waits that it has come.
fn come(awaited: &Awaited) {
    let waiting = {
        let mut awaited = awaited.borrow_mut();
        awaited.0 = true;
        awaited.1.take()
    };
    waiting.into_iter().for_each(Waker::wake);
}

/// Waits for a task of its own after the page's next frame. Never ends in a worker, and in a hidden tab not before it is
/// shown: for what is only to be looked at.
pub async fn next_frame() {
    let promise = Promise::new(&mut |resolve, _reject| {
        if let Some(window) = web_sys::window() {
            let _handle = window.request_animation_frame(&resolve);
        }
    });
    let _time = JsFuture::from(promise).await;
    // What is done in the frame's own task would be laid out in it too.
    breathe().await;
}

/// Waits while the event loop runs. A wait that is dropped leaves no timer behind.
pub async fn sleep(ms: u32) {
    struct Timer {
        id: JsValue,
        _on_time: Closure<dyn FnMut()>,
    }

    impl Drop for Timer {
        fn drop(&mut self) {
            // Of a timer that has rung nothing is left to clear.
            let _nothing =
                global("clearTimeout").and_then(|clear| clear.call1(&JsValue::UNDEFINED, &self.id).ok());
        }
    }

    let passed = Awaited::default();
    let of_timer = Rc::clone(&passed);
    let on_time = Closure::<dyn FnMut()>::new(move || come(&of_timer));
    // The wait is for ever only in a world without setTimeout.
    let set = |set: Function| set.call2(&JsValue::UNDEFINED, on_time.as_ref(), &ms.into()).ok();
    let id = global("setTimeout").and_then(set).unwrap_or_default();
    let _timer = Timer { id, _on_time: on_time };
    until(&passed).await;
}

/// Waits until it has come.
async fn until(awaited: &Awaited) {
    poll_fn(|context| {
        let mut awaited = awaited.borrow_mut();
        if awaited.0 {
            return Poll::Ready(());
        }
        awaited.1 = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
}

/// Waits for something, but no longer than this; `None` where it takes longer.
pub async fn within<T>(ms: u32, wanted: impl Future<Output = T>) -> Option<T> {
    let mut wanted = pin!(wanted);
    let mut time = pin!(sleep(ms));
    poll_fn(|context| match wanted.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => time.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// A function of the page or the worker, whichever this is.
fn global(name: &str) -> Option<Function> {
    Reflect::get(&js_sys::global(), &name.into()).ok()?.dyn_into().ok()
}
