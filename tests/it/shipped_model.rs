//! The teaching model that ships with the page: a file that every part of the reader accepts.

use concord::data::{Language, detected_language};
use concord::text::{ChatMessage, ChatTemplate, RenderOptions, StreamDecoder, Tokenizer};
use concord::weights::{Header, ModelFile, Parsed};

const FILE: &[u8] = include_bytes!("../../static/teaching-model.gguf");
/// What the page may ask a visitor to download without asking.
const MAX_BYTES: usize = 6 << 20;

fn llama() -> ModelFile {
    let Parsed::Header(header) = Header::parse(FILE, Some(FILE.len() as u64)).unwrap() else {
        panic!("a whole file has a whole header");
    };
    ModelFile::from_header(header).unwrap()
}

#[test]
fn it_is_whole_and_small() {
    let llama = llama();
    assert!(FILE.len() <= MAX_BYTES, "{} bytes", FILE.len());
    assert!(llama.header.data_end <= FILE.len() as u64);
    assert!(llama.hyperparameters.seq_len >= 256);
}

/// Every held-out prompt goes through template, tokenizer and stream and comes back as it was.
#[test]
fn its_tokenizer_and_template_carry_all_eight_languages() {
    let llama = llama();
    let tokenizer = Tokenizer::from_metadata(&llama.header.metadata).unwrap();
    let template = ChatTemplate::from_metadata(&llama.header.metadata).unwrap();
    let options = RenderOptions { add_generation_prompt: true, ..RenderOptions::default() };
    assert!(!tokenizer.end_ids().is_empty());
    assert!(tokenizer.n_tokens() <= llama.hyperparameters.vocab_size);
    let (mut n_texts, mut n_tokens) = (0, 0);
    for line in include_str!("../data/held-out.jsonl").lines() {
        let prompt: serde_json::Value = serde_json::from_str(line).unwrap();
        for (language, text) in prompt["text"].as_object().unwrap() {
            let text = text.as_str().unwrap();
            let ids = tokenizer.encode(text, false).unwrap();
            let mut decoder = StreamDecoder::new();
            let mut streamed: String = ids.iter().map(|&id| decoder.push(&tokenizer, id)).collect();
            streamed += &decoder.finish();
            assert_eq!(streamed, text);
            let asked = Language::from(language.as_str());
            assert!(detected_language(text, &asked).is_none_or(|found| found == asked), "{text}");
            let chat = template.render(&[ChatMessage::user(text)], &options).unwrap();
            assert!(chat.contains(text));
            let chat_ids = tokenizer.encode_prompt(&chat).unwrap();
            // The template adds control tokens only, each one token long.
            assert!((1..=8).contains(&(chat_ids.len() - ids.len())), "{chat}");
            n_texts += 1;
            n_tokens += chat_ids.len();
        }
    }
    assert_eq!(n_texts, 8 * 280);
    assert!(n_tokens / n_texts < 64, "{} tokens per prompt", n_tokens / n_texts);
}
