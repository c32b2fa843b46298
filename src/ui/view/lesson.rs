//! The lesson: a program of its own, loaded when somebody comes here, which shows itself in this screen.

use std::cell::RefCell;

use js_sys::{Date, Error, Function, Object, Promise, Reflect, Uint8Array};
use leptos::{html::Div, prelude::*, task::spawn_local};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::super::{actions::lesson, model_source, route, screen::View, state::Workbench};

/// Beside the page: begins to load the program, and promises its module.
const SCRIPT: &str = "./open-lesson.js";
/// Where on the window the script leaves its promise.
const PROMISE: &str = "concordLesson";

thread_local! {
    /// The module, for as long as nothing has failed.
    static MODULE: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// How far the lesson is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Loading,
    There,
    Failed,
}

/// The screen.
#[component]
pub fn LessonScreen() -> impl IntoView {
    let page = Workbench::here();
    let stage = RwSignal::new(Stage::Loading);
    let place = NodeRef::<Div>::new();
    let shown = StoredValue::new_local(None::<JsValue>);
    let open = move || {
        let is_again = stage.get_untracked() == Stage::Failed;
        stage.set(Stage::Loading);
        spawn_local(async move {
            let module = JsFuture::from(module(is_again)).await;
            // Whoever has left the screen meanwhile has no place for it.
            let Some(Some(place)) = place.try_get_untracked() else { return };
            let found = module.and_then(|module| call(&module, "show", &[place.as_ref(), &host(page)?]));
            stage.set(if found.is_ok() { Stage::There } else { Stage::Failed });
            if found.is_err() {
                MODULE.set(None);
            }
            shown.set_value(found.ok());
        });
    };
    place.on_load(move |_| open());
    on_cleanup(move || {
        if let Some(shown) = shown.try_update_value(Option::take).flatten() {
            // It goes with the screen, whatever it says.
            let _closed = call(&shown, "close", &[]);
        }
    });
    view! {
        <main class="screen" id=route::CONTENT_ID tabindex="-1" aria-label=View::Lesson.name()>
            {move || match stage.get() {
                Stage::There => ().into_any(),
                Stage::Loading => view! { <p role="status">"Loading the lesson …"</p> }.into_any(),
                Stage::Failed => view! {
                    <div class="note note--fault" role="alert" data-testid="lesson-fault">
                        <p>"The lesson could not be fetched; check the connection and reload the page."</p>
                        <div class="note__acts">
                            <button type="button" class="button" data-testid="retry-lesson" on:click=move |_| open()>"Try again"</button>
                        </div>
                    </div>
                }
                .into_any(),
            }}
            <div id="lesson" data-testid="lesson" node_ref=place></div>
        </main>
    }
}

/// The lesson's module, loaded once.
fn module(is_again: bool) -> Promise {
    MODULE.with_borrow_mut(|module| module.get_or_insert_with(|| future_to_promise(load(is_again))).clone())
}

async fn load(is_again: bool) -> Result<JsValue, JsValue> {
    let mut address = model_source::absolute(SCRIPT);
    if is_again {
        // A browser does not fetch a module again that once did not come.
        address.push_str(&format!("?{}", Date::now()));
    }
    let script = document().create_element("script")?;
    script.set_attribute("type", "module")?;
    script.set_attribute("src", &address)?;
    let loaded = Promise::new(&mut |resolve, reject| {
        for (event, then) in [("load", resolve), ("error", reject)] {
            // It takes every listener.
            let _set = script.add_event_listener_with_callback(event, &then);
        }
    });
    document().head().ok_or(JsValue::NULL)?.append_child(&script)?;
    JsFuture::from(loaded).await?;
    JsFuture::from(Promise::resolve(&Reflect::get(&window(), &PROMISE.into())?)).await
}

/// What the lesson may ask of the page: what a link shows, of the session on the desk or of the example.
fn host(page: Workbench) -> Result<JsValue, JsValue> {
    let scenes = Closure::<dyn Fn(String, bool) -> Promise>::new(move |link, is_mine| {
        future_to_promise(async move {
            let found = lesson::scenes(page, link, is_mine).await;
            found
                .map(|found| found.map_or(JsValue::NULL, |bytes| Uint8Array::from(bytes.as_slice()).into()))
                .map_err(|fault| Error::new(&fault.message).into())
        })
    });
    let host = Object::new();
    Reflect::set(&host, &"scenes".into(), &scenes.into_js_value())?;
    Ok(host.into())
}

/// Calls a method of an object.
fn call(object: &JsValue, method: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    method.apply(object, &arguments.iter().copied().collect())
}
