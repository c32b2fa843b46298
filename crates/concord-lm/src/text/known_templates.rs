//! Chat templates of our own for models whose file has none, or the wrong one: the formats that most models were trained on.
//!
//! The formats are facts; the texts are ours. Each writes a system message, as far as its format has a place for one, and
//! adds none of its own.

use super::chat_template::ChatTemplate;
use super::error::TextError;
use super::tokenizer::Tokenizer;

/// A format of chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownTemplate {
    /// What it is called.
    pub name: &'static str,
    source: &'static str,
    /// Texts that are tokens of their own in the vocabularies it was made for.
    marks: &'static [&'static str],
    /// What ends the model's turn; `None` where that is the vocabulary's own token for the end of a text.
    end: Option<&'static str>,
}

/// The text alone, for a model that goes on with what it reads.
const PLAIN: &str = "{%- for m in messages -%}{{- m.content -}}{%- if not loop.last -%}{{- '\\n\\n' -}}{%- endif -%}{%- endfor -%}";

const CHATML: &str = "\
{%- for m in messages -%}
{{- '<|im_start|>' ~ m.role ~ '\\n' ~ m.content ~ '<|im_end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}";

const LLAMA_3: &str = "\
{{- bos_token -}}
{%- for m in messages -%}
{{- '<|start_header_id|>' ~ m.role ~ '<|end_header_id|>\\n\\n' ~ m.content | trim ~ '<|eot_id|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' -}}{%- endif -%}";

/// Has no turn for a system message: it goes before the first of the user's.
const GEMMA: &str = "\
{{- bos_token -}}
{%- set found = namespace(system='') -%}
{%- for m in messages -%}
{%- if m.role == 'system' -%}{%- set found.system = m.content ~ '\\n\\n' -%}
{%- else -%}
{{- '<start_of_turn>' ~ ('model' if m.role == 'assistant' else m.role) ~ '\\n' -}}
{%- if m.role == 'user' -%}{{- found.system -}}{%- set found.system = '' -%}{%- endif -%}
{{- m.content | trim ~ '<end_of_turn>\\n' -}}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<start_of_turn>model\\n' -}}{%- endif -%}";

/// Has no turn for a system message: it goes before the user's last, in the first version before the first. What is between
/// texts and marks is said before it, by [`mistral_version`].
const MISTRAL: &str = "\
{{- bos_token -}}
{%- set found = namespace(system='', user=-1) -%}
{%- for m in messages -%}
{%- if m.role == 'system' -%}{%- set found.system = m.content ~ '\\n\\n' -%}
{%- elif m.role == 'user' and (is_last or found.user < 0) -%}{%- set found.user = loop.index0 -%}
{%- endif -%}
{%- endfor -%}
{%- for m in messages -%}
{%- if m.role == 'user' -%}
{{- '[INST]' ~ before ~ (found.system if loop.index0 == found.user else '') ~ m.content ~ after ~ '[/INST]' -}}
{%- elif m.role == 'assistant' -%}
{{- before ~ m.content | trim ~ eos_token -}}
{%- endif -%}
{%- endfor -%}";

/// Mistral changed its format with its vocabularies: at first the marks were text among text, then tokens of a SentencePiece
/// vocabulary, then of a byte-level one, where nothing stands between them and what they enclose.
fn mistral_version(tokenizer: &Tokenizer) -> &'static str {
    match (tokenizer.has_token("[INST]"), tokenizer.is_byte_level()) {
        (false, _) => "{%- set before = ' ' -%}{%- set after = ' ' -%}{%- set is_last = false -%}",
        (true, false) => "{%- set before = ' ' -%}{%- set after = '' -%}{%- set is_last = true -%}",
        (true, true) => "{%- set before = '' -%}{%- set after = '' -%}{%- set is_last = true -%}",
    }
}

const KNOWN: [KnownTemplate; 5] = [
    KnownTemplate { name: "plain", source: PLAIN, marks: &[], end: None },
    KnownTemplate {
        name: "chatml",
        source: CHATML,
        marks: &["<|im_start|>", "<|im_end|>"],
        end: Some("<|im_end|>"),
    },
    KnownTemplate {
        name: "llama-3",
        source: LLAMA_3,
        marks: &["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        end: Some("<|eot_id|>"),
    },
    KnownTemplate {
        name: "gemma",
        source: GEMMA,
        marks: &["<start_of_turn>", "<end_of_turn>"],
        end: Some("<end_of_turn>"),
    },
    KnownTemplate { name: "mistral", source: MISTRAL, marks: &["[INST]", "[/INST]"], end: None },
];

impl KnownTemplate {
    /// The one of a name.
    pub fn named(name: &str) -> Option<Self> {
        KNOWN.into_iter().find(|known| known.name == name)
    }

    /// The template, as the vocabulary wants it.
    ///
    /// # Errors
    /// Those of [`ChatTemplate::new`]; ours compile.
    pub fn template(self, tokenizer: &Tokenizer) -> Result<ChatTemplate, TextError> {
        let version = if self.source == MISTRAL { mistral_version(tokenizer) } else { "" };
        ChatTemplate::new(&format!("{version}{}", self.source))
    }

    /// Its marks that are no tokens of a vocabulary, so that a model reads them as ordinary text.
    pub fn missing_marks(self, tokenizer: &Tokenizer) -> Vec<&'static str> {
        self.marks.iter().copied().filter(|mark| !tokenizer.has_token(mark)).collect()
    }

    /// The text that ends the model's turn, where the vocabulary has no token for it.
    pub fn stop_text(self, tokenizer: &Tokenizer) -> Option<&'static str> {
        self.end.filter(|end| !tokenizer.has_token(end))
    }
}
