//! What a model wrote when it was asked for a translation, without what models put around one.
//!
//! Only what cannot be part of the text is taken off: a label or an introduction that ends in a colon, quotation marks, stars
//! or a fence around the whole, and a note after it. Where the source has the same, it stays.

use crate::data::{Language, comparable};

/// Why a reply can be no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is nothing in it.
    Empty,
    /// It is the source again.
    Same,
}

/// The translation in a model's reply.
///
/// # Errors
/// There is none.
pub fn draft_text(reply: &str, source: &str, into: &Language) -> Result<String, Refused> {
    let source = source.trim();
    let mut text = reply.trim();
    // A label may stand within quotation marks, and they within a fence.
    loop {
        let bare = without_marks(without_fence(text, source), source);
        let bare = without_note(without_label(bare, source, into), source);
        if bare.len() == text.len() {
            break;
        }
        text = bare;
    }
    let same = |text: &str| comparable(text).to_lowercase();
    if text.is_empty() {
        Err(Refused::Empty)
    } else if same(text) == same(source) {
        Err(Refused::Same)
    } else {
        Ok(text.to_owned())
    }
}

/// Without a fence around all of it, and the name of a language after that.
fn without_fence<'a>(text: &'a str, source: &str) -> &'a str {
    let inner = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    match inner.filter(|inner| !inner.contains("```") && !source.contains("```")) {
        Some(inner) => inner.split_once('\n').map_or(inner, |(_, lines)| lines).trim(),
        None => text,
    }
}

/// Longest introduction, in bytes.
const LONGEST_LABEL: usize = 120;
/// "Translation" in languages that models are asked for.
const TRANSLATION: [&str; 30] = [
    "translation",
    "translated text",
    "übersetzung",
    "traduction",
    "traducción",
    "tradução",
    "traduzione",
    "vertaling",
    "tłumaczenie",
    "перевод",
    "переклад",
    "翻译",
    "翻譯",
    "译文",
    "譯文",
    "翻訳",
    "번역",
    "ترجمة",
    "الترجمة",
    "ترجمه",
    "ترجمہ",
    "अनुवाद",
    "অনুবাদ",
    "అనువాదం",
    "மொழிபெயர்ப்பு",
    "tafsiri",
    "terjemahan",
    "çeviri",
    "bản dịch",
    "คำแปล",
];

/// Without a label such as "Translation:" or an introduction such as "Sure! Here is the translation into Swahili:".
fn without_label<'a>(text: &'a str, source: &str, into: &Language) -> &'a str {
    let Some((label, rest)) = split_label(text) else { return text };
    let has_label = split_label(source).is_some_and(|(label, _)| label.split_whitespace().count() <= 3);
    let info = into.info();
    let english = info.english.to_lowercase();
    let names = [
        english.split(" (").next().unwrap_or_default().to_owned(),
        english.clone(),
        info.native.to_lowercase(),
    ];
    let bare = label.trim_matches(|c: char| c.is_whitespace() || "*_#".contains(c)).to_lowercase();
    let is_name = |text: &str| names.iter().any(|name| name == text);
    let is_label = TRANSLATION.contains(&bare.as_str())
        || is_name(&bare)
        || bare.strip_suffix(" translation").is_some_and(is_name)
        || ["in ", "into ", "to "].iter().any(|word| {
            let of = bare.strip_prefix("translation ").and_then(|rest| rest.strip_prefix(word));
            of.is_some_and(is_name)
        });
    let is_introduction = bare.contains("translat") && !source.to_lowercase().contains("translat");
    if has_label || !(is_label || is_introduction) {
        return text;
    }
    // Of "**Translation:** text" the stars after the colon belong to the label.
    let rest = if label.starts_with("**") { rest.trim_start_matches('*') } else { rest };
    rest.trim()
}

/// What stands before the first colon of the first line, if it is short, and what comes after.
fn split_label(text: &str) -> Option<(&str, &str)> {
    let line = text.lines().next()?;
    let at = line.find([':', '：']).filter(|at| (1..=LONGEST_LABEL).contains(at))?;
    let colon = text[at..].chars().next().map_or(1, char::len_utf8);
    Some((&text[..at], &text[at + colon..]))
}

/// How paragraphs begin that are about a translation and not of it.
const NOTES: [&str; 8] = [
    "note:",
    "notes:",
    "note that",
    "please note",
    "translation note",
    "explanation:",
    "let me know",
    "i hope this",
];

/// Without the paragraphs from a note on, where the source is a single paragraph.
fn without_note<'a>(text: &'a str, source: &str) -> &'a str {
    if source.contains("\n\n") {
        return text;
    }
    let is_note = |rest: &str| {
        let head: String = rest
            .trim_start_matches(|c: char| c.is_whitespace() || "*_([".contains(c))
            .chars()
            .take(20)
            .collect();
        NOTES.iter().any(|note| head.to_lowercase().replace('*', "").starts_with(note))
    };
    let cut = text.match_indices("\n\n").find(|(at, _)| is_note(&text[*at..]));
    cut.map_or(text, |(at, _)| text[..at].trim())
}

/// What opens and what closes around a whole text.
const MARKS: [(&str, &str); 12] = [
    ("\"", "\""),
    ("“", "”"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("»", "«"),
    ("「", "」"),
    ("『", "』"),
    ("'", "'"),
    ("‘", "’"),
    ("**", "**"),
    ("`", "`"),
];

/// Without a pair of marks around all of it; what has such marks within is left as it is.
fn without_marks<'a>(text: &'a str, source: &str) -> &'a str {
    let is_marked = MARKS.iter().any(|(open, close)| source.starts_with(open) && source.ends_with(close));
    let inner = |(open, close): &(&str, &str)| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        (!inner.contains(open) && !inner.contains(close)).then(|| inner.trim())
    };
    MARKS.iter().find_map(inner).filter(|_| !is_marked).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "Mia has 7 apples and buys 5. How many has she now?";
    const SWAHILI: &str = "Mia ana tofaa 7 na ananunua 5. Sasa ana mangapi?";

    fn cleaned(reply: &str) -> Result<String, Refused> {
        draft_text(reply, SOURCE, &"sw".into())
    }

    #[test]
    fn what_models_put_around_a_translation_is_taken_off() {
        for reply in [
            "TEXT",
            " TEXT\n",
            "\"TEXT\"",
            "“TEXT”",
            "«TEXT»",
            "„TEXT“",
            "「TEXT」",
            "Translation: TEXT",
            "Translation:\n\nTEXT",
            "translation : \"TEXT\"",
            "**Translation:** TEXT",
            "**Translation**: TEXT",
            "### Swahili Translation:\nTEXT",
            "Swahili: TEXT",
            "Kiswahili: TEXT",
            "Tafsiri: TEXT",
            "翻译：TEXT",
            "Translation into Swahili:\nTEXT",
            "Sure! Here is the translation into Swahili:\n\nTEXT",
            "Here's the translated text:\n\n\"TEXT\"",
            "The text translated from English to Swahili is:\n\nTEXT",
            "```\nTEXT\n```",
            "```text\nTEXT\n```",
            "**TEXT**",
            "\"Translation: TEXT\"",
            "TEXT\n\n(Note: \"tofaa\" is the common word for apples.)",
            "TEXT\n\n**Note:** I kept the numbers.\n\nLet me know if you need more.",
            "Sure, here is the translation:\n\n**TEXT**\n\nI hope this helps!",
        ] {
            assert_eq!(cleaned(&reply.replace("TEXT", SWAHILI)).as_deref(), Ok(SWAHILI), "{reply}");
        }
    }

    #[test]
    fn what_may_belong_to_the_text_stays() {
        for text in [
            "Mia anasema: \"Nina tofaa 7.\" Ana mangapi?",
            "\"Tofaa 7\", anasema Mia, \"na 5\"",
            "Swali: Mia ana tofaa 7. Mangapi?",
            "Mia ana tofaa 7.\n\nAnanunua 5. Mangapi?",
            "'Mia' na 'Tom' wana tofaa 12. 'Mia'",
            "Mia: 7, Tom: 5. Jumla?",
            "`x = 7` na `y = 5`",
        ] {
            assert_eq!(cleaned(text).as_deref(), Ok(text));
        }
        // What the source has, its translation has.
        for (source, text) in [
            ("\"To be or not to be\"", "\"Kuwa au kutokuwa\""),
            ("Swahili: who speaks it?", "Swahili: nani anakizungumza?"),
            ("Explain this translation: hola", "Translation: hola, eleza"),
            ("First part.\n\nNote: the second.", "Sehemu ya kwanza.\n\nNote: ya pili."),
            ("```\nprint(1)\n```", "```\nprint(2)\n```"),
        ] {
            assert_eq!(draft_text(text, source, &"sw".into()).as_deref(), Ok(text), "{source}");
        }
    }

    #[test]
    fn a_reply_without_a_translation_is_refused() {
        for reply in ["", " \n", "Translation:", "\"\"", "```\n```", "** **"] {
            assert_eq!(cleaned(reply), Err(Refused::Empty), "{reply}");
        }
        for reply in
            ["SAME", "\"SAME\"", "Translation: SAME", "mia has 7  apples and buys 5. how many has she now?"]
        {
            assert_eq!(cleaned(&reply.replace("SAME", SOURCE)), Err(Refused::Same), "{reply}");
        }
    }
}
