//! Recognises texts that decline to answer.

use std::sync::LazyLock;

use super::digits::Glyph;
use super::lexicon::{Kind, Mark};
use super::page::Page;
use super::word_set::WordSet;

impl Page<'_> {
    /// Whether a text declines to answer: it says so and concludes nothing else, or it ends by saying that the answer cannot be
    /// known.
    pub(super) fn refuses(&self, range: (usize, usize), is_worked: bool) -> bool {
        self.closes_with_refusal(range)
            || !is_worked
                && self.marks_in(Kind::So, range).next().is_none()
                && (is_refusal(self.slice(range)) || is_unknown(self.slice(range)))
    }

    /// Whether the text after the last number, or after the last concluding word, is like "so I cannot determine the answer".
    fn closes_with_refusal(&self, (from, to): (usize, usize)) -> bool {
        let last = self.numbers_in((from, to)).next_back().map_or(from, |i| self.numbers[i].end);
        let concluded = self.marks_in(Kind::So, (from, to)).next_back();
        let names_it = |at: usize| is_unknown(self.slice((at, to.min(at + MAX_SAID))));
        match concluded {
            // "So he has 12 and I cannot determine the rest": the last number belongs to the conclusion.
            Some(so) if so.start < last => false,
            Some(so) => names_it(so.start) || is_refusal(self.slice((so.start, to.min(so.start + MAX_SAID)))),
            None => names_it(last),
        }
    }

    /// Whether a marker is part of a refusal: "I cannot give an answer: …", "Answer: not enough information, …".
    pub(super) fn is_refused(&self, mark: usize, head: usize, to: usize) -> bool {
        let start = self
            .sentences
            .get(self.sentence_at(mark))
            .map_or(mark, |s| s.0)
            .max(mark.saturating_sub(MAX_SAID));
        let end = self.sentence_end(head).min(to).min(head + MAX_SAID);
        let first = self.first_number(head, end).map_or(end, |i| self.numbers[i].start);
        let rest = self.numbers_in((head, to));
        let is_worked = !rest.is_empty() && self.calculations.has_equality(rest.start, rest.end);
        (is_unknown(self.slice((start, head))) || is_unknown(self.slice((head, first))))
            && !is_worked
            && self.marks_in(Kind::So, (first, to)).next().is_none()
    }

    /// Whether a word for "answer" is the verb of a refusal, as in 答えられません.
    pub(super) fn is_refusal_at(&self, mark: &Mark) -> bool {
        let text = self.slice((mark.start, self.sentence_end(mark.start).min(mark.end + MAX_VERB)));
        is_refusal(text) || is_unknown(text)
    }
}

/// Whether a text has words of refusal. A person in a problem may say them too.
fn is_refusal(text: &[Glyph]) -> bool {
    static WORDS: LazyLock<WordSet> = LazyLock::new(|| WordSet::of(REFUSALS));
    WORDS.is_in(text)
}

/// Whether a text says that the answer cannot be known.
fn is_unknown(text: &[Glyph]) -> bool {
    static WORDS: LazyLock<WordSet> = LazyLock::new(|| WordSet::of(UNKNOWN));
    WORDS.is_in(text)
}

/// Longest text in which a refusal is looked for from one place, in characters.
const MAX_SAID: usize = 240;

/// The same after a word for "answer".
const MAX_VERB: usize = 12;

/// Words of refusal.
const REFUSALS: &str = "can't solve|cannot solve|can't answer|cannot answer|can't help|cannot help|unable to|not enough information|\
    insufficient information|cannot be determined|can't be determined|isn't attached|kann ich nicht|nicht genügend|nicht lösbar|\
    kan ik niet|niet genoeg|kan inte|kan ikke|je ne peux pas|impossible de|pas assez|no puedo|no se puede|falta información|\
    não posso|não consigo|não é possível|non posso|impossibile|nu pot|не могу|невозможно|недостаточно|не можу|неможливо|nie mogę|\
    nie można|nemohu|nelze|nem tudok|en voi|çözemem|yapamam|yanıtlayamam|mümkün değil|لا أستطيع|لا يمكن|نمی‌توانم|نمی‌توان|نہیں دے سکت|\
    לא יכול|नहीं कर सकत|नहीं दे सकत|संभव नहीं|পারছি না|পারব না|সম্ভব নয়|முடியாது|లేను|无法|不能回答|無法|できません|答えられません|\
    할 수 없|không thể|ไม่สามารถ|tidak bisa|tidak dapat|teu tiasa|tidak boleh|hindi ko|siwezi|haiwezekani|mi ò lè|angikwazi|ba zan iya";

/// Words for an answer that cannot be known: it cannot be determined or given, or facts are missing.
const UNKNOWN: &str = "cannot determine|can't determine|could not determine|couldn't determine|cannot be determined|can't be determined|\
    unable to determine|unable to answer|unable to solve|unable to provide|unable to calculate|not possible to determine|\
    impossible to determine|not possible to answer|impossible to answer|impossible to say|cannot say|cannot give an answer|\
    can't give an answer|cannot give a|can't give a|cannot provide|can't provide|cannot calculate|can't calculate|cannot be calculated|\
    cannot be answered|can't be answered|cannot be solved|can't be solved|cannot answer|can't answer|cannot solve|can't solve|\
    not enough information|insufficient information|insufficient data|not enough data|don't have enough information|\
    not have enough information|enough information to|more information is needed|need more information|information is missing|\
    missing information|data is missing|data are missing|no answer can be|there is no way to know|i don't know the answer|\
    nicht bestimmen|nicht bestimmbar|nicht berechnen|nicht beantworten|nicht ermitteln|nicht lösen|nicht lösbar|nicht genügend|\
    nicht genug informationen|nicht genug angaben|angaben fehlen|fehlen angaben|fehlen informationen|fehlen daten|keine antwort geben|\
    niet bepalen|niet beantwoorden|niet berekenen|niet oplossen|niet genoeg informatie|onvoldoende informatie|onvoldoende gegevens|\
    ontbreken gegevens|geen antwoord geven|inte bestämma|inte besvara|inte beräkna|inte avgöra|inte lösa|saknas information|\
    saknas uppgifter|inte tillräckligt|otillräcklig information|ikke bestemme|ikke besvare|ikke beregne|ikke løse|ikke nok oplysninger|\
    ikke nok information|ikke nok informasjon|mangler oplysninger|mangler opplysninger|mangler informasjon|ne peux pas répondre|\
    ne peut pas répondre|impossible de déterminer|impossible de répondre|impossible de calculer|impossible de donner|impossible de savoir|\
    ne peux pas déterminer|ne peut pas déterminer|ne peux pas donner|ne peux pas calculer|pas assez d'information|pas suffisamment d'information|\
    informations insuffisantes|données insuffisantes|manque d'information|manque des données|manque une donnée|manque des informations|\
    no puedo dar|no puedo responder|no puedo determinar|no puedo calcular|no puedo resolver|no es posible determinar|no es posible calcular|\
    no es posible responder|no es posible dar|no se puede determinar|no se puede calcular|no se puede responder|no se puede resolver|\
    no se puede saber|faltan datos|falta información|faltan información|información insuficiente|datos insuficientes|no hay suficiente información|\
    no hay suficientes datos|no hay información suficiente|no puc respondre|no es pot determinar|no es pot calcular|falten dades|\
    non se pode determinar|não posso dar|não posso responder|não posso determinar|não posso calcular|não é possível determinar|\
    não é possível calcular|não é possível responder|não é possível saber|não consigo determinar|não consigo responder|faltam dados|\
    faltam informações|informação insuficiente|informações insuficientes|dados insuficientes|não há informações suficientes|\
    non posso rispondere|non posso determinare|non posso dare|non posso calcolare|non è possibile determinare|non è possibile calcolare|\
    non è possibile rispondere|impossibile determinare|impossibile rispondere|impossibile calcolare|mancano dati|mancano informazioni|\
    mancano i dati|dati insufficienti|informazioni insufficienti|informazioni non sono sufficienti|nu pot răspunde|nu pot determina|\
    nu se poate determina|nu se poate calcula|nu este posibil să|lipsesc date|date insuficiente|informații insuficiente|δεν μπορώ να απαντήσω|\
    δεν μπορώ να υπολογίσω|δεν μπορεί να προσδιοριστεί|δεν μπορεί να υπολογιστεί|δεν επαρκούν|λείπουν στοιχεία|δεν υπάρχουν αρκετ|\
    не могу ответить|не могу дать|не могу определить|не могу решить|не могу вычислить|нельзя определить|нельзя ответить|нельзя вычислить|\
    невозможно определить|невозможно ответить|невозможно вычислить|невозможно дать|невозможно решить|недостаточно данных|\
    недостаточно информации|не хватает данных|не хватает информации|данных недостаточно|информации недостаточно|не можу відповісти|\
    не можу дати|не можу визначити|неможливо визначити|неможливо відповісти|неможливо обчислити|недостатньо даних|недостатньо інформації|\
    бракує даних|не вистачає даних|не мога да отговоря|не може да се определи|няма достатъчно|недостатъчно данни|не може да се одреди|\
    нема довољно|недовољно података|ne mogu odgovoriti|ne može se odrediti|nema dovoljno|nedovoljno podataka|ni mogoče določiti|\
    premalo podatkov|nie mogę odpowiedzieć|nie mogę podać|nie mogę określić|nie można określić|nie można obliczyć|nie można odpowiedzieć|\
    nie da się określić|nie da się obliczyć|za mało danych|za mało informacji|brakuje danych|brakuje informacji|brak danych|\
    niewystarczające|nemohu odpovědět|nemohu určit|nelze určit|nelze vypočítat|nelze odpovědět|chybí údaje|chybějí údaje|chybí informace|\
    nedostatek informací|nedostatek údajů|nie je možné určiť|nedá sa určiť|chýbajú údaje|negaliu atsakyti|nepakanka|trūksta duomenų|\
    nevar noteikt|nepietiek informācijas|trūkst datu|en voi vastata|ei voi määrittää|ei voida määrittää|ei voi laskea|ei ole tarpeeksi tieto|\
    tiedot puuttuvat|liian vähän tietoa|ei saa vastata|ei saa määrata|pole piisavalt|nem tudok válaszolni|nem tudom meghatározni|\
    nem határozható meg|nem lehet meghatározni|nincs elég információ|nincs elég adat|hiányoznak|belirleyemem|belirlenemez|hesaplanamaz|\
    hesaplayamam|yanıtlayamam|cevaplayamam|cevap veremem|yeterli bilgi|yetersiz bilgi|bilgi eksik|eksik bilgi|kifayət qədər məlumat|\
    yetarli ma'lumot|ақпарат жеткіліксіз|мәлімет жеткіліксіз|لا أستطيع تحديد|لا أستطيع الإجابة|لا أستطيع إعطاء|لا يمكنني تحديد|\
    لا يمكنني الإجابة|لا يمكنني إعطاء|لا يمكن تحديد|لا يمكن حساب|لا يمكن الإجابة|معلومات كافية|المعلومات غير كافية|البيانات غير كافية|\
    معلومات ناقصة|بيانات ناقصة|نمی‌توانم پاسخ|نمی‌توانم جواب|نمی‌توان تعیین|نمی‌توان محاسبه|نمی‌توان پاسخ|اطلاعات کافی|داده کافی|\
    معلومات کافی نہیں|کافی معلومات نہیں|جواب نہیں دے سکت|معلوم نہیں کیا جا سکتا|אי אפשר לקבוע|לא ניתן לקבוע|לא ניתן לחשב|לא ניתן לענות|\
    אין מספיק מידע|אין מספיק נתונים|חסרים נתונים|חסר מידע|לא יכול לענות|उत्तर नहीं दे सकत|जवाब नहीं दे सकत|निर्धारित नहीं कर सकत|\
    निर्धारित नहीं किया जा सकता|ज्ञात नहीं किया जा सकता|नहीं बताया जा सकता|पर्याप्त जानकारी नहीं|जानकारी पर्याप्त नहीं|\
    जानकारी अधूरी|उत्तर देता येत नाही|पुरेशी माहिती नाही|पर्याप्त जानकारी छैन|উত্তর দেওয়া সম্ভব নয়|নির্ণয় করা সম্ভব নয়|উত্তর দিতে পারছি না|\
    বলা সম্ভব নয়|যথেষ্ট তথ্য নেই|পর্যাপ্ত তথ্য নেই|তথ্য অসম্পূর্ণ|પૂરતી માહિતી નથી|જવાબ આપી શકતો નથી|ਲੋੜੀਂਦੀ ਜਾਣਕਾਰੀ ਨਹੀਂ|போதிய தகவல் இல்லை|\
    போதுமான தகவல்|பதிலளிக்க முடியாது|கண்டறிய முடியாது|கணக்கிட முடியாது|తగినంత సమాచారం|సమాధానం చెప్పలేను|నిర్ణయించలేము|సరిపడా సమాచారం|\
    ಸಾಕಷ್ಟು ಮಾಹಿತಿ ಇಲ್ಲ|ഉത്തരം നൽകാൻ കഴിയില്ല|മതിയായ വിവര|无法确定|无法回答|无法计算|无法解答|无法得出|无法给出|不能确定|不能计算|\
    信息不足|条件不足|数据不足|缺少条件|缺少信息|没有足够的信息|信息不够|無法確定|無法回答|無法計算|資訊不足|條件不足|求められません|\
    答えることができません|判断できません|計算できません|決定できません|特定できません|答えられません|情報が不足|情報が足り|情報不足|条件が不足|\
    알 수 없|구할 수 없|답할 수 없|결정할 수 없|계산할 수 없|정보가 부족|정보가 충분하지|조건이 부족|không thể xác định|không thể tính|\
    không thể trả lời|không thể đưa ra|không đủ thông tin|không đủ dữ|thiếu thông tin|thiếu dữ|ไม่สามารถหา|ไม่สามารถตอบ|ไม่สามารถคำนวณ|\
    ไม่สามารถระบุ|ไม่สามารถให้คำตอบ|ข้อมูลไม่เพียงพอ|ข้อมูลไม่พอ|ຂໍ້ມູນບໍ່ພຽງພໍ|ព័ត៌មានមិនគ្រប់គ្រាន់|tidak dapat ditentukan|tidak bisa ditentukan|\
    tidak dapat menentukan|tidak bisa menentukan|tidak dapat menjawab|tidak bisa menjawab|tidak dapat dihitung|tidak bisa dihitung|\
    informasi tidak cukup|tidak cukup informasi|informasi yang kurang|data tidak cukup|kurang informasi|data kurang|\
    tidak boleh ditentukan|maklumat tidak mencukupi|maklumat tidak cukup|hindi matukoy|hindi ko matukoy|hindi masagot|hindi ko masagot|\
    kulang ang impormasyon|walang sapat na impormasyon|siwezi kujibu|siwezi kutoa|siwezi kuamua|haiwezi kujulikana|haiwezekani kujua|\
    haiwezekani kuamua|haiwezekani kujibu|hakuna taarifa za kutosha|hakuna maelezo ya kutosha|taarifa hazitoshi|maelezo hayatoshi|\
    ba zan iya|babu isasshen bayani|enweghị ozi zuru ezu|kò sí ìsọfúnni tó|macluumaad ku filan ma|angikwazi ukuphendula|\
    ulwazi alwanele|በቂ መረጃ የለም|መልስ መስጠት አልችልም|ez dago nahikoa informazio|ezin da zehaztu|არასაკმარისი ინფორმაცია|ვერ განისაზღვრება|\
    բավարար տեղեկություն|nuk ka informacion të mjaftueshëm|nuk mund të përcaktohet";
