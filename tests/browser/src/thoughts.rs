//! A session file that no model made, with what is hard to show: long Arabic and Bengali texts, reasoning before a response and
//! without one, responses that were cut, and answers that can be read in more than one way.

use serde_json::{Value, json};

/// Samples of every language.
pub const N: usize = 3;
/// The token limit of the session.
pub const MAX_TOKENS: usize = 40;

const LANGUAGES: [&str; 4] = ["en", "de", "ar", "bn"];

/// What a model said to a prompt: its reasoning, its response, its answer, what else that could be, and how it ended.
struct Said {
    reasoning: &'static str,
    text: &'static str,
    answer: Option<&'static str>,
    others: &'static [&'static str],
    end: End,
}

/// How a response ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// By itself.
    Whole,
    /// At the token limit.
    Limit,
    /// At the end of the model's context, before the limit.
    Context,
}

const fn said(text: &'static str, answer: &'static str) -> Said {
    Said { reasoning: "", text, answer: Some(answer), others: &[], end: End::Whole }
}

impl Said {
    const fn after(self, reasoning: &'static str) -> Self {
        Self { reasoning, ..self }
    }

    const fn or(self, others: &'static [&'static str]) -> Self {
        Self { others, ..self }
    }

    const fn cut(self, end: End) -> Self {
        Self { answer: None, end, ..self }
    }
}

/// Reasoning that led to no response.
const fn only(reasoning: &'static str, end: End) -> Said {
    Said { reasoning, text: "", answer: None, others: &[], end }
}

/// The prompts: id, right answer, and a text per language.
const PROMPTS: [(&str, &str, [&str; 4]); 2] = [
    (
        "tank",
        "2125",
        [
            "A tank holds 2000 litres of water. Rain adds 125 litres. How many litres are in the tank?",
            "In einem Tank sind 2000 Liter Wasser. Der Regen bringt 125 Liter dazu. Wie viele Liter sind im Tank?",
            "يحتوي خزان كبير في ساحة المدرسة على 2000 لتر من الماء. هطل المطر طوال الليل فأضاف إليه 125 لترًا. كم لترًا من الماء في الخزان الآن؟",
            "বিদ্যালয়ের উঠোনের একটি বড় ট্যাঙ্কে 2000 লিটার জল আছে। সারারাত বৃষ্টি হয়ে তাতে আরও 125 লিটার জল যোগ হলো। এখন ট্যাঙ্কে মোট কত লিটার জল আছে?",
        ],
    ),
    (
        "flour",
        "1.5",
        [
            "Half of a bag of 3 kilograms of flour is used. How many kilograms are left?",
            "Von einer Tüte mit 3 Kilogramm Mehl wird die Hälfte verbraucht. Wie viele Kilogramm bleiben übrig?",
            "استُخدم نصف كيس من الدقيق وزنه 3 كيلوغرامات لإعداد الخبز. كم كيلوغرامًا من الدقيق بقي في الكيس؟",
            "3 কিলোগ্রাম আটার একটি বস্তার অর্ধেক রুটি বানাতে খরচ হয়েছে। বস্তায় আর কত কিলোগ্রাম আটা বাকি আছে?",
        ],
    ),
];

const TANK: [[Said; N]; 4] = [
    [
        said("2000 + 125 = 2125. There are 2125 litres in the tank.", "2125").after(
            "The tank holds 2000 litres.\nRain adds 125 litres, so I add: 2000 + 125.\nWait, is it 2000 or 2200? The text says 2000.",
        ),
        said("The tank has 2125 litres of water now.", "2125"),
        only("Okay, so the tank holds 2000 litres, and rain adds some. Let me read the question again, slowly", End::Limit),
    ],
    [
        said("Im Tank sind jetzt insgesamt 2.125", "2125").or(&["2.125"]).after("2000 und 125 sind 2125."),
        said("Es sind 1875 Liter im Tank.", "1875"),
        said("Zuerst sind 2000 Liter im Tank, dann kommen durch den Regen noch", "").cut(End::Limit),
    ],
    [
        said(
            "كان في الخزان 2000 لتر من الماء قبل أن يهطل المطر، ثم أضاف المطر الذي استمر طوال الليل 125 لترًا أخرى إلى ما كان فيه. نجمع الكميتين معًا فنحصل على الكمية الموجودة الآن في الخزان كله: 2000 + 125 = 2125. إذن في الخزان 2125 لترًا من الماء.",
            "2125",
        )
        .after(
            "المطلوب هو كمية الماء في الخزان بعد المطر. كانت الكمية في البداية 2000 لتر، وأضاف المطر 125 لترًا. لا شيء في السؤال يقول إن الماء نقص، فلا طرح هنا.\nإذن أجمع العددين، ثم أتحقق من الجمع مرة أخرى: ألفان ومئة وخمسة وعشرون.",
        ),
        said(
            "كان في الخزان 2000 لتر من الماء، وبعد المطر نقصت الكمية بمقدار 125 لترًا لأن بعض الماء تسرّب من الخزان في أثناء الليل كما يحدث كثيرًا في الخزانات القديمة. لذلك نطرح: 2000 - 125 = 1875. الجواب هو 1875.",
            "1875",
        ),
        only(
            "المطلوب هو كمية الماء في الخزان بعد المطر. كانت الكمية في البداية 2000 لتر، ولكن هل كان الخزان ممتلئًا؟ إن كان ممتلئًا فإن الماء يفيض. لا يقول السؤال ذلك. إذن أعود إلى البداية وأقرأ السؤال كلمة كلمة",
            End::Whole,
        ),
    ],
    [
        said(
            "বৃষ্টির আগে ট্যাঙ্কে 2000 লিটার জল ছিল। তারপর সারারাত ধরে যে বৃষ্টি হয়েছে, তাতে আরও 125 লিটার জল এসে জমা হয়েছে। দুটি পরিমাণ একসঙ্গে যোগ করলে এখন ট্যাঙ্কে মোট কত জল আছে তা পাওয়া যায়: 2000 + 125 = 2125। অতএব ট্যাঙ্কে এখন 2125 লিটার জল আছে।",
            "2125",
        )
        .after(
            "প্রশ্নে জানতে চাওয়া হয়েছে বৃষ্টির পরে ট্যাঙ্কে কত জল আছে। প্রথমে ছিল 2000 লিটার, আর বৃষ্টিতে এসেছে 125 লিটার। জল কমে যাওয়ার কথা প্রশ্নে কোথাও নেই, তাই বিয়োগ করার কোনো কারণ নেই।\nসুতরাং দুটি সংখ্যা যোগ করি।",
        ),
        said(
            "বৃষ্টির পরে ট্যাঙ্ক থেকে কিছু জল উপচে পড়ে গেছে বলে ধরে নেওয়া যায়, কারণ পুরোনো ট্যাঙ্কে প্রায়ই এমন ঘটে। সুতরাং 2000 থেকে 125 বাদ দিলে থাকে 1875। উত্তর হলো 1875।",
            "1875",
        ),
        said("বৃষ্টির আগে ট্যাঙ্কে 2000 লিটার জল ছিল, তারপর সারারাত ধরে বৃষ্টি হয়েছে এবং তাতে", "").cut(End::Context),
    ],
];

const FLOUR: [[Said; N]; 4] = [
    [
        said("Half of the bag is left. The answer is 1.500", "1.5").or(&["1500"]),
        said("The answer is 1.500", "1.5").or(&["1500"]),
        said("There is 1 kilogram left.", "1"),
    ],
    [
        said("Es bleiben 1,5 Kilogramm Mehl übrig.", "1.5"),
        said("Es bleiben 2 Kilogramm Mehl übrig.", "2"),
        only("Die Hälfte von 3 ist", End::Limit),
    ],
    [
        said("بقي في الكيس 1.5 كيلوغرام من الدقيق.", "1.5"),
        said("بقي في الكيس 2 كيلوغرام.", "2"),
        said("بقي في الكيس 6 كيلوغرامات.", "6"),
    ],
    [
        only("বস্তায় 3 কিলোগ্রাম আটা ছিল। অর্ধেক খরচ হয়েছে, তাই", End::Limit),
        only("প্রথমে প্রশ্নটা আবার পড়ি।", End::Limit),
        only("অর্ধেক মানে দুই ভাগের এক ভাগ।", End::Whole),
    ],
];

/// The session as text: math by CM-Align, with no references and pairs picked yet.
pub fn thinking_session() -> String {
    let (mut prompts, mut responses, mut similarities) = (Vec::new(), Vec::new(), Vec::new());
    for ((id, gold, texts), said) in PROMPTS.iter().zip([&TANK, &FLOUR]) {
        let text: serde_json::Map<String, Value> =
            LANGUAGES.iter().zip(texts).map(|(tag, text)| ((*tag).to_owned(), json!(text))).collect();
        prompts.push(json!({ "id": id, "task": "math", "answer": gold, "text": text }));
        let (mut order, mut answers) = (Vec::new(), Vec::new());
        for (tag, row) in LANGUAGES.iter().zip(said) {
            for (sample, said) in row.iter().enumerate() {
                responses.push(response(id, tag, sample, said));
                order.push(json!([tag, sample]));
                answers.push(said.answer);
            }
        }
        similarities.push(json!({ "promptId": id, "order": order, "cosine": cosines(&answers) }));
    }
    let config = json!({
        "task": "math", "anchor": "en", "languages": LANGUAGES, "method": "cm-align", "n": N, "temperature": 0.9,
        "seed": 1, "maxTokens": MAX_TOKENS, "thinking": true, "encoder": "none",
    });
    json!({
        "schema": "concord-session/1", "created": "2026-11-21T10:00:00.000Z", "app": { "version": "0.1.0" },
        "config": config,
        "model": { "name": "a model that thinks", "sha256": "0f", "architecture": "none", "quantization": "none" },
        "prompts": prompts, "responses": responses, "references": [], "pairs": [],
        "similarities": similarities, "events": [],
    })
    .to_string()
}

fn response(id: &str, tag: &str, sample: usize, said: &Said) -> Value {
    let n_tokens = match said.end {
        End::Limit => MAX_TOKENS,
        End::Context => MAX_TOKENS - 8,
        End::Whole => MAX_TOKENS - 20 + sample,
    };
    let tokens: Vec<usize> = (0..n_tokens).collect();
    let finish = if said.end == End::Whole { "stop" } else { "length" };
    let mut response = json!({
        "promptId": id, "language": tag, "sample": sample, "text": said.text, "tokens": tokens, "logprob": -9.5,
        "finishReason": finish, "answer": said.answer, "detectedLanguage": null,
    });
    if !said.reasoning.is_empty() {
        response["reasoning"] = json!(said.reasoning);
        response["reasoningTokens"] = json!(if said.text.is_empty() { n_tokens } else { n_tokens / 2 });
    }
    if !said.others.is_empty() {
        response["ambiguous"] = json!(said.others);
    }
    response
}

/// The upper triangle, row by row: responses with one answer are close.
fn cosines(answers: &[Option<&str>]) -> Vec<f64> {
    let mut out = Vec::new();
    for (i, a) in answers.iter().enumerate() {
        for (j, b) in answers.iter().enumerate().skip(i + 1) {
            let near = if a.is_some() && a == b { 0.85 } else { 0.6 };
            out.push(near + ((7 * i + 3 * j) % 10) as f64 / 100.0);
        }
    }
    out
}
