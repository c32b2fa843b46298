//! How wide an element is, as it changes.

use leptos::{html::Div, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

/// Narrowest picture that is drawn.
const NARROWEST: f64 = 220.0;
/// Widest picture: beyond it, distances say no more.
const WIDEST: f64 = 1080.0;

/// The width of an element in whole pixels, within what pictures are drawn for.
pub fn watch(host: NodeRef<Div>) -> ReadSignal<f64> {
    let (width, set_width) = signal(640.0);
    let measure = move || {
        if let Some(element) = host.try_get_untracked().flatten() {
            let found = f64::from(element.client_width()).clamp(NARROWEST, WIDEST);
            if width.try_get_untracked().is_some_and(|known| (known - found).abs() > 0.5)
                && element.client_width() > 0
            {
                set_width.set(found);
            }
        }
    };
    let watching = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn Fn()>)>);
    Effect::new(move |_| {
        let Some(element) = host.get() else { return };
        // A frame later, so that a change of size never answers itself.
        let on_change = Closure::<dyn Fn()>::new(move || request_animation_frame(measure));
        if let Ok(observer) = ResizeObserver::new(on_change.as_ref().unchecked_ref()) {
            observer.observe(&element);
            watching.set_value(Some((observer, on_change)));
        }
    });
    on_cleanup(move || {
        let _gone = watching.try_update_value(|watching| {
            if let Some((observer, _)) = watching.take() {
                observer.disconnect();
            }
        });
    });
    width
}
