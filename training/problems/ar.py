"""Arabic: the counted noun is singular at 1, dual at 2, genitive plural at 3-10, accusative singular at 11-99, singular after hundreds.

Number words take the opposite gender at 3-10 and change with the case ("خمس وعشرون", "خمسا وعشرين"). A counted phrase is therefore
accusative as it stands, {A:nom} and {A:gen} in the other cases. No name stands in the accusative ("خالدا").
"""

import re

from .core import Forms, Language
from .general import General

CASES = ("acc", "nom", "gen")
ONES_M = ". واحد . ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة".split()  # with masculine nouns
ONES_F = ". واحدة . ثلاث أربع خمس ست سبع ثماني تسع عشر".split()  # with feminine nouns
TENS = ". . عشر ثلاث أربع خمس ست سبع ثمان تسع".split()


def noun(gender, sg, dual, pl, tamyiz, definite):
    """`dual`: not nominative; `tamyiz`: the accusative singular, after 11-99 and after كم; `definite`: the definite plural; `li`: "of the"."""
    return Forms(gender, pl, sg=sg, dual=dual, pl=pl, tamyiz=tamyiz, the=definite, li="لل" + definite[2:])


def two(gender, case, stem_end="ن"):
    return ("اثنت" if gender == "f" else "اثن") + ("ا" if case == "nom" else "ي") + stem_end


def numeral(n, gender="m", case="nom"):
    """A number word 1..100 as it stands before a noun of that gender."""
    ones = ONES_F if gender == "f" else ONES_M
    if n == 100:
        return "مئة"
    if n <= 10:
        return two(gender, case) if n == 2 else ones[n]
    if n < 20:
        unit = {11: "إحدى" if gender == "f" else "أحد", 12: two(gender, case, "")}.get(n) or ones[n - 10]
        return f"{unit} {'عشرة' if gender == 'f' else 'عشر'}"
    ten = TENS[n // 10] + ("ون" if case == "nom" else "ين")
    unit = n % 10
    if unit == 0:
        return ten
    if unit == 2:
        return f"{two(gender, case)} و{ten}"
    if gender == "f":
        if unit == 1:
            return f"إحدى و{ten}"
        return f"{'ثمان' if unit == 8 and case != 'acc' else ones[unit] + ('ا' if case == 'acc' else '')} و{ten}"
    return f"{'واحدا' if unit == 1 and case == 'acc' else ones[unit]} و{ten}"


def bare(n, noun_, word):
    return numeral(n, noun_.gender, "acc") if word else str(n)


def counted(n, noun_, word, case):
    if n == 1:
        one = "واحدة" if noun_.gender == "f" else "واحدا" if case == "acc" else "واحد"
        return f"{noun_:tamyiz} {one}" if case == "acc" else f"{noun_:sg} {one}"
    if n == 2:
        return f"{noun_:dual}"[:-2] + "ان" if case == "nom" else f"{noun_:dual}"
    form = "pl" if 3 <= n % 100 <= 10 else "tamyiz" if n % 100 >= 11 else "sg"
    return f"{numeral(n, noun_.gender, case) if word else n} {format(noun_, form)}"


class Counted(str):
    """A counted phrase, in the accusative as it stands; "nom" and "gen" give its other cases."""

    def __new__(cls, acc, nom, gen):
        phrase = super().__new__(cls, acc)
        phrase.forms = {"": acc, "nom": nom, "gen": gen}
        return phrase

    def __format__(self, case):
        return self.forms[case]


def count(n, noun_, word):
    return Counted(*(counted(n, noun_, word, case) for case in CASES))


def fraction(text, noun_):
    return Counted(*[f"{text} {noun_:sg}"] * len(CASES))


def native(text):
    """Arabic digits, with the Arabic decimal mark."""
    return re.sub(r"(?<=\d)\.(?=\d)", "٫", text).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


NAMES = [Forms("m", n) for n in ("سامي", "عمر", "خالد", "كريم")] + [Forms("f", n) for n in ("ليلى", "سارة", "مريم", "هدى")]
OBJECTS = [noun("f", "تفاحة", "تفاحتين", "تفاحات", "تفاحة", "التفاحات"), noun("m", "كتاب", "كتابين", "كتب", "كتابا", "الكتب"),
           noun("m", "قلم", "قلمين", "أقلام", "قلما", "الأقلام"), noun("f", "زهرة", "زهرتين", "زهرات", "زهرة", "الزهرات"),
           noun("f", "بيضة", "بيضتين", "بيضات", "بيضة", "البيضات"), noun("f", "كرة", "كرتين", "كرات", "كرة", "الكرات"),
           noun("m", "كوب", "كوبين", "أكواب", "كوبا", "الأكواب"), noun("m", "طابع", "طابعين", "طوابع", "طابعا", "الطوابع"),
           noun("f", "برتقالة", "برتقالتين", "برتقالات", "برتقالة", "البرتقالات"), noun("f", "كعكة", "كعكتين", "كعكات", "كعكة", "الكعكات")]
BOXES = [noun("m", "صندوق", "صندوقين", "صناديق", "صندوقا", "الصناديق"), noun("m", "كيس", "كيسين", "أكياس", "كيسا", "الأكياس"),
         noun("f", "سلة", "سلتين", "سلال", "سلة", "السلال")]
MONEY = noun("m", "ريال", "ريالين", "ريالات", "ريالا", "الريالات")
YEARS = noun("f", "سنة", "سنتين", "سنوات", "سنة", "السنوات")

HAS = ["كان لدى {x} {A:nom}.", "{x:كان|كانت} {x} {x:يملك|تملك} {A}.", "في البداية كان لدى {x} {A:nom}.", "{x:جمع|جمعت} {x} {A}.", "في الصباح {x:اشترى|اشترت} {x} {A}."]
LEFT = ["كم {o:tamyiz} {o:بقي|بقيت} لدى {x}؟", "ما عدد {o:the} الباقية لدى {x}؟", "كم {o:tamyiz} ما {o:زال|زالت} لدى {x}؟", "كم {o:tamyiz} لدى {x} الآن؟"]
NOW = ["كم {o:tamyiz} لدى {x} الآن؟", "كم {o:tamyiz} {x:يملك|تملك} {x} الآن؟", "ما عدد {o:the} لدى {x} في النهاية؟", "كم {o:tamyiz} {o:أصبح|أصبحت} لدى {x}؟"]
TOTAL = ["كم {o:tamyiz} في المجموع؟", "ما عدد {o:the} كلها؟", "ما العدد الإجمالي {o:li}؟"]
FILLED = ["كان لدى {x} {A:nom}، وفي كل {k:sg} {B:nom}.", "{x:اشترى|اشترت} {x} {A}، وكل {k:sg} {k:يحتوي|تحتوي} على {B:gen}.",
          "{x:أحضر|أحضرت} {x} {A}. كل {k:sg} {k:يضم|تضم} {B}.", "في غرفة {x} {A:nom}، وفي كل {k:sg} {B:nom}."]
SOLD = ["ثم {x:أعطى|أعطت} {x} {C} ل{y}.", "ثم {x:باع|باعت} {x} {C}.", "وبعد ذلك {y:أخذ|أخذت} {y} من {x} {C}.", "ثم {x:أهدى|أهدت} {x} إلى {y} {C}."]
BOTH = ["لدى {x} {A:nom}، ولدى {y} {B:nom}.", "{x:يملك|تملك} {x} {A}، و{y:يملك|تملك} {y} {B}.", "لدى {x} {A:nom}. لدى {y} {B:nom}.",
        "{x:يملك|تملك} {x} {A}، أما {y} {y:فيملك|فتملك} {B}."]
GIFT = ["ثم {x:أعطى|أعطت} {x} {C} ل{y}.", "ثم {x:أهدى|أهدت} {x} إلى {y} {C}.", "وبعد ذلك {y:أخذ|أخذت} {y} من {x} {C}.", "ثم {y:حصل|حصلت} {y} من {x} على {C:gen}."]
WALLET = ["كان لدى {x} {A:nom}.", "{x:ذهب|ذهبت} {x} إلى السوق {x:ومعه|ومعها} {A:nom}.", "كان في محفظة {x} {A:nom}.", "{x:حمل|حملت} {x} إلى المتجر {A}."]
PRICE = ["{x:اشترى|اشترت} {x} {B}، وسعر كل {o:sg} {C:nom}.", "{x:اشترى|اشترت} {x} {B} بسعر {C:gen} لكل {o:sg}.",
         "سعر ال{o:sg} {o:الواحد|الواحدة} {C:nom}، و{x:اشترى|اشترت} {x} {B}.", "{x:أخذ|أخذت} {x} {B}، و{x:دفع|دفعت} ثمن كل {o:sg} {C}."]
CHANGE = ["كم {m:tamyiz} بقي لدى {x}؟", "كم بقي من المال لدى {x}؟", "ما المبلغ الباقي لدى {x}؟"]
OF_SECOND = ["كم {o:tamyiz} لدى {y}؟", "ما عدد {o:the} لدى {y}؟", "كم {o:tamyiz} {y:يملك|تملك} {y}؟"]
MORE = ["لدى {x} {A:nom}. عدد {o:pl} {y} أكبر من عدد {o:pl} {x} بمقدار {B:gen}.", "لدى {x} {A:nom}، ويزيد عدد {o:pl} {y} على عدد {o:pl} {x} بمقدار {B:gen}.",
        "{x:يملك|تملك} {x} {A}، و{y:يملك|تملك} {y} أكثر من {x} بمقدار {B:gen}."]

WORDINGS = {
    "gain": [HAS, ["ثم {x:اشترى|اشترت} {x} {B} أيضا.", "وبعد ذلك {x:وجد|وجدت} {x} {B}.", "ثم {y:أهدى|أهدت} {y} إلى {x} {B}.", "ثم {x:أخذ|أخذت} {x} من {y} {B}."], NOW],
    "loss": [HAS, ["ثم {x:أعطى|أعطت} {x} {B} ل{y}.", "ثم {x:فقد|فقدت} {x} {B}.", "وبعد ذلك {x:باع|باعت} {x} {B}.", "ثم {y:أخذ|أخذت} {y} من {x} {B}."], LEFT],
    "difference": [BOTH, ["بكم يزيد عدد {o:pl} {x} على عدد {o:pl} {y}؟", "ما الفرق بين عدد {o:pl} {x} وعدد {o:pl} {y}؟", "بكم يقل عدد {o:pl} {y} عن عدد {o:pl} {x}؟"]],
    "more": [MORE, OF_SECOND],
    "fewer": [["لدى {x} {A:nom}. عدد {o:pl} {y} أقل من عدد {o:pl} {x} بمقدار {B:gen}.", "لدى {x} {A:nom}، ويقل عدد {o:pl} {y} عن عدد {o:pl} {x} بمقدار {B:gen}.",
               "{x:يملك|تملك} {x} {A}، و{y:يملك|تملك} {y} أقل من {x} بمقدار {B:gen}."], OF_SECOND],
    "more_back": [["لدى {x} {A:nom}. عدد {o:pl} {x} أكبر من عدد {o:pl} {y} بمقدار {B:gen}.", "لدى {x} {A:nom}، وهذا أكثر مما لدى {y} بمقدار {B:gen}.",
                   "{x:يملك|تملك} {x} {A}، وهذا العدد يزيد على عدد {o:pl} {y} بمقدار {B:gen}."], OF_SECOND],
    "fewer_back": [["لدى {x} {A:nom}. عدد {o:pl} {x} أقل من عدد {o:pl} {y} بمقدار {B:gen}.", "لدى {x} {A:nom}، وهذا أقل مما لدى {y} بمقدار {B:gen}.",
                    "{x:يملك|تملك} {x} {A}، وهذا العدد يقل عن عدد {o:pl} {y} بمقدار {B:gen}."], OF_SECOND],
    "groups": [["لدى {x} {A:nom}.", "{x:اشترى|اشترت} {x} {A}.", "في الغرفة {A:nom}.", "{x:أحضر|أحضرت} {x} {A}."],
               ["في كل {k:sg} {B:nom}.", "كل {k:sg} {k:يحتوي|تحتوي} على {B:gen}.", "كل {k:sg} {k:يضم|تضم} {B}.", "{x:وضع|وضعت} {x} في كل {k:sg} {B}."], TOTAL],
    "share": [["كان لدى {x} {A:nom}.", "{x:اشترى|اشترت} {x} {A}.", "كان على طاولة {x} {A:nom}.", "{x:أحضر|أحضرت} {x} {A}."],
              ["ثم {x:وضع|وضعت} {x} {o:the} بالتساوي في {B:gen}.", "ثم {x:وزع|وزعت} {x} {o:the} بالتساوي على {B:gen}.", "تم توزيع {o:the} بالتساوي على {B:gen}."],
              ["كم {o:tamyiz} في كل {k:sg}؟", "ما عدد {o:the} في كل {k:sg}؟", "كم {o:tamyiz} في ال{k:sg} {k:الواحد|الواحدة}؟"]],
    "gain_loss": [HAS, ["ثم {x:اشترى|اشترت} {x} {B} و{x:أعطى|أعطت} {C} ل{y}.", "ثم {x:وجد|وجدت} {x} {B}، وبعد ذلك {x:فقد|فقدت} {C}.",
                        "ثم {y:أهدى|أهدت} {y} إلى {x} {B}، وبعد ذلك {x:باع|باعت} {x} {C}."], NOW],
    "groups_plus": [FILLED, ["كان على الطاولة {C:nom} أيضا.", "ثم {y:أحضر|أحضرت} {y} {C} أيضا.",
                             "ثم {x:اشترى|اشترت} {x} {C} أيضا.", "وبعد ذلك {x:وجد|وجدت} {x} {C}."], TOTAL],
    "groups_minus": [FILLED, SOLD, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [MORE, ["كم {o:tamyiz} لدى {x} و{y} معا؟", "ما عدد {o:the} لدى {x} و{y} معا؟", "ما مجموع {o:pl} {x} و{y}؟"]],
    "giver": [BOTH, GIFT, ["كم {o:tamyiz} لدى {x} الآن؟", "كم {o:tamyiz} {o:بقي|بقيت} لدى {x}؟", "ما عدد {o:the} لدى {x} في النهاية؟"]],
    "receiver": [BOTH, GIFT, ["كم {o:tamyiz} لدى {y} الآن؟", "كم {o:tamyiz} {o:أصبح|أصبحت} لدى {y}؟", "ما عدد {o:the} لدى {y} في النهاية؟"]],
    "stock": [FILLED, SOLD, ["ثم {x:اشترى|اشترت} {x} {D} أيضا.", "وبعد ذلك {x:وجد|وجدت} {x} {D}.", "ثم {y:أحضر|أحضرت} {y} ل{x} {D}."], NOW],
    "shop": [WALLET, PRICE, ["ثم {x:اشترى|اشترت} {x} {k:tamyiz} بسعر {D:gen}.", "{x:دفع|دفعت} {x} أيضا {D} ثمنا ل{k:sg}.",
                             "ثم {x:أخذ|أخذت} {x} {k:tamyiz} {k:سعره|سعرها} {D:nom}."], CHANGE],
}

DISTRACTORS = ["لدى {x} أيضا {D:nom}.", "لدى {y} {D:nom}.", "على الكرسي {D:nom}.", "أمس {y:اشترى|اشترت} {y} {D}."]
AGES = ["{x:يبلغ|تبلغ} {x} من العمر {N}.", "{y:يبلغ|تبلغ} {y} من العمر {N}."]

SECOND = ["عدد {o:the} لدى {y} هو {e} = {r}.", "لدى {y} من {o:the} {e} = {r}."]
RESPONSES = {
    "gain": ["عدد {o:the} لدى {x} الآن هو {e} = {r}.", "المجموع {e} = {r}."],
    "loss": ["عدد {o:the} الباقية لدى {x} هو {e} = {r}.", "الباقي {e} = {r}."],
    "difference": ["الفرق بين {x} و{y} هو {e} = {r}.", "الفرق {e} = {r}."],
    "more": SECOND, "fewer": SECOND, "more_back": SECOND, "fewer_back": SECOND,
    "groups": ["عدد {o:the} كلها هو {e} = {r}.", "المجموع {e} = {r}."],
    "share": ["عدد {o:the} في كل {k:sg} هو {e} = {r}.", "في كل {k:sg} {e} = {r}."],
    "gain_loss": ["أولا {e} = {s}، ثم {f} = {r}.", "أصبح لدى {x} {e} = {s}، ثم بقي {f} = {r}."],
    "groups_plus": ["في البداية {e} = {s}، والمجموع {f} = {r}.", "أولا {e} = {s}، ثم {f} = {r}."],
    "groups_minus": ["في البداية {e} = {s}، والباقي {f} = {r}.", "أولا {e} = {s}، ثم {f} = {r}."],
    "change": ["ثمن {o:the} {e} = {s}، والباقي {f} = {r}.", "{x:دفع|دفعت} {x} {e} = {s}، والباقي {f} = {r}."],
    "together": ["لدى {y} {e} = {s}، والمجموع {f} = {r}.", "عدد {o:the} لدى {y} هو {e} = {s}، ولدى {x} و{y} معا {f} = {r}."],
    "giver": ["عدد {o:the} لدى {x} الآن هو {e} = {r}.", "بقي لدى {x} {e} = {r}."],
    "receiver": ["عدد {o:the} لدى {y} الآن هو {e} = {r}.", "أصبح لدى {y} {e} = {r}."],
    "stock": ["في البداية {e} = {s}، ثم {f} = {t}، ثم {g} = {r}.", "أولا {e} = {s}، والباقي {f} = {t}، وفي النهاية {g} = {r}."],
    "shop": ["ثمن {o:the} {e} = {s}، وثمن المشتريات كلها {f} = {t}، والباقي {g} = {r}.", "{x:دفع|دفعت} {x} {e} = {s}، وفي المجموع {f} = {t}، والباقي {g} = {r}."],
}

LANGUAGE = Language("ar", NAMES, OBJECTS, BOXES, MONEY, YEARS, count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "الجواب: {r}", fraction, native=native)

# The closed world of the general task. Things, colours and places stand in the order of general.py.
THINGS = [Forms(gender, sg, the="ال" + sg) for gender, sg in (("f", "قطة"), ("m", "كلب"), ("m", "عصفور"), ("f", "سمكة"),
                                                                 ("f", "كرة"), ("f", "تفاحة"), ("f", "سيارة"), ("f", "قبعة"))]
COLOURS = [Forms("m", m, f=f) for m, f in (("أحمر", "حمراء"), ("أزرق", "زرقاء"), ("أخضر", "خضراء"), ("أصفر", "صفراء"), ("أسود", "سوداء"), ("أبيض", "بيضاء"))]
PLACES = [f"{relation} {seat}" for relation in ("على", "تحت", "بجانب") for seat in ("الكرسي", "السرير", "الصندوق", "البيت", "الشجرة")]
PICTURES = {
    "ask": ["صف الصورة في جملة واحدة: {picture}", "اكتب جملة واحدة تصف الصورة: {picture}"],
    "say": ["{place} {thing} {colour}.", "{thing:يوجد|توجد} {thing} {colour} {place}.", "{thing:the} {thing:الموجود|الموجودة} {place} {colour}.",
            "في الصورة {thing} {colour} {place}."],
}
REASONS = {
    "ask": ["لماذا {act}؟ أجب بجملة واحدة.", "قل في جملة واحدة لماذا {act}."],
    "say": ["{act} {reason}.", "{reason}.", "{act}، وذلك {reason}."],
    "acts": ["{x:يأخذ|تأخذ} {x} مظلة", "{x:يلبس|تلبس} {x} معطفا", "{x:يشرب|تشرب} {x} كوبا من الماء", "{x:يأكل|تأكل} {x} بعض الخبز", "{x:يذهب|تذهب} {x} إلى النوم",
             "{x:يشعل|تشعل} {x} الضوء", "{x:يفتح|تفتح} {x} النافذة", "{x:يذهب|تذهب} {x} إلى الطبيب", "{x:يركض|تركض} {x} إلى الحافلة", "{x:يشتري|تشتري} {x} كعكة"],
    "reasons": ["لأن السماء تمطر", "لأن الجو بارد في الخارج", "{x:لأنه عطشان|لأنها عطشى}", "{x:لأنه جائع|لأنها جائعة}", "{x:لأنه متعب|لأنها متعبة}", "لأن المكان مظلم",
                "لأن الجو حار جدا", "{x:لأنه مريض|لأنها مريضة}", "{x:لأنه متأخر|لأنها متأخرة}", "لأن اليوم عيد ميلاد"],
}
GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS, agree=lambda colour, thing: f"{colour:f}" if thing.gender == "f" else f"{colour}")
