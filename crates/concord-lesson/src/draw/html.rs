//! HTML that is put together from parts, in which no text can become a mark.

/// A piece of HTML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// A text as it is read.
    pub fn text(text: &str) -> Self {
        Self(escaped(text))
    }

    /// An element with attributes and what is in it. An attribute without a name is left out; tags and names are ours.
    pub fn el(tag: &str, attributes: &[(&str, &str)], children: Vec<Self>) -> Self {
        let mut out = format!("<{tag}");
        for (name, value) in attributes.iter().filter(|(name, _)| !name.is_empty()) {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            out.push_str(&escaped(value));
            out.push('"');
        }
        out.push('>');
        // These have no content and no end.
        if !matches!(tag, "input" | "link" | "br") {
            children.iter().for_each(|child| out.push_str(&child.0));
            out.push_str(&format!("</{tag}>"));
        }
        Self(out)
    }

    /// Several pieces, one after the other.
    pub fn all(pieces: Vec<Self>) -> Self {
        Self(pieces.into_iter().map(|piece| piece.0).collect())
    }

    /// As it is written into the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An attribute that is there or not.
pub fn on<'a>(is_there: bool, name: &'a str, value: &'a str) -> (&'a str, &'a str) {
    if is_there { (name, value) } else { ("", "") }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_mark() {
        let text = "<img src=x onerror=\"alert(1)\"> & more";
        let html = Html::el("p", &[("title", text), on(false, "hidden", "")], vec![Html::text(text)]);
        let escaped = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; more";
        assert_eq!(html.as_str(), format!("<p title=\"{escaped}\">{escaped}</p>"));
        let field = Html::el("input", &[on(true, "disabled", "")], Vec::new());
        assert_eq!(Html::all(vec![field, Html::text("a")]).as_str(), "<input disabled=\"\">a");
    }
}
