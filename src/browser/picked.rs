//! Files that a person picked or dropped, those in folders too.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileList};

/// A picked file and its path from the folder that was picked, or its name.
pub type Picked = (String, File);

/// The files of an input.
pub fn of_list(files: &FileList) -> Vec<Picked> {
    (0..files.length()).filter_map(|idx| files.get(idx)).map(|file| (path_of(&file), file)).collect()
}

/// The path that the browser gives a file of a picked folder, else the file's name.
pub fn path_of(file: &File) -> String {
    let path = Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

/// Dropped files and folders; they must be asked for while the drop is handled, and are read afterwards.
#[derive(Debug)]
pub struct Dropped {
    /// The browser's entries, each a file or a folder.
    entries: Vec<JsValue>,
    /// Where the browser has no entries.
    files: Vec<Picked>,
}

impl Dropped {
    /// What a drop holds.
    pub fn of(data: &DataTransfer) -> Self {
        let items = data.items();
        let entry = |idx: u32| {
            let item = items.get(idx)?;
            let get: Function = Reflect::get(&item, &"webkitGetAsEntry".into()).ok()?.dyn_into().ok()?;
            get.call0(&item).ok().filter(JsValue::is_object)
        };
        let entries = (0..items.length()).filter_map(entry).collect();
        Self { entries, files: data.files().map(|files| of_list(&files)).unwrap_or_default() }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.files.is_empty()
    }

    /// All files, those of folders with their paths.
    pub async fn files(self) -> Vec<Picked> {
        let is_folder = |entry: &JsValue| is_true(entry, "isDirectory");
        if !self.entries.iter().any(is_folder) {
            return self.files;
        }
        let (mut left, mut found) = (self.entries, Vec::new());
        while let Some(entry) = left.pop() {
            if is_folder(&entry) {
                left.extend(entries_of(&entry).await);
            } else if let Some(file) = call_back(&entry, "file").await {
                let path = Reflect::get(&entry, &"fullPath".into()).ok().and_then(|path| path.as_string());
                let path = path.unwrap_or_default().trim_start_matches('/').to_owned();
                found.push((path, file.unchecked_into()));
            }
        }
        found
    }
}

/// Everything in a folder: the browser hands it out in portions, an empty one last.
async fn entries_of(folder: &JsValue) -> Vec<JsValue> {
    let reader =
        Reflect::get(folder, &"createReader".into()).ok().and_then(|f| f.dyn_into::<Function>().ok());
    let Some(reader) = reader.and_then(|create| create.call0(folder).ok()) else { return Vec::new() };
    let mut all = Vec::new();
    while let Some(portion) = call_back(&reader, "readEntries").await {
        let portion: js_sys::Array = portion.unchecked_into();
        if portion.length() == 0 {
            break;
        }
        all.extend(portion.iter());
    }
    all
}

/// Calls a method that takes what to do with its result and what to do without one.
async fn call_back(object: &JsValue, method: &str) -> Option<JsValue> {
    let method: Function = Reflect::get(object, &method.into()).ok()?.dyn_into().ok()?;
    let promise = Promise::new(&mut |resolve, reject| {
        // Where the call throws, neither is called; the browsers' own do not.
        let _called = method.call2(object, &resolve, &reject);
    });
    JsFuture::from(promise).await.ok()
}

fn is_true(object: &JsValue, name: &str) -> bool {
    Reflect::get(object, &name.into()).is_ok_and(|value| value.is_truthy())
}
