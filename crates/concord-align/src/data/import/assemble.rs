//! Tables to prompts, by a mapping without gaps.

use std::collections::HashSet;

use super::guess::{self, Guess};
use super::import_problem::{ImportProblem, problem};
use super::join::Origin;
use super::mapping::Mapping;
use super::prompt_set::{PromptSet, Reader};
use super::source::{SourceFile, Table};
use super::verdict::{Parallel, Verdict};
use super::{join, pieces};
use crate::data::limits::MOST_LANGUAGES;
use crate::data::problem::{DataError, ProblemKind, RowProblem};
use crate::data::{Language, Prompt, Spellings, parallel_problems};

/// Reads a prompt set from the bytes of a file; the starter prompts have the same form.
///
/// A prompt without text in `anchor` is kept and reported, because the anchor is a setting. Texts that do not look like
/// translations of each other are reported too ([`parallel_problems`]).
///
/// # Errors
/// The file is something else, which the error names; or it has no row that can be used.
pub fn read_prompts(bytes: &[u8], anchor: &Language) -> Result<PromptSet, DataError> {
    let tables = [Table::of(&SourceFile::new("", bytes), &Mapping::default())?];
    let Guess { mapping, problems, refusal } = guess::complete(&Mapping::default(), &tables, anchor);
    let read = prompts_of(&tables, &mapping, problems, anchor, false);
    let Read { prompts, problems, spellings, .. } = refusal.map_or(read, Err)?;
    Ok(PromptSet { prompts, problems: problems.into_iter().map(|found| found.problem).collect(), spellings })
}

/// What came of some tables.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) prompts: Vec<Prompt>,
    pub(super) problems: Vec<ImportProblem>,
    pub(super) spellings: Spellings,
    pub(super) verdict: Verdict,
}

/// Reads tables by a mapping without gaps; `is_strict` refuses rows that are joined by their places and do not fit.
pub(super) fn prompts_of(
    tables: &[Table],
    mapping: &Mapping,
    mut problems: Vec<ImportProblem>,
    anchor: &Language,
    is_strict: bool,
) -> Result<Read, DataError> {
    let names: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
    let pieces = pieces::pieces(tables, mapping, &mut problems);
    let has_ids = pieces.iter().any(|piece| piece.id.is_some());
    let groups = join::groups(pieces, mapping, &names, anchor, &mut problems)?;
    let task = mapping.task_of_all.unwrap_or_default();
    let (mut reader, mut prompts, mut numbers) = (Reader::new(anchor, task, has_ids), Vec::new(), Vec::new());
    reader.keeps_one = mapping.one_language == Some(true);
    if !has_ids && !groups.is_empty() {
        let reason = "no row has an id, so they are called row-1, row-2, …".to_owned();
        let found = problem(0, ProblemKind::MissingId, reason, "add ids to find the prompts again", false);
        problems.push(ImportProblem::new("", None, found));
    }
    let placed = |number: usize, mut found: RowProblem| {
        let origin = groups.get(number).and_then(|group| group.origin(found.language.as_ref()));
        let Some((origin, column)) = origin else { return ImportProblem::new("", None, found) };
        found.row = origin.row;
        // Where texts are missing, the first cell that could hold one is the place.
        let is_short = found.kind == ProblemKind::OneLanguage;
        let column = column.or_else(|| if is_short { empty_column(tables, mapping, origin) } else { None });
        ImportProblem::new(names.get(origin.file).copied().unwrap_or_default(), column, found)
    };
    for (number, group) in groups.iter().enumerate() {
        let row = group.origins.first().map(|origin| origin.row).unwrap_or_default();
        if let Some(prompt) = reader.prompt(row, &group.row) {
            prompts.push(prompt);
            numbers.push(u32::try_from(number).unwrap_or(u32::MAX));
        }
        problems.extend(reader.problems.drain(..).map(|found| placed(number, found)));
    }
    if prompts.is_empty() {
        return Err(no_prompts(&problems, groups.len()));
    }
    let languages: HashSet<&Language> = prompts.iter().flat_map(|prompt| prompt.text.keys()).collect();
    if languages.len() > MOST_LANGUAGES {
        let found = format!("texts in {} languages, of at most {MOST_LANGUAGES}", languages.len());
        return Err(DataError::NotAPromptSet { found });
    }
    let signs = parallel_problems(&prompts, &numbers, anchor);
    let verdict = Verdict::of(&prompts, &groups, &signs, anchor);
    if is_strict && verdict.parallel == Parallel::No {
        let reason = verdict.reasons.first().cloned().unwrap_or_default();
        return Err(DataError::NotParallel { reason });
    }
    problems.extend(signs.into_iter().map(|found| placed(found.row as usize, found)));
    Ok(Read { prompts, problems, spellings: reader.spellings, verdict })
}

/// The first column of a language that has no text in a row.
fn empty_column<'a>(tables: &[Table], mapping: &'a Mapping, origin: &Origin) -> Option<&'a str> {
    let own = &tables.get(origin.file)?.columns;
    let is_empty = |column: &&str| {
        own.iter().any(|known| known == column) && !origin.columns.values().any(|full| full == column)
    };
    mapping.texts.iter().map(|text| text.column.as_str()).find(is_empty)
}

/// The first problem that left a row out, as the reason why there is nothing.
fn no_prompts(problems: &[ImportProblem], n_rows: usize) -> DataError {
    let first = problems.iter().find(|found| found.problem.left_out && found.problem.row > 0);
    let Some(first) = first else {
        return DataError::NoPrompts { n_rows, row: 0, reason: String::new(), fix: String::new() };
    };
    let found = &first.problem;
    let file = if first.file.is_empty() { String::new() } else { format!(" ({})", first.file) };
    DataError::NoPrompts {
        n_rows,
        row: found.row,
        reason: format!("{}{file}", found.reason),
        fix: found.fix.clone(),
    }
}
