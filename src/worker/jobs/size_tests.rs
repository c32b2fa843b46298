//! Requests of a size that nothing could serve are refused at the door, with what may be asked.

use crate::{
    data::{Language, MeasureKind, SessionConfig},
    protocol::{
        Answer, BackendChoice, EmbedRequest, FaultCode, GenerateRequest, Input, LoadRequest, MeasureRequest,
        Message, ModelRequest, ModelSource, Request, Role, TextRequest,
    },
    worker::{machine::Machine, testing::*},
};

fn build_with(change: impl FnOnce(&mut crate::protocol::BuildRequest)) -> Request {
    let mut request = build_request();
    change(&mut request);
    ModelRequest::Build(Box::new(request)).into()
}

fn generate_with(change: impl FnOnce(&mut GenerateRequest)) -> Request {
    let config = SessionConfig { n: 2, max_tokens: Some(2), ..SessionConfig::default() };
    let mut request =
        GenerateRequest { input: Input::Prompt("How many?".to_owned()), config, stop: Vec::new() };
    change(&mut request);
    ModelRequest::Generate(Box::new(request)).into()
}

fn load_with(change: impl FnOnce(&mut LoadRequest)) -> Request {
    let source = ModelSource::File { names: vec!["m.gguf".to_owned()] };
    let mut request = LoadRequest::new(source, Role::Generator, BackendChoice::Cpu);
    change(&mut request);
    request.into()
}

fn measure_with(change: impl FnOnce(&mut MeasureRequest)) -> Request {
    let build = build_request();
    let mut request = MeasureRequest {
        kinds: vec![MeasureKind::States],
        layers: Vec::new(),
        prompts: build.prompts,
        responses: Vec::new(),
        config: build.config,
        model: None,
    };
    change(&mut request);
    ModelRequest::Measure(Box::new(request)).into()
}

/// A text that is too long for any job.
fn huge() -> String {
    "x".repeat((4 << 20) + 1)
}

fn cases() -> Vec<(Request, &'static str)> {
    let en = || Language::from("en");
    let score = |input, completion: String| ModelRequest::Score { input, completion, date: None }.into();
    let embed = |texts| ModelRequest::Embed(EmbedRequest { texts, ..EmbedRequest::default() }).into();
    let prompt = || Input::Prompt("1 + 1".to_owned());
    vec![
        (generate_with(|r| r.config.n = 1_000_000_000), "1024"),
        (generate_with(|r| r.config.n = 0), "1 to 1024"),
        (generate_with(|r| r.stop = vec!["a".to_owned(); 65]), "64 stop strings"),
        (generate_with(|r| r.stop = vec!["a".repeat(1_001)]), "1000 bytes"),
        (generate_with(|r| r.input = Input::Prompt(huge())), "4194304 bytes"),
        (generate_with(|r| r.input = Input::Tokens(vec![5; 1_048_577])), "1048576 tokens"),
        (
            generate_with(|r| {
                let message = Message { role: "user".to_owned(), content: "a".to_owned() };
                r.input = Input::Messages(vec![message; 10_001]);
            }),
            "10000 messages",
        ),
        (build_with(|r| r.config.n = u32::MAX), "1024"),
        (build_with(|r| r.config.languages = vec![en(), en()]), "\"en\""),
        (build_with(|r| r.config.languages.push(Language::from("de"))), "\"de\""),
        (
            build_with(|r| {
                r.prompts = vec![r.prompts[0].clone(); 500];
                r.config.n = 1_024;
            }),
            "1000000",
        ),
        (
            build_with(|r| {
                r.prompts[0].text.insert(en(), huge());
            }),
            "4194304 bytes",
        ),
        (measure_with(|r| r.kinds = vec![MeasureKind::States; 65]), "64 kinds"),
        (measure_with(|r| r.layers = vec![1; 1_025]), "1024 layers"),
        (score(Input::Prompt(huge()), "2".to_owned()), "4194304 bytes"),
        (score(prompt(), huge()), "4194304 bytes"),
        (ModelRequest::Logits { tokens: vec![5; 1_048_577] }.into(), "1048576 tokens"),
        (TextRequest::Detokenize { ids: vec![5; 1_048_577] }.into(), "1048576 tokens"),
        (TextRequest::Tokenize { text: huge(), special: false }.into(), "4194304 bytes"),
        (embed(vec![String::new(); 100_001]), "100000 texts"),
        (embed(vec![huge()]), "4194304 bytes"),
        (load_with(|r| r.rows = Some(0)), "rows is 0"),
        (load_with(|r| r.rows = Some(257)), "1 to 256"),
        (load_with(|r| r.rows = Some(u32::MAX)), "1 to 256"),
        (load_with(|r| r.row_tokens = Some(u32::MAX)), "1048576"),
        (
            load_with(|r| r.source = ModelSource::File { names: vec!["m.gguf".to_owned(); 1_001] }),
            "1000 files",
        ),
        (load_with(|r| r.source = ModelSource::Url { url: "x".repeat(10_001), sha256: None }), "10000 bytes"),
    ]
}

#[test]
fn what_is_too_large_is_refused_with_the_limit_whatever_is_loaded() {
    let (mut empty, mut machine) = (Machine::default(), loaded());
    for (request, limit) in cases() {
        let name = format!("{request:?}").chars().take(60).collect::<String>();
        for machine in [&mut empty, &mut machine] {
            let fault = run(machine, request.clone(), &TestHost::default()).expect_err(&name);
            assert_eq!(fault.code, FaultCode::BadInput, "{name}: {}", fault.message);
            assert!(fault.message.contains(limit), "{name}: {} does not say {limit}", fault.message);
        }
    }
}

#[test]
fn what_is_large_and_can_be_served_is() {
    let mut machine = loaded();
    let stop = vec!["<never>".repeat(100); 64];
    let answer = run(&mut machine, generate_with(|r| r.stop = stop), &TestHost::default());
    assert!(matches!(answer, Ok(Answer::Generated(responses, _)) if responses.len() == 2));
    let request = build_with(|r| r.config.languages.reverse());
    assert!(matches!(run(&mut machine, request, &TestHost::default()), Ok(Answer::Built(_))));
}
