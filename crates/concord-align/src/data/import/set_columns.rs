//! What columns of a prompt file say of the set as a whole: where it comes from, and its licence.

use std::collections::BTreeSet;

use super::columns::plain;
use super::import_problem::{ImportProblem, problem};
use super::mapping::Mapping;
use super::source::{Table, cell};
use crate::data::PromptSource;
use crate::data::problem::ProblemKind;

/// Names of the licence.
const LICENCE: [&str; 4] = ["licence", "license", "licence_name", "license_name"];
/// Names of where the set comes from.
const SOURCE: [&str; 5] = ["source", "source_dataset", "dataset", "dataset_name", "origin"];

/// Whether a column may say something of the whole set.
pub(super) fn is_of_set(column: &str) -> bool {
    LICENCE.iter().chain(&SOURCE).any(|name| *name == plain(column))
}

/// Source and licence of the set, where all rows of all files agree; where they do not, that is told.
pub(super) fn set_of(tables: &[Table], mapping: &Mapping, problems: &mut Vec<ImportProblem>) -> PromptSource {
    let mut agreed = |names: &[&str], what: &str| {
        let of_prompt = [&mapping.id, &mapping.answer, &mapping.task, &mapping.text, &mapping.language];
        let is_taken = |name: &String| {
            of_prompt.iter().any(|column| Mapping::named(column) == Some(name))
                || mapping.texts.iter().any(|text| text.column == *name)
        };
        let column = |table: &Table| {
            let find =
                |wanted: &&str| table.columns.iter().find(|own| plain(own) == **wanted && !is_taken(own));
            names.iter().find_map(|wanted| find(wanted).cloned())
        };
        let said = |table: &Table| -> BTreeSet<String> {
            let Some(column) = column(table) else { return BTreeSet::from([String::new()]) };
            let rows = table.rows.iter().filter_map(|(_, row)| row.as_object());
            let text = |row| cell(row, &column).and_then(|value| value.as_str()).unwrap_or_default();
            rows.map(|row| text(row).trim().to_owned()).collect()
        };
        let (table, column) = tables.iter().find_map(|table| Some((table, column(table)?)))?;
        let all: BTreeSet<String> = tables.iter().flat_map(said).collect();
        let n_named = all.iter().filter(|value| !value.is_empty()).count();
        if n_named == 1 && all.len() == 1 {
            return all.into_iter().next();
        }
        let reason = match n_named {
            0 => return None,
            1 => format!("some rows have no {what}, so none was taken for the set"),
            n => format!(
                "the rows have {n} different values in this column, so the {what} of the set was left open"
            ),
        };
        let fix = format!("write the {what} of the whole set in its field below the title of the prompts");
        let found = problem(0, ProblemKind::IgnoredColumn, reason, &fix, false);
        problems.push(ImportProblem::new(&table.name, Some(&column), found));
        None
    };
    let (source, licence) = (agreed(&SOURCE, "source"), agreed(&LICENCE, "licence"));
    PromptSource {
        name: String::new(),
        source: source.unwrap_or_default(),
        licence: licence.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use crate::data::{Imported, Language, Mapping, SourceFile, import};

    fn read(files: &[(&str, &str)]) -> Imported {
        let files = files.iter().map(|(name, text)| SourceFile::new(*name, text.as_bytes())).collect();
        import(files, &Mapping::default(), &Language::from("en"))
    }

    #[test]
    fn what_all_rows_say_is_said_of_the_set() {
        for header in ["id,en,de,license,source", "id,en,de,Licence,Dataset"] {
            let rows =
                "a,One?,Eins?,CC-BY-SA-4.0,juletxara/mgsm\nb,Two?,Zwei?, CC-BY-SA-4.0 ,juletxara/mgsm\n";
            let read = read(&[("set.csv", &format!("{header}\n{rows}"))]);
            assert_eq!(
                (read.prompt_set.source.as_str(), read.prompt_set.licence.as_str()),
                ("juletxara/mgsm", "CC-BY-SA-4.0")
            );
            assert!(read.problems.is_empty(), "{:?}", read.problems);
        }
        let lines = "{\"id\":\"a\",\"licence\":\"MIT\",\"text\":{\"en\":\"One?\",\"de\":\"Eins?\"}}\n";
        assert_eq!(read(&[("set.jsonl", lines)]).prompt_set.licence, "MIT");
    }

    #[test]
    fn rows_that_differ_leave_it_open_and_are_told_of() {
        let differ = read(&[("set.csv", "id,en,de,license\na,One?,Eins?,MIT\nb,Two?,Zwei?,CC0-1.0\n")]);
        let lacks = read(&[("set.csv", "id,en,de,license\na,One?,Eins?,MIT\nb,Two?,Zwei?,\n")]);
        for (read, said) in [(differ, "2 different"), (lacks, "some rows have no licence")] {
            assert!(read.prompt_set.is_empty() && read.prompts.len() == 2);
            let found: Vec<_> = read.problems.iter().map(|found| &found.problem.reason).collect();
            assert!(matches!(&found[..], [reason] if reason.contains(said)), "{found:?}");
            assert_eq!(read.problems[0].column.as_deref(), Some("license"));
        }
        // A column without a value says nothing, and nothing is missing.
        let empty = read(&[("set.csv", "id,en,de,source\na,One?,Eins?,\n")]);
        assert!(empty.prompt_set.is_empty() && empty.problems.is_empty(), "{:?}", empty.problems);
    }

    #[test]
    fn all_files_have_to_agree() {
        let de = ("q_de.csv", "id,question,license\na,Eins?,MIT\nb,Zwei?,MIT\n");
        let en = |text| ("q_en.csv", text);
        let same = read(&[en("id,question,license\na,One?,MIT\nb,Two?,MIT\n"), de]);
        assert_eq!((same.prompts.len(), same.prompt_set.licence.as_str()), (2, "MIT"));
        let without = read(&[en("id,question\na,One?\nb,Two?\n"), de]);
        assert!(without.prompt_set.is_empty(), "{:?}", without.prompt_set);
        assert!(without.problems.iter().any(|found| found.file == "q_de.csv"), "{:?}", without.problems);
    }
}
