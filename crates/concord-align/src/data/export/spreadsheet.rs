//! Tables that a spreadsheet opens. A spreadsheet runs a cell that begins with `=`, `+`, `-` or `@` as a formula, and where
//! its list separator is another than the file's, a cell may begin in the middle of a text.

use crate::data::RowProblem;

/// A text as a cell of a CSV file: quoted where it must be, and with an apostrophe wherever a spreadsheet could take what
/// follows for a formula.
pub fn csv_cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    let mut may_begin = true;
    for c in text.chars() {
        // The wide forms are formulas to spreadsheets in Japanese and Chinese.
        if may_begin && "=+-@\t\r＝＋－＠".contains(c) {
            cell.push('\'');
        }
        may_begin = ",;\t\r\n\"|".contains(c);
        cell.push(c);
    }
    if cell.contains([',', ';', '"', '\n', '\r', '\t']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

/// What an export left out and warns of, as a CSV file (RFC 4180).
pub fn problems_csv(problems: &[RowProblem]) -> String {
    let mut csv = "row,prompt_id,language,left_out,reason,what_to_do\r\n".to_owned();
    for problem in problems {
        let cells = [
            problem.row.to_string(),
            csv_cell(problem.prompt_id.as_deref().unwrap_or_default()),
            csv_cell(problem.language.as_ref().map_or("", |language| language.as_str())),
            if problem.left_out { "yes" } else { "no" }.to_owned(),
            csv_cell(&problem.reason),
            csv_cell(&problem.fix),
        ];
        csv.push_str(&cells.join(","));
        csv.push_str("\r\n");
    }
    csv
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Language, ProblemKind};

    #[test]
    fn no_cell_is_a_formula_wherever_a_spreadsheet_cuts() {
        for (text, cell) in [
            ("plain", "plain"),
            ("a-b = c", "a-b = c"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("\t=1", "\"'\t'=1\""),
            ("a;=cmd|' /C calc'!A0", "\"a;'=cmd|' /C calc'!A0\""),
            ("a,\"=1\"", "\"a,\"\"'=1\"\"\""),
            ("a\r\n=1", "\"a\r\n'=1\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(text), cell, "{text:?}");
        }
    }

    #[test]
    fn the_list_names_row_prompt_language_reason_and_remedy() {
        let problem = RowProblem {
            row: 3,
            prompt_id: Some("=HYPERLINK(\"http://x\")".to_owned()),
            language: Some(Language::from("sw")),
            kind: ProblemKind::SameText,
            reason: "chosen and rejected are the same text".to_owned(),
            fix: "choose another response, or leave the row out".to_owned(),
            left_out: true,
        };
        let csv = problems_csv(&[problem]);
        let mut lines = csv.split("\r\n");
        assert_eq!(lines.next(), Some("row,prompt_id,language,left_out,reason,what_to_do"));
        let expected = "3,\"'=HYPERLINK(\"\"http://x\"\")\",sw,yes,chosen and rejected are the same text,\"choose another response, or leave the row out\"";
        assert_eq!(lines.next(), Some(expected));
    }
}
