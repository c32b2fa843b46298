//! Time and the event loop, on the page and in the worker alike.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Milliseconds since the page or worker started.
pub fn now_ms() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into()).unwrap_or(JsValue::UNDEFINED);
    performance.dyn_into::<web_sys::Performance>().map_or(0.0, |performance| performance.now())
}

/// The time now as ISO 8601, UTC.
pub fn iso_now() -> String {
    js_sys::Date::new_0().to_iso_string().into()
}

/// Year, month from 1 and day from 1, in this machine's time zone.
pub fn local_date() -> (u32, u32, u32) {
    let now = js_sys::Date::new_0();
    (now.get_full_year(), now.get_month() + 1, now.get_date())
}

/// Lets the event loop run once, so that waiting messages (such as Cancel) are taken.
pub async fn breathe() {
    sleep(0).await;
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

/// Waits while the event loop runs.
pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _reject| {
        if let Ok(set_timeout) = Reflect::get(&js_sys::global(), &"setTimeout".into())
            && let Ok(set_timeout) = set_timeout.dyn_into::<Function>()
        {
            // A failure leaves the promise unresolved only in a world without setTimeout.
            let _id = set_timeout.call2(&JsValue::UNDEFINED, &resolve, &ms.into());
        }
    });
    // The promise never rejects.
    let _value = JsFuture::from(promise).await;
}
