//! The service worker, which keeps the page's own files: how far it is, and letting a new version take over.
//!
//! Where the browser has none for us (over plain http, in some private windows) nothing is said and nothing is missed.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{EventTarget, ServiceWorkerContainer, ServiceWorkerRegistration};

/// Beside the page; `cargo xtask build` writes it.
const SCRIPT: &str = "./service-worker.js";
/// What the script hears as a wish to take over at once.
const TAKE_OVER: &str = "take over";

/// What of the page is kept in this browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copy {
    /// Nothing, as far as is known.
    #[default]
    None,
    /// All of it.
    Whole,
    /// All of it, and all of a newer version, which waits.
    NewerWaits,
}

/// Keeps the page's files and calls `hear` whenever more of them are kept.
pub async fn keep_page(hear: impl Fn(Copy) + 'static) {
    let Some(container) = container() else { return };
    let Ok(registration) = JsFuture::from(container.register(SCRIPT)).await else { return };
    let registration: ServiceWorkerRegistration = registration.unchecked_into();
    let hear = Rc::new(hear);
    let look = {
        let registration = registration.clone();
        move || {
            let copy = match (registration.active(), registration.waiting()) {
                (Some(_), Some(_)) => Copy::NewerWaits,
                (Some(_), None) => Copy::Whole,
                _ => Copy::None,
            };
            if copy != Copy::None {
                hear(copy);
            }
        }
    };
    let follow = {
        let (registration, look) = (registration.clone(), look.clone());
        move || {
            if let Some(installing) = registration.installing() {
                on(&installing, "statechange", look.clone());
            }
        }
    };
    look();
    follow();
    on(&registration, "updatefound", follow);
}

/// Asks the server for a newer version: a tab may stay open for days. Without a connection nothing happens.
pub async fn look_for_newer() {
    if let Some(registration) = registration().await
        && let Ok(looked) = registration.update()
    {
        let _no_answer = JsFuture::from(looked).await;
    }
}

/// Lets the newer version take over and loads the page anew.
pub async fn take_over() {
    let waiting = registration().await.and_then(|registration| registration.waiting());
    match (waiting, container()) {
        (Some(waiting), Some(container)) => {
            on(&container, "controllerchange", reload);
            // A fixed text can be handed over.
            let _told = waiting.post_message(&TAKE_OVER.into());
        }
        // Another tab has let it.
        _ => reload(),
    }
}

fn reload() {
    if let Some(window) = web_sys::window() {
        let _reloads = window.location().reload();
    }
}

async fn registration() -> Option<ServiceWorkerRegistration> {
    let found = JsFuture::from(container()?.get_registration()).await.ok()?;
    found.dyn_into().ok()
}

/// Not every browser has one, and not for every page.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    Reflect::get(&navigator, &"serviceWorker".into()).ok()?.dyn_into().ok()
}

/// For as long as the page lives.
fn on(target: &EventTarget, event: &str, told: impl Fn() + 'static) {
    let told = Closure::<dyn Fn()>::new(told);
    let _listens = target.add_event_listener_with_callback(event, told.as_ref().unchecked_ref());
    told.forget();
}
