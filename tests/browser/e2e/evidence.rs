//! What a text shows of itself: words in another script, sums that do not hold, where the answer was read, and where two
//! responses differ; and what is said of an answer that is the gold one.

use browser_tests::driver::Gpu;
use browser_tests::page::Page;
use browser_tests::site::Site;
use serde_json::{Value, json};

use crate::SHORT;

/// A language, its question, and two responses: one with the gold answer, 18, and one with 20.
const ROWS: [(&str, &str, [&str; 2]); 6] = [
    (
        "en",
        "Nine eggs at 2 dollars each: how much money?",
        ["9 × 2 = 18. The answer is 18.", "9 × 2 = 20. The answer is 20."],
    ),
    (
        "de",
        "Neun Eier zu je 2 Dollar: wie viel Geld?",
        [
            "<img src=x onerror=\"window.__ran='img'\"> Neun яйца, also 9 · 2 = 19 Dollar.\n<script>window.__ran='script'</script>\nDie Antwort ist 18.",
            "<b>Neun Eier</b>, also 9 · 2 = 20 Dollar.\nDie Antwort ist 20.",
        ],
    ),
    (
        "bn",
        "প্রতিটি 2 ডলারে নয়টি ডিম বেচে Janet কত টাকা পায়?",
        ["Janet মোট eggs বেচে ৯টি। ৯ × ২ = ১৯। উত্তর: ১৮", "Janet মোট ডিম বেচে ৯টি। ৯ × ২ = ১৮। উত্তর: ২০"],
    ),
    (
        "ar",
        "تسع بيضات بسعر 2 دولار لكل منها: كم المبلغ؟",
        ["تبيع تسع بيضات, ٩ × ٢ = ١٩. الجواب هو ١٨", "تبيع تسع بيضات twice, ٩ × ٢ = ١٨. الجواب هو ٢٠"],
    ),
    (
        "zh-Hans",
        "九个鸡蛋，每个2美元，一共多少钱？",
        ["她卖九个鸡蛋の，9×2=18元。答案是18。", "她卖十个鸡蛋，9×2=18元。答案是20。"],
    ),
    (
        "th",
        "ไข่เก้าฟองฟองละ 2 ดอลลาร์ เป็นเงินเท่าไร",
        ["เธอขายไข่เก้าฟอง 9 × 2 = 18 คำตอบคือ 18", "เธอขายไข่ว่าฟอง 9 × 2 = 18 คำตอบคือ 20"],
    ),
];

fn marked_session() -> String {
    let tags: Vec<&str> = ROWS.iter().map(|(tag, ..)| *tag).collect();
    let text: serde_json::Map<String, Value> =
        ROWS.iter().map(|(tag, question, _)| ((*tag).to_owned(), json!(question))).collect();
    let mut responses = Vec::new();
    for (tag, _, texts) in &ROWS {
        for (sample, said) in texts.iter().enumerate() {
            let answer = ["18", "20"][sample];
            responses.push(json!({
                "promptId": "eggs", "language": tag, "sample": sample, "text": said, "tokens": [1, 2, 3], "logprob": -9.5,
                "finishReason": "stop", "answer": answer, "detectedLanguage": null,
            }));
        }
    }
    let order: Vec<Value> = responses.iter().map(|r| json!([r["language"], r["sample"]])).collect();
    let is_alike = |i: usize, j: usize| i % 2 == j % 2;
    let pairs = (0..order.len()).flat_map(|i| (i + 1..order.len()).map(move |j| (i, j)));
    let cosine: Vec<f64> = pairs.map(|(i, j)| if is_alike(i, j) { 0.9 } else { 0.5 }).collect();
    json!({
        "schema": "concord-session/1", "created": "2026-11-21T10:00:00.000Z", "app": { "version": "0.1.0" },
        "config": {
            "task": "math", "anchor": "en", "languages": tags, "method": "cm-align", "n": 2, "temperature": 0.9, "seed": 1,
            "maxTokens": 40, "thinking": false, "encoder": "none",
        },
        "model": { "name": "none", "sha256": "0f", "architecture": "none", "quantization": "none" },
        "prompts": [{ "id": "eggs", "task": "math", "answer": "18", "text": text }],
        "responses": responses, "references": [], "pairs": [], "events": [],
        "similarities": [{ "promptId": "eggs", "order": order, "cosine": cosine }],
    })
    .to_string()
}

/// The marks of a kind under a selector, by the text they stand on.
fn marks(page: &Page, css: &str, kind: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll(arguments[0])].map(mark => mark.textContent)";
    let found = page.driver().script(script, vec![json!(format!("{css} mark.marked--{kind}"))]);
    serde_json::from_value(found).unwrap()
}

fn side(language: &str, side: &str) -> String {
    format!("[data-testid=pair-row][data-language={language}] .side--{side}")
}

fn open(site: &Site) -> Page {
    let page = Page::open(site, Gpu::None);
    page.open_session("marks.json", marked_session().as_bytes());
    page.set("[data-testid=min-margin]", "0.01");
    page.wait_visible("[data-testid=pair-row][data-language=th][data-chosen]", SHORT);
    page
}

#[test]
fn what_is_wrong_in_a_text_with_the_gold_answer_is_marked_and_counted() {
    let site = Site::start();
    let page = open(&site);
    let none: [&str; 0] = [];
    for (language, foreign, sums, answer) in [
        ("de", &["яйца"][..], &["9 · 2 = 19"][..], "18"),
        ("bn", &["eggs"], &["৯ × ২ = ১৯"], "১৮"),
        ("ar", &none, &["٩ × ٢ = ١٩"], "١٨"),
        ("zh-Hans", &["の"], &none, "18"),
        ("th", &none, &none, "18"),
    ] {
        let chosen = side(language, "chosen");
        assert_eq!(marks(&page, &chosen, "foreign"), foreign, "{language}");
        assert_eq!(marks(&page, &chosen, "sum"), sums, "{language}");
        assert_eq!(marks(&page, &chosen, "answer"), [answer], "{language}");
        let head = page.text(&format!("{chosen} .side__head"));
        assert!(head.contains("✓ answer matches 18") && !head.contains("right"), "{head}");
        assert_eq!(head.contains("1 word in another script"), !foreign.is_empty(), "{head}");
        assert_eq!(head.contains("1 sum that does not hold"), !sums.is_empty(), "{head}");
        let rejected = page.text(&format!("{} .side__head", side(language, "rejected")));
        assert!(rejected.contains("✕ answer is not 18"), "{rejected}");
    }
    assert_eq!(marks(&page, &side("de", "rejected"), "sum"), ["9 · 2 = 20"]);
    assert_eq!(marks(&page, &side("ar", "rejected"), "foreign"), ["twice"]);
    let said = page.driver().script(
        "const mark = document.querySelector(arguments[0]);
         return [mark.title, mark.dataset.says, getComputedStyle(mark).textDecorationStyle, mark.closest('p').dir]",
        vec![json!(format!("{} mark.marked--sum", side("bn", "chosen")))],
    );
    let words = "does not hold, the result is 18";
    assert_eq!(said, json!([words, words, "wavy", "auto"]));
    assert_eq!(page.violations("[data-testid=result-card]"), Vec::<String>::new());
}

#[test]
fn markup_in_a_marked_text_stays_text() {
    let site = Site::start();
    let page = open(&site);
    let text = page.driver().script(
        "return [...document.querySelectorAll(arguments[0])].map(p => p.textContent).join('\\n')",
        vec![json!(format!("{} .speech > p", side("de", "chosen")))],
    );
    assert_eq!(text, json!(ROWS[1].2[0]), "marks change nothing of the text");
    let ran = page.driver().script(
        "return [window.__ran ?? null, document.querySelectorAll('.speech img, .speech script, .speech b').length]",
        Vec::new(),
    );
    assert_eq!(ran, json!([null, 0]));
    assert_eq!(page.driver().console(), Vec::<String>::new());
}

#[test]
fn differing_words_of_near_texts_are_marked_in_every_script() {
    let site = Site::start();
    let page = open(&site);
    for (language, chosen, rejected) in [
        ("bn", &["eggs", "১৯", "১৮"][..], &["ডিম", "১৮", "২০"][..]),
        ("ar", &["١٩", "١٨"], &["twice", "١٨", "٢٠"]),
        ("zh-Hans", &["九", "の", "18"], &["十", "20"]),
        ("th", &["เก้", "18"], &["ว่", "20"]),
    ] {
        page.wait_visible("[data-testid=look-overview]", SHORT);
        page.click("[data-testid=look-overview]");
        let row = format!("[data-testid=pair-row][data-language={language}]");
        page.wait_visible(&row, SHORT);
        page.click(&format!("{row} .pair__language"));
        page.click("[data-testid=look-focus]");
        page.wait_visible(&format!("[data-testid=focus-row][data-language={language}]"), SHORT);
        assert_eq!(marks(&page, "[data-testid=focus-chosen]", "removed"), chosen, "{language}");
        assert_eq!(marks(&page, "[data-testid=focus-rejected]", "added"), rejected, "{language}");
    }
}
