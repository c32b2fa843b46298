//! Checks after an answer, the signs that end a sum of money, and texts that refuse.

use super::super::lexicon::{row_of, tags};
use super::super::{extract_answer, find_answer};
use crate::data::Language;

fn read(text: &str, language: &str) -> Option<String> {
    extract_answer(text, &Language::from(language))
}

/// In every language: what stands under a heading of the check is not the answer.
#[test]
fn a_check_after_an_answer_is_no_answer() {
    let mut wrong = Vec::new();
    for tag in tags() {
        let Some(row) = row_of(tag) else { panic!("{tag} has no row") };
        let first = |list: &'static str| list.split('|').next().map(|word| word.trim_end_matches('*'));
        let Some(answer) = first(row.answer).filter(|word| !word.is_empty()) else { continue };
        for check in row.check.split('|').filter(|word| !word.is_empty()) {
            for text in [
                format!("{answer}: 64\n\n{check}: 64 / 8 = 8"),
                format!("{answer}: 64.\n{check}: 64 / 8 = 8, 8 × 8 = 64, 8 = 8."),
                format!("8 × 8 = 64\n**{answer}:** 64\n\n**{check}:** 64 - 60 = 4 ✓"),
                format!("8 × 7 + 8 = 64.\n\n{check}: 64 / 8 = 8."),
                format!("8 × 7 + 8 = 64.\n\n### {check}\n64 / 8 = 8."),
            ] {
                let found = read(&text, tag);
                if found.as_deref() != Some("64") {
                    wrong.push(format!("{tag}: {text:?}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_check_without_a_heading_is_no_answer() {
    for (text, language) in [
        ("The answer is 64.\n\nCheck: 64 / 8 = 8 rows, which matches the 8 rows of the problem ✓", "en"),
        ("The answer is six.\n\nCheck: 6 / 2 = 3.", "en"),
        ("Answer: 64\n\nCheck your answer: 64 / 8 = 8", "en"),
        ("The final answer is 64.\n\nFinal answer check: 64 / 8 = 8", "en"),
        ("The answer is 64.\n\nVerification of the result: 64 / 8 = 8", "en"),
        ("Antwort: 64\n\nÜberprüfung des Ergebnisses: 64 / 8 = 8", "de"),
        ("Ответ: 64\n\nПроверка ответа: 64 / 8 = 8", "ru"),
        ("Check: the numbers are fine. Note that the answer is 64.", "en"),
        ("The answer is 64. Let's verify: 64 / 8 = 8 rows.", "en"),
        ("8 × 7 + 8 = 64. To check, 64 / 8 = 8.", "en"),
        ("8 × 7 + 8 = 64, so there are 64 seats.\nWe can verify this by dividing: 64 / 8 = 8.", "en"),
        ("8 × 7 + 8 = 64. Zur Probe rechnen wir 64 / 8 = 8.", "de"),
        ("8 × 7 + 8 = 64. On peut vérifier que 64 / 8 = 8.", "fr"),
        ("8 × 7 + 8 = 64. Comprobemos que 64 / 8 = 8.", "es"),
        ("8 × 7 + 8 = 64. Проверим, что 64 / 8 = 8.", "ru"),
        ("8 × 7 + 8 = 64。我们来验证一下，64 / 8 = 8。", "zh"),
        ("8 × 7 + 8 = 64。検算すると 64 / 8 = 8。", "ja"),
        ("8 × 7 + 8 = 64. Mari kita periksa, 64 / 8 = 8.", "id"),
        ("8 × 7 + 8 = 64. Para verificar, 64 / 8 = 8.", "pt"),
    ] {
        let found = read(text, language);
        let wanted = if text.contains("six") { "6" } else { "64" };
        assert_eq!(found.as_deref(), Some(wanted), "{text}");
    }
}

/// A check that comes to something else says so, by a marker or by taking back.
#[test]
fn a_check_may_come_to_a_new_answer() {
    for text in [
        "The answer is 64.\n\nCheck: 64 / 8 = 8, but there are 9 rows. The answer is 72.",
        "8 × 8 = 64.\n\nCheck: there are 9 rows. Wait, then it is 9 × 8 = 72.",
        "First we look at the rows: there are 9 of 8 seats. Let's check how many that is: 9 × 8 = 72.",
    ] {
        assert_eq!(read(text, "en").as_deref(), Some("72"), "{text}");
    }
}

#[test]
fn a_sum_may_end_in_a_slash_and_a_sign() {
    for (text, language, wanted) in [
        ("Jibu: Tsh 12,000/= kwa siku 6", "sw", "12000"),
        ("Jibu ni Sh. 12,000/= kwa siku 6.", "sw", "12000"),
        ("Jibu: 12,000/=", "sw", "12000"),
        ("Kwa hiyo alilipa 4,500/=.", "sw", "4500"),
        ("3 × 4,000/= = 12,000/=", "sw", "12000"),
        ("Jibu: Ksh 2,500/-", "sw", "2500"),
        ("The answer is UGX 500,000/= per month for 3 months.", "en", "500000"),
        ("Answer: KES 750 /- in 2 weeks", "en", "750"),
        ("The answer is Rs. 500/- for 5 days.", "en", "500"),
        ("Answer: ₹1,25,000/- only", "en", "125000"),
        ("4 × Rs. 125/- = Rs. 500/-", "en", "500"),
        ("उत्तर: रु. ५००/- (4 दिन)", "hi", "500"),
        ("উত্তর: ৳৫০০/- মাত্র", "bn", "500"),
        // Calculations stay what they are.
        ("The answer is 12/-3 = -4", "en", "-4"),
        ("36 / 6 = 6", "en", "6"),
    ] {
        assert_eq!(read(text, language).as_deref(), Some(wanted), "{text}");
    }
}

#[test]
fn a_refusal_gives_no_answer() {
    for (text, language) in [
        (
            "The problem mentions 3 boxes and 12 apples but never says how many apples were eaten, so I cannot determine the answer.",
            "en",
        ),
        ("There is not enough information to solve this: we only know that there are 20 balloons.", "en"),
        ("Answer: not enough information, since only the 20 balloons are given.", "en"),
        ("3 × 12 = 36 apples were bought, but without the number eaten the rest cannot be determined.", "en"),
        (
            "Lo siento, faltan datos: no se indica cuántos de los 20 globos se reventaron, así que no puedo dar una respuesta.",
            "es",
        ),
        ("No puedo dar una respuesta: solo se sabe que había 20 globos.", "es"),
        ("Es fehlen Angaben zu den 20 Ballons, also kann ich die Frage nicht beantworten.", "de"),
        ("Il manque des données sur les 20 ballons, donc impossible de répondre.", "fr"),
        ("Faltam dados sobre os 20 balões, portanto não é possível determinar a resposta.", "pt"),
        ("Mancano dati sui 20 palloncini, quindi non posso rispondere.", "it"),
        ("В задаче есть 20 шаров, но недостаточно данных, поэтому невозможно определить ответ.", "ru"),
        ("Za mało danych: wiadomo tylko o 20 balonach, więc nie można określić wyniku.", "pl"),
        ("题目只说有20个气球，条件不足，所以无法确定答案。", "zh"),
        ("風船は20個とありますが、情報が不足しているため、答えられません。", "ja"),
        ("풍선이 20개라는 것만 알 수 있고 정보가 부족합니다.", "ko"),
        ("Chỉ biết có 20 quả bóng, không đủ thông tin để tính.", "vi"),
        ("มีลูกโป่ง 20 ลูก แต่ข้อมูลไม่เพียงพอ", "th"),
        ("Hanya ada 20 balon, informasi tidak cukup, jadi tidak dapat ditentukan.", "id"),
        ("Kuna baluni 20, lakini hakuna taarifa za kutosha, kwa hiyo siwezi kujibu.", "sw"),
        ("বেলুন ছিল ২০টি, কিন্তু যথেষ্ট তথ্য নেই।", "bn"),
        ("गुब्बारे 20 थे, लेकिन पर्याप्त जानकारी नहीं है।", "hi"),
        ("هناك 20 بالونا، لكن المعلومات غير كافية، لذلك لا يمكن تحديد الجواب.", "ar"),
        ("20 balon var ama yeterli bilgi yok, bu yüzden hesaplanamaz.", "tr"),
        ("బెలూన్లు 20 ఉన్నాయి, కానీ తగినంత సమాచారం లేదు.", "te"),
    ] {
        let found = find_answer(text, &Language::from(language));
        assert!(found.is_none(), "{text}: {found:?}");
    }
}

/// What sounds like a refusal and answers after all.
#[test]
fn an_answer_after_a_refusal_counts() {
    for (text, language, wanted) in [
        ("I cannot determine this exactly, but the answer is 12.", "en", "12"),
        ("At first there seems to be not enough information, but 20 - 8 = 12, so 12 are left.", "en", "12"),
        ("Respuesta: no se puede comprar media caja, así que necesita 5 cajas.", "es", "5"),
        ("It is impossible to say at once. 4 × 3 = 12. Answer: 12", "en", "12"),
        ("Sofort kann man es nicht bestimmen. Die Antwort ist 12.", "de", "12"),
    ] {
        assert_eq!(read(text, language).as_deref(), Some(wanted), "{text}");
    }
}
