//! Seats the rows of a decode, as the GPU does for itself.

/// A row as the batch holds it: id, position, table row, and nothing.
pub type Seated = [u32; 4];

/// Who sits where, and who still waits, given who sat where and who waited: rows that have ended leave, the others move up,
/// and waiting ones take places below `n_rows`. `goes_on` says whether a row has not ended.
pub fn seat(
    places: &[Seated],
    waiting: &[Seated],
    n_rows: usize,
    goes_on: impl Fn(&Seated) -> bool,
) -> (Vec<Seated>, Vec<Seated>) {
    let mut seated: Vec<Seated> = places.iter().filter(|row| goes_on(row)).copied().collect();
    let mut waiting: Vec<Seated> = waiting.iter().filter(|row| goes_on(row)).copied().collect();
    let n_free = n_rows.saturating_sub(seated.len()).min(waiting.len());
    seated.extend(waiting.drain(..n_free));
    (seated, waiting)
}
