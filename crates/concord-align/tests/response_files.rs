//! Responses in the shapes in which programs write them: how each is read, which prompts they go to, and what is told of.

use concord_align::data::{
    FinishReason, ImportedResponses, Language, Mapping, ProblemKind, Prompt, ResponseJoin, ResponseMapping,
    ResponseShape, SessionConfig, SourceFile, archive, check_session, import, import_responses, read_session,
    session_of, write_session,
};

fn file(name: &str, text: impl AsRef<[u8]>) -> SourceFile {
    SourceFile::new(name, text.as_ref())
}

/// Two prompts in English, German and Swahili.
fn prompts() -> Vec<Prompt> {
    let csv = "id,answer,en,de,sw\na,7,How much is 3 + 4?,Wie viel ist 3 + 4?,3 + 4 ni ngapi?\nb,8,How much is 3 + 5?,Wie viel ist 3 + 5?,3 + 5 ni ngapi?\n";
    let read = import(vec![file("p.csv", csv)], &Mapping::default(), &Language::from("en"));
    assert_eq!(read.prompts.len(), 2);
    read.prompts
}

fn read(files: Vec<SourceFile>, prompts: &[Prompt]) -> ImportedResponses {
    import_responses(files, &ResponseMapping::default(), prompts, &Language::from("en"))
}

/// Prompt, language, number, model and text of each response.
fn shape(read: &ImportedResponses) -> Vec<String> {
    assert_eq!(read.refusal, None, "{:?}", read.problems);
    let is_id = |prompt: &Prompt| prompt.text.contains_key(&Language::from("id"));
    assert!(!read.prompts.iter().any(is_id), "a column of ids is no Indonesian: {:?}", read.prompts);
    let line = |r: &concord_align::data::Response| {
        let model = r.model.as_deref().unwrap_or("-");
        format!("{} {} {} {model}: {}", r.prompt_id, r.language.as_str(), r.sample, r.text)
    };
    read.responses.iter().map(line).collect()
}

fn lost(read: &ImportedResponses) -> Vec<(String, ProblemKind)> {
    let left_out = read.problems.iter().filter(|found| found.problem.left_out);
    left_out.map(|found| (found.place(), found.problem.kind)).collect()
}

const FOUR: [&str; 4] = ["a de 0 m: Sieben", "a sw 0 m: Saba", "b de 0 m: Acht", "b sw 0 m: Nane"];

#[test]
fn a_column_of_questions_in_indonesian_is_told_from_one_of_ids() {
    let row = |id: &str| {
        format!(
            "question_en,question_id,question_sw,language,model,response\nHow much is 3 + 4 apples?,{id},3 + 4 ni matufaha mangapi?,sw,m,Saba\n"
        )
    };
    let read = |text: String| read(vec![file("m.csv", text)], &[]);
    let texts = read(row("Berapa 3 + 4 buah apel?"));
    assert_eq!((texts.refusal, texts.mapping.id.as_deref()), (None, Some("")));
    let questions: Vec<&str> = texts.prompts[0].text.keys().map(Language::as_str).collect();
    assert_eq!(questions, ["en", "id", "sw"]);
    for id in ["q17", "train 7"] {
        let ids = read(row(id));
        assert_eq!((ids.mapping.id.as_deref(), ids.prompts[0].id.as_str()), (Some("question_id"), id));
        assert!(!ids.prompts[0].text.contains_key(&Language::from("id")));
    }
}

#[test]
fn the_same_four_responses_in_every_shape() {
    use ResponseJoin::{Id, Order, Text};
    use ResponseShape::{Rows, Wide};
    let zip = |files: &[(&str, &[u8])]| archive::write(files).unwrap();
    let (de, sw) = ("id,response\na,Sieben\nb,Acht\n", "id,response\na,Saba\nb,Nane\n");
    for (files, kind, join) in [
        (
            vec![file(
                "long.csv",
                "prompt_id,language,model,response\na,de,m,Sieben\na,sw,m,Saba\nb,German,m,Acht\nb,swh,m,Nane\n",
            )],
            Rows,
            Id,
        ),
        (vec![file("m.csv", "id,de,sw\na,Sieben,Saba\nb,Acht,Nane\n")], Wide, Id),
        (
            vec![file("m.csv", "\u{feff}id;response_de;response_sw\r\na;Sieben;Saba\r\nb;Acht;Nane\r\n")],
            Wide,
            Id,
        ),
        (
            vec![file(
                "m.tsv",
                "question\tAnswer (German)\tAnswer (Swahili)\nHow much is 3 + 4?\tSieben\tSaba\nHow much is 3 + 5?\tAcht\tNane\n",
            )],
            Wide,
            Text,
        ),
        (vec![file("m_de.csv", de), file("m_sw.csv", sw)], Rows, Id),
        (
            vec![file("x.zip", zip(&[("out/m_de.csv", de.as_bytes()), ("out/m_sw.csv", sw.as_bytes())]))],
            Rows,
            Id,
        ),
        (
            vec![
                file("m_de.jsonl", "{\"generated_text\":\"Sieben\"}\n{\"generated_text\":\"Acht\"}\n"),
                file("m_sw.jsonl", "{\"generated_text\":\"Saba\"}\n{\"generated_text\":\"Nane\"}\n"),
            ],
            Rows,
            Order,
        ),
        // The language is that of the prompt's text.
        (
            vec![file(
                "m.jsonl",
                "{\"prompt\":\"Wie viel ist 3 + 4?\",\"completion\":\"Sieben\"}\n{\"prompt\":\" 3 + 4 ni  ngapi? \",\"completion\":\"Saba\"}\n{\"prompt\":\"Wie viel ist 3 + 5?\",\"completion\":\"Acht\"}\n{\"prompt\":\"3 + 5 ni ngapi?\",\"completion\":\"Nane\"}\n",
            )],
            Rows,
            Text,
        ),
        // Chats, as a list of messages that ends with the response.
        (
            vec![file(
                "chats.json",
                r#"[{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"Wie viel ist 3 + 4?"},{"role":"assistant","content":"Sieben"}]},
                {"model":"m","messages":[{"role":"user","content":"3 + 4 ni ngapi?"},{"role":"assistant","content":"Saba"}]},
                {"model":"m","messages":[{"role":"user","content":"Wie viel ist 3 + 5?"},{"role":"assistant","content":"Acht"}]},
                {"model":"m","messages":[{"role":"user","content":"3 + 5 ni ngapi?"},{"role":"assistant","content":"Nane"}]}]"#,
            )],
            Rows,
            Text,
        ),
        // A session's own responses.
        (
            vec![file(
                "own.json",
                r#"{"responses":[{"promptId":"a","language":"de","sample":0,"text":"Sieben","tokens":[1],"model":"m"},{"promptId":"a","language":"sw","sample":0,"text":"Saba","model":"m"},
                {"promptId":"b","language":"de","sample":0,"text":"Acht","model":"m"},{"promptId":"b","language":"sw","sample":0,"text":"Nane","model":"m"}]}"#,
            )],
            Rows,
            Id,
        ),
        // What OpenAI's batches, and vLLM's, write.
        (
            vec![
                file("m_de_output.jsonl", batch(&[("a", "Sieben"), ("b", "Acht")])),
                file("m_sw_output.jsonl", batch(&[("a", "Saba"), ("b", "Nane")])),
            ],
            Rows,
            Id,
        ),
    ] {
        let name = files[0].name.clone();
        let found = read(files, &prompts());
        assert_eq!(shape(&found), FOUR, "{name}");
        assert_eq!(lost(&found), [], "{name}");
        assert_eq!((found.mapping.kind, found.mapping.join), (Some(kind), Some(join)), "{name}");
        opens(found);
    }
}

fn batch(rows: &[(&str, &str)]) -> String {
    let line = |(id, text): &(&str, &str)| {
        format!(
            "{{\"id\":\"batch_req_1{id}\",\"custom_id\":\"{id}\",\"response\":{{\"status_code\":200,\"request_id\":\"r\",\"body\":{{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{{\"index\":0,\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}},\"logprobs\":null,\"finish_reason\":\"stop\"}}],\"usage\":{{\"total_tokens\":9}}}}}},\"error\":null}}\n"
        )
    };
    rows.iter().map(line).collect()
}

/// The session opens as one that was saved does.
fn opens(found: ImportedResponses) {
    let (n, n_pairs) = (found.responses.len(), found.pairs.len());
    let session = session_of(found, SessionConfig::default(), "2026-11-27T09:00:00Z".to_owned());
    assert_eq!(check_session(&session), []);
    assert_eq!((session.responses.len(), session.pairs.len(), session.events.len()), (n, n_pairs, 0));
    let written = write_session(&session).ok();
    assert_eq!(written.and_then(|written| read_session(&written).ok()), Some(session));
}

#[test]
fn several_responses_to_a_prompt() {
    for (name, text) in [
        // datasets: a list in a column; distilabel: one with the models beside it.
        ("m_de.jsonl", r#"{"id":"a","responses":["Sieben","Acht"]}"#),
        (
            "de.jsonl",
            r#"{"instruction":"Wie viel ist 3 + 4?","generations":["Sieben","Acht"],"generation_models":["m","m"],"ratings":[5,1]}"#,
        ),
        // UltraFeedback.
        (
            "de.jsonl",
            r#"{"instruction":"Wie viel ist 3 + 4?","completions":[{"model":"m","response":"Sieben","overall_score":8},{"model":"m","response":"Acht","overall_score":2}]}"#,
        ),
        // vLLM's outputs, and the completions of a server.
        (
            "m_de.jsonl",
            r#"{"prompt":"Wie viel ist 3 + 4?","outputs":[{"index":0,"text":"Sieben","finish_reason":"stop"},{"index":1,"text":"Acht","finish_reason":"stop"}]}"#,
        ),
        (
            "de.json",
            r#"[{"custom_id":"a","response":{"body":{"model":"m","choices":[{"index":0,"text":"Sieben"},{"index":1,"text":"Acht"}]}}}]"#,
        ),
        ("m_de.csv", "id,response_1,response_2\na,Sieben,Acht\n"),
        ("de.csv", "id,response_a,response_b,model_a,model_b\na,Sieben,Acht,m,m\n"),
        ("m_de.csv", "id,response\na,Sieben\na,Acht\n"),
        ("m_de.csv", "id,sample,response\na,1,Acht\na,0,Sieben\n"),
        ("m_de.csv", "id,sample,response\na,1,Sieben\na,2,Acht\n"),
        ("m_de.csv", "id,responses\na,\"[\"\"Sieben\"\", \"\"Acht\"\"]\"\n"),
    ] {
        let found = read(vec![file(name, text)], &prompts());
        assert_eq!(shape(&found), ["a de 0 m: Sieben", "a de 1 m: Acht"], "{text}");
        assert_eq!(lost(&found), [], "{text}");
        opens(found);
    }
}

#[test]
fn lists_that_python_printed_are_told_of() {
    let csv = "id,responses\na,\"['Sieben', 'Acht']\"\nb,['Neun']\n";
    let found = read(vec![file("m_de.csv", csv)], &prompts());
    assert_eq!(shape(&found), ["a de 0 m: ['Sieben', 'Acht']", "b de 0 m: ['Neun']"]);
    let place = found
        .problems
        .iter()
        .find(|found| found.problem.kind == ProblemKind::BadRow)
        .map(|found| found.place());
    assert_eq!(place.as_deref(), Some("the file, column \"responses\""));
}

#[test]
fn samples_of_lm_eval() {
    let line = |doc: u32, question: &str, text: &str, filter: &str| {
        format!(
            "{{\"doc_id\":{doc},\"doc\":{{\"question\":\"{question}\",\"answer_number\":7}},\"target\":\"7\",\"arguments\":{{\"gen_args_0\":{{\"arg_0\":\"Frage: {question}\"}}}},\"resps\":[[\"{text}\"]],\"filtered_resps\":[\"7\"],\"filter\":\"{filter}\",\"exact_match\":1.0,\"doc_hash\":\"x\"}}\n"
        )
    };
    let of = |filter| {
        line(0, "Wie viel ist 3 + 4?", "Sieben", filter) + &line(1, "Wie viel ist 3 + 5?", "Acht", filter)
    };
    let name = "meta__Llama-3/samples_mgsm_direct_de_2026-11-27.jsonl";
    let found = read(vec![file(name, of("strict-match") + &of("flexible-extract"))], &prompts());
    assert_eq!(shape(&found), ["a de 0 meta/Llama-3: Sieben", "b de 0 meta/Llama-3: Acht"]);
    assert_eq!((lost(&found), found.mapping.join), (Vec::new(), Some(ResponseJoin::Text)));
    // Without prompts those of the file, with their gold answers.
    let alone = read(vec![file(name, of("none"))], &[]);
    assert_eq!(shape(&alone), ["0 de 0 meta/Llama-3: Sieben", "1 de 0 meta/Llama-3: Acht"]);
    assert_eq!(alone.prompts[0].text[&Language::from("de")], "Wie viel ist 3 + 4?");
    assert_eq!(alone.prompts[0].answer.as_deref(), Some("7"));
    opens(alone);
}

#[test]
fn pairs_are_two_responses_each() {
    for (name, text) in [
        (
            "trl.jsonl",
            r#"{"prompt":[{"role":"user","content":"How much is 3 + 4?"}],"chosen":[{"role":"assistant","content":"Seven"}],"rejected":[{"role":"assistant","content":"Eight"}]}"#,
        ),
        (
            "implicit.jsonl",
            r#"{"chosen":[{"role":"user","content":"How much is 3 + 4?"},{"role":"assistant","content":"Seven"}],"rejected":[{"role":"user","content":"How much is 3 + 4?"},{"role":"assistant","content":"Eight"}]}"#,
        ),
        ("plain.jsonl", r#"{"prompt":"How much is 3 + 4?","chosen":"Seven","rejected":"Eight"}"#),
        (
            "uf.jsonl",
            r#"{"prompt":"How much is 3 + 4?","prompt_id":"f0e1","chosen":[{"role":"user","content":"How much is 3 + 4?"},{"role":"assistant","content":"Seven"}],"rejected":[{"role":"user","content":"How much is 3 + 4?"},{"role":"assistant","content":"Eight"}],"score_chosen":8.5}"#,
        ),
        (
            "factory.json",
            r#"[{"conversations":[{"from":"human","value":"How much is 3 + 4?"}],"chosen":{"from":"gpt","value":"Seven"},"rejected":{"from":"gpt","value":"Eight"}}]"#,
        ),
        ("pairs.csv", "prompt,chosen,rejected\nHow much is 3 + 4?,Seven,Eight\n"),
    ] {
        for given in [prompts(), Vec::new()] {
            let found = read(vec![file(name, text)], &given);
            assert_eq!(found.mapping.kind, Some(ResponseShape::Pairs), "{name}");
            let texts: Vec<String> =
                shape(&found).iter().map(|line| line.split(": ").nth(1).unwrap().to_owned()).collect();
            assert_eq!(texts, ["Seven", "Eight"], "{name} {given:?}");
            assert_eq!(lost(&found), [], "{name}");
            assert_eq!(found.prompts.len(), if given.is_empty() { 1 } else { 2 });
            opens(found);
        }
    }
}

#[test]
fn a_file_for_each_model_and_language() {
    let files = |names: &[&str]| names.iter().map(|name| file(name, "id,output\na,1\nb,2\n")).collect();
    let found = read(
        files(&["gemma-2-9b-it_de.csv", "gemma-2-9b-it_sw.csv", "qwen_de.csv", "qwen_sw.csv"]),
        &prompts(),
    );
    let lines = shape(&found);
    assert_eq!(lines[..3], ["a de 0 gemma-2-9b-it: 1", "a de 1 qwen: 1", "a sw 0 gemma-2-9b-it: 1"]);
    assert_eq!((lines.len(), lost(&found)), (8, Vec::new()));
    let session = session_of(found, SessionConfig::default(), String::new());
    assert_eq!(session.model.name, "gemma-2-9b-it, qwen");
    // Nothing was answered in English.
    assert_eq!((session.config.anchor.as_str(), session.config.n), ("de", 2));
    // The end of a model's name is no language: nothing says one here.
    let found = read(files(&["gemma-2-9b-it.csv"]), &prompts());
    assert_eq!(shape(&found), ["a en 0 gemma-2-9b-it: 1", "b en 0 gemma-2-9b-it: 2"]);
    assert!(found.problems.iter().any(|found| found.problem.kind == ProblemKind::TakenForAnchor));
}

#[test]
fn prompts_are_made_of_the_files_where_none_are_given() {
    let (en, de) = (
        "question,response\nOne?,1\nOne?,eins\nTwo?,2\n",
        "question,response\nEins?,1\nZwei?,2\nZwei?,zwei\n",
    );
    let found = read(vec![file("m_en.csv", en), file("m_de.csv", de)], &[]);
    assert_eq!(found.mapping.join, Some(ResponseJoin::Order));
    let texts: Vec<_> = found.prompts.iter().map(|p| p.text.values().cloned().collect::<Vec<_>>()).collect();
    assert_eq!(texts, [["Eins?", "One?"], ["Zwei?", "Two?"]]);
    assert_eq!(found.responses.len(), 6);
    opens(found);
    let wide = "id,question_en,question_de,response_en,response_de\na,One?,Eins?,1,eins\n";
    let found = read(vec![file("m.csv", wide)], &[]);
    assert_eq!(shape(&found), ["a de 0 m: eins", "a en 0 m: 1"]);
    opens(found);
    let found = read(vec![file("m_en.csv", "id,response\na,1\n")], &[]);
    assert!(found.refusal.unwrap().contains("open the prompts first"));
}

#[test]
fn what_cannot_be_joined_is_told_of() {
    use ProblemKind::{BadLanguage, DuplicateId, EmptyText, MissingRecord, NotAPrompt};
    let csv = "id,language,sample,response\na,de,0,Sieben\nzz,de,0,Neun\na,de,0,Acht\nb,fr,0,Huit\nb,de,0, \nb,!!,0,?\nb,sw,0,Nane\n";
    let found = read(vec![file("m.csv", csv)], &prompts());
    assert_eq!(shape(&found), ["a de 0 m: Sieben", "b sw 0 m: Nane"]);
    assert_eq!(
        lost(&found),
        [
            ("row 5, column \"response\"".to_owned(), EmptyText),
            ("row 6, column \"response\"".to_owned(), BadLanguage),
            ("row 2".to_owned(), MissingRecord),
            ("row 3 (a), column \"response\" (de)".to_owned(), DuplicateId),
            ("row 4 (b), column \"response\" (fr)".to_owned(), MissingRecord),
        ]
    );
    let chat = r#"{"model":"m","messages":[{"role":"user","content":"How much is 3 + 4?"},{"role":"assistant","content":"7"},{"role":"user","content":"Sure?"},{"role":"assistant","content":"Yes"}]}
{"model":"m","messages":[{"role":"user","content":"How much is 3 + 4?"},{"role":"assistant","content":"7"}]}"#;
    let found = read(vec![file("chat.jsonl", chat)], &prompts());
    assert_eq!((shape(&found).len(), lost(&found)[0].1), (1, NotAPrompt));
}

#[test]
fn files_without_responses_are_refused_in_words() {
    let refusal = |files, prompts: &[Prompt]| read(files, prompts).refusal.unwrap_or_default();
    for (files, wanted) in [
        (vec![file("x.png", b"\x89PNG\r\n")], "an image (PNG), so it holds no responses"),
        (vec![file("x.json", "[]")], "an empty list, not responses"),
        (vec![file("x.csv", "id,score\na,1\n")], "no column holds responses (the columns are: id, score)"),
        (
            vec![file("x.csv", "id,response\n0,1\n1,2\n2,3\n")],
            "x.csv has responses to 3 in en where 2 are open",
        ),
        // As many rows as prompts, but of other ones.
        (vec![file("x.csv", "id,response\nq,1\nr,2\n")], "no prompt has the id \"q\""),
        (
            vec![file("x.csv", "prompt,response\nWho?,1\nWhat?,2\n")],
            "no prompt has the text of this row's prompt",
        ),
        (vec![file("x.csv", "id,language,response\na,fr,1\n")], "no response can be used; x.csv, row 1 (a)"),
    ] {
        let said = refusal(files, &prompts());
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn reasoning_is_kept_apart_and_ends_are_known() {
    let lines = r#"{"id":"a","response":"<think>3 + 4</think>7","finish_reason":"length"}
{"id":"b","response":{"choices":[{"message":{"role":"assistant","content":"8","reasoning_content":"3 + 5"}}]}}"#;
    let found = read(vec![file("m_de.jsonl", lines)], &prompts());
    assert_eq!(shape(&found), ["a de 0 m: 7", "b de 0 m: 8"]);
    let reasoning: Vec<_> = found.responses.iter().map(|r| r.reasoning.as_deref()).collect();
    assert_eq!(reasoning, [Some("3 + 4"), Some("3 + 5")]);
    assert_eq!(found.responses[0].finish_reason, FinishReason::Length);
}

#[test]
fn a_mapping_that_is_given_is_kept() {
    let mapping: ResponseMapping = serde_json::from_str(
        r#"{"kind":"rows","response":"x","id":"y","language":"z","files":[{"file":"f.csv","language":"de"}],"models":[{"file":"f.csv","model":"mine"}]}"#,
    )
    .unwrap();
    let csv = "x,y,z,response\nSieben,a,,no\nSaba,a,sw,no\n";
    let found = import_responses(vec![file("f.csv", csv)], &mapping, &prompts(), &Language::from("en"));
    assert_eq!(shape(&found), ["a de 0 mine: Sieben", "a sw 0 mine: Saba"]);
    assert!(serde_json::from_str::<ResponseMapping>(r#"{"colour":"red"}"#).is_err());
    let again = serde_json::from_str(&serde_json::to_string(&found).unwrap()).unwrap();
    assert_eq!(found, again);
}
