//! What the browser reports about the device.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

/// Memory of the device in bytes, as far as the browser says: rounded, and cut at a few gigabytes.
pub fn memory_bytes() -> Option<f64> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).unwrap_or(JsValue::UNDEFINED);
    let gibibytes = Reflect::get(&navigator, &"deviceMemory".into()).ok()?.as_f64()?;
    Some(gibibytes * f64::from(1 << 30))
}
