//! Counts the backticks before a position. Positions are asked about in order, so each backtick is counted once.

/// Backticks from the beginning of a text to a position that only moves forward.
#[derive(Debug)]
pub(super) struct Ticks<'a> {
    text: &'a str,
    /// The position that has been reached.
    to: usize,
    /// Backticks immediately before it.
    run: usize,
    /// Earlier backticks of the line, without fences.
    n_in_line: usize,
    /// Earlier fences of the part.
    n_fences: usize,
    /// Where the line ends, and the last backtick of it.
    line: (usize, Option<usize>),
}

impl<'a> Ticks<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, to: 0, run: 0, n_in_line: 0, n_fences: 0, line: (0, None) }
    }

    fn end_run(&mut self) {
        self.n_in_line += self.run % 3;
        self.n_fences += self.run / 3;
        self.run = 0;
    }

    fn count_to(&mut self, at: usize) {
        for byte in &self.text.as_bytes()[self.to.min(at)..at] {
            match byte {
                b'`' => self.run += 1,
                other => {
                    self.end_run();
                    if *other == b'\n' {
                        self.n_in_line = 0;
                    }
                }
            }
        }
        self.to = self.to.max(at);
    }

    /// Whether a position is inside inline code: after an odd number of backticks in its line and before another.
    pub(super) fn are_around(&mut self, at: usize) -> bool {
        self.count_to(at);
        if (self.n_in_line + self.run % 3).is_multiple_of(2) {
            return false;
        }
        if self.line.0 <= at {
            let end = self.text[at..].find('\n').map_or(self.text.len(), |n| at + n);
            self.line = (end, self.text[at..end].rfind('`').map(|n| at + n));
        }
        self.line.1.is_some_and(|last| last >= at)
    }

    /// Fences between the beginning of the part and a position.
    pub(super) fn n_fences(&mut self, at: usize) -> usize {
        self.count_to(at);
        self.n_fences + self.run / 3
    }

    /// Begins a new part at a position.
    pub(super) fn begin_part(&mut self, at: usize) {
        self.count_to(at);
        self.end_run();
        self.n_fences = 0;
    }
}
