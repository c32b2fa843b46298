//! The forms of the numbers up to a hundred, in the languages of the teaching model.

/// Words with their values.
pub(super) type Forms = Vec<(String, u32)>;

fn words(list: &str) -> Vec<&str> {
    list.split_whitespace().collect()
}

/// `list[i]` with `first + i`; forms of one value are joined by `/`.
pub(super) fn counted(list: &str, first: u32, step: u32) -> Forms {
    let forms = |(i, word): (usize, &str)| {
        let value = first + step * i as u32;
        word.split('/').map(|form| (form.replace('_', " "), value)).collect::<Vec<_>>()
    };
    words(list).into_iter().enumerate().flat_map(forms).collect()
}

/// Every ten with every unit, joined by `join(ten, unit)`.
pub(super) fn compounds(tens: &Forms, units: &Forms, join: impl Fn(&str, &str) -> String) -> Forms {
    let pairs = tens.iter().flat_map(|ten| units.iter().map(move |unit| (ten, unit)));
    pairs
        .filter(|(_, unit)| (1..10).contains(&unit.1))
        .map(|(ten, unit)| (join(&ten.0, &unit.0), ten.1 + unit.1))
        .collect()
}

pub(super) fn english() -> Forms {
    let units = counted(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
        0,
        1,
    );
    let tens = counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10);
    let both = compounds(&tens, &units, |ten, unit| format!("{ten} {unit}"));
    [units, tens, both, counted("hundred/one_hundred/a_hundred", 100, 1)].concat()
}

pub(super) fn german() -> Forms {
    let units = counted(
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn",
        0,
        1,
    );
    let tens = counted("zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig", 20, 10);
    let both = compounds(&tens, &units, |ten, unit| {
        format!("{}und{ten}", if unit == "eins" { "ein" } else { unit })
    });
    [units, tens, both, counted("hundert/einhundert", 100, 1)].concat()
}

pub(super) fn spanish() -> Forms {
    let units = counted(
        "cero uno/una/un dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete \
         dieciocho diecinueve veinte veintiuno/veintiuna/veintiún veintidós veintitrés veinticuatro veinticinco veintiséis \
         veintisiete veintiocho veintinueve",
        0,
        1,
    );
    let tens = counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10);
    let both = compounds(&tens, &units, |ten, unit| format!("{ten} y {unit}"));
    [units, tens, both, counted("cien/ciento", 100, 1)].concat()
}

pub(super) fn russian() -> Forms {
    let units = counted(
        "ноль/нуль один/одна/одно два/две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать \
         четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
        0,
        1,
    );
    let tens =
        counted("двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто", 20, 10);
    let both = compounds(&tens, &units, |ten, unit| format!("{ten} {unit}"));
    [units, tens, both, counted("сто", 100, 1)].concat()
}

pub(super) fn arabic() -> Forms {
    let units = counted(
        "صفر واحد/واحدة اثنان/اثنين/اثنتان/اثنتين ثلاث/ثلاثة أربع/أربعة خمس/خمسة ست/ستة سبع/سبعة ثمان/ثماني/ثمانية تسع/تسعة عشر/عشرة",
        0,
        1,
    );
    let teens = counted(
        "أحد_عشر/إحدى_عشرة اثنا_عشر/اثني_عشر/اثنتا_عشرة/اثنتي_عشرة ثلاثة_عشر/ثلاث_عشرة أربعة_عشر/أربع_عشرة خمسة_عشر/خمس_عشرة \
         ستة_عشر/ست_عشرة سبعة_عشر/سبع_عشرة ثمانية_عشر/ثماني_عشرة تسعة_عشر/تسع_عشرة",
        11,
        1,
    );
    let tens = counted(
        "عشرون/عشرين ثلاثون/ثلاثين أربعون/أربعين خمسون/خمسين ستون/ستين سبعون/سبعين ثمانون/ثمانين تسعون/تسعين",
        20,
        10,
    );
    let both = compounds(&tens, &units, |ten, unit| format!("{unit} و{ten}"));
    [units, teens, tens, both, counted("مئة/مائة", 100, 1)].concat()
}

pub(super) fn bengali() -> Forms {
    counted(
        "শূন্য এক দুই/দু তিন চার পাঁচ ছয় সাত আট নয় দশ এগারো/এগার বারো/বার তেরো/তের চোদ্দো/চৌদ্দ/চোদ্দ পনেরো/পনের ষোলো/ষোল সতেরো/সতের \
         আঠারো/আঠার উনিশ/ঊনিশ কুড়ি/বিশ একুশ বাইশ তেইশ চব্বিশ পঁচিশ ছাব্বিশ সাতাশ আটাশ ঊনত্রিশ/উনত্রিশ ত্রিশ/তিরিশ একত্রিশ বত্রিশ \
         তেত্রিশ চৌত্রিশ পঁয়ত্রিশ ছত্রিশ সাঁইত্রিশ আটত্রিশ ঊনচল্লিশ/উনচল্লিশ চল্লিশ একচল্লিশ বিয়াল্লিশ তেতাল্লিশ চুয়াল্লিশ পঁয়তাল্লিশ ছেচল্লিশ \
         সাতচল্লিশ আটচল্লিশ ঊনপঞ্চাশ/উনপঞ্চাশ পঞ্চাশ একান্ন বায়ান্ন/বাহান্ন তিপ্পান্ন চুয়ান্ন পঞ্চান্ন ছাপ্পান্ন সাতান্ন আটান্ন ঊনষাট/উনষাট ষাট \
         একষট্টি বাষট্টি তেষট্টি চৌষট্টি পঁয়ষট্টি ছেষট্টি সাতষট্টি আটষট্টি ঊনসত্তর/উনসত্তর সত্তর একাত্তর বাহাত্তর তিয়াত্তর চুয়াত্তর পঁচাত্তর \
         ছিয়াত্তর সাতাত্তর আটাত্তর ঊনআশি/উনআশি আশি একাশি বিরাশি তিরাশি চুরাশি পঁচাশি ছিয়াশি সাতাশি আটাশি/অষ্টাশি ঊননব্বই/উননব্বই নব্বই \
         একানব্বই বিরানব্বই তিরানব্বই চুরানব্বই পঁচানব্বই ছিয়ানব্বই সাতানব্বই আটানব্বই নিরানব্বই একশো/একশ",
        0,
        1,
    )
}

/// Classifiers that Bengali writes onto a number.
pub(super) const BENGALI_COUNTERS: [&str; 4] = ["টি", "টা", "জন", "খানা"];

pub(super) fn swahili() -> Forms {
    let units = counted(
        "sifuri moja/mmoja/kimoja/umoja mbili/wawili/mawili/viwili/miwili tatu/watatu/matatu/vitatu/mitatu \
         nne/wanne/manne/vinne/minne tano/watano/matano/vitano/mitano sita saba nane/wanane/manane/vinane/minane tisa",
        0,
        1,
    );
    let tens = counted("kumi ishirini thelathini arobaini hamsini sitini sabini themanini tisini", 10, 10);
    let both = compounds(&tens, &units, |ten, unit| format!("{ten} na {unit}"));
    [units, tens, both, counted("mia/mia_moja", 100, 1)].concat()
}
