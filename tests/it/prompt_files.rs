//! The prompt files of the first hour: what people have, how many prompts come of it, and which problems are named.

use concord::data::{DataError, Language, ProblemKind, Prompt, PromptSet, TaskKind, read_prompts};

fn read(file: impl AsRef<[u8]>) -> PromptSet {
    let set = read_prompts(file.as_ref(), &Language::from("en"));
    set.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(file.as_ref())))
}

fn refusal(file: impl AsRef<[u8]>) -> String {
    read_prompts(file.as_ref(), &Language::from("en")).unwrap_err().to_string()
}

/// Row and kind of each problem.
fn problems(set: &PromptSet) -> Vec<(u32, ProblemKind)> {
    set.problems.iter().map(|problem| (problem.row, problem.kind)).collect()
}

/// Ids and languages of the prompts, and their answers.
fn shape(set: &PromptSet) -> Vec<String> {
    let line = |prompt: &Prompt| {
        let languages: Vec<&str> = prompt.text.keys().map(Language::as_str).collect();
        format!("{} {} {}", prompt.id, languages.join("+"), prompt.answer.as_deref().unwrap_or("-"))
    };
    set.prompts.iter().map(line).collect()
}

const CSV: &str = "id,answer,en,de\n1,12,\"She has 12 apples, and eats none.\nHow many?\",\"Sie hat 12 Äpfel, isst keinen.\nWie viele?\"\n2,3,Three?,Drei?\n";

#[test]
fn tables_in_every_encoding_and_separator() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let semicolons = "id;answer;en;de\r\n1;12;\"She has 12 apples, and eats none.\r\nHow many?\";\"Sie hat 12 Äpfel; isst keinen.\"\r\n2;3;Three?;Drei?\r\n";
    let tabs =
        "id\tanswer\ten\tde\n1\t12\t\"No,\" she said, 12.\t\"Nein\", sagte sie, 12.\n2\t3\tThree?\tDrei?\n";
    let quoted_tabs = "id\tanswer\ten\tde\n1\t12\t\"She has\t12\napples.\"\t\"Sie hat 12 \"\"Äpfel\"\".\"\n2\t3\tThree?\tDrei?";
    for file in [
        CSV.as_bytes().to_vec(),
        format!("\u{feff}{CSV}").into_bytes(),
        CSV.replace('\n', "\r\n").into_bytes(),
        utf16(CSV, u16::to_le_bytes),
        utf16(CSV, u16::to_be_bytes),
        semicolons.as_bytes().to_vec(),
        tabs.as_bytes().to_vec(),
        quoted_tabs.as_bytes().to_vec(),
        utf16(tabs, u16::to_le_bytes),
    ] {
        let set = read(&file);
        assert_eq!(shape(&set), ["1 de+en 12", "2 de+en 3"], "{}", String::from_utf8_lossy(&file));
        assert_eq!(problems(&set), []);
    }
    assert_eq!(read(CSV).prompts[0].text[&"en".into()], "She has 12 apples, and eats none.\nHow many?");
    assert_eq!(read(tabs).prompts[0].text[&"de".into()], "\"Nein\", sagte sie, 12.");
    assert_eq!(read(quoted_tabs).prompts[0].text[&"de".into()], "Sie hat 12 \"Äpfel\".");
    assert_eq!(read(quoted_tabs).prompts[0].text[&"en".into()], "She has\t12\napples.");
}

#[test]
fn json_in_every_shape() {
    let rows = r#"{"id":"a","answer":7,"en":"Seven?","de":"Sieben?"},{"id":"b","answer":"8","en":"Eight?","de":"Acht?"}"#;
    let lines = rows.replace("},{", "}\n{");
    let viewer = format!(r#"{{"features":[{{"name":"en"}}],"rows":[{}],"num_rows_total":2}}"#, {
        let wrapped: Vec<String> = lines
            .lines()
            .enumerate()
            .map(|(i, row)| format!(r#"{{"row_idx":{i},"row":{row},"truncated_cells":[]}}"#))
            .collect();
        wrapped.join(",")
    });
    for file in [
        format!("[{rows}]"),
        format!("\u{feff}[{rows}]"),
        lines.clone(),
        lines.replace('\n', "\r\n\r\n") + "\n",
        format!(r#"{{"version":"1","data":[{rows}]}}"#),
        format!(r#"{{"prompts":[{rows}]}}"#),
        format!(r#"{{"myset":[{rows}],"tags":["x"]}}"#),
        viewer,
        r#"{"id":{"0":"a","1":"b"},"answer":{"0":7,"1":8},"en":{"0":"Seven?","1":"Eight?"},"de":{"0":"Sieben?","1":"Acht?"}}"#.to_owned(),
        r#"{"columns":["id","answer","en","de"],"index":[0,1],"data":[["a",7,"Seven?","Sieben?"],["b",8,"Eight?","Acht?"]]}"#.to_owned(),
        r#"[{"id":"a","answer":7,"translation":{"en":"Seven?","de":"Sieben?"}},{"id":"b","answer":8,"translation":{"en":"Eight?","de":"Acht?","sw":null}}]"#.to_owned(),
        r#"[{"id":"a","answer":7,"language":"English","question":"Seven?"},{"id":"a","language":"deu_Latn","question":"Sieben?"},
            {"id":"b","answer":"8","language":"en","question":"Eight?"},{"id":"b","language":"de","question":"Acht?"}]"#
            .to_owned(),
    ] {
        let set = read(&file);
        assert_eq!(shape(&set), ["a de+en 7", "b de+en 8"], "{file}");
        assert_eq!(problems(&set), [], "{file}");
    }
}

#[test]
fn columns_by_any_spelling_and_the_usual_names() {
    for (header, languages) in [
        ("prompt_id,gold,English,German", "de+en"),
        ("uid,label,eng_Latn,swh_Latn", "en+sw"),
        ("index,target,EN,pt_BR", "en+pt-BR"),
        ("question_id,answer_number,question_en,question_zh-CN", "en+zh-Hans"),
        ("key,final_answer,en_text,iw_text", "en+he"),
        ("_id,gold_answer,text (English),text (Bengali)", "bn+en"),
        ("idx,answer,英語,中文", "zh-Hans"),
        ("prompt_id,answer,en,id", "en+id"),
        ("id,answer,question_en,question_id", "en+id"),
    ] {
        let file = format!("{header}\n7,3,How many apples are there?,Wie viele Äpfel sind da?\n");
        if languages.contains('+') {
            assert_eq!(shape(&read(&file)), [format!("7 {languages} 3")], "{header}");
        } else {
            assert!(refusal(&file).contains("none of the 1 rows"), "{header}");
        }
    }
    let set = read("id,answer,eng_Latn,German\n1,2,x y z,a b c\n");
    assert_eq!(
        (set.spellings.of(&"en".into()), set.spellings.of(&"de".into())),
        (Some("eng_Latn"), Some("German"))
    );
    let set = read("id,answer,question,sw,de\n1,GSM8K says: 3+4=7 #### 7,Seven?,Saba?,Sieben?\n");
    assert_eq!(
        (shape(&set), problems(&set)),
        (vec!["1 de+en+sw 7".to_owned()], vec![(0, ProblemKind::TakenForAnchor)])
    );
}

#[test]
fn missing_texts_ids_and_columns_that_say_nothing() {
    use ProblemKind::*;
    for (file, wanted, problems_wanted) in [
        (
            "en,de,sw\nOne?,Eins?,\n,Zwei?,Mbili?\nThree?,,\n",
            vec!["row-1 de+en -", "row-2 de+sw -"],
            vec![(0, MissingId), (2, MissingAnchor), (3, OneLanguage)],
        ),
        ("id,en,de\n1,One?,Eins?\n1,Two?,Zwei?\n", vec!["1 de+en -"], vec![(2, DuplicateId)]),
        ("id,en,de,notes\n1,One?,Eins?,easy\n", vec!["1 de+en -"], vec![(0, IgnoredColumn)]),
        ("id,en,de,deu\n1,One?,Eins?,Eins!\n", vec!["1 de+en -"], vec![(0, SameLanguage)]),
        ("id,en,de,no\n1,One?,Eins?,1\n", vec!["1 de+en -"], vec![(0, IgnoredColumn)]),
        (
            "id,en,de\n1,One?,Eins?\n2,Two, or not?,Zwei?\n3,Three?\n4,Four?,Vier?\n",
            vec!["1 de+en -", "4 de+en -"],
            vec![(2, BadRow), (3, BadRow), (3, OneLanguage)],
        ),
        ("id,en,de\n1,One?,\"Eins\n2,Two?,Zwei?\n", vec!["1 de+en -"], vec![(0, BadRow)]),
        (
            "{\"id\":1,\"en\":\"One?\",\"de\":\"Eins?\"}\n{\"id\":2,\n{\"id\":3,\"en\":\"Two?\",\"de\":null}\n",
            vec!["1 de+en -"],
            vec![(2, BadRow), (3, OneLanguage)],
        ),
        (
            "id,language,text\n1,en,One?\n1,de,Eins?\n1,German,Eins!\n,de,Zwei?\n",
            vec!["1 de+en -"],
            vec![(3, SameLanguage), (4, MissingId)],
        ),
        ("id,task,en,de\n1,gsm8k,One?,Eins?\n", vec!["1 de+en -"], vec![(0, IgnoredColumn)]),
    ] {
        let set = read(file);
        assert_eq!(shape(&set), wanted, "{file}");
        let mut found = problems(&set);
        found.sort_by_key(|(row, _)| *row);
        assert_eq!(found, problems_wanted, "{file}");
        assert!(
            set.problems.iter().all(|problem| !problem.reason.is_empty() && !problem.fix.is_empty()),
            "{file}"
        );
    }
    let set = read("id,en,de,notes,level\n1,One?,Eins?,easy,A1\n");
    assert!(set.problems[0].reason.contains("\"level\", \"notes\""), "{}", set.problems[0].reason);
}

#[test]
fn refusals_say_what_the_file_is_and_what_would_be_read() {
    for (file, wanted) in [
        ("<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML page"),
        ("PK\u{3}\u{4}\u{14}\0\0\0 prompts.csv", "a zip archive"),
        ("GGUF\u{3}\0\0\0", "a GGUF model"),
        ("%PDF-1.7\n", "a PDF document"),
        ("", "empty"),
        ("  \n", "empty"),
        ("[]", "an empty list"),
        ("id,en,de\n", "a table without rows"),
        ("Just some prose.\nAnd more of it.", "text in one column"),
        ("{\"id\": 1, \"en\": \"x", "JSON that is not complete"),
        ("{\"a\": 1}", "its keys: a"),
        ("3", "text in one column"),
        ("[1, 2]", "something else than prompts"),
        ("{\"schema\":\"concord-session/1\",\"prompts\":[]}", "a Concord session"),
        ("question\tanswer\nHow many are there?\t3\n", "one language alone"),
        ("How many are there?\t3\nAnd now, how many?\t4\n", "no column is a language"),
        ("{\"inputs\":\"How?\",\"targets\":\"So.\",\"language\":\"Yoruba\"}\n", "no id that says which"),
    ] {
        let message = refusal(file);
        assert!(message.contains(wanted), "{file}: {message}");
        assert!(message.contains("CSV and TSV, in UTF-8"), "{file}: {message}");
    }
    let none = read_prompts(b"id,en,de\n1,One?,\n", &Language::from("en")).unwrap_err();
    assert!(matches!(none, DataError::NoPrompts { n_rows: 1, row: 1, .. }), "{none}");
    let utf16: Vec<u8> = CSV.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(refusal(utf16).contains("UTF-16 without a byte-order mark"));
}

#[test]
fn long_prompts_are_read_whole() {
    let (en, de) = ("word ".repeat(30_000), "Wort ".repeat(30_000));
    let set = read(format!("id,en,de\n1,\"{en}\",\"{de}\"\n"));
    assert_eq!((set.prompts[0].text[&"en".into()].len(), problems(&set)), (en.len(), vec![]));
}

#[test]
fn the_starter_prompts_are_clean() {
    let set = read(include_str!("../../static/starter-prompts.json"));
    assert_eq!(set.problems, []);
    assert!(set.prompts.len() >= 8);
    let is_math = |prompt: &Prompt| prompt.task == TaskKind::Math;
    assert!(set.prompts.iter().all(|prompt| prompt.text.len() == 8));
    assert!(set.prompts.iter().all(|prompt| prompt.answer.is_some() == is_math(prompt)));
    assert_eq!(set.prompts.iter().filter(|prompt| !is_math(prompt)).count(), 1, "one is a picture");
}
