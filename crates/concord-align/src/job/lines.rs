//! The lines of a file that comes in pieces.

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 64 << 20;

/// A line, without its line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'l> {
    /// It ended with a line feed.
    Whole(&'l [u8]),
    /// The file ended with it: it is whole, or its end was cut off.
    Last(&'l [u8]),
    /// It is longer than may be.
    TooLong,
}

/// Puts lines together.
#[derive(Debug, Default)]
pub(super) struct Lines {
    begun: Vec<u8>,
    is_skipping: bool,
    n_lines: usize,
}

impl Lines {
    /// Takes the next bytes, and shows every line that ends in them, with its number from 1.
    pub(super) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(usize, Line<'_>)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            if self.begun.len() + piece.len() > LONGEST_LINE {
                (self.is_skipping, self.begun) = (true, Vec::new());
            }
            if !self.is_skipping {
                self.begun.extend_from_slice(piece);
            }
            if pieces.peek().is_some() {
                self.n_lines += 1;
                let line = if self.is_skipping { Line::TooLong } else { Line::Whole(&self.begun) };
                each(self.n_lines, line);
                self.is_skipping = false;
                self.begun.clear();
            }
        }
    }

    /// What has begun of a line is of no use.
    pub(super) fn give_up_rest(&mut self) {
        self.begun.clear();
        self.is_skipping = false;
    }

    /// The file has ended: shows what stands behind the last line feed, if anything does, and says how many lines there were.
    pub(super) fn end(&mut self, each: &mut dyn FnMut(usize, Line<'_>)) -> usize {
        let Self { begun, is_skipping, n_lines } = std::mem::take(self);
        let is_blank = begun.trim_ascii().is_empty();
        if is_skipping || !is_blank {
            each(n_lines + 1, if is_skipping { Line::TooLong } else { Line::Last(&begun) });
        }
        n_lines + usize::from(is_skipping || !is_blank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> (Vec<(usize, String)>, usize) {
        let (mut lines, mut seen) = (Lines::default(), Vec::new());
        let mut see = |number: usize, line: Line<'_>| seen.push((number, said(line)));
        pieces.iter().for_each(|piece| lines.push(piece, &mut see));
        let n_lines = lines.end(&mut see);
        assert_eq!(lines.end(&mut |_, _| panic!("nothing is left")), 0);
        (seen, n_lines)
    }

    fn said(line: Line<'_>) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match line {
            Line::Whole(bytes) => text(bytes),
            Line::Last(bytes) => format!("last {}", text(bytes)),
            Line::TooLong => "too long".to_owned(),
        }
    }

    #[test]
    fn lines_are_the_same_however_they_are_cut() {
        let text = b"ab\n\ncd\r\nef";
        let whole = read(&[text]);
        let wanted = [(1, "ab"), (2, ""), (3, "cd\r"), (4, "last ef")];
        assert_eq!(whole, (wanted.map(|(n, line)| (n, line.to_owned())).to_vec(), 4));
        for at in 0..=text.len() {
            assert_eq!(read(&[&text[..at], &text[at..]]), whole, "cut at {at}");
        }
        assert_eq!(read(&[b"a\n", b" "]), (vec![(1, "a".to_owned())], 1));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_is_read() {
        let piece = vec![b'x'; LONGEST_LINE / 2 + 1];
        let (seen, n_lines) = read(&[&piece, &piece, b"\nok\n", &piece, &piece]);
        let seen: Vec<(usize, &str)> = seen.iter().map(|(n, line)| (*n, line.as_str())).collect();
        assert_eq!((seen, n_lines), (vec![(1, "too long"), (2, "ok"), (3, "too long")], 3));
    }
}
