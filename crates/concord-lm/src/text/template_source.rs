//! What is changed in a chat template's source before it is compiled.

/// The source without the tags that mark, for training, what the assistant wrote: a library's own
/// extension, which changes nothing of the text.
pub(super) fn prepared(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    let is_open = |pair: &[u8]| pair == b"{%" || pair == b"{#";
    while let Some(start) = rest.as_bytes().windows(2).position(is_open) {
        let (before, tag) = rest.split_at(start);
        out.push_str(before);
        let (changed, n_bytes) = if tag.starts_with("{#") { comment(tag) } else { statement(tag) };
        out.push_str(&changed);
        rest = &tag[n_bytes..];
    }
    out.push_str(rest);
    out
}

/// A comment as it is, and its length.
fn comment(tag: &str) -> (String, usize) {
    let n_bytes = tag.find("#}").map_or(tag.len(), |end| end + 2);
    (tag[..n_bytes].to_owned(), n_bytes)
}

/// What a statement becomes, and its length; after `raw` all is taken up to `endraw`.
fn statement(tag: &str) -> (String, usize) {
    let Some(n_bytes) = statement_len(tag) else { return (tag.to_owned(), tag.len()) };
    let inner = &tag[2..n_bytes - 2];
    let open = if inner.starts_with(['-', '+']) { &inner[..1] } else { "" };
    let close = if inner.len() > 1 && inner.ends_with(['-', '+']) { &inner[inner.len() - 1..] } else { "" };
    let body = inner[open.len()..inner.len() - close.len()].trim();
    let changed = match body {
        "generation" => "if true".to_owned(),
        "endgeneration" => "endif".to_owned(),
        "raw" => {
            let end = tag[n_bytes..].find("endraw").map_or(tag.len(), |end| n_bytes + end);
            return (tag[..end].to_owned(), end);
        }
        _ => return (tag[..n_bytes].to_owned(), n_bytes),
    };
    // Lines stay, so that an error names the right one.
    let n_lines = tag[..n_bytes].matches('\n').count() - changed.matches('\n').count();
    (format!("{{%{open} {changed} {}{close}%}}", "\n".repeat(n_lines)), n_bytes)
}

/// Length of the statement that `tag` begins with: up to the first `%}` outside quotes.
fn statement_len(tag: &str) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    for (position, byte) in tag.bytes().enumerate().skip(2) {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if byte == b'\\' => is_escaped = true,
            Some(open) if byte == open => quote = None,
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None if tag.as_bytes()[position..].starts_with(b"%}") => return Some(position + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_are_changed() {
        let cases = [
            ("{% set x = 1 %}", "{% set x = 1 %}"),
            ("{% generation %}a{%- endgeneration -%}", "{% if true %}a{%- endif -%}"),
            ("{% raw %}{% generation %}{% endraw %}", "{% raw %}{% generation %}{% endraw %}"),
            ("{# {% generation %} #}{{ x }}", "{# {% generation %} #}{{ x }}"),
            ("{%\ngeneration\n%}y", "{% if true \n\n%}y"),
            ("{% set x = '%}{% generation %}' %}ü", "{% set x = '%}{% generation %}' %}ü"),
            ("{% generation", "{% generation"),
        ];
        for (source, expected) in cases {
            assert_eq!(prepared(source), expected);
        }
    }
}
