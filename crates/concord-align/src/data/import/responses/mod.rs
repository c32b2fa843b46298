//! Responses in: what models have written already, one file or several, in the shapes in which evaluation tools, trainers and
//! servers write them.
//!
//! Tables are read as those of prompt sets, a [`ResponseMapping`] is guessed or given, every row is joined to a prompt, and
//! what cannot be joined is told of. Texts are kept byte for byte, but reasoning is taken out of them.

mod cells;
mod guess;
mod imported;
mod join;
mod mapping;
mod names;
mod number;
mod pairs;
mod rows;
mod session;

use std::collections::HashMap;

use self::cells::Said;
use self::join::{Files, Made, Places, Prompts};
use self::number::Numbered;
use self::rows::{Found, Piece};
use super::import_problem::{ImportProblem, problem};
use super::mapping::Mapping;
use super::preview::preview;
use super::source::{Content, SourceFile, Table, unpacked};
use crate::data::problem::{DataError, ProblemKind};
use crate::data::{FinishReason, Language, Prompt, Response};

pub use self::imported::{ImportedResponses, JobPart};
pub use self::mapping::{FileModel, ResponseJoin, ResponseMapping, ResponseShape};
pub use self::session::session_of;

/// What would be read as responses.
const READ: &str = "Concord reads CSV and TSV, in UTF-8, JSON, JSON Lines, Parquet, workbooks (XLSX, ODS), and zip archives of these, with a response or a list of them in each row, \
    and the prompt's id or text beside it";

/// Reads files as responses to `prompts`, or to the prompts that stand in them where none are given; what `given` leaves out
/// is guessed.
pub fn import_responses(
    files: Vec<SourceFile>,
    given: &ResponseMapping,
    prompts: &[Prompt],
    anchor: &Language,
) -> ImportedResponses {
    let mut out = ImportedResponses {
        mapping: given.clone(),
        prompts: prompts.to_vec(),
        ..ImportedResponses::default()
    };
    let files = match unpacked(files) {
        Ok(files) => files,
        Err(error) => return ImportedResponses { refusal: Some(error.to_string()), ..out },
    };
    let is_alone = files.len() == 1;
    let of_tables = given.of_tables();
    let mut tables = Vec::new();
    for file in files.into_iter().map(as_list) {
        match Table::of(&file, &of_tables) {
            Ok(table) => tables.push(table),
            Err(error) => {
                out.refusal = out.refusal.or_else(|| Some(format!("{}: {}", file.name, words(&error))));
            }
        }
    }
    out.files = tables.iter().map(preview).collect();
    if out.refusal.is_some() {
        return out;
    }
    let (mapping, refusal) = guess::complete(given, &tables, prompts);
    (out.mapping, out.refusal) = (mapping, refusal);
    if out.refusal.is_none() {
        out.refusal = read(&mut out, given.join, &tables, prompts, anchor).err();
    }
    if is_alone {
        out.problems.iter_mut().for_each(|found| found.file.clear());
    }
    out
}

/// A file of JSON Lines with one line as a list of one, as an object by itself may also be one that holds the rows.
fn as_list(mut file: SourceFile) -> SourceFile {
    let name = file.name.to_ascii_lowercase();
    if let Content::Bytes(bytes) = &mut file.content
        && (name.ends_with(".jsonl") || name.ends_with(".ndjson"))
        && !bytes.trim_ascii().contains(&b'\n')
        && bytes.trim_ascii().starts_with(b"{")
    {
        bytes.insert(0, b'[');
        bytes.push(b']');
    }
    file
}

/// Why a file is no table, in words about responses.
fn words(error: &DataError) -> String {
    match error {
        DataError::NotText { is } => format!("this file is {is}, so it holds no responses: {READ}"),
        DataError::NotAPromptSet { found } => format!("this file holds {found}, not responses: {READ}"),
        other => other.to_string(),
    }
}

/// A response on its way: where it stands, and what is known of it.
struct Candidate {
    piece: usize,
    column: String,
    language: Language,
    model: String,
    said: Said,
    place: usize,
    prompt: Option<usize>,
}

fn read(
    out: &mut ImportedResponses,
    join: Option<ResponseJoin>,
    tables: &[Table],
    given: &[Prompt],
    anchor: &Language,
) -> Result<(), String> {
    let mapping = out.mapping.clone();
    let mut pieces = rows::pieces(tables, &mapping, &mut out.problems);
    let prompts = Prompts::given(given, join, &pieces);
    let files = files_of(tables, &mapping, anchor);
    let mut places = Places::default();
    let mut candidates = candidates(&mut pieces, &files, &prompts, &mut places, out);
    if given.is_empty() {
        let join = Made::join(join, &pieces, &places);
        out.mapping.join = Some(join);
        let mut made = Made::default();
        for candidate in &mut candidates {
            let piece = &pieces[candidate.piece];
            let file = files.names[piece.file];
            let language = question_language(piece, candidate, &mapping, &files);
            let at = (join, candidate.place);
            candidate.prompt = made.of(piece, at, (&language, &mapping), (file, &mut out.problems));
        }
        out.prompts = made.prompts;
        if out.prompts.iter().all(|prompt| prompt.text.is_empty()) {
            return Err("the files hold no prompts, and none are open: open the prompts first, or say which column has their texts".to_owned());
        }
    } else {
        out.mapping.join = Some(prompts.join());
        if prompts.join() == ResponseJoin::Order && join.is_none() {
            check_counts(&places, given.len(), &files)?;
        }
        for candidate in &mut candidates {
            let piece = &pieces[candidate.piece];
            match prompts.of(piece, &candidate.language, candidate.place) {
                Ok(at) => candidate.prompt = Some(at),
                Err(reason) => {
                    let fix = "open the prompt set that it belongs to, or leave the row out";
                    let found = problem(piece.row, ProblemKind::MissingRecord, reason, fix, true);
                    out.problems.push(ImportProblem::new(files.names[piece.file], None, found));
                }
            }
        }
    }
    number(candidates, &pieces, &files, out);
    if out.responses.is_empty() {
        let first = out.problems.iter().find(|found| found.problem.left_out);
        let first = first
            .map(|found| format!("; {}: {}; {}", found.place(), found.problem.reason, found.problem.fix));
        return Err(format!("no response can be used{}", first.unwrap_or_default()));
    }
    Ok(())
}

fn files_of<'a>(tables: &'a [Table], mapping: &ResponseMapping, anchor: &'a Language) -> Files<'a> {
    let language = |name: &str| {
        let file = mapping.files.iter().find(|file| file.file == name)?;
        Language::parse(&file.language)
    };
    let model =
        |name: &str| mapping.models.iter().find(|file| file.file == name).map(|file| file.model.clone());
    Files {
        names: tables.iter().map(|table| table.name.as_str()).collect(),
        languages: tables.iter().map(|table| language(&table.name)).collect(),
        models: tables.iter().map(|table| model(&table.name).unwrap_or_default()).collect(),
        anchor,
    }
}

/// Every response of the rows with its language, its model and the place of its row.
fn candidates(
    pieces: &mut [Piece],
    files: &Files<'_>,
    prompts: &Prompts<'_>,
    places: &mut Places,
    out: &mut ImportedResponses,
) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    let mut taken_for_anchor = vec![false; files.names.len()];
    for (at, piece) in pieces.iter_mut().enumerate() {
        let mut known: HashMap<(Language, String), usize> = HashMap::new();
        for Found { column, said } in std::mem::take(&mut piece.responses) {
            let language = match &said.language {
                Some(spelling) if Language::parse(spelling).is_none() => {
                    let reason = format!("\"{spelling}\" is no language");
                    let fix = "use a name or a tag such as sw or zh-Hans";
                    let found = problem(piece.row, ProblemKind::BadLanguage, reason, fix, true);
                    out.problems.push(ImportProblem::new(files.names[piece.file], Some(&column), found));
                    continue;
                }
                Some(spelling) => out.spellings.note(spelling),
                None => {
                    let found = files.languages[piece.file].clone().or_else(|| prompts.language_of(piece));
                    found.unwrap_or_else(|| {
                        taken_for_anchor[piece.file] = true;
                        files.anchor.clone()
                    })
                }
            };
            let model = said.model.clone().unwrap_or_else(|| files.models[piece.file].clone());
            let place = *known
                .entry((language.clone(), model.clone()))
                .or_insert_with(|| places.of(piece, &language, &model, said.sample));
            candidates.push(Candidate { piece: at, column, language, model, said, place, prompt: None });
        }
    }
    for (name, _) in files.names.iter().zip(taken_for_anchor).filter(|(_, is_taken)| *is_taken) {
        let tag = files.anchor.as_str();
        let reason =
            format!("nothing says the language of some rows, so they were taken for the anchor's, {tag}");
        let fix = "name the file or a column by the language if that is wrong";
        let found = problem(0, ProblemKind::TakenForAnchor, reason, fix, false);
        out.problems.push(ImportProblem::new(name, None, found));
    }
    candidates
}

/// The language of a prompt's text that stands beside a response: the response's own, but where a row has responses in many
/// languages that of the file, or the anchor's.
fn question_language(
    piece: &Piece,
    own: &Candidate,
    mapping: &ResponseMapping,
    files: &Files<'_>,
) -> Language {
    if mapping.kind == Some(ResponseShape::Wide) {
        return files.languages[piece.file].clone().unwrap_or_else(|| files.anchor.clone());
    }
    own.language.clone()
}

/// Rows that only their places join have to be as many as there are prompts.
fn check_counts(places: &Places, n_prompts: usize, files: &Files<'_>) -> Result<(), String> {
    let counts = places.counts();
    match counts.iter().find(|(_, n)| **n != n_prompts) {
        None => Ok(()),
        Some(((file, language), n)) => Err(format!(
            "neither ids nor texts say which prompts these responses answer, and {} has responses to {n} in {} where {n_prompts} are open: open the prompt set that they were made with, or add the prompts' ids",
            files.names[*file],
            language.as_str()
        )),
    }
}

/// Checks the responses, gives them their numbers, and puts them in order.
fn number(candidates: Vec<Candidate>, pieces: &[Piece], files: &Files<'_>, out: &mut ImportedResponses) {
    let mut numbered = Numbered::default();
    for Candidate { piece: place, column, language, model, said, prompt, .. } in candidates {
        let Some(at) = prompt else { continue };
        let piece = &pieces[place];
        let lost = |kind, reason: String, fix: &str, id: &str| {
            let mut found = problem(piece.row, kind, reason, fix, true);
            (found.prompt_id, found.language) = (Some(id.to_owned()), Some(language.clone()));
            ImportProblem::new(files.names[piece.file], Some(&column), found)
        };
        let prompt = &out.prompts[at];
        if said.text.trim().is_empty() && said.reasoning.is_none() {
            let fix = "write it, or leave the row out";
            out.problems.push(lost(
                ProblemKind::EmptyText,
                "the response is empty".to_owned(),
                fix,
                &prompt.id,
            ));
            continue;
        }
        if !prompt.text.contains_key(&language) {
            let reason = format!("the prompt {} has no text in {}", prompt.id, language.as_str());
            let fix = "add the prompt in this language, or say which language the response is in";
            out.problems.push(lost(ProblemKind::MissingRecord, reason, fix, &prompt.id));
            continue;
        }
        let response = response(&prompt.id, &language, model, &said);
        let is_chosen = Mapping::named(&out.mapping.chosen) == Some(column.as_str());
        let side = (out.mapping.kind == Some(ResponseShape::Pairs)).then_some((place, is_chosen));
        if let Err(reason) = numbered.take(at, response, said.sample, side) {
            out.problems.push(lost(ProblemKind::DuplicateId, reason, "keep one of the two", &prompt.id));
        }
    }
    let (responses, sides) = numbered.finish();
    out.responses = responses;
    out.pairs = pairs::pairs_of(sides, pieces, &files.names, &mut out.problems);
}

fn response(prompt_id: &str, language: &Language, model: String, said: &Said) -> Response {
    let mut response = Response {
        prompt_id: prompt_id.to_owned(),
        language: language.clone(),
        sample: 0,
        text: said.text.clone(),
        reasoning: None,
        reasoning_tokens: None,
        tokens: Vec::new(),
        logprob: None,
        finish_reason: said.finish.unwrap_or(FinishReason::Stop),
        answer: None,
        ambiguous: Vec::new(),
        detected_language: None,
        translation_of: None,
        model: Some(model).filter(|model| !model.is_empty()),
    };
    response.separate_reasoning();
    if response.reasoning.is_none() {
        response.reasoning = said.reasoning.clone();
    }
    response
}
