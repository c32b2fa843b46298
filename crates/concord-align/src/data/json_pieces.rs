//! Cuts one large JSON object, which may come in pieces, into parts that are small enough to be parsed one by one.
//!
//! The parts are the members of the object; members whose path the caller names are cut further, into the elements of an
//! array or the members of an object. Only brackets, strings and separators are looked at here: whoever parses a part
//! finds what is wrong inside it.

/// One part of the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// An array or object that is cut further begins; it may be empty.
    Begins {
        /// Its path, such as `responses`.
        path: String,
    },
    /// A value.
    Value {
        /// Path of the member, or of the array that holds it.
        path: String,
        /// Its place in that array.
        index: Option<usize>,
        /// Its JSON.
        json: &'a [u8],
        /// Line and column where it begins, from 1.
        at: (usize, usize),
    },
}

/// What is not JSON, by line and column from 1.
pub(super) type NotJson = (usize, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Object,
    KeyOrEnd,
    Key,
    Value,
    ElementOrEnd,
    CommaOrEnd,
    Nothing,
}

#[derive(Debug)]
struct Frame {
    path: String,
    /// The next element of an array; `None` in an object.
    index: Option<usize>,
}

/// The cutter and the bytes that it has not passed on yet.
#[derive(Debug)]
pub(super) struct Pieces {
    buffer: Vec<u8>,
    at: usize,
    line: usize,
    column: usize,
    frames: Vec<Frame>,
    key: String,
    expect: Expect,
    is_cut: fn(&str) -> bool,
}

impl Pieces {
    /// `is_cut` says of a path whether its array or object is cut further.
    pub(super) fn new(is_cut: fn(&str) -> bool) -> Self {
        Self {
            buffer: Vec::new(),
            at: 0,
            line: 1,
            column: 1,
            frames: Vec::new(),
            key: String::new(),
            expect: Expect::Object,
            is_cut,
        }
    }

    /// Takes the next bytes of the text.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.at);
        self.at = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// Line and column that were reached.
    pub(super) fn place(&self) -> NotJson {
        (self.line, self.column)
    }

    /// Whether the object has ended; only white space may follow it.
    pub(super) fn is_complete(&self) -> bool {
        self.expect == Expect::Nothing
    }

    /// The next part; `None` when it has not come yet, or when the object has ended.
    ///
    /// # Errors
    /// Where the text cannot be JSON.
    pub(super) fn next(&mut self) -> Result<Option<Part<'_>>, NotJson> {
        loop {
            self.skip(|byte| byte.is_ascii_whitespace());
            let Some(&byte) = self.buffer.get(self.at) else {
                return Ok(None);
            };
            match (self.expect, byte) {
                (Expect::Object, b'{') => self.open(String::new(), byte),
                (Expect::KeyOrEnd, b'}') | (Expect::ElementOrEnd, b']') => self.close(),
                (Expect::CommaOrEnd, b'}' | b']') => {
                    let is_array = self.frames.last().is_some_and(|frame| frame.index.is_some());
                    if is_array != (byte == b']') {
                        return Err(self.place());
                    }
                    self.close();
                }
                (Expect::CommaOrEnd, b',') => {
                    self.advance(1);
                    let is_array = self.frames.last().is_some_and(|frame| frame.index.is_some());
                    self.expect = if is_array { Expect::Value } else { Expect::Key };
                }
                (Expect::KeyOrEnd | Expect::Key, b'"') => {
                    if !self.key()? {
                        return Ok(None);
                    }
                }
                (Expect::Value | Expect::ElementOrEnd, _) => return self.value(byte),
                _ => return Err(self.place()),
            }
        }
    }

    /// Reads `"key":`; false when it is not whole yet.
    fn key(&mut self) -> Result<bool, NotJson> {
        let rest = &self.buffer[self.at..];
        let Some(end) = end_of_string(rest) else { return Ok(false) };
        let after = rest[end..].iter().position(|byte| !byte.is_ascii_whitespace());
        let Some(after) = after else { return Ok(false) };
        let key = serde_json::from_slice::<String>(&rest[..end]);
        let (Ok(key), b':') = (key, rest[end + after]) else { return Err(self.place()) };
        self.key = key;
        self.advance(end + after + 1);
        self.expect = Expect::Value;
        Ok(true)
    }

    /// The value that begins here, cut further if it is to be.
    fn value(&mut self, byte: u8) -> Result<Option<Part<'_>>, NotJson> {
        let frame = self.frames.last_mut();
        let index = frame.as_ref().and_then(|frame| frame.index);
        let path = match frame {
            Some(Frame { path, index: Some(_) }) => path.clone(),
            Some(Frame { path, .. }) if !path.is_empty() => format!("{path}.{}", self.key),
            _ => self.key.clone(),
        };
        if index.is_none() && (self.is_cut)(&path) && (byte == b'[' || byte == b'{') {
            self.open(path.clone(), byte);
            return Ok(Some(Part::Begins { path }));
        }
        let Some(length) = length_of_value(&self.buffer[self.at..]) else { return Ok(None) };
        if length == 0 {
            return Err(self.place());
        }
        if let Some(Frame { index: Some(index), .. }) = self.frames.last_mut() {
            *index += 1;
        }
        let (at, start) = (self.place(), self.at);
        self.advance(length);
        self.expect = Expect::CommaOrEnd;
        Ok(Some(Part::Value { path, index, json: &self.buffer[start..start + length], at }))
    }

    fn open(&mut self, path: String, byte: u8) {
        self.advance(1);
        let is_array = byte == b'[';
        self.frames.push(Frame { path, index: is_array.then_some(0) });
        self.expect = if is_array { Expect::ElementOrEnd } else { Expect::KeyOrEnd };
    }

    fn close(&mut self) {
        self.advance(1);
        self.frames.pop();
        self.expect = if self.frames.is_empty() { Expect::Nothing } else { Expect::CommaOrEnd };
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        let rest = &self.buffer[self.at..];
        let n = rest.iter().position(|byte| !is_skipped(*byte)).unwrap_or(rest.len());
        self.advance(n);
    }

    fn advance(&mut self, n: usize) {
        for byte in &self.buffer[self.at..self.at + n] {
            if *byte == b'\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.at += n;
    }
}

/// Length of a string with both its quotes; `None` when it is not whole.
fn end_of_string(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Length of the value that begins here: `None` when it is not whole, 0 when none begins.
fn length_of_value(bytes: &[u8]) -> Option<usize> {
    match bytes[0] {
        b'"' => end_of_string(bytes),
        b'{' | b'[' => {
            let (mut depth, mut at) = (0_usize, 0);
            loop {
                match bytes.get(at)? {
                    b'"' => {
                        at += end_of_string(&bytes[at..])?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => {
            let is_end = |byte: &u8| byte.is_ascii_whitespace() || b",]}:\"[{".contains(byte);
            bytes.iter().position(is_end)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All parts of a text that comes in pieces of `n` bytes, written out; then how it ended.
    fn cut(text: &str, n: usize) -> (Vec<String>, Result<bool, NotJson>) {
        let mut pieces = Pieces::new(|path| ["list", "more", "more.inner"].contains(&path));
        let mut out = Vec::new();
        for bytes in text.as_bytes().chunks(n.max(1)) {
            pieces.push(bytes);
            loop {
                match pieces.next() {
                    Ok(Some(Part::Begins { path })) => out.push(format!("{path} begins")),
                    Ok(Some(Part::Value { path, index, json, .. })) => {
                        let index = index.map(|i| format!("[{i}]")).unwrap_or_default();
                        out.push(format!("{path}{index} {}", String::from_utf8_lossy(json)));
                    }
                    Ok(None) => break,
                    Err(place) => return (out, Err(place)),
                }
            }
        }
        (out, Ok(pieces.is_complete()))
    }

    #[test]
    fn members_and_named_arrays_are_cut_however_the_text_comes() {
        let text = r#" {"a": "x\"]", "list": [ {"b": [1, 2]}, "]", 7 ], "more": {"inner": [], "c": {"d": "}"} }, "e":null }
        "#;
        let parts = [
            r#"a "x\"]""#,
            "list begins",
            r#"list[0] {"b": [1, 2]}"#,
            r#"list[1] "]""#,
            "list[2] 7",
            "more begins",
            "more.inner begins",
            r#"more.c {"d": "}"}"#,
            "e null",
        ];
        for n in [1, 2, 3, 7, 1000] {
            assert_eq!(cut(text, n), (parts.map(str::to_owned).to_vec(), Ok(true)), "{n}");
        }
    }

    #[test]
    fn what_is_no_json_is_placed() {
        for (text, place) in [
            ("[1]", (1, 1)),
            ("{\"a\" 1}", (1, 2)),
            ("{\"a\": 1 2}", (1, 9)),
            ("{\n  ,}", (2, 3)),
            ("{\"list\": [1}", (1, 12)),
            ("{\"a\": }", (1, 7)),
            ("{} x", (1, 4)),
        ] {
            for n in [1, 2, 1000] {
                assert_eq!(cut(text, n).1, Err(place), "{text}, by {n}");
            }
        }
        for text in ["", "{", "{\"a\": [1, 2", "{\"a\": \"x\\\"}", "{\"list\": [1, "] {
            assert_eq!(cut(text, 2).1, Ok(false), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_cut_without_panic(text in "[{}\\[\\],:\"\\\\a1 \n]{0,60}", n in 1_usize..9) {
            let whole = cut(&text, 1000);
            prop_assert_eq!(cut(&text, n), whole);
        }
    }
}
