//! Other tabs of this page: which books they have open, and word of what they wrote.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent, PageTransitionEvent};

use super::clock;

const CHANNEL: &str = "concord";
/// How long the browser may take to say who holds what; then the page goes on as it does without locks, in milliseconds.
const ANSWER_MS: u32 = 3_000;

thread_local! {
    static CHANNEL_HERE: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
    /// What ends the hold on a name.
    static RELEASES: RefCell<HashMap<String, Function>> = RefCell::default();
}

/// Tells the other tabs; where they cannot be told they see it when they are opened again.
pub fn tell(message: &str) {
    CHANNEL_HERE.with_borrow(|channel| {
        if let Some(channel) = channel {
            let _told = channel.post_message(&message.into());
        }
    });
}

/// Hears what other tabs tell, for as long as the page lives.
pub fn listen(mut hear: impl FnMut(String) + 'static) {
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(message) = event.data().as_string() {
            hear(message);
        }
    });
    channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    CHANNEL_HERE.set(Some(channel));
}

/// Calls this when the page is shown again after the browser has set it aside.
pub fn on_return(told: impl Fn() + 'static) {
    let on_show = Closure::<dyn Fn(PageTransitionEvent)>::new(move |event: PageTransitionEvent| {
        if event.persisted() {
            told();
        }
    });
    if let Some(window) = web_sys::window() {
        let on_show = on_show.as_ref().unchecked_ref();
        let _listens = window.add_event_listener_with_callback("pageshow", on_show);
    }
    on_show.forget();
}

/// Has something open, as other tabs may too, until [`release`] or the end of the page.
pub async fn hold(name: &str) {
    if RELEASES.with_borrow(|releases| releases.contains_key(name)) {
        return;
    }
    let held = name.to_owned();
    let options = [("mode", JsValue::from("shared"))];
    with_lock(name, &options, move |_lock| {
        Promise::new(&mut |resolve, _reject| {
            RELEASES.with_borrow_mut(|releases| releases.insert(held.clone(), resolve));
        })
    })
    .await;
}

/// Holds anew what is held: a browser may take away the locks of a page that it sets aside and brings back.
pub async fn hold_again() {
    for (name, release) in RELEASES.take() {
        hold(&name).await;
        let _released = release.call0(&JsValue::UNDEFINED);
    }
}

/// No longer has it open.
pub fn release(name: &str) {
    if let Some(resolve) = RELEASES.with_borrow_mut(|releases| releases.remove(name)) {
        let _released = resolve.call0(&JsValue::UNDEFINED);
    }
}

/// Has something alone, if no tab has it open, until the guard is given back; `None` where one has. A browser without locks
/// cannot know, and says so by `None` too.
pub async fn hold_alone(name: &str) -> Option<Alone> {
    let options = [("mode", JsValue::from("exclusive")), ("ifAvailable", JsValue::TRUE)];
    let end = std::rc::Rc::new(RefCell::new(None));
    let kept = std::rc::Rc::clone(&end);
    let is_granted = with_lock(name, &options, move |lock| {
        if lock.is_null() {
            return Promise::resolve(&JsValue::NULL);
        }
        Promise::new(&mut |resolve, _reject| {
            kept.borrow_mut().replace(resolve);
        })
    })
    .await;
    let end = end.borrow_mut().take();
    if is_granted { end.map(Alone) } else { None }
}

/// Something had alone; dropped, it is free again.
#[derive(Debug)]
pub struct Alone(Function);

impl Drop for Alone {
    fn drop(&mut self) {
        let _released = self.0.call0(&JsValue::UNDEFINED);
    }
}

/// Names that some tab has open.
pub async fn held() -> HashSet<String> {
    let names = async {
        let locks = locks()?;
        let query: Function = Reflect::get(&locks, &"query".into()).ok()?.dyn_into().ok()?;
        let promise: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
        let snapshot = clock::within(ANSWER_MS, JsFuture::from(promise)).await?.ok()?;
        let held: Array = Reflect::get(&snapshot, &"held".into()).ok()?.dyn_into().ok()?;
        Some(held.iter().filter_map(|lock| Reflect::get(&lock, &"name".into()).ok()?.as_string()).collect())
    };
    names.await.unwrap_or_default()
}

/// Whether this browser can tell what other tabs have open; over plain http it cannot.
pub fn can_tell() -> bool {
    locks().is_some()
}

/// The browser's locks, whose types web-sys does not call stable yet.
fn locks() -> Option<JsValue> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())
}

/// Asks for a lock and waits until the browser has answered; `hold` is told the lock, or null, and holds it until its promise
/// is kept. `false` without locks, and where the browser refuses or does not answer.
async fn with_lock(
    name: &str,
    options: &[(&str, JsValue)],
    hold: impl FnOnce(JsValue) -> Promise + 'static,
) -> bool {
    let Some(locks) = locks() else { return false };
    let Ok(Ok(request)) = Reflect::get(&locks, &"request".into()).map(JsCast::dyn_into::<Function>) else {
        return false;
    };
    let fields = Object::new();
    for (field, value) in options {
        if Reflect::set(&fields, &(*field).into(), value).is_err() {
            return false;
        }
    }
    let mut answer = None;
    let answered = Promise::new(&mut |resolve: Function, _reject| answer = Some(resolve));
    let granted = Closure::once_into_js(move |lock: JsValue| -> Promise {
        let is_granted = !lock.is_null();
        let promise = hold(lock);
        let _told = answer.map(|answer| answer.call1(&JsValue::UNDEFINED, &is_granted.into()));
        promise
    });
    let asked = request.call3(&locks, &name.into(), &fields, &granted).map(JsCast::dyn_into::<Promise>);
    let Ok(Ok(refused)) = asked else { return false };
    // A request that is refused, as it is where cookies are blocked, only shows in its own promise.
    let first = JsFuture::from(Promise::race(&Array::of2(&answered, &refused)));
    clock::within(ANSWER_MS, first)
        .await
        .is_some_and(|answer| answer.is_ok_and(|granted| granted.is_truthy()))
}
