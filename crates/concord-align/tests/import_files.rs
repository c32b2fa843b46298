//! Prompt sets in the shapes that people have: how each is read, how many prompts come of it, and which problems are named.

use concord_align::data::{
    ImportProblem, Imported, Join, Language, Mapping, Parallel, ProblemKind, Shape, SourceFile, archive,
    import,
};

fn file(name: &str, text: impl AsRef<[u8]>) -> SourceFile {
    SourceFile::new(name, text.as_ref())
}

fn read(files: Vec<SourceFile>) -> Imported {
    import(files, &Mapping::default(), &Language::from("en"))
}

/// Ids and languages of the prompts, and their answers.
fn shape(imported: &Imported) -> Vec<String> {
    let line = |prompt: &concord_align::data::Prompt| {
        let languages: Vec<&str> = prompt.text.keys().map(Language::as_str).collect();
        format!("{} {} {}", prompt.id, languages.join("+"), prompt.answer.as_deref().unwrap_or("-"))
    };
    imported.prompts.iter().map(line).collect()
}

fn kinds(imported: &Imported) -> Vec<(String, ProblemKind)> {
    imported.problems.iter().map(|found| (found.place(), found.problem.kind)).collect()
}

fn how(imported: &Imported) -> (Option<Shape>, Option<Join>) {
    (imported.mapping.kind, imported.mapping.join)
}

/// A file of one language without a header, quotation marks as they are: question and answer.
fn per_language(name: &str, question: &str, n: usize) -> SourceFile {
    let line = |at: usize| format!("\"{question}\" {at} + {}?\t{}\n", 2 * at, 3 * at);
    file(name, (1..=n).map(line).collect::<String>())
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of files")]
fn two_prompts_in_every_shape() {
    let wide = "id,answer,en,de\na,7,Seven?,Sieben?\nb,8,Eight?,Acht?\n";
    let zip = |files: &[(&str, &[u8])]| archive::write(files).unwrap();
    let (en, de) = ("id,question\na,Seven?\nb,Eight?\n", "id,question,answer\na,Sieben?,7\nb,Acht?,8\n");
    for (files, shape_wanted, join) in [
        (vec![file("a.csv", wide)], Shape::Wide, Join::Row),
        (vec![file("bom.csv", format!("\u{feff}{wide}"))], Shape::Wide, Join::Row),
        (
            vec![file("excel.csv", format!("sep=;\r\n{}", wide.replace(',', ";").replace('\n', "\r\n")))],
            Shape::Wide,
            Join::Row,
        ),
        (vec![file("a.tsv", wide.replace(',', "\t"))], Shape::Wide, Join::Row),
        (vec![file("bars.txt", wide.replace(',', "|"))], Shape::Wide, Join::Row),
        (
            vec![file(
                "lines.json",
                "{\"id\":\"a\",\"answer\":7,\"en\":\"Seven?\",\"de\":\"Sieben?\"}\n{\"id\":\"b\",\"answer\":8,\"en\":\"Eight?\",\"de\":\"Acht?\"}\n",
            )],
            Shape::Wide,
            Join::Row,
        ),
        (
            vec![file(
                "deep.json",
                r#"{"meta":{"n":2},"data":{"rows":[{"id":"a","answer":7,"en":"Seven?","de":"Sieben?"},{"id":"b","answer":8,"en":"Eight?","de":"Acht?"}]}}"#,
            )],
            Shape::Wide,
            Join::Row,
        ),
        (
            vec![file(
                "server.json",
                r#"{"rows":[{"row_idx":0,"row":{"id":"a","answer":"7","en":"Seven?","de":"Sieben?"},"truncated_cells":[]},{"row_idx":1,"row":{"id":"b","answer":"8","en":"Eight?","de":"Acht?"},"truncated_cells":[]}]}"#,
            )],
            Shape::Wide,
            Join::Row,
        ),
        (
            vec![file(
                "nested.jsonl",
                "{\"id\":\"a\",\"target\":7,\"translation\":{\"en\":\"Seven?\",\"de\":\"Sieben?\"}}\n{\"id\":\"b\",\"target\":8,\"translation\":{\"en\":\"Eight?\",\"de\":\"Acht?\"}}\n",
            )],
            Shape::Nested,
            Join::Row,
        ),
        (
            vec![file(
                "long.csv",
                "id,lang,text,answer\na,en,Seven?,7\na,German,Sieben?,7\nb,de,Acht?,8\nb,en,Eight?,8\n",
            )],
            Shape::Long,
            Join::Id,
        ),
        (vec![file("q_en.csv", en), file("q_de.csv", de)], Shape::PerFile, Join::Id),
        (
            vec![file(
                "x.zip",
                zip(&[("q/en.csv", en.as_bytes()), ("q/deu_Latn.csv", de.as_bytes()), ("README.md", b"Hi")]),
            )],
            Shape::PerFile,
            Join::Id,
        ),
        (
            vec![
                file("en-de.csv", "id,en,de\na,Seven?,Sieben?\n"),
                file("more.csv", "id,en,de\nb,Eight?,Acht?\n"),
            ],
            Shape::Wide,
            Join::Row,
        ),
        (
            vec![
                file("one.csv", "id,en\nb,Eight?\na,Seven?\n"),
                file("two.csv", "id,de\na,Sieben?\nb,Acht?\n"),
            ],
            Shape::Wide,
            Join::Id,
        ),
    ] {
        let name = files[0].name.clone();
        let imported = read(files);
        assert_eq!(imported.refusal, None, "{name}");
        let mut ids: Vec<String> = imported.prompts.iter().map(|prompt| prompt.id.clone()).collect();
        ids.sort();
        assert_eq!(ids, ["a", "b"], "{name}");
        assert!(imported.prompts.iter().all(|prompt| prompt.text.len() == 2), "{name}");
        assert_eq!(how(&imported), (Some(shape_wanted), Some(join)), "{name}");
        assert_eq!(kinds(&imported), [], "{name}");
        let seven = imported.prompts.iter().find(|prompt| prompt.id == "a").unwrap();
        assert_eq!(seven.text[&"de".into()], "Sieben?", "{name}");
        let is_gold = seven.answer.as_deref().is_none_or(|answer| answer == "7");
        assert!(is_gold, "{name}");
    }
}

#[test]
fn a_file_for_each_language_without_a_header_keeps_its_quotation_marks() {
    let files = vec![
        per_language("mgsm_en.tsv", "How many are", 30),
        per_language("mgsm_sw.tsv", "Ni ngapi", 30),
        per_language("mgsm_ben_Beng.tsv", "মোট কয়টি হয় বলো", 30),
    ];
    let imported = read(files);
    assert_eq!(
        (imported.refusal.as_deref(), how(&imported)),
        (None, (Some(Shape::PerFile), Some(Join::Order)))
    );
    assert_eq!(imported.mapping.header, Some(false));
    assert_eq!((imported.prompts.len(), shape(&imported)[6].as_str()), (30, "row-7 bn+en+sw 21"));
    assert_eq!(imported.prompts[6].text[&"sw".into()], "\"Ni ngapi\" 7 + 14?");
    assert_eq!(imported.verdict.parallel, Parallel::Yes);
    assert_eq!(kinds(&imported), [("the file".to_owned(), ProblemKind::MissingId)]);
}

#[test]
fn rows_are_never_joined_by_place_in_silence() {
    let short = vec![per_language("q_en.tsv", "How many", 30), per_language("q_sw.tsv", "Ngapi", 29)];
    let refusal = read(short).refusal.unwrap();
    assert!(refusal.contains("q_en.tsv has 30 rows and q_sw.tsv has 29"), "{refusal}");
    // The same number of rows, but other ones: every second row is that of another prompt.
    let SourceFile { name, .. } = per_language("q_sw.tsv", "Ngapi", 1);
    let other = (1..=30).map(|at| format!("Ngapi {} + {}?\t{}\n", 100 + at, 7 * at, 100 + 8 * at));
    let files =
        || vec![per_language("q_en.tsv", "How many", 30), file(&name, other.clone().collect::<String>())];
    let refusal = read(files()).refusal.unwrap();
    assert!(refusal.contains("not parallel") && refusal.contains("gold answers"), "{refusal}");
    let asked = Mapping { join: Some(Join::Order), ..Mapping::default() };
    let imported = import(files(), &asked, &Language::from("en"));
    assert_eq!((imported.prompts.len(), imported.verdict.parallel), (30, Parallel::No));
}

#[test]
fn ids_that_only_some_files_have_are_counted() {
    let en = "id,text\n1,One and two?\n2,Two and two?\n3,Three?\n4,Four?\n";
    let de = "id,text\n4,Vier?\n2,Zwei und zwei?\n1,Eins und zwei?\n9,Neun?\n";
    let imported = read(vec![file("x_en.csv", en), file("x_de.csv", de)]);
    assert_eq!(shape(&imported), ["1 de+en -", "2 de+en -", "4 de+en -"]);
    let lost: Vec<&ImportProblem> = imported.problems.iter().filter(|found| found.problem.left_out).collect();
    let places: Vec<String> = lost.iter().map(|found| found.place()).collect();
    assert_eq!(places, ["x_en.csv, row 3 (3)", "x_de.csv, row 4 (9)"]);
}

#[test]
fn a_row_without_enough_texts_is_named_with_the_column_that_lacks_one() {
    let imported = read(vec![file("x.csv", "id,en,de\na,,Eins?\nb,Two?,\nc,Three?,Drei?\n")]);
    let places: Vec<String> = imported.problems.iter().map(ImportProblem::place).collect();
    assert_eq!(places, ["row 1 (a), column \"en\"", "row 2 (b), column \"de\""]);
}

#[test]
fn the_anchor_text_joins_files_of_two_languages() {
    let de = "en,de\nHow many are there?,Wie viele sind da?\nAnd now?,Und nun?\n";
    let sw = "en,sw\nAnd now?,Na sasa?\nHow many are there? ,Ni ngapi?\n";
    let imported = read(vec![file("a.csv", de), file("b.csv", sw)]);
    assert_eq!(how(&imported), (Some(Shape::Wide), Some(Join::AnchorText)));
    assert_eq!(imported.prompts.iter().map(|prompt| prompt.text.len()).collect::<Vec<_>>(), [3, 3]);
    assert_eq!(imported.prompts[1].text[&"sw".into()], "Na sasa?");
}

#[test]
fn what_is_guessed_can_be_said_otherwise() {
    let text = "nr;frage;question_text;loesung\n1;Sieben?;Seven?;7\n2;Acht?;Eight?;8\n";
    assert!(read(vec![file("x.csv", text)]).refusal.is_some());
    let mapping: Mapping = serde_json::from_str(
        r#"{"texts":[{"column":"frage","language":"German"},{"column":"question_text","language":"en"}],"id":"nr","answer":"loesung","taskOfAll":"general"}"#,
    )
    .unwrap();
    let imported = import(vec![file("x.csv", text)], &mapping, &Language::from("en"));
    assert_eq!(shape(&imported), ["1 de+en 7", "2 de+en 8"]);
    assert_eq!(imported.prompts[0].task, concord_align::data::TaskKind::General);
    let path = Mapping { path: Some("b.rows".to_owned()), ..Mapping::default() };
    let json = r#"{"a":{"rows":[{"id":1,"en":"x","de":"y"}]},"b":{"rows":[{"id":2,"en":"x","de":"z"}]}}"#;
    assert_eq!(shape(&import(vec![file("x.json", json)], &path, &Language::from("en"))), ["2 de+en -"]);
    assert!(serde_json::from_str::<Mapping>(r#"{"langauge":"x"}"#).is_err());
}

#[test]
fn a_set_without_english_and_one_with_cells_of_several_lines() {
    let imported =
        read(vec![file("x.csv", "\u{feff}id,sw,de\n1,\"Ngapi,\nleo?\",\"Wie viele \"\"heute\"\"?\"\n")]);
    assert_eq!(imported.prompts[0].text[&"sw".into()], "Ngapi,\nleo?");
    assert_eq!(imported.prompts[0].text[&"de".into()], "Wie viele \"heute\"?");
    assert_eq!(kinds(&imported), [("row 1 (1), en".to_owned(), ProblemKind::MissingAnchor)]);
}

#[test]
fn files_without_a_usable_row_give_a_reason_and_no_prompts() {
    for (name, text, wanted) in [
        ("a.csv", "id,en,de\n1,One?,\n", "none of the 1 rows"),
        ("b.csv", "id,en,de\n", "a table without rows"),
        ("c.json", "[]", "an empty list"),
        ("d.json", "{\"a\":{\"b\":[1,2]}}", "without a list of rows"),
        ("e.csv", "x,y\n1,2\n", "no column is a language"),
        ("mgsm_en.tsv", "How many?\t3\nAnd now?\t4\n", "one language alone (en by its name)"),
        ("f.csv", "ab\0\0\0\0\0\0cd", "binary"),
        ("g.zip", "PK\u{3}\u{4}", "damaged"),
    ] {
        let imported = read(vec![file(name, text)]);
        let refusal = imported.refusal.unwrap_or_default();
        assert!(refusal.contains(wanted), "{name}: {refusal}");
        assert_eq!(imported.prompts.len(), 0);
    }
    let unnamed = read(vec![file("a_en.csv", "id,text\n1,One?\n"), file("other.csv", "id,text\n1,Eins?\n")]);
    assert!(unnamed.refusal.unwrap().starts_with("other.csv: its name says no language"));
}

/// What somebody has in one language only is kept when the person says so, to have the others drafted.
#[test]
fn prompts_of_one_language_are_kept_on_request() {
    let keep = Mapping { one_language: Some(true), ..Mapping::default() };
    let anchor = Language::from("en");
    let holes = "id,answer,en,de\n1,3,One?,Eins?\n2,4,Two?,\n3,5,,\n";
    let mixed = || vec![file("a.csv", holes)];
    assert_eq!(shape(&read(mixed())), ["1 de+en 3"]);
    let kept = import(mixed(), &keep, &anchor);
    assert_eq!(shape(&kept), ["1 de+en 3", "2 en 4"]);
    let left_out: Vec<u32> =
        kept.problems.iter().filter(|p| p.problem.left_out).map(|p| p.problem.row).collect();
    assert_eq!(left_out, [3], "a prompt without any text is none: {:?}", kept.problems);

    // Shapes in which one language is published: a column, a table without a header, JSON Lines.
    for (name, text, wanted) in [
        ("set.csv", "id,question,answer\n1,How many?,3\n2,And now?,4\n", ["1 en 3", "2 en 4"]),
        ("set.csv", "id,en,answer\n1,How many?,3\n2,And now?,4\n", ["1 en 3", "2 en 4"]),
        ("mgsm_en.tsv", "How many are there?\t3\nAnd how many now?\t4\n", ["row-1 en 3", "row-2 en 4"]),
        (
            "questions_sw.jsonl",
            "{\"id\":1,\"text\":\"Ngapi?\",\"answer\":\"3\"}\n{\"id\":2,\"text\":\"Sasa?\",\"answer\":\"4\"}\n",
            ["1 sw 3", "2 sw 4"],
        ),
        (
            "set.json",
            "[{\"id\":1,\"text\":{\"en\":\"How many?\"},\"answer\":\"3\"},{\"id\":2,\"text\":{\"en\":\"Now?\"},\"answer\":\"4\"}]",
            ["1 en 3", "2 en 4"],
        ),
    ] {
        let refused = read(vec![file(name, text)]);
        assert!(refused.refusal.is_some(), "{name}: {:?}", shape(&refused));
        let kept = import(vec![file(name, text)], &keep, &anchor);
        assert_eq!(
            (shape(&kept), kept.refusal.as_deref()),
            (wanted.map(str::to_owned).to_vec(), None),
            "{name}"
        );
        assert_eq!(kept.verdict.parallel, Parallel::Yes, "{name}: {:?}", kept.verdict);
    }
}
