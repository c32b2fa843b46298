//! A model file cut into several, as llama.cpp's `gguf-split` cuts them.

use super::writer::GgufWriter;
use crate::weights::{Header, Parsed, TensorInfo, metadata::Value};

/// Number of the format's unsigned 16-bit type.
const U16_ID: u32 = 2;
/// Number of the format's signed 32-bit type.
const I32_ID: u32 = 5;

/// The parts of a whole model, `n_parts` files of about as many tensors each; nothing for bytes that are no model.
///
/// The first part keeps the file's metadata as it is. Each part says its number from 0, how many there are and how
/// many tensors they hold together.
pub fn split_model(whole: &[u8], n_parts: usize) -> Vec<Vec<u8>> {
    let Ok(Parsed::Header(header)) = Header::parse(whole, Some(whole.len() as u64)) else {
        return Vec::new();
    };
    let n_tensors = header.tensors.len();
    let part = |no: usize| {
        let mut writer = GgufWriter::new();
        if no == 0 {
            header.metadata.iter().for_each(|(key, value)| write_entry(&mut writer, key, value));
        }
        writer
            .raw("split.no", U16_ID, &(no as u16).to_le_bytes())
            .raw("split.count", U16_ID, &(n_parts as u16).to_le_bytes())
            .raw("split.tensors.count", I32_ID, &(n_tensors as i32).to_le_bytes());
        let tensors = &header.tensors[no * n_tensors / n_parts..(no + 1) * n_tensors / n_parts];
        for TensorInfo { name, dims, tensor_type, start, n_bytes } in tensors {
            let bytes = &whole[*start as usize..(*start + *n_bytes) as usize];
            writer.tensor(name, dims, tensor_type.ggml_id(), bytes);
        }
        writer.finish()
    };
    (0..n_parts).map(part).collect()
}

/// Writes an entry of the types that the random models have.
fn write_entry(writer: &mut GgufWriter, key: &str, value: &Value) {
    match value {
        Value::Unsigned(number) => writer.u32(key, *number as u32),
        Value::Float(number) => writer.f32(key, *number as f32),
        Value::Bool(value) => writer.bool(key, *value),
        Value::String(text) => writer.string(key, text),
        Value::Strings(texts) => writer.strings(key, texts),
        Value::Numbers(numbers) => {
            let number = |value| match value {
                Value::Signed(number) => number as i32,
                Value::Unsigned(number) => number as i32,
                _ => 0,
            };
            writer.i32s(key, &numbers.iter().map(number).collect::<Vec<_>>())
        }
        Value::Signed(_) | Value::Arrays(_) => writer,
    };
}
