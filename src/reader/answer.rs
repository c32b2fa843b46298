//! Files in, an answer out.

use concord_tables::{Row, is_table, read, write_parquet};

use crate::{
    data::{Content, Language, Prompt, ResponseMapping, SourceFile, import, import_responses, unpacked},
    protocol::{Fault, FaultCode, ReadAnswer, ReadRequest, ResponseLine},
};

/// Does what is asked, and gives the bytes that travel beside the answer, if any.
pub fn answer(request: ReadRequest, files: Vec<Vec<u8>>) -> (ReadAnswer, Option<Vec<u8>>) {
    match request {
        ReadRequest::Prompts { names, mapping, anchor } => {
            let named = names.into_iter().zip(files).map(|(name, bytes)| SourceFile::new(name, bytes));
            let files = match with_tables(named.collect()) {
                Ok(files) => files,
                Err(fault) => return (ReadAnswer::Failed(fault), None),
            };
            let mut imported = import(files, &mapping, &anchor);
            let lines = lines_of(&std::mem::take(&mut imported.prompts));
            (ReadAnswer::Prompts(Box::new(imported)), Some(lines))
        }
        ReadRequest::Responses { names, mapping, anchor } => responses(names, &mapping, &anchor, files),
        ReadRequest::Parquet { columns } => {
            let lines = files.first().map_or(&[][..], Vec::as_slice);
            let rows: Result<Vec<Row>, _> = serde_json::Deserializer::from_slice(lines).into_iter().collect();
            let written = rows.map_err(|error| format!("a line is no row: {error}")).and_then(|rows| {
                write_parquet(&columns, rows.into_iter()).map_err(|error| error.to_string())
            });
            match written {
                Ok(bytes) => (ReadAnswer::File, Some(bytes)),
                Err(reason) => (ReadAnswer::Failed(Fault::new(FaultCode::Internal, reason)), None),
            }
        }
    }
}

/// The files as responses to the prompts of the first of them.
fn responses(
    names: Vec<String>,
    mapping: &ResponseMapping,
    anchor: &Language,
    files: Vec<Vec<u8>>,
) -> (ReadAnswer, Option<Vec<u8>>) {
    let failed = |fault| (ReadAnswer::Failed(fault), None);
    let mut files = files.into_iter();
    let prompts = files.next().unwrap_or_default();
    let prompts: Result<Vec<Prompt>, _> =
        serde_json::Deserializer::from_slice(&prompts).into_iter().collect();
    let prompts = match prompts {
        Ok(prompts) => prompts,
        Err(error) => {
            return failed(Fault::new(FaultCode::Internal, format!("a line is no prompt: {error}")));
        }
    };
    let named = names.into_iter().zip(files).map(|(name, bytes)| SourceFile::new(name, bytes));
    let files = match with_tables(named.collect()) {
        Ok(files) => files,
        Err(fault) => return failed(fault),
    };
    let mut imported = import_responses(files, mapping, &prompts, anchor);
    let made = std::mem::take(&mut imported.prompts).into_iter().filter(|_| prompts.is_empty());
    let responses = std::mem::take(&mut imported.responses).into_iter();
    let lines: Vec<ResponseLine> =
        made.map(ResponseLine::Prompt).chain(responses.map(ResponseLine::Response)).collect();
    (ReadAnswer::Responses(Box::new(imported)), Some(lines_of(&lines)))
}

/// The files, those in archives by themselves, with the rows of Parquet files and of a workbook's sheets.
fn with_tables(files: Vec<SourceFile>) -> Result<Vec<SourceFile>, Fault> {
    let bad = |message: String| Fault::new(FaultCode::BadInput, message);
    let mut out = Vec::new();
    for file in unpacked(files).map_err(|error| bad(error.to_string()))? {
        match &file.content {
            Content::Bytes(bytes) if is_table(&file.name, bytes) => {
                let sheets =
                    read(&file.name, bytes).map_err(|error| bad(format!("{}: {error}", file.name)))?;
                let is_only = sheets.len() == 1;
                out.extend(sheets.into_iter().map(|sheet| SourceFile {
                    name: if is_only { file.name.clone() } else { format!("{}/{}", file.name, sheet.name) },
                    content: Content::Rows { columns: sheet.columns, rows: sheet.rows },
                }));
            }
            _ => out.push(file),
        }
    }
    Ok(out)
}

/// Each as a line of JSON.
fn lines_of<T: serde::Serialize>(items: &[T]) -> Vec<u8> {
    let mut lines = Vec::new();
    for item in items {
        // Plain records, whose keys are all strings, always have a JSON.
        if serde_json::to_writer(&mut lines, item).is_ok() {
            lines.push(b'\n');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use concord_tables::read;
    use serde_json::{Value, json};

    use super::*;
    use crate::data::{Column, ColumnKind, Language, Mapping, Prompt};

    fn prompts(names: &[&str], files: Vec<Vec<u8>>) -> (ReadAnswer, Option<Vec<u8>>) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        answer(
            ReadRequest::Prompts { names, mapping: Mapping::default(), anchor: Language::from("en") },
            files,
        )
    }

    fn parquet(rows: &[Value], columns: &[&str]) -> Vec<u8> {
        let columns = columns.iter().map(|name| Column::new(*name, ColumnKind::Text)).collect();
        let lines = rows.iter().map(|row| format!("{row}\n")).collect::<String>();
        let (written, bytes) = answer(ReadRequest::Parquet { columns }, vec![lines.into_bytes()]);
        assert_eq!(written, ReadAnswer::File);
        bytes.unwrap()
    }

    #[test]
    fn prompts_come_from_a_parquet_file_and_travel_as_lines() {
        let rows = [
            json!({ "id": "a", "en": "One?", "de": "Eins?" }),
            json!({ "id": "b", "en": "Two?", "de": "Zwei?" }),
        ];
        let (answer, lines) = prompts(&["set.parquet"], vec![parquet(&rows, &["id", "en", "de"])]);
        let ReadAnswer::Prompts(imported) = answer else { panic!("{answer:?}") };
        assert!(imported.prompts.is_empty() && imported.refusal.is_none(), "{imported:?}");
        let lines = String::from_utf8(lines.unwrap()).unwrap();
        let read: Vec<Prompt> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.iter().map(|prompt| prompt.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(read[1].texts[&Language::from("de")], "Zwei?");
    }

    #[test]
    fn responses_and_prompts_that_are_made_travel_as_lines() {
        let rows =
            [json!({ "prompt": "One?", "response": "1" }), json!({ "prompt": "One?", "response": "one" })];
        let file = parquet(&rows, &["prompt", "response"]);
        let ask = |prompts: &str| {
            let (names, mapping) = (vec!["m_en.parquet".to_owned()], Box::default());
            let request = ReadRequest::Responses { names, mapping, anchor: Language::from("en") };
            let (answer, lines) = answer(request, vec![prompts.as_bytes().to_vec(), file.clone()]);
            let ReadAnswer::Responses(imported) = answer else { panic!("{answer:?}") };
            assert!(imported.refusal.is_none() && imported.responses.is_empty(), "{imported:?}");
            let lines = String::from_utf8(lines.unwrap()).unwrap();
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<ResponseLine>>()
        };
        let is_prompt = |line: &ResponseLine| matches!(line, ResponseLine::Prompt(_));
        let found = ask("");
        assert_eq!((found.len(), found.iter().filter(|line| is_prompt(line)).count()), (3, 1));
        let found = ask(r#"{"id":"a","task":"math","text":{"en":"One?"}}"#);
        assert_eq!(found.len(), 2);
        assert!(matches!(&found[0], ResponseLine::Response(response) if response.prompt_id == "a"));
    }

    #[test]
    fn what_a_file_is_refused_for_names_the_file() {
        let mut damaged = parquet(&[json!({ "en": "One?" })], &["en"]);
        damaged.truncate(40);
        let (answer, lines) =
            prompts(&["good.csv", "bad.parquet"], vec![b"id,en\n1,One?\n".to_vec(), damaged]);
        let ReadAnswer::Failed(fault) = answer else { panic!("{answer:?}") };
        assert!(
            fault.code == FaultCode::BadInput && fault.message.starts_with("bad.parquet"),
            "{}",
            fault.message
        );
        assert_eq!(lines, None);
    }

    #[test]
    fn rows_are_written_under_their_columns() {
        let rows = [json!({ "id": "a", "text": "x", "left": "out" }), json!({ "id": "b" })];
        let sheets = read("x.parquet", &parquet(&rows, &["id", "text"])).unwrap();
        assert_eq!(sheets[0].columns, ["id", "text"]);
        assert_eq!(Value::Object(sheets[0].rows[0].clone()), json!({ "id": "a", "text": "x" }));
        let request = ReadRequest::Parquet { columns: vec![Column::new("id", ColumnKind::Integer)] };
        let (answer, _) = answer(request, vec![b"{\"id\":\"a\"}\n".to_vec()]);
        assert!(
            matches!(&answer, ReadAnswer::Failed(fault) if fault.message.contains("row 1")),
            "{answer:?}"
        );
    }
}
