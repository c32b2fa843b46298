//! What the Hub says of a repository: its files with sizes and hashes, and which of them to take.

use serde::Deserialize;

use super::{HubAddress, Pick, ShelfError};

/// Quantisations in the order they are taken when nobody says which: near the original first, then smaller.
const PREFERRED: [&str; 9] = ["Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "Q4_K_S", "F16", "BF16", "F32"];

/// A file of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubFile {
    /// Path in the repository.
    pub path: String,
    /// Its size.
    pub n_bytes: Option<u64>,
    /// Hex, for files in large-file storage.
    pub sha256: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
    size: Option<u64>,
}

/// The files of a repository, from the answer to [`HubAddress::list_url`].
///
/// # Errors
/// When the answer is not the Hub's.
pub fn files(repository: &str, answer: &[u8]) -> Result<Vec<HubFile>, ShelfError> {
    let list: Repository = serde_json::from_slice(answer)
        .map_err(|_other| ShelfError::NoList { repository: repository.to_owned() })?;
    let file = |sibling: Sibling| {
        let (size, sha256) = sibling.lfs.map_or((None, None), |lfs| (lfs.size, lfs.sha256));
        let is_hash = |hash: &String| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sha256 = sha256.filter(is_hash).map(|hash| hash.to_ascii_lowercase());
        HubFile { path: sibling.rfilename, n_bytes: size.or(sibling.size), sha256 }
    };
    Ok(list.siblings.into_iter().map(file).collect())
}

/// The file that an address means.
///
/// # Errors
/// When there is none, with what there is.
pub fn choose(address: &HubAddress, files: &[HubFile]) -> Result<HubFile, ShelfError> {
    let repository = || address.repository.clone();
    let paths = |files: &[&HubFile]| files.iter().map(|file| file.path.clone()).collect();
    if let Pick::File(wanted) = &address.pick {
        let all: Vec<&HubFile> = files.iter().collect();
        let found = files.iter().find(|file| file.path == *wanted).cloned();
        return found.ok_or_else(|| ShelfError::NoSuchFile {
            repository: repository(),
            wanted: wanted.clone(),
            found: paths(&all),
        });
    }
    let usable: Vec<&HubFile> = files.iter().filter(|file| is_model(&file.path)).collect();
    if usable.is_empty() {
        let all: Vec<&HubFile> = files.iter().collect();
        return Err(ShelfError::NoUsableFile { repository: repository(), found: paths(&all) });
    }
    let of_quant = |quant: &str| usable.iter().find(|file| has_quant(&file.path, quant)).copied();
    let chosen = match &address.pick {
        Pick::Quant(quant) => of_quant(quant),
        _ => PREFERRED.iter().find_map(|quant| of_quant(quant)).or(usable.first().copied()),
    };
    chosen.cloned().ok_or_else(|| {
        let wanted = match &address.pick {
            Pick::Quant(quant) => quant.clone(),
            _ => String::new(),
        };
        ShelfError::NoSuchFile { repository: repository(), wanted, found: paths(&usable) }
    })
}

/// Whether a path is a whole language model: no part of a split file, no image projector, no importance matrix.
fn is_model(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    lower.ends_with(".gguf") && !file.starts_with("mmproj") && !file.contains("imatrix") && !is_part(file)
}

/// `-00001-of-00003` before the extension.
fn is_part(file: &str) -> bool {
    let stem = file.trim_end_matches(".gguf");
    let Some((before, total)) = stem.rsplit_once("-of-") else { return false };
    let is_number = |text: &str| text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number(total) && before.rsplit('-').next().is_some_and(is_number)
}

/// Whether a file's name ends in a quantisation, as in `model-Q8_0.gguf` or `model.q8_0.gguf`.
fn has_quant(path: &str, quant: &str) -> bool {
    let stem = path.to_ascii_lowercase();
    let stem = stem.trim_end_matches(".gguf");
    let Some(before) = stem.strip_suffix(&quant.to_ascii_lowercase()) else { return false };
    before.is_empty() || before.ends_with(['-', '.', '_', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shelf::Address;

    const ANSWER: &str = r#"{ "id": "owner/name", "gated": false, "siblings": [
        { "rfilename": "README.md", "size": 10 },
        { "rfilename": "model-Q4_K_M.gguf", "size": 3, "lfs": { "sha256": "AB", "size": 3, "pointerSize": 1 } },
        { "rfilename": "model-Q8_0.gguf", "size": 5,
          "lfs": { "sha256": "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD", "size": 7 } },
        { "rfilename": "model-IQ8_0.gguf" }, { "rfilename": "mmproj-model-Q8_0.gguf" },
        { "rfilename": "big/model-F16-00001-of-00003.gguf" } ] }"#;

    fn chosen(text: &str) -> Result<String, ShelfError> {
        let Ok(Address::Hub(address)) = Address::parse(text) else { panic!("{text}") };
        choose(&address, &files("owner/name", ANSWER.as_bytes()).unwrap()).map(|file| file.path)
    }

    #[test]
    fn sizes_and_hashes_are_those_of_large_file_storage() {
        let files = files("owner/name", ANSWER.as_bytes()).unwrap();
        assert_eq!(files[2].n_bytes, Some(7));
        assert_eq!(files[2].sha256.as_deref(), Some("abcdef".repeat(11)[..64].to_owned().as_str()));
        assert_eq!((files[0].n_bytes, &files[0].sha256), (Some(10), &None));
        assert_eq!(files[1].sha256, None, "what is no SHA-256 is not taken for one");
    }

    #[test]
    fn the_file_is_the_one_meant() {
        assert_eq!(chosen("owner/name").unwrap(), "model-Q8_0.gguf");
        assert_eq!(chosen("owner/name:q4_k_m").unwrap(), "model-Q4_K_M.gguf");
        assert_eq!(chosen("owner/name:IQ8_0").unwrap(), "model-IQ8_0.gguf");
        assert_eq!(chosen("owner/name/README.md").unwrap(), "README.md");
    }

    #[test]
    fn what_is_not_there_is_said_with_what_is() {
        let error = chosen("owner/name:Q5_0").unwrap_err().to_string();
        assert!(
            error.contains("Q5_0") && error.contains("model-Q8_0.gguf") && !error.contains("README"),
            "{error}"
        );
        let error = chosen("owner/name/other.gguf").unwrap_err().to_string();
        assert!(error.contains("other.gguf") && error.contains("README.md"), "{error}");
        let none = r#"{ "siblings": [{ "rfilename": "model.safetensors" }, { "rfilename": "m-00001-of-00002.gguf" }] }"#;
        let Ok(Address::Hub(address)) = Address::parse("owner/name") else { panic!() };
        let error = choose(&address, &files("owner/name", none.as_bytes()).unwrap()).unwrap_err();
        assert!(error.to_string().contains("model.safetensors"), "{error}");
        assert!(files("owner/name", b"<!doctype html>").is_err());
    }
}
