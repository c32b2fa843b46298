//! What kind of file was picked, by its first bytes, and its text if it is one.

use crate::data::archive;
use crate::data::problem::DataError;

/// First bytes of what people pick by mistake.
const MAGIC: [(&[u8], &str); 24] = [
    (b"GGUF", "a GGUF model"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ\0", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"BM\x00", "an image (BMP)"),
    (b"II*\0", "an image (TIFF)"),
    (b"MM\0*", "an image (TIFF)"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (XLS or DOC)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"{\\rtf", "a rich-text document (RTF)"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
];

/// How far into a file it is looked for signs of another kind.
const LOOKED_AT: usize = 4096;

/// The text of a file: UTF-8, with or without a byte-order mark, or UTF-16 with one.
///
/// # Errors
/// [`DataError::NotText`] with what the file is.
pub(super) fn text_of(bytes: &[u8]) -> Result<String, DataError> {
    let refuse = |is: &str| Err(DataError::NotText { is: is.to_owned() });
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return refuse("empty");
    }
    if let Some(is) = kind_of(head) {
        return refuse(is);
    }
    match bytes {
        [0xff, 0xfe, rest @ ..] => return utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return utf16(rest, u16::from_be_bytes),
        _ => {}
    }
    if head.contains(&0) {
        return refuse(if looks_like_utf16(head) { "UTF-16 without a byte-order mark" } else { "binary" });
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if text.trim().is_empty() => refuse("empty"),
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            refuse(&format!(
                "text in another encoding than UTF-8 (line {line}), such as Windows-1252; save it as UTF-8"
            ))
        }
    }
}

fn kind_of(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(match () {
            () if archive::has_entry(head, archive::OPEN_DOCUMENT) => "an OpenDocument file",
            () if archive::is_office_document(head) => "an Office file (XLSX or DOCX)",
            () => "a zip archive",
        });
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some("an image (WebP)");
    }
    if let Some((_, is)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(is);
    }
    let text = String::from_utf8_lossy(head);
    let start = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let is_html = ["<!doctype html", "<html", "<head", "<body", "<table", "<div"]
        .iter()
        .any(|tag| start.starts_with(tag));
    match () {
        () if is_html || (start.starts_with('<') && start.contains("<html")) => Some("an HTML page"),
        () if start.starts_with("<?xml") || start.starts_with("<svg") => Some("XML"),
        () => None,
    }
}

/// Half of the bytes are zero, all at even or all at odd places.
fn looks_like_utf16(head: &[u8]) -> bool {
    let n_zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (n_zeros(0), n_zeros(1));
    even.min(odd) * 20 < even.max(odd) && even.max(odd) * 8 > head.len()
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DataError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        Ok(text) if text.trim().is_empty() => Err(DataError::NotText { is: "empty".to_owned() }),
        Ok(text) => Ok(text),
        Err(_unpaired) => Err(DataError::NotText { is: "broken UTF-16".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn texts_are_decoded() {
        let text = "id,en,ሀ\n1,x,ክ\n";
        for bytes in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            utf16_of(text, true, u16::to_le_bytes),
            utf16_of(text, true, u16::to_be_bytes),
        ] {
            assert_eq!(text_of(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_text_is_named() {
        let zip = |name: &str| [b"PK\x03\x04".as_slice(), &[0; 26], name.as_bytes()].concat();
        for (bytes, wanted) in [
            (b"".to_vec(), "empty"),
            (b" \n\t".to_vec(), "empty"),
            ("\u{feff}\n".as_bytes().to_vec(), "empty"),
            (b"<!DOCTYPE html><html>".to_vec(), "an HTML page"),
            (b"\n\n  <html lang=en>".to_vec(), "an HTML page"),
            (b"<!-- hi -->\n<HTML>".to_vec(), "an HTML page"),
            (b"<table border=\"1\">".to_vec(), "an HTML page"),
            (b"<?xml version='1.0'?>".to_vec(), "XML"),
            (zip("prompts.csv"), "a zip archive"),
            (zip("openpyxl/cell.py"), "a zip archive"),
            (zip("mimetypeapplication/vnd.oasis.opendocument.text"), "an OpenDocument file"),
            (zip("xl/workbook.xml"), "an Office file (XLSX or DOCX)"),
            (b"\x1f\x8b\x08\0".to_vec(), "compressed with gzip"),
            (b"PAR1\x15\x04".to_vec(), "a Parquet file"),
            (b"%PDF-1.7".to_vec(), "a PDF document"),
            (b"\x89PNG\r\n".to_vec(), "an image (PNG)"),
            (b"RIFF\0\0\0\0WEBPVP8".to_vec(), "an image (WebP)"),
            (b"GGUF\x03\0\0\0".to_vec(), "a GGUF model"),
            (utf16_of("id,en,de\n1,x,y\n", false, u16::to_le_bytes), "UTF-16 without a byte-order mark"),
            (utf16_of("id,en,de\n1,x,y\n", false, u16::to_be_bytes), "UTF-16 without a byte-order mark"),
            (b"ab\0\0\0\0\0\0cd".to_vec(), "binary"),
            (
                b"id,de\n1,\xc4pfel\n".to_vec(),
                "text in another encoding than UTF-8 (line 2), such as Windows-1252; save it as UTF-8",
            ),
            (
                b"version https://git-lfs.github.com/spec/v1\n".to_vec(),
                "a Git LFS pointer, not the file itself",
            ),
        ] {
            assert_eq!(text_of(&bytes), Err(DataError::NotText { is: wanted.to_owned() }));
        }
    }
}
