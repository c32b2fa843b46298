//! Numbers in words beyond the teaching model's languages, up to a hundred; [`super::large`] puts the larger ones together.

use super::forms::{Forms, compounds, counted};

/// How a language writes the numbers up to a hundred.
pub(super) struct Spelling {
    /// First subtag.
    tag: &'static str,
    /// From zero on; forms of one value are joined by `/`, words of one number by `_`.
    units: &'static str,
    /// From twenty on, in tens.
    tens: &'static str,
    /// What may stand between a ten and a unit, joined by `/`.
    joints: &'static str,
    /// Where the unit comes first.
    is_reversed: bool,
    /// Forms from seventy on that are not made of a ten and a unit.
    from_seventy: &'static str,
    hundred: &'static str,
}

/// The forms of a language.
pub(super) fn forms(tag: &str) -> Option<Forms> {
    let spelling = SPELLINGS.iter().find(|spelling| spelling.tag == tag)?;
    let units = counted(spelling.units, 0, 1);
    let tens = counted(spelling.tens, 20, 10);
    let mut out = Vec::new();
    for joint in spelling.joints.split('/') {
        out.extend(compounds(&tens, &units, |ten, unit| match (tag, unit.chars().next()) {
            _ if spelling.is_reversed => format!("{unit}{joint}{ten}"),
            // Italian drops the vowel: ventuno, ventotto.
            ("it", Some('u' | 'o')) => format!("{}{unit}", &ten[..ten.len() - 1]),
            _ => format!("{ten}{joint}{unit}"),
        }));
    }
    out.extend(
        [units, tens, counted(spelling.from_seventy, 70, 1), counted(spelling.hundred, 100, 1)].concat(),
    );
    // Alone it is Persian for "no".
    out.retain(|form| form.0 != "نه");
    Some(out)
}

const NONE: Spelling =
    Spelling { tag: "", units: "", tens: "", joints: " ", is_reversed: false, from_seventy: "", hundred: "" };

const SPELLINGS: [Spelling; 14] = [
    Spelling {
        tag: "fr",
        units: "zéro un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix_sept dix_huit \
                dix_neuf",
        tens: "vingt trente quarante cinquante soixante septante huitante/octante nonante",
        joints: " / et ",
        from_seventy: "soixante_dix soixante_et_onze/soixante_onze soixante_douze soixante_treize soixante_quatorze \
                       soixante_quinze soixante_seize soixante_dix_sept soixante_dix_huit soixante_dix_neuf \
                       quatre_vingts/quatre_vingt quatre_vingt_un/quatre_vingt_une quatre_vingt_deux quatre_vingt_trois \
                       quatre_vingt_quatre quatre_vingt_cinq quatre_vingt_six quatre_vingt_sept quatre_vingt_huit \
                       quatre_vingt_neuf quatre_vingt_dix quatre_vingt_onze quatre_vingt_douze quatre_vingt_treize \
                       quatre_vingt_quatorze quatre_vingt_quinze quatre_vingt_seize quatre_vingt_dix_sept \
                       quatre_vingt_dix_huit quatre_vingt_dix_neuf",
        hundred: "cent/cents",
        ..NONE
    },
    Spelling {
        tag: "it",
        units: "zero uno/una/un due tre/tré quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici \
                sedici diciassette diciotto diciannove",
        tens: "venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
        joints: "",
        hundred: "cento",
        ..NONE
    },
    Spelling {
        tag: "pt",
        units: "zero um/uma dois/duas três quatro cinco seis sete oito nove dez onze doze treze catorze/quatorze quinze \
                dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove",
        tens: "vinte trinta quarenta cinquenta/cinqüenta sessenta setenta oitenta noventa",
        joints: " e ",
        hundred: "cem/cento",
        ..NONE
    },
    Spelling {
        tag: "nl",
        units: "nul een/één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien \
                achttien negentien",
        tens: "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
        joints: "en/ën",
        is_reversed: true,
        hundred: "honderd",
        ..NONE
    },
    Spelling {
        tag: "sv",
        units: "noll ett/en två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton",
        tens: "tjugo trettio fyrtio/förtio femtio sextio sjuttio åttio nittio",
        joints: "",
        hundred: "hundra",
        ..NONE
    },
    Spelling {
        tag: "da",
        units: "nul et/en to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
        tens: "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems",
        joints: "og",
        is_reversed: true,
        hundred: "hundrede",
        ..NONE
    },
    Spelling {
        tag: "nb",
        units: "null ett/en/én to tre fire fem seks sju/syv åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
        tens: "tjue tretti førti femti seksti sytti åtti nitti",
        joints: "",
        hundred: "hundre",
        ..NONE
    },
    Spelling {
        tag: "fa",
        units: "صفر یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده/هیجده نوزده",
        tens: "بیست سی چهل پنجاه شصت هفتاد هشتاد نود",
        joints: " و ",
        hundred: "صد",
        ..NONE
    },
    Spelling {
        tag: "pl",
        units: "zero jeden/jedna/jedno dwa/dwie/dwóch/dwoje trzy/trzech/troje cztery/czterech pięć/pięciu sześć/sześciu \
                siedem/siedmiu osiem/ośmiu dziewięć/dziewięciu dziesięć/dziesięciu jedenaście/jedenastu dwanaście/dwunastu \
                trzynaście/trzynastu czternaście/czternastu piętnaście/piętnastu szesnaście/szesnastu \
                siedemnaście/siedemnastu osiemnaście/osiemnastu dziewiętnaście/dziewiętnastu",
        tens: "dwadzieścia/dwudziestu trzydzieści/trzydziestu czterdzieści/czterdziestu pięćdziesiąt/pięćdziesięciu \
               sześćdziesiąt/sześćdziesięciu siedemdziesiąt/siedemdziesięciu osiemdziesiąt/osiemdziesięciu \
               dziewięćdziesiąt/dziewięćdziesięciu",
        hundred: "sto/stu",
        ..NONE
    },
    Spelling {
        tag: "uk",
        units: "нуль один/одна/одне два/дві/двох три/трьох чотири/чотирьох п_ять шість сім вісім дев_ять десять одинадцять \
                дванадцять тринадцять чотирнадцять п_ятнадцять шістнадцять сімнадцять вісімнадцять дев_ятнадцять",
        tens: "двадцять тридцять сорок п_ятдесят шістдесят сімдесят вісімдесят дев_яносто",
        hundred: "сто",
        ..NONE
    },
    Spelling {
        tag: "cs",
        units: "nula jeden/jedna/jedno dva/dvě/dvou tři/tří čtyři/čtyř pět/pěti šest/šesti sedm/sedmi osm/osmi devět/devíti \
                deset/deseti jedenáct dvanáct třináct čtrnáct patnáct šestnáct sedmnáct osmnáct devatenáct",
        tens: "dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát",
        hundred: "sto",
        ..NONE
    },
    Spelling {
        tag: "ro",
        units: "zero unu/una doi/două trei patru cinci șase șapte opt nouă zece unsprezece doisprezece/douăsprezece treisprezece \
                paisprezece cincisprezece șaisprezece șaptesprezece optsprezece nouăsprezece",
        tens: "douăzeci treizeci patruzeci cincizeci șaizeci șaptezeci optzeci nouăzeci",
        joints: " și ",
        hundred: "sută",
        ..NONE
    },
    Spelling {
        tag: "id",
        units: "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua_belas tiga_belas empat_belas \
                lima_belas enam_belas tujuh_belas delapan_belas sembilan_belas",
        tens: "dua_puluh tiga_puluh empat_puluh lima_puluh enam_puluh tujuh_puluh delapan_puluh sembilan_puluh",
        hundred: "seratus",
        ..NONE
    },
    Spelling {
        tag: "hi",
        units: "शून्य एक दो तीन चार पाँच/पांच छह/छः/छ/छे सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह/पन्द्रह सोलह सत्रह अठारह उन्नीस \
                बीस इक्कीस बाईस/बाइस तेईस/तेइस चौबीस पच्चीस छब्बीस सत्ताईस/सत्ताइस अट्ठाईस/अठ्ठाईस/अट्ठाइस उनतीस/उन्तीस तीस \
                इकतीस/इकत्तीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस/चवालीस \
                पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरपन/तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन/अठावन \
                उनसठ साठ इकसठ बासठ तिरसठ/तिरेसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर \
                छिहत्तर सतहत्तर अठहत्तर उन्यासी/उनासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी/अठासी नवासी \
                नब्बे इक्यानवे/इक्यानबे बानवे/बानबे तिरानवे/तिरानबे चौरानवे/चौरानबे पचानवे/पंचानबे/पचानबे छियानवे/छियानबे \
                सत्तानवे/सत्तानबे अट्ठानवे/अट्ठानबे निन्यानवे/निन्यानबे",
        hundred: "सौ",
        ..NONE
    },
];
