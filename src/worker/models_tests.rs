//! What is asked of a machine that lacks a model is done by another one, or refused with the one that is missing.

use super::{
    encoder_tests::{WHOLE, load_as, load_encoder},
    machine::Machine,
    testing::{TestHost, run},
};
use crate::{
    protocol::{EmbedRequest, FaultCode, Message, ModelRequest, Request, Role, TextRequest},
    weights::testing::{RandomModel, random_model},
};

const NO_MODEL: &str = "no model is loaded";
const ONLY_ENCODER: &str = "only an encoder is loaded";
const NO_ENCODER: &str = "no encoder is loaded";

/// A machine with the models of some roles.
fn with(roles: &[Role]) -> Machine {
    let model = random_model(&RandomModel::default());
    let mut machine = Machine::default();
    for role in roles {
        match role {
            Role::Encoder => load_encoder(&mut machine, &WHOLE),
            _ => load_as(&mut machine, *role, &["random.gguf"], &[("random.gguf", &model)]),
        }
        .unwrap();
    }
    machine
}

fn embed(role: Option<Role>, layer: Option<u32>) -> Request {
    let texts = vec!["ab".to_owned()];
    ModelRequest::Embed(EmbedRequest { texts, role, layer, ..EmbedRequest::default() }).into()
}

#[test]
fn every_request_is_done_by_what_is_loaded_or_says_what_is_missing() {
    use Role::{Encoder, Generator, Tokenizer};
    let message = Message { role: "user".to_owned(), content: "ab".to_owned() };
    let render = TextRequest::RenderChat { messages: vec![message], thinking: false, date: None };
    let requests: [(&str, Request); 7] = [
        ("tokenize", TextRequest::Tokenize { text: "ab".to_owned(), special: false }.into()),
        ("render", render.into()),
        ("logits", ModelRequest::Logits { tokens: vec![5] }.into()),
        ("embed", embed(None, None)),
        ("embed by the encoder", embed(Some(Encoder), None)),
        ("embed by a layer", embed(None, Some(1))),
        ("counters", ModelRequest::Counters.into()),
    ];
    // In the order of the requests; nothing where it is done.
    let (done, none, only, encoder) = ("", NO_MODEL, ONLY_ENCODER, NO_ENCODER);
    let cases: [(&[Role], [&str; 7]); 6] = [
        (&[], [none, none, none, none, encoder, none, none]),
        (&[Tokenizer], [done, done, none, none, encoder, none, none]),
        (&[Encoder], [done, only, only, done, done, only, done]),
        (&[Encoder, Tokenizer], [done, done, only, done, done, only, done]),
        (&[Generator], [done, done, done, done, encoder, done, done]),
        (&[Generator, Encoder], [done, done, done, done, done, done, done]),
    ];
    for (roles, expected) in cases {
        let mut machine = with(roles);
        for ((what, request), missing) in requests.iter().zip(expected) {
            match run(&mut machine, request.clone(), &TestHost::default()) {
                Ok(_) => assert_eq!(missing, done, "{roles:?}: {what} was done"),
                Err(fault) => {
                    assert_eq!(fault.code, FaultCode::NoModel, "{roles:?}: {what}: {}", fault.message);
                    let is_it = !missing.is_empty() && fault.message.starts_with(missing);
                    assert!(is_it, "{roles:?}: {what}: {}", fault.message);
                }
            }
        }
    }
}
