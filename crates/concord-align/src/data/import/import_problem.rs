//! A problem of a file that was picked, with the file and the column that it is in.

use serde::{Deserialize, Serialize};

use crate::data::problem::{ProblemKind, RowProblem};

/// What is wrong with a row of one of several files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportProblem {
    /// Name of the file; empty where it is the only one.
    pub file: String,
    /// Name of the column, where one is concerned.
    pub column: Option<String>,
    /// Row, kind, reason, and what was expected.
    #[serde(flatten)]
    pub problem: RowProblem,
}

impl ImportProblem {
    pub(super) fn new(file: &str, column: Option<&str>, problem: RowProblem) -> Self {
        Self { file: file.to_owned(), column: column.map(str::to_owned), problem }
    }

    /// Where it is, for a person: `mgsm_sw.tsv, row 12, column "question"`.
    pub fn place(&self) -> String {
        let mut parts = Vec::new();
        if !self.file.is_empty() {
            parts.push(self.file.clone());
        }
        match (self.problem.row, &self.problem.prompt_id) {
            (0, Some(id)) => parts.push(format!("prompt {id}")),
            (0, None) if parts.is_empty() => parts.push("the file".to_owned()),
            (0, None) => {}
            (row, Some(id)) if *id != format!("row-{row}") => parts.push(format!("row {row} ({id})")),
            (row, _) => parts.push(format!("row {row}")),
        }
        match (&self.column, &self.problem.language) {
            (Some(column), Some(language)) if column != language.as_str() => {
                parts.push(format!("column \"{column}\" ({})", language.as_str()));
            }
            (Some(column), _) => parts.push(format!("column \"{column}\"")),
            (None, Some(language)) => parts.push(language.as_str().to_owned()),
            (None, None) => {}
        }
        parts.join(", ")
    }
}

/// A problem of the only file, of no column in particular.
impl From<RowProblem> for ImportProblem {
    fn from(problem: RowProblem) -> Self {
        Self { file: String::new(), column: None, problem }
    }
}

/// A problem of a row, or of the whole file where the row is 0.
pub(super) fn problem(row: u32, kind: ProblemKind, reason: String, fix: &str, left_out: bool) -> RowProblem {
    RowProblem { row, prompt_id: None, language: None, kind, reason, fix: fix.to_owned(), left_out }
}
