//! An encoder beside the generator, picked from the disk: it scores the responses until it is removed.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Map, Value, json};

use crate::{LONG, SHORT};

const DIM: usize = 32;
const HIDDEN: usize = 64;
const N_POSITIONS: usize = 128;
/// Special tokens, then a letter each.
const SPECIAL: [&str; 3] = ["[UNK]", "[CLS]", "[SEP]"];

/// A BERT of one layer whose tokens are single letters.
pub(crate) fn encoder() -> Vec<(&'static str, Vec<u8>)> {
    let pieces = ('a'..='z').flat_map(|letter| [letter.to_string(), format!("##{letter}")]);
    let vocab: Map<String, Value> = SPECIAL
        .map(str::to_owned)
        .into_iter()
        .chain(pieces)
        .zip(0..)
        .map(|(piece, id)| (piece, json!(id)))
        .collect();
    let config = json!({
        "model_type": "bert", "_name_or_path": "a tiny MiniLM", "hidden_size": DIM, "intermediate_size": HIDDEN,
        "num_hidden_layers": 1, "num_attention_heads": 4, "max_position_embeddings": N_POSITIONS, "type_vocab_size": 2,
        "vocab_size": vocab.len(), "layer_norm_eps": 1e-12, "hidden_act": "gelu",
    });
    let special = |id: usize| json!({ "id": SPECIAL[id], "ids": [id], "tokens": [SPECIAL[id]] });
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": { "type": "Lowercase" }, "pre_tokenizer": { "type": "BertPreTokenizer" },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                { "SpecialToken": { "id": "[CLS]", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } },
                { "SpecialToken": { "id": "[SEP]", "type_id": 0 } },
            ],
            "pair": [{ "Sequence": { "id": "A", "type_id": 0 } }, { "Sequence": { "id": "B", "type_id": 1 } }],
            "special_tokens": { "[CLS]": special(1), "[SEP]": special(2) },
        },
        "decoder": { "type": "WordPiece", "prefix": "##", "cleanup": false },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocab,
        },
    });
    let weights = safetensors(vocab.len());
    vec![
        ("config.json", config.to_string().into_bytes()),
        ("tokenizer.json", tokenizer.to_string().into_bytes()),
        ("model.safetensors", weights),
    ]
}

fn safetensors(vocab_size: usize) -> Vec<u8> {
    let layer = "encoder.layer.0";
    let mut shapes = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![vocab_size, DIM]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![N_POSITIONS, DIM]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, DIM]),
    ];
    let mut pair = |name: String, shape: Vec<usize>| {
        shapes.push((format!("{name}.bias"), vec![shape[0]]));
        shapes.push((format!("{name}.weight"), shape));
    };
    pair("embeddings.LayerNorm".to_owned(), vec![DIM]);
    for name in
        ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
    {
        pair(format!("{layer}.{name}"), vec![DIM, DIM]);
    }
    pair(format!("{layer}.attention.output.LayerNorm"), vec![DIM]);
    pair(format!("{layer}.intermediate.dense"), vec![HIDDEN, DIM]);
    pair(format!("{layer}.output.dense"), vec![DIM, HIDDEN]);
    pair(format!("{layer}.output.LayerNorm"), vec![DIM]);
    let (mut directory, mut data, mut state) = (Map::new(), Vec::new(), 1u32);
    for (name, shape) in shapes {
        let begin = data.len();
        for _ in 0..shape.iter().product::<usize>() {
            // The constants of Numerical Recipes.
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 8) as f32 / 16_777_216.0 - 0.5;
            let value = if name.ends_with("LayerNorm.weight") { 1.0 + 0.1 * noise } else { noise };
            data.extend(value.to_le_bytes());
        }
        directory
            .insert(name, json!({ "dtype": "F32", "shape": shape, "data_offsets": [begin, data.len()] }));
    }
    let header = Value::Object(directory).to_string().into_bytes();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

fn build(page: &Page) -> Value {
    let body = "const prompts = (await concord.starterPrompts()).slice(0, 1);
        const session = await concord.build({ prompts, languages: ['en', 'de'], n: 3, maxTokens: 24, seed: 7 });
        const { config: { encoder }, responses, similarities: [{ cosine }] } = session;
        return { encoder, texts: responses.map(({ text }) => text), cosine }";
    page.call(body, LONG)
}

#[test]
fn a_picked_encoder_scores_the_responses_until_it_is_removed() {
    let site = Site::start();
    let page = Page::open(&site, Gpu::Software);
    page.wait_visible("[data-testid=board-cell]", SHORT);
    page.call("await concord.loadModel('teaching', { backend: 'cpu' })", LONG);
    let before = build(&page);
    assert!(before["encoder"].as_str().unwrap().contains("layer 3, mean"), "{before}");

    let open = "document.querySelector('[data-testid=shelf]').closest('details').open = true";
    page.driver().script(open, Vec::new());
    page.wait_visible("[data-testid=model-role]", SHORT);
    page.set("[data-testid=model-role]", "encoder");
    page.pick_files("[data-testid=open-model]", &encoder());
    page.wait_visible("[data-testid=encoder]", LONG);
    let facts = page.text("[data-testid=encoder]");
    assert!(facts.contains("a tiny MiniLM"), "{facts}");
    assert!(facts.contains("mean of all tokens"), "{facts}");

    let after = build(&page);
    assert_eq!(after["texts"], before["texts"], "the generator is as it was");
    assert!(after["encoder"].as_str().unwrap().ends_with(", mean"), "{after}");
    assert_ne!(after["cosine"], before["cosine"]);
    let expected = page.call(
        &format!(
            "const vectors = await concord.embed({});
             return vectors[0].reduce((sum, value, i) => sum + value * vectors[1][i], 0)",
            after["texts"]
        ),
        LONG,
    );
    let (found, expected) = (after["cosine"][0].as_f64().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");

    page.click("[data-testid=remove-encoder]");
    page.wait_for("the encoder to go", SHORT, || (!page.is_visible("[data-testid=encoder]")).then_some(()));
    assert_eq!(build(&page), before, "the generator's own states compare again");

    page.set("[data-testid=model-role]", "generator");
    page.pick_files("[data-testid=open-model]", &encoder());
    page.wait_visible("[data-testid=fault]", SHORT);
    assert!(page.text("[data-testid=fault]").contains("encoder"), "{}", page.text("[data-testid=fault]"));
}
