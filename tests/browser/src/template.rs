//! The teaching model with another chat template: small, quick, and it does what the template makes of it.

/// Thinks where it is told to: the template opens the thought, and the model, which has no marker to close it, never does.
/// Without thinking it reads what the page's own template gives.
pub const SWITCHED: &str = "{%- for m in messages -%}{{- ('<|assistant|>' + m.content + '<|end|>') if m.role == 'assistant' \
    else ('<|user|>' + m.content) -}}{%- endfor -%}{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}\
    {%- if enable_thinking -%}{{- '<think>\\n' -}}{%- endif -%}{%- endif -%}";

/// Tells the model the day of the month.
pub const DATED: &str = "{%- for m in messages -%}{{- '<|user|>' + m.content -}}{%- endfor -%}\
    {%- if add_generation_prompt -%}{{- strftime_now('%d') + '<|assistant|>' -}}{%- endif -%}";

const KEY: &[u8] = b"tokenizer.chat_template";

/// The file of the page's model with a template that is no longer than its own.
///
/// # Panics
/// When the file is not there, or the template is longer.
pub fn teaching_model_with(template: &str) -> Vec<u8> {
    let (mut file, key) = teaching_model();
    // The value's type, then the length of the text.
    let start = key + KEY.len() + 4 + 8;
    let n_bytes = u64::from_le_bytes(file[start - 8..start].try_into().expect("eight bytes")) as usize;
    // A comment fills it up, so that nothing else moves.
    let filled = format!("{template}{{#{}#}}", " ".repeat(n_bytes.saturating_sub(template.len() + 4)));
    assert_eq!(filled.len(), n_bytes, "the template is too long");
    file[start..start + n_bytes].copy_from_slice(filled.as_bytes());
    file
}

/// The file of the page's model as if it were a base model's: its template stands under a key that says nothing.
///
/// # Panics
/// When the file is not there.
pub fn teaching_model_without_template() -> Vec<u8> {
    let (mut file, key) = teaching_model();
    file[key + KEY.len() - 1] = b'_';
    file
}

/// The bytes of the page's model, and where its template's key stands.
fn teaching_model() -> (Vec<u8>, usize) {
    let path = xtask::shell::root().join("static/teaching-model.gguf");
    let file = std::fs::read(path).expect("the teaching model is there");
    let key = file.windows(KEY.len()).position(|window| window == KEY).expect("it has a template");
    (file, key)
}
