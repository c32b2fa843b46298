//! Workbooks in: the cells of each sheet as rows under the names in its first row.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataType, ExcelDateTime, Ods, OdsError, Reader, Xlsx, XlsxError};
use concord_align::data::archive::{Limits, Unpacker};
use serde_json::{Number, Value};

use crate::{MOST_BYTES, MOST_COLUMNS, MOST_ROWS, Row, Sheet, TableError};

/// Days of 1900 and 1904 begin with this hour in spreadsheets that hold a time alone.
const FIRST_YEAR: u16 = 1905;

pub(crate) fn read_xlsx(bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    check_size(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsxError::Password => TableError::Locked,
        other => TableError::damaged(other),
    })?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let mut cells = match book.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            // A sheet of charts has no cells.
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(TableError::damaged(error)),
        };
        let mut grid = Grid::default();
        while let Some(cell) = cells.next_cell().map_err(TableError::damaged)? {
            grid.put(cell.get_position(), value_of(cell.get_value()))?;
        }
        sheets.extend(grid.sheet(name));
    }
    Ok(sheets)
}

pub(crate) fn read_ods(bytes: &[u8]) -> Result<Vec<Sheet>, TableError> {
    check_size(bytes)?;
    let mut book: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(|error| match error {
        OdsError::Password => TableError::Locked,
        other => TableError::damaged(other),
    })?;
    let mut sheets = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(TableError::damaged)?;
        let (mut grid, (top, left)) = (Grid::default(), range.start().unwrap_or_default());
        for (row, column, cell) in range.used_cells() {
            let place = |from: u32, by: usize| u32::try_from(by).ok().and_then(|by| from.checked_add(by));
            let place = place(top, row).zip(place(left, column));
            grid.put(place.unwrap_or((u32::MAX, u32::MAX)), value_of(cell))?;
        }
        sheets.extend(grid.sheet(name));
    }
    Ok(sheets)
}

/// Holds what the parts of the archive say of their sizes against the limit.
fn check_size(bytes: &[u8]) -> Result<(), TableError> {
    let limits = Limits { n_bytes: u64::MAX, ratio: u64::MAX, ..Limits::default() };
    let archive = Unpacker::new(bytes, &limits).map_err(TableError::damaged)?;
    let n_bytes = archive.files().fold(0u64, |sum, (_, n_bytes)| sum.saturating_add(n_bytes));
    if n_bytes > MOST_BYTES {
        return Err(TableError::too_large(
            format!("{} MB once unpacked", n_bytes >> 20),
            format!("{} MB", MOST_BYTES >> 20),
        ));
    }
    Ok(())
}

/// The cells of a sheet that hold something.
#[derive(Default)]
struct Grid {
    rows: BTreeMap<u32, BTreeMap<u32, Value>>,
}

impl Grid {
    fn put(&mut self, (row, column): (u32, u32), value: Value) -> Result<(), TableError> {
        if value.is_null() {
            return Ok(());
        }
        if column as usize >= MOST_COLUMNS {
            return Err(TableError::too_large(
                format!("a cell in column {column}"),
                format!("{MOST_COLUMNS} columns"),
            ));
        }
        self.rows.entry(row).or_default().insert(column, value);
        if self.rows.len() > MOST_ROWS {
            return Err(TableError::too_large(format!("{} rows", self.rows.len()), format!("{MOST_ROWS}")));
        }
        Ok(())
    }

    /// The first row that is not empty names the columns. `None` for a sheet without a cell.
    fn sheet(self, name: String) -> Option<Sheet> {
        let mut rows = self.rows.into_values();
        let header = rows.next()?;
        let rows: Vec<BTreeMap<u32, Value>> = rows.collect();
        let last = rows.iter().chain([&header]).filter_map(|row| row.keys().next_back()).max().copied()?;
        let mut columns: Vec<String> = Vec::new();
        for at in 0..=last {
            let own = header.get(&at).map(text_of).unwrap_or_default();
            let own = match own.trim() {
                "" => format!("column {}", at + 1),
                name => name.to_owned(),
            };
            // Of two columns of one name the second is told apart by its place.
            columns.push(if columns.contains(&own) { format!("{own} ({})", at + 1) } else { own });
        }
        let named = |row: BTreeMap<u32, Value>| -> Row {
            row.into_iter().map(|(at, value)| (columns[at as usize].clone(), value)).collect()
        };
        let rows = rows.into_iter().map(named).collect();
        Some(Sheet { name, columns, rows })
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn value_of(cell: &impl DataType) -> Value {
    let text = || {
        let written =
            cell.get_string().map(str::to_owned).or_else(|| cell.get_datetime().as_ref().map(time_of));
        let iso = || cell.get_datetime_iso().or_else(|| cell.get_duration_iso()).map(str::to_owned);
        written.or_else(iso).or_else(|| cell.get_error().map(ToString::to_string)).map(Value::String)
    };
    let number = || cell.get_int().map(Value::from).or_else(|| cell.get_float().map(number_of));
    text().or_else(number).or_else(|| cell.get_bool().map(Value::Bool)).unwrap_or_default()
}

/// A spreadsheet holds every number as a float; a whole one is written without a point.
fn number_of(number: f64) -> Value {
    let whole = number as i64;
    if whole as f64 == number && whole.unsigned_abs() < 1 << 53 {
        return whole.into();
    }
    Number::from_f64(number).map_or(Value::Null, Value::Number)
}

fn time_of(time: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let clock = match (second, milli) {
        (_, 1..) => format!("{hour:02}:{minute:02}:{second:02}.{milli:03}"),
        _ => format!("{hour:02}:{minute:02}:{second:02}"),
    };
    match (time.is_duration() || year < FIRST_YEAR, hour, minute, second, milli) {
        (true, ..) => clock,
        (false, 0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{clock}"),
    }
}
