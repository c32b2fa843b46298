//! The lines of a `text/event-stream`, however its bytes are cut on their way.

/// Most bytes of one line. A server may send a whole response in one.
const LONGEST_LINE: usize = 4 << 20;

/// A message of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// What stood in its `data` lines.
    Data(Vec<u8>),
    /// A line that names an error, as old llama-servers send it.
    Error(Vec<u8>),
}

/// One line, or one message, is longer than any answer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Takes bytes and gives messages. Lines end with `\n`, `\r\n` or `\r`, and a blank one ends a message.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    ended_by_return: bool,
    has_begun: bool,
}

impl Events {
    /// Takes the next bytes; `found` gets the messages that they end.
    ///
    /// # Errors
    /// When a line or a message grows beyond the longest line.
    pub(super) fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Event)) -> Result<(), TooLong> {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            // The second half of `\r\n`.
            let is_second = end == 0 && rest[0] == b'\n' && self.ended_by_return;
            if !is_second {
                self.add(&rest[..end])?;
                self.end_line(found)?;
            }
            self.ended_by_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            self.ended_by_return = false;
        }
        self.add(rest)
    }

    /// The stream has ended: a last message may lack its blank line.
    ///
    /// # Errors
    /// As for [`Events::push`].
    pub(super) fn finish(&mut self, found: &mut impl FnMut(Event)) -> Result<(), TooLong> {
        self.end_line(found)?;
        self.end_line(found)
    }

    fn add(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > LONGEST_LINE {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn end_line(&mut self, found: &mut impl FnMut(Event)) -> Result<(), TooLong> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !self.has_begun {
            self.has_begun = true;
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            if let Some(data) = self.data.take() {
                found(Event::Data(data));
            }
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => {
                let data = match &mut self.data {
                    Some(data) => {
                        data.push(b'\n');
                        data
                    }
                    None => self.data.insert(Vec::new()),
                };
                if data.len() + value.len() > LONGEST_LINE {
                    return Err(TooLong);
                }
                data.extend_from_slice(value);
            }
            b"error" => found(Event::Error(value.to_vec())),
            // Comments, which keep a connection open, and fields that nothing is read from.
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(parts: &[&[u8]]) -> Vec<Event> {
        let (mut events, mut found) = (Events::default(), Vec::new());
        for part in parts {
            events.push(part, &mut |event| found.push(event)).unwrap();
        }
        events.finish(&mut |event| found.push(event)).unwrap();
        found
    }

    fn data(text: &str) -> Event {
        Event::Data(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_become_messages() {
        for (stream, expected) in [
            ("data: a\n\ndata: b\n\n", vec![data("a"), data("b")]),
            ("data:a\r\n\r\ndata: b\r\n\r\n", vec![data("a"), data("b")]),
            ("data: a\r\rdata: b\r\r", vec![data("a"), data("b")]),
            ("\u{feff}data: a\n\n", vec![data("a")]),
            (": ping\n\n:\n\ndata: a\n\n", vec![data("a")]),
            ("event: message\nid: 1\nretry: 10\ndata: a\n\n", vec![data("a")]),
            ("data: a\ndata: b\n\n", vec![data("a\nb")]),
            ("data\n\n", vec![data("")]),
            ("data:  a\n\n", vec![data(" a")]),
            ("data: [DONE]", vec![data("[DONE]")]),
            ("data: [DONE]\n", vec![data("[DONE]")]),
            ("error: {}\n\n", vec![Event::Error(b"{}".to_vec())]),
            ("\n\n\n", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(all(&[stream.as_bytes()]), expected, "{stream:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut events = Events::default();
        let part = vec![b'x'; 1 << 20];
        let refused = (0..=5).position(|_| events.push(&part, &mut |_| {}).is_err());
        assert_eq!(refused, Some(4));
        let mut events = Events::default();
        let line = [b"data: ".as_slice(), &part, b"\n"].concat();
        let refused = (0..=5).position(|_| events.push(&line, &mut |_| {}).is_err());
        assert_eq!(refused, Some(3), "a message of many lines");
    }

    proptest! {
        #[test]
        fn any_cut_of_the_bytes_gives_the_same_messages(
            text in "(data: ?[a\u{e4}\u{1f600}{}]{0,6}|: ping|)((\r\n|\n|\r)(data: ?[a\u{e4}\u{1f600}]{0,6}|:|event: x|)){0,8}",
            cuts in prop::collection::vec(0usize..120, 0..6),
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.sort_unstable();
            let mut parts: Vec<&[u8]> = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                parts.push(&bytes[from..cut]);
                from = cut;
            }
            prop_assert_eq!(all(&parts), all(&[bytes]));
        }
    }
}
