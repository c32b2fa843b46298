//! Files in, an answer out.

use concord_tables::{Row, Sheet, is_table, read, write_parquet};

use super::job::{self, bad_input};
use crate::{
    data::{
        Content, ImportProblem, ImportedResponses, Language, ProblemKind, RowProblem, SourceFile,
        archive::is_archive, detected_language, import, import_responses, unpacked,
    },
    job::{ImportError, Returned, train_files, with_archive},
    protocol::{Fault, FaultCode, ReadAnswer, ReadRequest},
};

/// An answer, and the files that travel beside it.
pub(super) type Answered = (ReadAnswer, Vec<Vec<u8>>);

/// Does what is asked, and gives the files that travel beside the answer.
pub fn answer(request: ReadRequest, files: Vec<Vec<u8>>) -> (ReadAnswer, Vec<Vec<u8>>) {
    answered(request, files).unwrap_or_else(|fault| (ReadAnswer::Failed(fault), Vec::new()))
}

fn answered(request: ReadRequest, files: Vec<Vec<u8>>) -> Result<Answered, Fault> {
    if let (ReadRequest::Responses { .. } | ReadRequest::EmbedLines { .. }, [archive]) =
        (&request, &files[..])
        && is_archive(archive)
        && let Some(answer) =
            with_archive(archive, &|returned| of_returned(&request, returned)).map_err(job::fault)?
    {
        return Ok(answer);
    }
    match request {
        ReadRequest::Prompts { names, mapping, anchor } => {
            let (files, passed_over) = with_tables(names, files)?;
            let mut imported = import(files, &mapping, &anchor);
            imported.problems.extend(passed_over);
            let prompts = lines_of(&std::mem::take(&mut imported.prompts));
            Ok((ReadAnswer::Prompts(Box::new(imported)), vec![prompts]))
        }
        ReadRequest::Responses { names, mapping, prompts, anchor } => {
            job::check_whole(&names, &files)?;
            let (files, passed_over) = with_tables(names, files)?;
            let mut imported = import_responses(files, &mapping, &prompts, &anchor);
            imported.problems.extend(passed_over);
            Ok(with_lines(imported))
        }
        ReadRequest::EmbedLines { .. } => Err(job::fault(ImportError::NoJob)),
        ReadRequest::HandOff { job } => {
            let (name, zip) = job::hand_off(&job)?;
            Ok((ReadAnswer::Named(vec![name]), vec![zip]))
        }
        ReadRequest::Recipes { facts } => {
            let facts = serde_json::from_str(&facts).map_err(|error| bad_input(error.to_string()))?;
            let (names, texts) = train_files(&facts)
                .into_iter()
                .map(|(name, text)| (name.to_owned(), text.into_bytes()))
                .unzip();
            Ok((ReadAnswer::Named(names), texts))
        }
        ReadRequest::Languages => {
            let lines = files.first().map_or(&[][..], Vec::as_slice);
            let texts = serde_json::Deserializer::from_slice(lines).into_iter::<(String, Language)>();
            let found: Result<Vec<Option<Language>>, _> =
                texts.map(|line| line.map(|(text, asked)| detected_language(&text, &asked))).collect();
            let found = found.map_err(|error| Fault::new(FaultCode::Internal, error.to_string()))?;
            Ok((ReadAnswer::Languages, vec![lines_of(&found)]))
        }
        ReadRequest::Parquet { columns } => {
            let lines = files.first().map_or(&[][..], Vec::as_slice);
            let rows: Result<Vec<Row>, _> = serde_json::Deserializer::from_slice(lines).into_iter().collect();
            let written = rows.map_err(|error| format!("a line is no row: {error}")).and_then(|rows| {
                write_parquet(&columns, rows.into_iter()).map_err(|error| error.to_string())
            });
            let file = written.map_err(|reason| Fault::new(FaultCode::Internal, reason))?;
            Ok((ReadAnswer::File, vec![file]))
        }
        ReadRequest::Reach { .. } | ReadRequest::Connect { .. } | ReadRequest::Serve { .. } => {
            Err(Fault::new(FaultCode::Internal, "a server is asked by the program's loop"))
        }
    }
}

/// What is asked of what came back of a job.
pub(super) fn of_returned(request: &ReadRequest, returned: Returned<'_>) -> Answered {
    match request {
        ReadRequest::EmbedLines { settings, .. } => {
            // The page writes it.
            let settings = serde_json::from_str(settings).unwrap_or_default();
            (ReadAnswer::File, vec![returned.embed_lines(&settings).into_bytes()])
        }
        ReadRequest::Responses { mapping, .. } => with_lines(returned.imported(mapping.served.as_deref())),
        _ => with_lines(returned.imported(None)),
    }
}

/// Responses, with their lists, their cosines and the requests of what is missing as files beside them.
fn with_lines(mut imported: ImportedResponses) -> Answered {
    let responses = lines_of(&std::mem::take(&mut imported.responses));
    let prompts = lines_of(&std::mem::take(&mut imported.prompts));
    let pairs = lines_of(&std::mem::take(&mut imported.pairs));
    let missing = std::mem::take(&mut imported.missing).into_bytes();
    let similarities = lines_of(&std::mem::take(&mut imported.similarities));
    (ReadAnswer::Responses(Box::new(imported)), vec![responses, prompts, pairs, missing, similarities])
}

/// The files, those in archives by themselves, with the rows of Parquet files and of a workbook's sheets; and what of them is
/// passed over.
fn with_tables(
    names: Vec<String>,
    files: Vec<Vec<u8>>,
) -> Result<(Vec<SourceFile>, Vec<ImportProblem>), Fault> {
    let files = names.into_iter().zip(files).map(|(name, bytes)| SourceFile::new(name, bytes)).collect();
    let bad = |message: String| Fault::new(FaultCode::BadInput, message);
    let (mut out, mut passed_over) = (Vec::new(), Vec::new());
    for file in unpacked(files).map_err(|error| bad(error.to_string()))? {
        match &file.content {
            Content::Bytes(bytes) if is_table(&file.name, bytes) => {
                let sheets =
                    read(&file.name, bytes).map_err(|error| bad(format!("{}: {error}", file.name)))?;
                let (sheets, others) = of_one_kind(sheets);
                let is_only = sheets.len() == 1;
                let main = sheets.first().map(|sheet| sheet.name.clone()).unwrap_or_default();
                passed_over.extend(others.iter().map(|sheet| no_column_of(&file.name, &sheet.name, &main)));
                out.extend(sheets.into_iter().map(|sheet| SourceFile {
                    name: if is_only { file.name.clone() } else { format!("{}/{}", file.name, sheet.name) },
                    content: Content::Rows { columns: sheet.columns, rows: sheet.rows },
                }));
            }
            _ => out.push(file),
        }
    }
    Ok((out, passed_over))
}

/// The sheets that share a column with the one that has most, and the others: covers and notes.
fn of_one_kind(sheets: Vec<Sheet>) -> (Vec<Sheet>, Vec<Sheet>) {
    let most = sheets.iter().map(|sheet| sheet.columns.len()).max();
    let main = sheets.iter().find(|sheet| Some(sheet.columns.len()) == most);
    let columns = main.map(|sheet| sheet.columns.clone()).unwrap_or_default();
    let is_alike = |sheet: &Sheet| {
        sheet.columns.is_empty() || sheet.columns.iter().any(|column| columns.contains(column))
    };
    sheets.into_iter().partition(is_alike)
}

fn no_column_of(file: &str, sheet: &str, main: &str) -> ImportProblem {
    let problem = RowProblem {
        row: 0,
        prompt_id: None,
        language: None,
        kind: ProblemKind::IgnoredColumn,
        reason: format!("this sheet was not read, as it shares no column with \"{main}\""),
        fix: "give its columns the same names if it belongs to the others".to_owned(),
        left_out: false,
    };
    ImportProblem { file: format!("{file}/{sheet}"), column: None, problem }
}

/// Each as a line of JSON.
fn lines_of<T: serde::Serialize>(items: &[T]) -> Vec<u8> {
    let mut lines = Vec::new();
    items.iter().for_each(|item| push_line(&mut lines, item));
    lines
}

/// One more line of JSON.
pub(super) fn push_line<T: serde::Serialize>(lines: &mut Vec<u8>, item: &T) {
    // Plain records, whose keys are all strings, always have a JSON.
    if serde_json::to_writer(&mut *lines, item).is_ok() {
        lines.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use concord_tables::read;
    use serde_json::{Value, json};

    use super::*;
    use crate::data::{Column, ColumnKind, Language, Mapping, Prompt};

    fn prompts(names: &[&str], files: Vec<Vec<u8>>) -> (ReadAnswer, Vec<Vec<u8>>) {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        answer(
            ReadRequest::Prompts { names, mapping: Mapping::default(), anchor: Language::from("en") },
            files,
        )
    }

    fn parquet(rows: &[Value], columns: &[&str]) -> Vec<u8> {
        let columns = columns.iter().map(|name| Column::new(*name, ColumnKind::Text)).collect();
        let lines = rows.iter().map(|row| format!("{row}\n")).collect::<String>();
        let (written, mut files) = answer(ReadRequest::Parquet { columns }, vec![lines.into_bytes()]);
        assert_eq!(written, ReadAnswer::File);
        files.remove(0)
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
        let lines = String::from_utf8(lines[0].clone()).unwrap();
        let read: Vec<Prompt> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read.iter().map(|prompt| prompt.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(read[1].text[&Language::from("de")], "Zwei?");
    }

    #[test]
    fn languages_of_texts_are_told_line_by_line() {
        let english = "There are seven apples in the basket and Ben takes two of them away.";
        let german = "Es sind sieben Äpfel im Korb, und Ben nimmt zwei davon weg.";
        let texts = [(english, "de"), (german, "de"), ("7", "de"), (english, "en")];
        let lines: String = texts.iter().map(|line| format!("{}\n", json!(line))).collect();
        let (said, files) = answer(ReadRequest::Languages, vec![lines.into_bytes()]);
        assert_eq!(said, ReadAnswer::Languages);
        let found = String::from_utf8(files[0].clone()).unwrap();
        assert_eq!(found, "\"en\"\n\"de\"\nnull\n\"en\"\n");
        let (said, _) = answer(ReadRequest::Languages, vec![b"{".to_vec()]);
        assert!(matches!(said, ReadAnswer::Failed(_)), "{said:?}");
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
        assert!(lines.is_empty());
    }

    #[test]
    fn sheets_without_a_column_of_the_others_are_passed_over() {
        let sheet = |name: &str, columns: &[&str]| Sheet {
            name: name.to_owned(),
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: Vec::new(),
        };
        let names = |sheets: &[Sheet]| sheets.iter().map(|sheet| sheet.name.clone()).collect::<Vec<_>>();
        let all = vec![
            sheet("About", &["note"]),
            sheet("en", &["id", "question"]),
            sheet("de", &["id", "question"]),
        ];
        let (kept, others) = of_one_kind(all);
        assert_eq!((names(&kept), names(&others)), (vec!["en".into(), "de".into()], vec!["About".into()]));
        let found = no_column_of("set.xlsx", "About", "en");
        assert_eq!(found.place(), "set.xlsx/About");
        assert!(found.problem.reason.contains("\"en\"") && !found.problem.left_out);
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
