//! The lesson's own texts: Fluent files, `static/lesson/<language>.ftl`, one per language.
//!
//! Only what the lesson needs of Fluent is read here (messages, attributes, `{ $name }`, text over several lines), because the
//! full library would be half of the lesson's program; a test reads every file with that library, too, and compares.

use crate::data::InOrder;

/// Languages that the lesson has texts in, English first.
pub const LANGUAGES: [&str; 8] = ["en", "de", "es", "ru", "zh-Hans", "ar", "bn", "sw"];

/// The name of one of [`LANGUAGES`] in itself.
pub fn native(tag: &str) -> &'static str {
    match tag {
        "de" => "Deutsch",
        "es" => "Español",
        "ru" => "Русский",
        "zh-Hans" => "简体中文",
        "ar" => "العربية",
        "bn" => "বাংলা",
        "sw" => "Kiswahili",
        _ => "English",
    }
}

/// Messages with their names, in the file's order; an attribute's name follows a dot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts(Vec<(String, String)>);

impl Texts {
    /// Reads a file. Lines that are no message are passed over.
    pub fn read(file: &str) -> Self {
        let (mut all, mut message, mut is_open) = (Vec::<(String, String)>::new(), String::new(), false);
        for line in file.lines().filter(|line| !line.starts_with('#')) {
            let text = line.trim();
            if !line.starts_with(' ') {
                is_open = false;
                if let Some((name, value)) = text.split_once('=') {
                    message = name.trim().to_owned();
                    all.push((message.clone(), value.trim().to_owned()));
                    is_open = true;
                }
            } else if let Some((name, value)) = text.strip_prefix('.').and_then(|text| text.split_once('=')) {
                all.push((format!("{message}.{}", name.trim()), value.trim().to_owned()));
                is_open = true;
            } else if let Some((_, open)) = all.last_mut().filter(|_| is_open && !text.is_empty()) {
                if !open.is_empty() {
                    open.push('\n');
                }
                open.push_str(text);
            }
        }
        all.retain(|(_, value)| !value.is_empty());
        Self(all)
    }

    /// A message with its values in place; `None` if the file has no such message.
    pub fn get(&self, name: &str, values: &[(&str, &str)]) -> Option<String> {
        let mut text = self.0.iter().find(|(known, _)| known == name)?.1.clone();
        for (name, value) in values {
            text = text.replace(&format!("{{ ${name} }}"), value);
        }
        // Text that Fluent would read as its own marks is written as a string.
        Some(text.replace("{ \"{\" }", "{").replace("{ \"}\" }", "}"))
    }

    /// Names of the messages without a dot that begin with `start`, in order.
    pub fn names<'a>(&'a self, start: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(move |name| name.starts_with(start) && !name.contains('.'))
    }

    /// The explanations of all terms as a page of the documentation.
    pub fn terms_as_markdown(&self) -> String {
        let mut page = "# Terms\n\nWhat the words on the screens mean. The same texts stand in the lesson; they are written in \
                        [static/lesson/en.ftl](../static/lesson/en.ftl), and `cargo run --example terms` makes this page of them.\n"
            .to_owned();
        let mut names: Vec<&str> = self.names("term-").collect();
        let title = |name: &str| self.get(&format!("{name}.title"), &[]).unwrap_or_default();
        names.order_by_key(|name| title(name).to_lowercase());
        for name in names {
            let part = |part: &str| self.get(&format!("{name}.{part}"), &[]);
            page.push_str(&format!("\n## {}\n\n{}", title(name), self.get(name, &[]).unwrap_or_default()));
            page.extend(part("why").map(|why| format!(" {why}")));
            page.extend(part("formula").map(|formula| format!("\n\n`{formula}`")));
            page.extend(part("differs").map(|differs| format!("\n\nHere: {differs}")));
            page.extend(part("source").map(|source| format!("\n\nSource: {source}")));
            page.push('\n');
        }
        page
    }

    /// All names, attributes among them.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_attributes_and_several_lines_are_read() {
        let texts = Texts::read(
            "# A comment\na = One { $n } of { $n }\nb =\n    Two\n    lines\n    .formula = x = { \"{\" }1{ \"}\" }\n\n    .source =\n        Paper\n  lost\nc =\n",
        );
        assert_eq!(texts.get("a", &[("n", "3")]).unwrap(), "One 3 of 3");
        assert_eq!(texts.get("b", &[]).unwrap(), "Two\nlines");
        assert_eq!(texts.get("b.formula", &[]).unwrap(), "x = {1}");
        assert_eq!(texts.get("b.source", &[]).unwrap(), "Paper\nlost");
        assert_eq!((texts.get("c", &[]), texts.get("d", &[])), (None, None));
        assert_eq!(texts.names("").collect::<Vec<_>>(), ["a", "b"]);
    }
}
