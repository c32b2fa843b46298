//! Every generator on offer, by a small file of its family, its vocabulary and the shape of its chat template: it loads,
//! its markers are tokens, and it answers.

use pollster::block_on;

use super::files::MemoryFiles;
use crate::{
    data::SessionConfig,
    protocol::{Answer, GenerateRequest, Input, Message, ModelRequest, TextRequest},
    shelf::catalogue::{Offer, offers},
    weights::{
        Architecture,
        testing::{RandomModel, speaking_model},
    },
    worker::{
        machine::Machine,
        task::Task,
        testing::{TestHost, load_request, run},
    },
};

/// A template in the shape of a family's, ours, and the markers that its vocabulary has as tokens.
struct Chat {
    template: &'static str,
    markers: &'static [&'static str],
}

const CHATML: Chat = Chat {
    template: "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n",
    markers: &[],
};
const LLAMA_3: Chat = Chat {
    template: "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>{% endfor %}<|start_header_id|>assistant<|end_header_id|>\n\n",
    markers: &["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
};
const GEMMA: Chat = Chat {
    template: "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}<start_of_turn>model\n",
    markers: &["<start_of_turn>", "<end_of_turn>"],
};
const MISTRAL: Chat = Chat {
    template: "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST]{{ m.content }}[/INST]{% else %}{{ m.content }}{{ eos_token }}{% endif %}{% endfor %}",
    markers: &["[INST]", "[/INST]"],
};
const PHI: Chat = Chat {
    template: "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}<|assistant|>",
    markers: &["<|user|>", "<|assistant|>", "<|end|>"],
};
const GRANITE: Chat = Chat {
    template: "{% for m in messages %}<|start_of_role|>{{ m.role }}<|end_of_role|>{{ m.content }}<|end_of_text|>\n{% endfor %}<|start_of_role|>assistant<|end_of_role|>",
    markers: &["<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>"],
};
const COHERE: Chat = Chat {
    template: "{{ bos_token }}{% for m in messages %}<|START_OF_TURN_TOKEN|>{{ '<|USER_TOKEN|>' if m.role == 'user' else '<|CHATBOT_TOKEN|>' }}{{ m.content }}<|END_OF_TURN_TOKEN|>{% endfor %}<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
    markers: &["<|START_OF_TURN_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"],
};

fn chat(offer: &Offer) -> Chat {
    match (offer.architecture, offer.vocabulary) {
        ("gemma2" | "gemma3", _) => GEMMA,
        ("mistral3", _) => MISTRAL,
        ("phi3", _) => PHI,
        ("granite", _) => GRANITE,
        ("cohere2", _) => COHERE,
        ("llama", "llama-bpe") => LLAMA_3,
        _ => CHATML,
    }
}

#[test]
fn every_offer_loads_and_answers_in_its_own_shape() {
    for offer in offers() {
        let what = offer.name;
        let architecture = Architecture::DECODERS
            .into_iter()
            .find(|architecture| architecture.name() == offer.architecture)
            .unwrap_or_else(|| panic!("{what}: no architecture {}", offer.architecture));
        let chat = chat(offer);
        // Gemma's own vocabulary is SentencePiece's; the real Gemma 3 of the integration tests has it.
        let pre_tokenizer = if offer.vocabulary == "llama" { "default" } else { offer.vocabulary };
        let model = RandomModel {
            architecture,
            n_layers: 4,
            window: 24,
            tied: true,
            pre_tokenizer,
            ..RandomModel::default()
        };
        let bytes = speaking_model(&model, chat.template, chat.markers);
        let (mut machine, host) = (Machine::default(), TestHost::default());
        let files = MemoryFiles::new(&[("random.gguf", bytes.as_slice())], 4_096);
        let loaded = block_on(machine.load(&Task::new(&host, 0), &load_request("random.gguf"), files));
        let Ok(info) = loaded else { panic!("{what}: {loaded:?}") };
        assert_eq!(info.architecture, offer.architecture, "{what}");

        for marker in chat.markers {
            let asked = TextRequest::Tokenize { text: (*marker).to_owned(), special: true };
            let Ok(Answer::Ids(tokens)) = run(&mut machine, asked, &host) else { panic!("{what}") };
            assert_eq!(tokens.len(), 1, "{what}: {marker} is one token");
        }
        let message = Message { role: "user".to_owned(), content: "How many are 2 + 3?".to_owned() };
        let config = SessionConfig { n: 2, max_tokens: Some(3), ..SessionConfig::default() };
        let request = GenerateRequest { input: Input::Messages(vec![message]), config, stop: Vec::new() };
        let answer = run(&mut machine, ModelRequest::Generate(Box::new(request)), &host);
        let Ok(Answer::Generated(responses, _)) = answer else { panic!("{what}: {answer:?}") };
        assert_eq!(responses.len(), 2, "{what}");
        for response in responses {
            assert!((1..=3).contains(&response.tokens.len()), "{what}: {response:?}");
            assert!(response.logprobs.iter().all(|logprob| logprob.is_finite()), "{what}: {response:?}");
        }
    }
}
