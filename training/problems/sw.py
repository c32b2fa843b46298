"""Swahili: noun classes agree on numbers (1-5 and 8), on "how many" (-ngapi) and on "other" (-ingine)."""

from .core import Forms, Language

FREE = {6: "sita", 7: "saba", 9: "tisa", 10: "kumi", 20: "ishirini"}
STEMS = {1: "moja", 2: "wili", 3: "tatu", 4: "nne", 5: "tano", 8: "nane"}
PREFIX = {"ma": "ma", "vi": "vi", "mi": "mi", "n": ""}
OTHER = {"ma": "mengine", "vi": "vingine", "mi": "mingine", "n": "nyingine"}
SUBJECT = {"ma": "ya", "vi": "vi", "mi": "i", "n": "zi"}
HOW_MUCH = {"ma": "mangapi", "vi": "vingapi", "mi": "mingapi", "n": "ngapi"}
ALL = {"ma": "yote", "vi": "vyote", "mi": "yote", "n": "zote"}
CONTAINS = {"ma": "lina", "vi": "kina", "mi": "una", "n": "ina"}
EVERY_ONE = {"ma": "moja", "vi": "kimoja", "mi": "mmoja", "n": "moja"}


def noun(cls, sg, pl):
    return Forms("n", pl, sg=sg, pl=pl, cls=cls, many=HOW_MUCH[cls], other=OTHER[cls], subj=SUBJECT[cls], one=EVERY_ONE[cls], all=ALL[cls],
                 has=CONTAINS[cls])


def numeral(n, cls):
    if n in FREE:
        return FREE[n]
    if n > 10:
        return f"kumi na {numeral(n - 10, cls)}"
    if n == 1:
        return "moja"
    if n == 2 and cls == "n":
        return "mbili"
    return PREFIX[cls] + STEMS[n]


def bare(n, noun_, word):
    return numeral(n, format(noun_, "cls")) if word else str(n)


def count(n, noun_, word):
    return f"{format(noun_, 'sg' if n == 1 else 'pl')} {bare(n, noun_, word)}"


NAMES = [Forms("m", n) for n in ("Juma", "Ali", "Hassan", "Baraka")] + [Forms("f", n) for n in ("Asha", "Neema", "Zawadi", "Fatuma")]
OBJECTS = [noun("ma", "tufaha", "matufaha"), noun("vi", "kitabu", "vitabu"), noun("n", "penseli", "penseli"), noun("ma", "ua", "maua"),
           noun("ma", "yai", "mayai"), noun("mi", "mpira", "mipira"), noun("vi", "kikombe", "vikombe"), noun("n", "stempu", "stempu"),
           noun("ma", "chungwa", "machungwa"), noun("n", "biskuti", "biskuti")]
BOXES = [noun("ma", "sanduku", "masanduku"), noun("mi", "mfuko", "mifuko"), noun("vi", "kikapu", "vikapu")]

HAS = ["{x} ana {A}.", "Mwanzoni {x} ana {A}.", "{x} alikuwa na {A}.", "*Asubuhi {x} alikuwa na {A}."]
WORDINGS = {
    "gain": [
        HAS,
        ["Ananunua {o} {o:other} {b}.", "{y} anampa {B}.", "Kisha anapata {B}.", "*{y} anampa {o} {o:other} {b}."],
        ["Sasa {x} ana {o} {o:many}?", "Ana jumla ya {o} {o:many}?", "Jumla ni {o} {o:many}?", "*{x} ana {o} {o:many} kwa jumla?"],
    ],
    "loss": [
        HAS,
        ["Anampa {y} {B}.", "Kisha anapoteza {B}.", "Anauza {B}.", "*Kisha anagawa {B}."],
        ["{x} amebaki na {o} {o:many}?", "Anabaki na {o} {o:many}?", "{o} {o:many} {o:subj}mebaki?", "*Sasa amebakiwa na {o} {o:many}?"],
    ],
    "difference": [
        ["{x} ana {A} na {y} ana {B}.", "{x} ana {A}. {y} ana {B}.", "{x} ana {A}, lakini {y} ana {B} tu.", "*{x} amepata {A} na {y} amepata {B}."],
        ["{x} amemzidi {y} kwa {o} {o:many}?", "Tofauti yao ni {o} {o:many}?", "{x} ana {o} {o:many} zaidi ya {y}?", "*{x} anamzidi {y} kwa {o} {o:many}?"],
    ],
    "groups": [
        ["Kuna {A}.", "{x} ana {A}.", "{x} ananunua {A}.", "*{x} analeta {A}."],
        ["Katika kila {k:sg} kuna {B}.", "Kila {k:sg} {k:has} {B}.", "{x} anaweka {B} katika kila {k:sg}.", "*Ndani ya kila {k:sg} kuna {B}."],
        ["Jumla ni {o} {o:many}?", "Kuna {o} {o:many} kwa jumla?", "Kuna jumla ya {o} {o:many}?", "*Yote pamoja ni {o} {o:many}?"],
    ],
    "share": [
        ["{x} ana {A}.", "{x} ananunua {A}.", "Mezani kuna {A}.", "*{x} analeta {A}."],
        ["Anagawanya sawa katika {B}.", "Anaweka sawasawa katika {B}.", "{x} anagawa {o} {o:all} sawa katika {B}.", "*Anapanga kwa usawa katika {B}."],
        ["Katika kila {k:sg} kuna {o} {o:many}?", "Kila {k:sg} {k:has} {o} {o:many}?", "Katika {k:sg} {k:one} kuna {o} {o:many}?", "*Ndani ya kila {k:sg} kuna {o} {o:many}?"],
    ],
    "gain_loss": [
        HAS,
        ["Ananunua {o} {o:other} {b} na anampa {y} {c}.", "Kisha anapata {B} na anapoteza {c}.", "{y} anampa {B}, kisha anauza {c}.", "*{y} anampa {o} {o:other} {b}, kisha anagawa {c}."],
        ["Sasa {x} ana {o} {o:many}?", "Mwishoni ana {o} {o:many}?", "{x} amebaki na {o} {o:many}?", "*Mwishoni {x} anabaki na {o} {o:many}?"],
    ],
    "groups_plus": [
        ["{x} ana {A}. Katika kila {k:sg} kuna {B}.", "Kuna {A}, katika kila {k:sg} kuna {B}.", "{x} ananunua {A}. Katika kila {k:sg} kuna {B}.",
         "*{x} analeta {A}, ndani ya kila {k:sg} kuna {B}."],
        ["Pia ana {C}.", "{y} analeta {o} {o:other} {c}.", "Mezani kuna {o} {o:other} {c}.", "*Kisha anapata {o} {o:other} {c}."],
        ["Jumla ni {o} {o:many}?", "Sasa {x} ana {o} {o:many}?", "Kuna {o} {o:many} kwa jumla?", "*Yote pamoja ni {o} {o:many}?"],
    ],
    "change": [
        ["{x} ana {A}.", "{x} anaenda dukani na {A}.", "{x} anaenda sokoni na {A}.", "*Mfukoni {x} ana {A}."],
        ["Ananunua {B} kwa {C} kila {o:one}.", "Ananunua {B}, bei ya kila {o:one} ni {C}.", "Kila {o:sg} ni {C}, naye ananunua {b}.", "*Anachukua {B}, kila {o:one} kwa {C}."],
        ["Amebaki na {m} {m:many}?", "{x} anabaki na {m} {m:many}?", "{x} amebaki na pesa kiasi gani?", "*Mwishoni anabaki na {m} {m:many}?"],
    ],
}

RESPONSES = {
    "gain": ["Sasa {x} ana {o} {e} = {r}."],
    "loss": ["{x} amebaki na {o} {e} = {r}."],
    "difference": ["Tofauti ni {o} {e} = {r}."],
    "groups": ["Jumla ni {o} {e} = {r}."],
    "share": ["Katika kila {k:sg} kuna {o} {e} = {r}."],
    "gain_loss": ["Kwanza {e} = {s}, kisha {f} = {r}."],
    "groups_plus": ["Katika {k} kuna {e} = {s}, jumla {f} = {r}."],
    "change": ["Gharama ni {e} = {s}, zinabaki {f} = {r}."],
}

LANGUAGE = Language("sw", NAMES, OBJECTS, BOXES, noun("n", "shilingi", "shilingi"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, RESPONSES, "Jibu: {r}")
