//! What the files of an export are called.

use super::{ExportFormat, ExportOptions};
use crate::data::Language;

/// The name of an export: of its file of rows, or of the zip that it comes in.
pub fn file_name(options: &ExportOptions) -> String {
    let name = stem(options.format);
    if options.is_zip() { format!("{name}.zip") } else { format!("{name}.{}", options.extension()) }
}

/// The path of a file of rows in the zip; `language` where there is one for each.
pub fn part_name(options: &ExportOptions, language: Option<&Language>) -> String {
    match language {
        Some(language) => format!("data/{}/train.{}", folder(language), options.extension()),
        None => format!("{}.{}", stem(options.format), options.extension()),
    }
}

/// The file of a language for LLaMA-Factory in a folder of all languages.
pub fn llama_factory_name(language: &Language) -> String {
    format!("llama-factory/{}.jsonl", folder(language))
}

/// A language as the name of a folder and of a configuration: what is no tag may hold anything.
pub(super) fn folder(language: &Language) -> String {
    let tag = language.as_str();
    let safe: String =
        tag.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    if safe == tag {
        safe
    } else {
        format!("{safe}-{:x}", tag.bytes().fold(5_381_u32, |hash, b| hash.wrapping_mul(33) ^ u32::from(b)))
    }
}

fn stem(format: ExportFormat) -> String {
    let kind = match format {
        ExportFormat::LlamaFactory => "llamafactory",
        ExportFormat::MsSwift => "swift",
        other => other.as_str(),
    };
    format!("pairs.{kind}")
}
