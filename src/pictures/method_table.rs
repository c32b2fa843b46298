//! The table of methods by languages as a screen shows it: one measure at a time, sorted, and the pairs behind a cell.

use std::cmp::Ordering;

use crate::align::compare::DifferingRow;
use crate::align::evaluate::Rate;
use crate::align::{ComparisonTable, Interval};
use crate::data::{InOrder, Method, Pair, SkipReason};

/// What a cell of the table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// Pairs whose chosen response is right and whose rejected one is wrong; needs gold.
    #[default]
    RightOverWrong,
    /// Pairs whose chosen response is right; needs gold.
    ChosenRight,
    /// Pairs whose rejected response is wrong; needs gold.
    RejectedWrong,
    /// Rows that have a pair.
    Coverage,
    /// Mean margin, on the method's own scale.
    MeanMargin,
    /// Rows with a pair by both where the pair is the one that CM-Align picks.
    SameAsCmAlign,
}

impl Measure {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 6] = [
        Self::RightOverWrong,
        Self::ChosenRight,
        Self::RejectedWrong,
        Self::Coverage,
        Self::MeanMargin,
        Self::SameAsCmAlign,
    ];

    /// For values and test ids.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RightOverWrong => "right-over-wrong",
            Self::ChosenRight => "chosen-right",
            Self::RejectedWrong => "rejected-wrong",
            Self::Coverage => "coverage",
            Self::MeanMargin => "mean-margin",
            Self::SameAsCmAlign => "same-as-cm-align",
        }
    }

    /// Whether it takes gold answers.
    pub fn needs_gold(self) -> bool {
        matches!(self, Self::RightOverWrong | Self::ChosenRight | Self::RejectedWrong)
    }
}

/// The number of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// A share in 0..=1, or a mean margin; `None` where nothing was counted.
    pub value: Option<f64>,
    /// Part and whole of a share.
    pub counts: Option<(u32, u32)>,
    /// Where a share lies in 95 % of the resampled prompt sets.
    pub interval: Option<Interval>,
    /// Whether there is no number because the model was not asked what the method needs.
    pub is_unmeasured: bool,
}

impl From<Rate> for Figure {
    fn from(rate: Rate) -> Self {
        Self {
            value: rate.share,
            counts: Some((rate.part, rate.whole)),
            interval: rate.interval,
            is_unmeasured: false,
        }
    }
}

/// A method's row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// Place in [`ComparisonTable::methods`].
    pub place: usize,
    /// Which method.
    pub method: Method,
    /// All languages, then each in the table's order.
    pub figures: Vec<Figure>,
}

impl TableRow {
    /// Whether it has no number for all languages because the model was not asked what the method needs.
    pub fn is_unmeasured(&self) -> bool {
        self.figures.first().is_some_and(|all| all.is_unmeasured)
    }
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Column {
    /// The methods, in the order in which they are always named.
    #[default]
    Method,
    /// Place in [`TableRow::figures`].
    Figure(usize),
}

/// How the rows are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By which column.
    pub column: Column,
    /// From the highest down.
    pub is_descending: bool,
}

impl Order {
    /// What pressing a column's head makes of it: numbers begin from the highest, a second press turns the order.
    #[must_use]
    pub fn pressed(self, column: Column) -> Self {
        let is_descending =
            if self.column == column { !self.is_descending } else { column != Column::Method };
        Self { column, is_descending }
    }

    /// For `aria-sort` of a column's head.
    pub fn aria_sort(self, column: Column) -> &'static str {
        match (self.column == column, self.is_descending) {
            (false, _) => "none",
            (true, true) => "descending",
            (true, false) => "ascending",
        }
    }
}

/// The rows of a measure in an order. Cells without a number come last either way; equals keep the methods' order.
pub fn table_rows(table: &ComparisonTable, measure: Measure, order: Order) -> Vec<TableRow> {
    let mut rows: Vec<TableRow> =
        (0..table.methods.len()).map(|place| table_row(table, measure, place)).collect();
    match order.column {
        Column::Method if order.is_descending => rows.reverse(),
        Column::Method => {}
        Column::Figure(at) => {
            let value = |row: &TableRow| row.figures.get(at).and_then(|figure| figure.value);
            rows.order_by(|a, b| match (value(a), value(b)) {
                (Some(a), Some(b)) if order.is_descending => b.total_cmp(&a),
                (Some(a), Some(b)) => a.total_cmp(&b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        }
    }
    rows
}

fn table_row(table: &ComparisonTable, measure: Measure, place: usize) -> TableRow {
    let row = &table.methods[place];
    let cells = || std::iter::once(&row.all).chain(&row.languages);
    let mut figures: Vec<Figure> = match measure {
        Measure::RightOverWrong => cells().map(|cell| cell.quality.right_over_wrong.into()).collect(),
        Measure::ChosenRight => cells().map(|cell| cell.quality.chosen_right.into()).collect(),
        Measure::RejectedWrong => cells().map(|cell| cell.quality.rejected_wrong.into()).collect(),
        Measure::Coverage => cells().map(|cell| cell.coverage.into()).collect(),
        Measure::MeanMargin => {
            cells().map(|cell| Figure { value: cell.mean_margin, ..Figure::default() }).collect()
        }
        Measure::SameAsCmAlign => same_as_cm_align(table, place),
    };
    for (figure, cell) in figures.iter_mut().zip(cells()) {
        if cell.is_unmeasured() {
            *figure = Figure { is_unmeasured: true, ..Figure::default() };
        }
    }
    TableRow { place, method: row.method, figures }
}

/// All languages, then each: of the rows where both have a pair, those with the same.
fn same_as_cm_align(table: &ComparisonTable, place: usize) -> Vec<Figure> {
    let mut rates = vec![Rate::default(); 1 + table.languages.len()];
    let cm_align = table.methods.iter().find(|row| row.method == Method::CmAlign);
    let theirs = cm_align.map(|row| row.selection.pairs.as_slice()).unwrap_or_default();
    for (pair, other) in table.methods[place].selection.pairs.iter().zip(theirs) {
        let both = pair.chosen.zip(pair.rejected).zip(other.chosen.zip(other.rejected));
        let Some((pick, other_pick)) = both.filter(|_| is_same_row(pair, other)) else { continue };
        rates[0].count(pick == other_pick);
        if let Some(language) = table.languages.iter().position(|language| *language == pair.language) {
            rates[1 + language].count(pick == other_pick);
        }
    }
    rates.into_iter().map(Figure::from).collect()
}

fn is_same_row(a: &Pair, b: &Pair) -> bool {
    a.prompt_id == b.prompt_id && a.language == b.language
}

/// Which of the rows behind a cell are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listed {
    /// Rows with a pair.
    #[default]
    Pairs,
    /// Pairs with a right response over a wrong one.
    RightOverWrong,
    /// Judged pairs that are not.
    Otherwise,
    /// Rows without a pair.
    Skipped,
}

impl Listed {
    /// Every variant, for lists and for finding one by its name.
    pub const ALL: [Self; 4] = [Self::Pairs, Self::RightOverWrong, Self::Otherwise, Self::Skipped];

    /// For values.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::RightOverWrong => "right-over-wrong",
            Self::Otherwise => "otherwise",
            Self::Skipped => "skipped",
        }
    }
}

/// The rows behind a cell, as places in the method's pairs. `column` is a place in [`TableRow::figures`].
pub fn rows_behind(table: &ComparisonTable, method: usize, column: usize, listed: Listed) -> Vec<usize> {
    let Some(row) = table.methods.get(method) else { return Vec::new() };
    let language = column.checked_sub(1).and_then(|at| table.languages.get(at));
    let is_listed = |at: usize, pair: &Pair| {
        let verdict = row.verdicts.get(at).copied().flatten();
        let is_right_over_wrong = verdict.map(|verdict| verdict.chosen_right && verdict.rejected_wrong);
        match listed {
            Listed::Pairs => pair.skip.is_none(),
            Listed::RightOverWrong => is_right_over_wrong == Some(true),
            Listed::Otherwise => is_right_over_wrong == Some(false),
            Listed::Skipped => pair.skip.is_some_and(|skip| skip != SkipReason::AnchorLanguage),
        }
    };
    let pairs = row.selection.pairs.iter().enumerate();
    let of_language = pairs.filter(|(_, pair)| language.is_none_or(|language| *language == pair.language));
    of_language.filter(|(at, pair)| is_listed(*at, pair)).map(|(at, _)| at).collect()
}

/// What a method made of a row on which two methods differ.
pub fn row_pair(table: &ComparisonTable, method: usize, row: DifferingRow) -> Option<&Pair> {
    let picks = &table.methods.get(method)?.selection;
    let prompt_id = &picks.references.get(row.prompt as usize)?.prompt_id;
    let language = table.languages.get(row.language as usize)?;
    picks.pairs.iter().find(|pair| pair.prompt_id == *prompt_id && pair.language == *language)
}

/// Why rows have no pair: every reason that occurs with its rows by method, the most frequent reason first. That the
/// anchor gives the reference is no gap and left out.
pub fn skip_table(table: &ComparisonTable) -> Vec<(SkipReason, Vec<u32>)> {
    let n_methods = table.methods.len();
    let mut rows: Vec<(SkipReason, Vec<u32>)> = Vec::new();
    for (at, method) in table.methods.iter().enumerate() {
        for (reason, n) in method.all.skips.iter().filter(|(reason, _)| *reason != SkipReason::AnchorLanguage)
        {
            let known = rows.iter().position(|(known, _)| known == reason).unwrap_or_else(|| {
                rows.push((*reason, vec![0; n_methods]));
                rows.len() - 1
            });
            rows[known].1[at] = *n;
        }
    }
    let total = |row: &(SkipReason, Vec<u32>)| row.1.iter().sum::<u32>();
    rows.order_by(|a, b| match total(b).cmp(&total(a)) {
        Ordering::Equal => format!("{:?}", a.0).cmp(&format!("{:?}", b.0)),
        other => other,
    });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::{Comparison, Material, PromptIndex};
    use crate::data::{SessionConfig, test_session::sample};

    fn table() -> ComparisonTable {
        let session = sample();
        let configs = [Method::CmAlign, Method::RandomReference, Method::Mapo]
            .map(|method| SessionConfig { method, ..session.config.clone() });
        let index = PromptIndex::new(Material::of(&session));
        let mut comparison = Comparison::new(&index, &configs);
        while comparison.step() {}
        comparison.finish()
    }

    #[test]
    fn numbers_sort_from_the_highest_and_nothing_comes_last() {
        let mut table = table();
        let margins = [Some(0.25), None, Some(0.75)];
        for (row, margin) in table.methods.iter_mut().zip(margins) {
            row.all.mean_margin = margin;
            row.all.skips.clear();
        }
        let by_margin = Order::default().pressed(Column::Figure(0));
        let places = |order| -> Vec<usize> {
            table_rows(&table, Measure::MeanMargin, order).iter().map(|row| row.place).collect()
        };
        assert_eq!(places(Order::default()), [0, 1, 2]);
        assert_eq!(places(by_margin), [2, 0, 1]);
        assert_eq!(places(by_margin.pressed(Column::Figure(0))), [0, 2, 1]);
        assert_eq!(places(by_margin.pressed(Column::Method).pressed(Column::Method)), [2, 1, 0]);
        assert_eq!(by_margin.aria_sort(Column::Figure(0)), "descending");
        assert_eq!(by_margin.aria_sort(Column::Method), "none");
    }

    #[test]
    fn a_method_agrees_with_itself_and_the_rows_behind_a_cell_are_its_counts() {
        let table = table();
        for measure in [Measure::Coverage, Measure::RightOverWrong, Measure::SameAsCmAlign] {
            for row in table_rows(&table, measure, Order::default()) {
                assert_eq!(row.figures.len(), 1 + table.languages.len());
                for (column, figure) in
                    row.figures.iter().enumerate().filter(|(_, figure)| !figure.is_unmeasured)
                {
                    let listed = match measure {
                        Measure::Coverage => Listed::Pairs,
                        Measure::RightOverWrong => Listed::RightOverWrong,
                        _ => continue,
                    };
                    let n = rows_behind(&table, row.place, column, listed).len();
                    assert_eq!(figure.counts.map(|counts| counts.0), Some(n as u32), "{measure:?} {column}");
                }
            }
        }
        let same = &table_rows(&table, Measure::SameAsCmAlign, Order::default())[0].figures[0];
        assert_eq!((same.value, same.counts), (Some(1.0), Some((1, 1))));
    }

    #[test]
    fn what_was_not_measured_shows_no_number() {
        let table = table();
        for measure in Measure::ALL {
            let rows = table_rows(&table, measure, Order::default());
            let mapo = rows.iter().find(|row| row.method == Method::Mapo).unwrap();
            let all = mapo.figures[0];
            assert_eq!((all.value, all.counts, all.is_unmeasured), (None, None, true), "{measure:?}");
            assert!(mapo.is_unmeasured() && !rows[0].is_unmeasured(), "{measure:?}");
            assert!(rows[0].figures.iter().all(|figure| !figure.is_unmeasured), "{measure:?}");
        }
    }

    #[test]
    fn skips_leave_the_anchor_out() {
        let rows = skip_table(&table());
        assert!(rows.iter().all(|(reason, _)| *reason != SkipReason::AnchorLanguage), "{rows:?}");
        let reference = rows.iter().find(|(reason, _)| *reason == SkipReason::NoReference);
        assert_eq!(reference.map(|(_, counts)| counts[0]), Some(1), "{rows:?}");
    }
}
