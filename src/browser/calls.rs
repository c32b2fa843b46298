//! Calls of an API on another server: nothing of this page goes with them but what is said here.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::fetch::{ByteStream, FetchError};

/// One call.
pub struct Call<'a> {
    /// The whole address.
    pub url: &'a str,
    /// JSON to be posted; a call without is a `GET`.
    pub body: Option<&'a str>,
    /// A header's name and value.
    pub header: Option<(&'static str, String)>,
}

/// Makes a call; gives its HTTP status, 0 where it sends to another address, and the bytes that follow. Dropping them ends the
/// connection.
///
/// # Errors
/// When there is no answer that this page may read.
pub async fn call(call: Call<'_>) -> Result<(u16, ByteStream), FetchError> {
    let options = Object::new();
    let set = |object: &Object, name: &str, value: &JsValue| {
        // Setting a property of a fresh object does not fail.
        let _set = Reflect::set(object, &name.into(), value);
    };
    let texts = [
        ("credentials", "omit"),
        ("referrerPolicy", "no-referrer"),
        ("cache", "no-store"),
        ("redirect", "manual"),
    ];
    texts.iter().for_each(|(name, value)| set(&options, name, &(*value).into()));
    let headers = Object::new();
    if let Some((name, value)) = call.header {
        set(&headers, name, &value.into());
    }
    if let Some(body) = call.body {
        set(&headers, "Content-Type", &"application/json".into());
        set(&options, "method", &"POST".into());
        set(&options, "body", &body.into());
    }
    set(&options, "headers", &headers);
    let (head, stream) = ByteStream::request(call.url, &options).await?;
    Ok((head.status, stream))
}

/// Makes a call and reads its whole answer, of which more than `most` bytes are left out.
///
/// # Errors
/// When there is no answer, or it breaks off.
pub async fn whole(asked: Call<'_>, most: usize) -> Result<(u16, Vec<u8>), FetchError> {
    let (status, mut stream) = call(asked).await?;
    let (mut all, mut part) = (Vec::new(), Vec::new());
    while all.len() < most && stream.read_into(&mut part).await? {
        all.extend_from_slice(&part);
    }
    Ok((status, all))
}

/// What the browser says of a permission: `granted`, `denied` or `prompt`; `None` where it does not know it.
pub async fn permission(name: &str) -> Option<String> {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let permissions = get(&get(&js_sys::global(), "navigator")?, "permissions")?;
    let query = get(&permissions, "query")?.dyn_into::<Function>().ok()?;
    let wanted = Object::from_entries(&Array::of1(&Array::of2(&"name".into(), &name.into()))).ok()?;
    let status = query.call1(&permissions, &wanted).ok()?.dyn_into::<Promise>().ok()?;
    get(&JsFuture::from(status).await.ok()?, "state")?.as_string()
}

/// The origin of the page that this belongs to, and what the browser says that it is.
pub fn page_and_browser() -> (String, String) {
    let global = js_sys::global();
    let text = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok()?.as_string();
    let navigator = Reflect::get(&global, &"navigator".into()).unwrap_or_default();
    (text(&global, "origin").unwrap_or_default(), text(&navigator, "userAgent").unwrap_or_default())
}
