//! What the Hub tells about a repository: its files with sizes and hashes, and which of them to take.

use serde::Deserialize;

use super::{HubAddress, Pick, ShelfError, quantisation};
use crate::weights::PartName;

/// An encoder's weights, what must lie beside them, and what may.
const WEIGHTS: &str = "model.safetensors";
const NEEDED: [&str; 2] = ["config.json", "tokenizer.json"];
const OPTIONAL: [&str; 3] = ["modules.json", "1_Pooling/config.json", "config_sentence_transformers.json"];

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

/// What a model is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To answer prompts, or for its tokenizer.
    Generator,
    /// To embed texts.
    Encoder,
}

/// The files that an address means, first the one with the weights: one, all parts of a split one, or an encoder's
/// weights with what belongs to them.
///
/// # Errors
/// When there are none, with what there is.
pub fn choose(address: &HubAddress, files: &[HubFile], purpose: Purpose) -> Result<Vec<HubFile>, ShelfError> {
    let repository = || address.repository.clone();
    let no_such_file = |wanted: &str, found: &[&HubFile]| ShelfError::NoSuchFile {
        repository: repository(),
        wanted: wanted.to_owned(),
        found: paths(found),
    };
    let all: Vec<&HubFile> = files.iter().collect();
    let mut usable: Vec<&HubFile> = files.iter().filter(|file| is_model(&file.path, files)).collect();
    // Of the same quantisation, a file in one goes before one in parts.
    usable.sort_by_key(|file| (quantisation::rank(&file.path), PartName::parse(&file.path).is_some()));
    let (runnable, others): (Vec<&HubFile>, Vec<&HubFile>) =
        usable.iter().partition(|file| quantisation::may_run(&file.path));
    let cannot_run = |wanted: &str| ShelfError::CannotRun {
        repository: repository(),
        wanted: wanted.to_owned(),
        runnable: paths(&runnable),
    };
    if let Pick::File(wanted) = &address.pick {
        if let Some(part) = PartName::parse(wanted).filter(|part| part.no > 1) {
            return Err(ShelfError::LaterPart { name: wanted.clone(), first: part.of_part(1) });
        }
        if others.iter().any(|file| file.path == *wanted) {
            return Err(cannot_run(wanted));
        }
        return with_others(wanted, files).map_err(|missing| no_such_file(&missing, &all));
    }
    let encoder = with_others(WEIGHTS, files).ok().filter(|_| purpose == Purpose::Encoder);
    if let (true, Pick::Any, Some(encoder)) = (usable.is_empty(), &address.pick, encoder) {
        return Ok(encoder);
    }
    if usable.is_empty() {
        return Err(ShelfError::NoUsableFile { repository: repository(), found: paths(&all) });
    }
    let chosen = match &address.pick {
        Pick::Quant(quant) => {
            let is_meant = |file: &&&HubFile| quantisation::has_quantisation(&file.path, quant);
            match runnable.iter().find(is_meant) {
                Some(file) => *file,
                None if others.iter().any(|file| is_meant(&file)) => return Err(cannot_run(quant)),
                None => return Err(no_such_file(quant, &usable)),
            }
        }
        _ => runnable.first().copied().ok_or_else(|| cannot_run("every file"))?,
    };
    with_others(&chosen.path, files).map_err(|missing| no_such_file(&missing, &all))
}

/// A file and those that belong to it; the name of one that is missing.
fn with_others(path: &str, files: &[HubFile]) -> Result<Vec<HubFile>, String> {
    let at = |path: &str| files.iter().find(|file| file.path == path).cloned();
    let needed = match PartName::parse(path) {
        Some(part) => part.all(),
        None if path == WEIGHTS => std::iter::once(WEIGHTS).chain(NEEDED).map(str::to_owned).collect(),
        None => vec![path.to_owned()],
    };
    let needed = needed.into_iter().map(|path| at(&path).ok_or(path));
    let optional = OPTIONAL.iter().filter(|_| path == WEIGHTS).filter_map(|path| at(path)).map(Ok);
    needed.chain(optional).collect()
}

fn paths(files: &[&HubFile]) -> Vec<String> {
    files.iter().map(|file| file.path.clone()).collect()
}

/// Whether a path is a whole language model or the first part of one whose parts are all there: no later part, no
/// image projector, no importance matrix.
fn is_model(path: &str, files: &[HubFile]) -> bool {
    let lower = path.to_ascii_lowercase();
    let file = lower.rsplit('/').next().unwrap_or(&lower);
    let is_whole =
        || PartName::parse(path).is_none_or(|part| part.no == 1 && with_others(path, files).is_ok());
    lower.ends_with(".gguf") && !file.starts_with("mmproj") && !file.contains("imatrix") && is_whole()
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
        let files = files("owner/name", ANSWER.as_bytes()).unwrap();
        choose(&address, &files, Purpose::Generator).map(|chosen| chosen[0].path.clone())
    }

    fn chosen_of(paths: &[&str], text: &str, purpose: Purpose) -> Result<Vec<String>, ShelfError> {
        let Ok(Address::Hub(address)) = Address::parse(text) else { panic!("{text}") };
        let file = |path: &&str| HubFile { path: (*path).to_owned(), n_bytes: None, sha256: None };
        let files: Vec<HubFile> = paths.iter().map(file).collect();
        choose(&address, &files, purpose).map(|chosen| chosen.into_iter().map(|file| file.path).collect())
    }

    #[test]
    fn a_split_model_is_all_its_parts_and_a_later_part_names_the_first() {
        let parts =
            ["q/m-Q8_0-00002-of-00002.gguf", "q/m-Q8_0-00001-of-00002.gguf", "m-Q4_0-00001-of-00002.gguf"];
        let sorted = [parts[1], parts[0]];
        for text in ["a/b", "a/b:q8_0", "a/b/q/m-Q8_0-00001-of-00002.gguf"] {
            assert_eq!(chosen_of(&parts, text, Purpose::Generator).unwrap(), sorted, "{text}");
        }
        let with_one = [parts[0], parts[1], "m.Q8_0.gguf"];
        assert_eq!(chosen_of(&with_one, "a/b:Q8_0", Purpose::Generator).unwrap(), ["m.Q8_0.gguf"]);
        let error = chosen_of(&parts, "a/b/q/m-Q8_0-00002-of-00002.gguf", Purpose::Generator).unwrap_err();
        assert!(error.to_string().contains("open q/m-Q8_0-00001-of-00002.gguf"), "{error}");
        let error = chosen_of(&parts, "a/b/m-Q4_0-00001-of-00002.gguf", Purpose::Generator).unwrap_err();
        assert!(error.to_string().contains("no file for \"m-Q4_0-00002-of-00002.gguf\""), "{error}");
    }

    /// Repositories as they are published: nobody is sent to download what cannot run.
    #[test]
    fn a_file_that_cannot_run_is_answered_with_one_that_can() {
        let files = ["m-UD-IQ2_M.gguf", "m-F16.gguf", "m-Q4_K_M.gguf", "m-UD-Q4_K_XL.gguf"];
        for asked in ["a/b:UD-IQ2_M", "a/b:iq2_m", "a/b/m-UD-IQ2_M.gguf"] {
            let error = chosen_of(&files, asked, Purpose::Generator).unwrap_err();
            assert!(matches!(&error, ShelfError::CannotRun { .. }), "{asked}: {error}");
            let message = error.to_string();
            assert!(
                message.contains("open m-Q4_K_M.gguf instead") && message.contains("m-F16.gguf"),
                "{message}"
            );
        }
        assert_eq!(chosen_of(&files, "a/b", Purpose::Generator).unwrap(), ["m-Q4_K_M.gguf"]);
        assert_eq!(chosen_of(&files, "a/b:Q4_K_XL", Purpose::Generator).unwrap(), ["m-UD-Q4_K_XL.gguf"]);
        let error = chosen_of(&files[..1], "a/b", Purpose::Generator).unwrap_err().to_string();
        assert!(error.contains("look for a repository of the same model"), "{error}");
        let unnamed = chosen_of(&["m.gguf", "m-IQ1_S.gguf"], "a/b", Purpose::Generator).unwrap();
        assert_eq!(unnamed, ["m.gguf"]);
    }

    #[test]
    fn an_encoder_is_a_gguf_file_or_the_weights_with_what_belongs_to_them() {
        let files =
            ["1_Pooling/config.json", "config.json", "README.md", "model.safetensors", "tokenizer.json"];
        let expected = ["model.safetensors", "config.json", "tokenizer.json", "1_Pooling/config.json"];
        assert_eq!(chosen_of(&files, "a/b", Purpose::Encoder).unwrap(), expected);
        assert_eq!(chosen_of(&files, "a/b/model.safetensors", Purpose::Generator).unwrap(), expected);
        let with_gguf = [&files[..], &["m-F16.gguf"]].concat();
        assert_eq!(chosen_of(&with_gguf, "a/b", Purpose::Encoder).unwrap(), ["m-F16.gguf"]);
        for (files, purpose) in [(&files[..], Purpose::Generator), (&files[..4], Purpose::Encoder)] {
            let error = chosen_of(files, "a/b", purpose).unwrap_err();
            assert!(matches!(&error, ShelfError::NoUsableFile { .. }), "{error}");
            assert!(error.to_string().contains("It holds 1_Pooling/config.json, config.json"), "{error}");
        }
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
        let error =
            choose(&address, &files("owner/name", none.as_bytes()).unwrap(), Purpose::Generator).unwrap_err();
        assert!(error.to_string().contains("model.safetensors"), "{error}");
        assert!(files("owner/name", b"<!doctype html>").is_err());
    }
}
