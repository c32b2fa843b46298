//! The few spellings of language tags that the reader itself understands: `deu`, `pt_BR`, `swh_Latn`.

use crate::data::Language;

/// The two-letter first subtag where there is one, in lower case; Norwegian and Filipino as the table has them.
pub(super) fn primary(language: &Language) -> String {
    let first = language.as_str().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    let known = THREE.iter().find(|(three, _)| *three == first).map(|(_, two)| (*two).to_owned());
    known.unwrap_or(first)
}

/// The region subtag in upper case, or nothing.
pub(super) fn region(language: &Language) -> String {
    Language(language.as_str().replace('_', "-")).region().map(str::to_ascii_uppercase).unwrap_or_default()
}

/// Codes of ISO 639-2 and 639-3, and other names, of what the lexicon has.
const THREE: [(&str, &str); 119] = [
    ("afr", "af"), ("amh", "am"), ("ara", "ar"), ("arb", "ar"), ("arz", "ar"), ("asm", "as"), ("aze", "az"), ("azj", "az"),
    ("bel", "be"), ("bul", "bg"), ("ben", "bn"), ("bos", "bs"), ("cat", "ca"), ("ces", "cs"), ("cze", "cs"), ("dan", "da"),
    ("deu", "de"), ("ger", "de"), ("div", "dv"), ("ell", "el"), ("gre", "el"), ("eng", "en"), ("spa", "es"), ("est", "et"),
    ("ekk", "et"), ("eus", "eu"), ("baq", "eu"), ("fas", "fa"), ("per", "fa"), ("pes", "fa"), ("prs", "fa"), ("fin", "fi"),
    ("fra", "fr"), ("fre", "fr"), ("glg", "gl"), ("guj", "gu"), ("hau", "ha"), ("heb", "he"), ("iw", "he"), ("hin", "hi"),
    ("hrv", "hr"), ("hun", "hu"), ("hye", "hy"), ("ind", "id"), ("in", "id"), ("ibo", "ig"), ("isl", "is"), ("ita", "it"),
    ("jpn", "ja"), ("jav", "jv"), ("kat", "ka"), ("kaz", "kk"), ("khm", "km"), ("kan", "kn"), ("kor", "ko"), ("lao", "lo"),
    ("lit", "lt"), ("lvs", "lv"), ("lav", "lv"), ("mal", "ml"), ("mar", "mr"), ("mkd", "mk"), ("msa", "ms"), ("may", "ms"),
    ("zsm", "ms"), ("mya", "my"), ("bur", "my"), ("nob", "nb"), ("nor", "nb"), ("no", "nb"), ("nn", "nb"), ("nno", "nb"),
    ("nep", "ne"), ("npi", "ne"), ("nld", "nl"), ("dut", "nl"), ("ory", "or"), ("pan", "pa"), ("pol", "pl"), ("por", "pt"),
    ("ron", "ro"), ("rum", "ro"), ("rus", "ru"), ("sin", "si"), ("som", "so"), ("swa", "sw"), ("swh", "sw"), ("swe", "sv"),
    ("tam", "ta"), ("tel", "te"), ("tha", "th"), ("fil", "tl"), ("tgl", "tl"), ("tur", "tr"), ("ukr", "uk"), ("urd", "ur"),
    ("vie", "vi"), ("yor", "yo"),
    ("zho", "zh"), ("chi", "zh"), ("cmn", "zh"), ("yue", "zh"), ("zul", "zu"), ("xho", "xh"), ("sqi", "sq"), ("srp", "sr"),
    ("slk", "sk"), ("slv", "sl"), ("snd", "sd"), ("pus", "ps"), ("pbt", "ps"), ("uig", "ug"), ("ydd", "yi"), ("yid", "yi"),
    ("uzn", "uz"), ("uzb", "uz"), ("zlm", "ms"), ("ku", "ckb"), ("sh", "sr"),
];
