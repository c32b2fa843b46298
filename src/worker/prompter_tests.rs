//! Chat templates that a person picks, dates that a template tells, and characters that a vocabulary lacks.

use pollster::block_on;

use super::{
    generator::Generator,
    jobs::build::build,
    load::files::MemoryFiles,
    machine::Machine,
    prompter::{Manner, Prompter},
    scripted::{N, Scripted, loaded},
    task::Task,
    testing::{TestHost, build as build_in, build_request, load_request, run},
};
use crate::{
    data::{Day, FinishReason, ModelRecord, SessionConfig},
    protocol::{
        Answer, BuildOutcome, BuildRequest, EmbedRequest, Fault, FaultCode, GenerateRequest, Input,
        LoadRequest, Message, ModelInfo, ModelRequest, TemplateChoice,
    },
    weights::{
        Header, Parsed,
        testing::{RandomModel, random_model, random_model::CHAT_TEMPLATE, speaking_model},
    },
};

/// Marks of every known template.
const MARKS: [&str; 8] = [
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "[INST]",
    "[/INST]",
    "<think>",
];
/// Tells a date as Granite and SmolLM3 do, and as Llama 3.1 does.
const DATED: &str =
    "{{ strftime_now('%d %B %Y') }}{% for m in messages %}|{{ m.content }}{% endfor %}<|im_start|>";
const DATED_BY_STRING: &str = "{% if not date_string is defined %}{% set date_string = '26 Jul 2024' %}{% endif %}\
    {{ date_string }}{% for m in messages %}|{{ m.content }}{% endfor %}<|im_start|>";

fn speech_of(file: &[u8]) -> Prompter {
    match Header::parse(file, Some(file.len() as u64)).unwrap() {
        Parsed::Header(header) => Prompter::from_metadata(&header.metadata).unwrap(),
        Parsed::NeedMore { at_least } => panic!("a whole file asked for {at_least} bytes"),
    }
}

fn prompter(template: &str, special: &[&str]) -> Prompter {
    speech_of(&speaking_model(&RandomModel::default(), template, special))
}

fn picked(special: &[&str], choice: TemplateChoice) -> Prompter {
    let mut prompter = prompter(CHAT_TEMPLATE, special);
    prompter.pick(choice).unwrap();
    prompter
}

fn messages(all: &[(&str, &str)]) -> Vec<Message> {
    all.iter().map(|(role, content)| Message { role: (*role).into(), content: (*content).into() }).collect()
}

/// The random model's file with one text in the place of another of the same length, wherever it stands.
fn with_text(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut file = random_model(&RandomModel::default());
    let places: Vec<usize> =
        (0..file.len() - from.len()).filter(|&at| &file[at..at + from.len()] == from).collect();
    assert!(!places.is_empty() && from.len() == to.len());
    places.into_iter().for_each(|at| file[at..at + to.len()].copy_from_slice(to));
    file
}

/// A base model: its file has no chat template.
fn base_model() -> Vec<u8> {
    with_text(b"tokenizer.chat_template", b"tokenizer.none_template")
}

/// Its vocabulary has no token for byte F1, with which the characters from U+40000 on begin.
fn without_a_byte() -> Vec<u8> {
    let token = |text: &str| [&2_u64.to_le_bytes()[..], text.as_bytes()].concat();
    with_text(&token("\u{f1}"), &token("\u{250}"))
}

fn load(file: &[u8], template: TemplateChoice) -> (Machine, ModelInfo) {
    let request = LoadRequest { template, ..load_request("random.gguf") };
    let mut machine = Machine::default();
    let files = MemoryFiles::new(&[("random.gguf", file)], 1_000);
    let info = block_on(machine.load(&Task::new(&TestHost::default(), 0), &request, files)).unwrap();
    (machine, info)
}

fn generate(machine: &mut Machine, input: Input) -> Result<Vec<String>, Fault> {
    let config = SessionConfig { n: 1, max_tokens: Some(4), ..SessionConfig::default() };
    let request = ModelRequest::Generate(Box::new(GenerateRequest { input, config, stop: Vec::new() }));
    match run(machine, request, &TestHost::default())? {
        Answer::Generated(responses, problems) => {
            assert_eq!(responses.len(), 1);
            Ok(problems)
        }
        other => panic!("{other:?}"),
    }
}

fn build_with(loaded: &mut Generator<Scripted>, config: SessionConfig) -> BuildOutcome {
    let request = build_request();
    let config = SessionConfig { n: N, max_tokens: Some(60), ..config };
    let config = SessionConfig { languages: request.config.languages.clone(), ..config };
    block_on(build(loaded, None, &Task::new(&TestHost::default(), 1), BuildRequest { config, ..request }))
        .unwrap()
}

#[test]
fn every_known_template_writes_its_format() {
    let chat =
        messages(&[("system", "Be kind."), ("user", " Hi "), ("assistant", "Yes?"), ("user", "2 + 3?")]);
    let rendered =
        |special: &[&str], choice| picked(special, choice).render(&chat, Manner::default()).unwrap();
    // What ends a text in the random vocabulary.
    let eos = "<|im_end|>";
    assert_eq!(rendered(&MARKS, TemplateChoice::Plain), "Be kind.\n\n Hi \n\nYes?\n\n2 + 3?");
    assert_eq!(
        rendered(&MARKS, TemplateChoice::Chatml),
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\nYes?<|im_end|>\n\
         <|im_start|>user\n2 + 3?<|im_end|>\n<|im_start|>assistant\n"
    );
    let turn = |role: &str, text: &str| format!("<|start_header_id|>{role}<|end_header_id|>\n\n{text}");
    let llama = [
        turn("system", "Be kind.<|eot_id|>"),
        turn("user", "Hi<|eot_id|>"),
        turn("assistant", "Yes?<|eot_id|>"),
        turn("user", "2 + 3?<|eot_id|>"),
        turn("assistant", ""),
    ];
    assert!(rendered(&MARKS, TemplateChoice::Llama3).ends_with(&llama.concat()));
    assert!(rendered(&MARKS, TemplateChoice::Gemma).ends_with(
        "<start_of_turn>user\nBe kind.\n\nHi<end_of_turn>\n<start_of_turn>model\nYes?<end_of_turn>\n\
         <start_of_turn>user\n2 + 3?<end_of_turn>\n<start_of_turn>model\n"
    ));
    // A byte-level vocabulary with the marks, and one that has them as text alone.
    let mistral = rendered(&MARKS, TemplateChoice::Mistral);
    assert!(
        mistral.ends_with(&format!("[INST] Hi [/INST]Yes?{eos}[INST]Be kind.\n\n2 + 3?[/INST]")),
        "{mistral}"
    );
    let mistral = rendered(&[], TemplateChoice::Mistral);
    let old = format!("[INST] Be kind.\n\n Hi  [/INST] Yes?{eos}[INST] 2 + 3? [/INST]");
    assert!(mistral.ends_with(&old), "{mistral}");
}

#[test]
fn marks_that_the_vocabulary_lacks_are_told_and_end_responses_all_the_same() {
    let told = |special: &[&str], choice| {
        let mut info = ModelInfo::default();
        picked(special, choice).tell(&mut info);
        info.notes
    };
    for choice in TemplateChoice::ALL {
        assert_eq!(told(&MARKS, choice), Vec::<String>::new(), "{choice:?}");
    }
    let notes = told(&[], TemplateChoice::Llama3).concat();
    assert!(notes.contains("<|start_header_id|>, <|end_header_id|> and <|eot_id|>"), "{notes}");
    assert!(notes.contains("llama-3") && notes.contains("ordinary text"), "{notes}");
    assert!(
        told(&["<start_of_turn>"], TemplateChoice::Gemma)
            .concat()
            .contains("with <end_of_turn>, which is no token")
    );
    assert_eq!(told(&[], TemplateChoice::Plain), Vec::<String>::new());

    let says =
        |_: &str, _: &str, sample| Some(format!("It is {sample}.<end_of_turn>\n<start_of_turn>user\nMore"));
    for special in [&MARKS[..], &[]] {
        let mut model = loaded(picked(special, TemplateChoice::Gemma), says);
        let session = build_with(&mut model, SessionConfig::default()).session;
        assert_eq!(session.model.template.as_deref(), Some("gemma"));
        assert_eq!(session.responses.len(), 16);
        for response in &session.responses {
            assert_eq!(response.text, format!("It is {}.", response.sample), "{special:?}");
            assert_eq!(response.finish_reason, FinishReason::Stop);
        }
    }
}

#[test]
fn a_base_model_takes_the_template_that_is_picked() {
    let (mut machine, info) = load(&base_model(), TemplateChoice::File);
    assert_eq!((info.template, info.has_own_template, info.tells_date), (None, false, false));
    let chat = || Input::Messages(messages(&[("user", "2 + 3?")]));
    let fault = generate(&mut machine, chat()).unwrap_err();
    assert_eq!(fault.code, FaultCode::BadTemplate);
    assert!(fault.message.contains("no chat template") && fault.message.contains("`template`"), "{fault:?}");
    generate(&mut machine, Input::Prompt("2 + 3?".to_owned())).unwrap();
    let fault = build_in(&mut machine, build_request(), &TestHost::default()).unwrap_err();
    assert!(fault.message.contains("no chat template"), "{fault:?}");

    let pick = |machine: &mut Machine, template| match run(
        machine,
        ModelRequest::PickTemplate { template },
        &TestHost::default(),
    )
    .unwrap()
    {
        Answer::Loaded(info) => *info,
        other => panic!("{other:?}"),
    };
    let info = pick(&mut machine, TemplateChoice::Gemma);
    assert_eq!((info.template, info.has_own_template), (Some(TemplateChoice::Gemma), false));
    assert_eq!(info.notes.len(), 1, "{:?}", info.notes);
    let info = pick(&mut machine, TemplateChoice::Plain);
    assert_eq!((info.template, info.notes), (Some(TemplateChoice::Plain), Vec::new()));
    generate(&mut machine, chat()).unwrap();
    let plain = build_in(&mut machine, build_request(), &TestHost::default()).unwrap().session;
    assert_eq!((plain.responses.len(), plain.model.template.as_deref()), (16, Some("plain")));

    // Picked when it is loaded it is the same, and no answer to another template's prompts is mixed with its own.
    let (mut other, info) = load(&base_model(), TemplateChoice::Plain);
    assert_eq!(info.template, Some(TemplateChoice::Plain));
    assert_eq!(build_in(&mut other, build_request(), &TestHost::default()).unwrap().session, plain);
    let again = |template: Option<&str>| {
        let record = ModelRecord { template: template.map(str::to_owned), ..plain.model.clone() };
        BuildRequest { finished: plain.responses.clone(), finished_by: Some(record), ..build_request() }
    };
    assert_eq!(build_in(&mut other, again(Some("plain")), &TestHost::default()).unwrap().session, plain);
    for made_with in [Some("chatml"), None] {
        let fault = build_in(&mut other, again(made_with), &TestHost::default()).unwrap_err();
        assert!(
            fault.message.contains(made_with.unwrap_or("file")) && fault.message.contains("\"plain\""),
            "{fault:?}"
        );
    }
    assert_eq!(pick(&mut other, TemplateChoice::File).template, None);
}

#[test]
fn a_file_with_a_template_says_in_its_record_what_was_picked_instead() {
    let own = random_model(&RandomModel::default());
    let (mut machine, info) = load(&own, TemplateChoice::File);
    assert_eq!((info.template, info.has_own_template), (Some(TemplateChoice::File), true));
    let by_file = build_in(&mut machine, build_request(), &TestHost::default()).unwrap().session;
    assert_eq!(by_file.model.template, None);
    let (mut machine, _) = load(&own, TemplateChoice::Chatml);
    let by_choice = build_in(&mut machine, build_request(), &TestHost::default()).unwrap().session;
    assert_eq!(by_choice.model.template.as_deref(), Some("chatml"));
    // The random model's own is ChatML too.
    assert_eq!(by_choice.responses, by_file.responses);
}

#[test]
fn a_date_is_the_fixed_one_or_the_chosen_one_and_is_recorded_where_it_is_told() {
    let chat = messages(&[("user", "hi")]);
    let day = Day::new(2025, 3, 1);
    let rendered = |prompter: &Prompter, date| prompter.render(&chat, Manner::unthinking(date)).unwrap();
    let dated = prompter(DATED, &[]);
    assert_eq!(rendered(&dated, None), "26 July 2024|hi<|im_start|>");
    assert_eq!(rendered(&dated, day), "01 March 2025|hi<|im_start|>");
    let by_string = prompter(DATED_BY_STRING, &[]);
    assert_eq!(rendered(&by_string, None), "26 Jul 2024|hi<|im_start|>");
    assert_eq!(rendered(&by_string, day), "01 Mar 2025|hi<|im_start|>");
    let plain = prompter(CHAT_TEMPLATE, &[]);
    assert_eq!(rendered(&plain, None), rendered(&plain, day));

    let recorded = |template: &str, date| {
        let mut model = loaded(prompter(template, &[]), |_, _, sample| Some(sample.to_string()));
        let session = build_with(&mut model, SessionConfig { date, ..SessionConfig::default() }).session;
        session.config.date
    };
    assert_eq!((recorded(DATED, None), recorded(DATED, day)), (Some(Day::FIXED), day));
    assert_eq!((recorded(DATED_BY_STRING, None), recorded(DATED_BY_STRING, day)), (None, day));
    assert_eq!((recorded(CHAT_TEMPLATE, None), recorded(CHAT_TEMPLATE, day)), (None, None));
    // The tokens that the model reads hold it.
    let tokens =
        |date| dated.prompted(&Input::Messages(chat.clone()), Manner::unthinking(date)).unwrap().tokens;
    assert_eq!(dated.tokenizer.decode(&tokens(day), true), "01 March 2025|hi<|im_start|>");
    assert_ne!(tokens(None), tokens(day));
}

#[test]
fn characters_that_the_vocabulary_lacks_are_told_wherever_a_text_is_given() {
    let lost = "a \u{50000} b";
    let (mut machine, _) = load(&without_a_byte(), TemplateChoice::File);
    let is_told = |problem: &str, of: &str| problem.starts_with(of) && problem.contains("\"\u{50000}\"");
    let problems = generate(&mut machine, Input::Prompt(lost.to_owned())).unwrap();
    assert!(matches!(&problems[..], [told] if is_told(told, "the prompt")), "{problems:?}");
    let chat = messages(&[("system", "fine"), ("user", lost)]);
    let problems = generate(&mut machine, Input::Messages(chat)).unwrap();
    assert!(matches!(&problems[..], [told] if is_told(told, "message 2")), "{problems:?}");
    assert_eq!(generate(&mut machine, Input::Prompt("fine, 🙂".to_owned())).unwrap(), Vec::<String>::new());
    assert_eq!(generate(&mut machine, Input::Tokens(vec![70, 71])).unwrap(), Vec::<String>::new());

    let score = |prompt: &str, completion: &str| ModelRequest::Score {
        input: Input::Prompt(prompt.to_owned()),
        completion: completion.to_owned(),
        date: None,
    };
    for (request, wanted) in [
        (score(lost, "b"), &["the prompt"][..]),
        (score("a", lost), &["the completion"]),
        (score(lost, lost), &["the prompt", "the completion"]),
        (score("a", "b"), &[]),
    ] {
        let Ok(Answer::Scored(scored)) = run(&mut machine, request, &TestHost::default()) else { panic!() };
        assert_eq!(scored.problems.len(), wanted.len(), "{:?}", scored.problems);
        assert!(
            scored.problems.iter().zip(wanted).all(|(told, of)| is_told(told, of)),
            "{:?}",
            scored.problems
        );
    }

    let embed = |machine: &mut Machine, texts: Vec<String>| {
        let request = ModelRequest::Embed(EmbedRequest { texts, ..EmbedRequest::default() });
        match run(machine, request, &TestHost::default()).unwrap() {
            Answer::Vectors(vectors, problems) => (vectors.len(), problems),
            other => panic!("{other:?}"),
        }
    };
    let (n, problems) = embed(&mut machine, vec!["a".into(), lost.into(), "b".into(), lost.into()]);
    assert!(n == 4 && matches!(&problems[..], [told] if is_told(told, "texts 2 and 4")), "{problems:?}");
    let (_, problems) = embed(&mut machine, vec![lost.to_owned(); 20]);
    assert!(is_told(&problems[0], "texts 1, 2, 3, 4, 5, 6, 7, 8 and 12 more"), "{problems:?}");
}
