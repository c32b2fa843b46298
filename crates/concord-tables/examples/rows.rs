//! Prints the rows of tables as JSON Lines: `cargo run -p concord-tables --example rows -- FILE…`.

use std::io::{Write, stdout};

fn main() -> std::io::Result<()> {
    let mut out = stdout().lock();
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        match concord_tables::read(&path, &bytes) {
            Ok(sheets) => {
                for sheet in sheets {
                    writeln!(out, "# {path} {} {:?}, {} rows", sheet.name, sheet.columns, sheet.rows.len())?;
                    for row in sheet.rows.iter().take(5) {
                        writeln!(out, "{}", serde_json::Value::Object(row.clone()))?;
                    }
                }
            }
            Err(error) => writeln!(out, "# {path}: {error}")?,
        }
    }
    Ok(())
}
