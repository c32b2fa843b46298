//! What the browser calls its GPU: of the names that WebGPU has, the engine's interface hands on only one, which is often empty.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The names of the fastest adapter, such as `google swiftshader` or `nvidia ampere`; `None` where there is none.
pub async fn of_fastest() -> Option<String> {
    let get = |from: &JsValue, key: &str| {
        Reflect::get(from, &key.into()).ok().filter(|value| !value.is_undefined())
    };
    let gpu = get(&get(&js_sys::global(), "navigator")?, "gpu")?;
    let request: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into()).ok()?;
    let promise: Promise = request.call1(&gpu, &options).ok()?.dyn_into().ok()?;
    let adapter = JsFuture::from(promise).await.ok().filter(JsValue::is_object)?;
    let info = get(&adapter, "info")?;
    let names = ["vendor", "architecture", "device", "description"]
        .into_iter()
        .filter_map(|key| get(&info, key)?.as_string())
        .filter(|name| !name.is_empty());
    Some(names.collect::<Vec<String>>().join(" "))
}
