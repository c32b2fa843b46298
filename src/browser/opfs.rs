//! Files that this page keeps in the browser's own file system, for a worker: each with a ledger beside it.
//!
//! An open file is locked: another tab that wants it gets [`DiskError::InUse`] until it is dropped.

use js_sys::{AsyncIterator, IteratorNext, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemSyncAccessHandle, StorageEstimate,
    StorageManager,
};

use crate::shelf::DiskError;

/// The folder of all kept models.
const FOLDER: &str = "models";
const LEDGER: &str = ".ledger";
const DATA: &str = ".gguf";

/// The kept files.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeptFiles;

/// A kept file and its ledger, open for nobody else until it is dropped.
#[derive(Debug)]
pub struct KeptFile {
    data: FileSystemSyncAccessHandle,
    ledger: FileSystemSyncAccessHandle,
}

impl KeptFiles {
    /// Name and ledger of every kept file, the open ones among them.
    ///
    /// # Errors
    /// When the browser keeps no files.
    pub async fn ledgers(self) -> Result<Vec<(String, String)>, DiskError> {
        let folder = folder().await?;
        let names: AsyncIterator = folder.keys();
        let mut found = Vec::new();
        loop {
            let next = names.next().map_err(|error| disk_error(&error))?;
            let next: IteratorNext = settled(next).await?.unchecked_into();
            if next.done() {
                return Ok(found);
            }
            let Some(name) = next.value().as_string() else { continue };
            let Some(id) = name.strip_suffix(LEDGER) else { continue };
            // A file that is deleted meanwhile is none of the kept ones.
            let Ok(handle) = settled(folder.get_file_handle(&name)).await else { continue };
            let text = text_of(handle.unchecked_ref()).await;
            found.push((id.to_owned(), text.unwrap_or_default()));
        }
    }

    /// Opens a file, new or not.
    ///
    /// # Errors
    /// [`DiskError::InUse`] while another tab has it open.
    pub async fn open(self, id: &str) -> Result<KeptFile, DiskError> {
        let folder = folder().await?;
        let ledger = access(&folder, &format!("{id}{LEDGER}")).await?;
        match access(&folder, &format!("{id}{DATA}")).await {
            Ok(data) => Ok(KeptFile { data, ledger }),
            Err(error) => {
                ledger.close();
                Err(error)
            }
        }
    }

    /// Deletes a file and its ledger.
    ///
    /// # Errors
    /// [`DiskError::InUse`] while a tab has it open.
    pub async fn remove(self, id: &str) -> Result<(), DiskError> {
        let folder = folder().await?;
        // The ledger goes last: while it is there, the file can be found and deleted.
        for end in [DATA, LEDGER] {
            match JsFuture::from(folder.remove_entry(&format!("{id}{end}"))).await {
                Err(error) if name_of(&error) != "NotFoundError" => return Err(disk_error(&error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Bytes that may still be kept, where the browser says.
    pub async fn room(self) -> Option<u64> {
        let promise = storage()?.estimate().ok()?;
        let estimate: StorageEstimate = JsFuture::from(promise).await.ok()?.unchecked_into();
        Some((estimate.get_quota()? - estimate.get_usage()?).max(0.0) as u64)
    }
}

impl KeptFile {
    /// Reads bytes of the file; fewer at its end.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn read_at(&self, at: u64, out: &mut [u8]) -> Result<usize, DiskError> {
        self.data
            .read_with_u8_array_and_options(out, &at_byte(at as f64))
            .map(|n_bytes| n_bytes as usize)
            .map_err(|error| disk_error(&error))
    }

    /// Writes bytes of the file.
    ///
    /// # Errors
    /// When the disk fails or is full.
    pub fn write_at(&self, at: u64, bytes: &[u8]) -> Result<(), DiskError> {
        write(&self.data, at as f64, bytes)
    }

    /// The whole ledger.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn ledger(&self) -> Result<String, DiskError> {
        let n_bytes = self.ledger.get_size().map_err(|error| disk_error(&error))?;
        let mut bytes = vec![0; n_bytes as usize];
        let n_read = self
            .ledger
            .read_with_u8_array_and_options(&mut bytes, &at_byte(0.0))
            .map_err(|error| disk_error(&error))?;
        bytes.truncate(n_read as usize);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Adds a line to the ledger, after what was written to the file is safe.
    ///
    /// # Errors
    /// When the disk fails or is full.
    pub fn append(&self, line: &str) -> Result<(), DiskError> {
        self.data.flush().map_err(|error| disk_error(&error))?;
        let end = self.ledger.get_size().map_err(|error| disk_error(&error))?;
        write(&self.ledger, end, line.as_bytes())?;
        self.ledger.flush().map_err(|error| disk_error(&error))
    }

    /// Empties file and ledger.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn clear(&self) -> Result<(), DiskError> {
        for handle in [&self.ledger, &self.data] {
            handle.truncate_with_u32(0).map_err(|error| disk_error(&error))?;
        }
        Ok(())
    }
}

impl Drop for KeptFile {
    fn drop(&mut self) {
        self.data.close();
        self.ledger.close();
    }
}

fn write(handle: &FileSystemSyncAccessHandle, at: f64, bytes: &[u8]) -> Result<(), DiskError> {
    let written =
        handle.write_with_u8_array_and_options(bytes, &at_byte(at)).map_err(|error| disk_error(&error))?;
    if (written as usize) < bytes.len() { Err(DiskError::Full) } else { Ok(()) }
}

fn at_byte(at: f64) -> FileSystemReadWriteOptions {
    let options = FileSystemReadWriteOptions::new();
    options.set_at(at);
    options
}

/// The text of a file. Another tab may write to it between the two steps, which spoils the second: then once more.
async fn text_of(handle: &FileSystemFileHandle) -> Option<String> {
    for _attempt in 0..3 {
        let Ok(file) = settled(handle.get_file()).await else { continue };
        if let Ok(text) = settled(file.unchecked_into::<File>().text()).await {
            return text.as_string();
        }
    }
    None
}

/// The browser's storage, where it has one.
fn storage() -> Option<StorageManager> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let storage = Reflect::get(&navigator, &"storage".into()).ok()?;
    storage.is_object().then(|| storage.unchecked_into())
}

async fn folder() -> Result<FileSystemDirectoryHandle, DiskError> {
    let storage = storage().filter(|storage| has(storage, "getDirectory")).ok_or(DiskError::Unavailable)?;
    let Ok(root) = JsFuture::from(storage.get_directory()).await else { return Err(DiskError::Unavailable) };
    let root: FileSystemDirectoryHandle = root.unchecked_into();
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    settled(root.get_directory_handle_with_options(FOLDER, &options)).await.map(JsCast::unchecked_into)
}

async fn access(
    folder: &FileSystemDirectoryHandle,
    name: &str,
) -> Result<FileSystemSyncAccessHandle, DiskError> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let handle: FileSystemFileHandle =
        settled(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into();
    if !has(&handle, "createSyncAccessHandle") {
        return Err(DiskError::Unavailable);
    }
    settled(handle.create_sync_access_handle()).await.map(JsCast::unchecked_into)
}

fn has(object: &JsValue, method: &str) -> bool {
    Reflect::get(object, &method.into()).is_ok_and(|value| value.is_function())
}

async fn settled(promise: js_sys::Promise) -> Result<JsValue, DiskError> {
    JsFuture::from(promise).await.map_err(|error| disk_error(&error))
}

fn name_of(error: &JsValue) -> String {
    error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default()
}

fn disk_error(error: &JsValue) -> DiskError {
    match name_of(error).as_str() {
        "NoModificationAllowedError" => DiskError::InUse,
        "QuotaExceededError" => DiskError::Full,
        "SecurityError" | "NotAllowedError" => DiskError::Unavailable,
        "" => DiskError::Failed { reason: "no reason given".to_owned() },
        other => DiskError::Failed { reason: other.to_owned() },
    }
}
