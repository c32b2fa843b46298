//! Counts what the reader looks at, so that a test can prove that reading takes time in proportion to the length of a text.
//! Outside tests nothing is counted.

#[cfg(test)]
thread_local! {
    static LOOKED_AT: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Glyphs, numbers or words of the lexicon that were looked at.
#[inline]
pub(super) fn looked_at(n: usize) {
    #[cfg(test)]
    LOOKED_AT.with(|all| all.set(all.get() + n));
    #[cfg(not(test))]
    let _ = n;
}

/// How much is looked at while `read` runs.
#[cfg(test)]
pub(super) fn work_of<T>(read: impl FnOnce() -> T) -> usize {
    let before = LOOKED_AT.with(std::cell::Cell::get);
    read();
    LOOKED_AT.with(std::cell::Cell::get) - before
}
