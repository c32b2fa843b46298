"""Swahili: noun classes agree on numbers (units 1-5 and 8, also after tens: "vitabu ishirini na vitatu"), on -ngapi, -ingine, -ote and verbs.

The number follows its noun. A unit 1 takes the singular prefix ("vitabu ishirini na kimoja", "mipira kumi na mmoja").
"""

from .core import Forms, Language
from .general import General

FREE = {6: "sita", 7: "saba", 9: "tisa"}
STEMS = {2: "wili", 3: "tatu", 4: "nne", 5: "tano", 8: "nane"}
TENS = ". kumi ishirini thelathini arobaini hamsini sitini sabini themanini tisini".split()
# Per class: prefix of numbers, one, how many, other, all, many, few, subject of verbs (plural), "has" (singular).
CLASSES = {
    "ma": ("ma", "moja", "mangapi", "mengine", "yote", "mengi", "machache", "ya", "lina"),
    "vi": ("vi", "kimoja", "vingapi", "vingine", "vyote", "vingi", "vichache", "vi", "kina"),
    "mi": ("mi", "mmoja", "mingapi", "mingine", "yote", "mingi", "michache", "i", "una"),
    "n": ("", "moja", "ngapi", "nyingine", "zote", "nyingi", "chache", "zi", "ina"),
}


def noun(cls, sg, pl):
    forms = dict(zip(("prefix", "one", "many", "other", "all", "much", "few", "subj", "has"), CLASSES[cls]))
    return Forms("n", pl, sg=sg, pl=pl, cls=cls, **forms)


def numeral(n, cls):
    if n == 100:
        return "mia moja"
    tens, ones = divmod(n, 10)
    if tens:
        return TENS[tens] + (f" na {numeral(ones, cls)}" if ones else "")
    if ones == 1:
        return CLASSES[cls][1]
    if ones == 2 and cls == "n":
        return "mbili"
    return FREE[ones] if ones in FREE else CLASSES[cls][0] + STEMS[ones]


def bare(n, noun_, word):
    return numeral(n, f"{noun_:cls}") if word else str(n)


def count(n, noun_, word):
    return f"{noun_:sg} {bare(n, noun_, word)}" if n == 1 else f"{noun_:pl} {bare(n, noun_, word)}"


NAMES = [Forms("m", n) for n in ("Juma", "Ali", "Hassan", "Baraka")] + [Forms("f", n) for n in ("Asha", "Neema", "Zawadi", "Fatuma")]
OBJECTS = [noun("ma", "tufaha", "matufaha"), noun("vi", "kitabu", "vitabu"), noun("n", "penseli", "penseli"), noun("ma", "ua", "maua"),
           noun("ma", "yai", "mayai"), noun("mi", "mpira", "mipira"), noun("vi", "kikombe", "vikombe"), noun("n", "stempu", "stempu"),
           noun("ma", "chungwa", "machungwa"), noun("n", "biskuti", "biskuti")]
BOXES = [noun("ma", "sanduku", "masanduku"), noun("mi", "mfuko", "mifuko"), noun("vi", "kikapu", "vikapu")]

HAS = ["{x} ana {A}.", "Mwanzoni {x} ana {A}.", "Leo asubuhi {x} ana {A}.", "Nyumbani kwa {x} kuna {A}."]
LEFT = ["{x} amebaki na {o} {o:many}?", "Sasa {x} ana {o} {o:many}?", "Je, {o:subj}mebaki {o} {o:many}?", "Je, {x} bado ana {o} {o:many}?"]
NOW = ["Sasa {x} ana {o} {o:many}?", "Mwishoni {x} ana {o} {o:many}?", "Je, sasa {x} ana jumla ya {o} {o:many}?"]
TOTAL = ["Kwa jumla kuna {o} {o:many}?", "Je, kuna jumla ya {o} {o:many}?", "Jumla ni {o} {o:many}?"]
FILLED = ["{x} ana {A}, na kila {k:sg} {k:has} {B}.", "{x} ananunua {A}. Katika kila {k:sg} kuna {B}.", "{x} ana {A}. Kila {k:sg} {k:has} {B}.",
          "Chumbani kwa {x} kuna {A}, na ndani ya kila {k:sg} kuna {B}."]
SOLD = ["{x} anampa {y} {C}.", "Kisha {x} anauza {C}.", "Baadaye {x} anapoteza {C}.", "{y} anachukua {C} kutoka kwa {x}."]
ADDED = ["Kisha {y} anampa {x} {o} {o:other} {d}.", "Baadaye {x} ananunua {o} {o:other} {d}.", "Halafu {x} anapata {o} {o:other} {d}."]
BOTH = ["{x} ana {A} na {y} ana {B}.", "{x} ana {A}. {y} ana {B}.", "{x} ana {A}, lakini {y} ana {B}.", "Nyumbani kwa {x} kuna {A}, na nyumbani kwa {y} kuna {B}."]
GIFT = ["{x} anampa {y} {C}.", "Kisha {x} anampa {y} {C}.", "{y} anapata {C} kutoka kwa {x}.", "Baadaye {y} anachukua {C} kutoka kwa {x}."]
MORE = ["{x} ana {A}. {y} ana {B} zaidi kuliko {x}.", "{x} ana {A}, na {y} amemzidi {x} kwa {B}.", "{x} ana {A}. {y} ana {o} {o:much} zaidi kuliko {x}, na tofauti ni {B}."]
WALLET = ["{x} ana {A}.", "{x} anaenda dukani na {A}.", "{x} anaenda sokoni akiwa na {A}.", "Mfukoni mwa {x} kuna {A}."]
PRICE = ["{x} ananunua {B} kwa {C} kila {o:one}.", "{x} ananunua {B}, na bei ya kila {o:one} ni {C}.", "Bei ya {o:sg} {o:one} ni {C}, na {x} ananunua {b}.",
         "{x} anachukua {B}, na kila {o:one} ni {C}."]
CHANGE = ["{x} amebaki na {m} {m:many}?", "Je, zimebaki {m} {m:many}?", "{x} amebaki na pesa kiasi gani?"]
OF_SECOND = ["{y} ana {o} {o:many}?", "Je, {y} ana {o} {o:many}?"]

WORDINGS = {
    "gain": [HAS, ["{x} ananunua {o} {o:other} {b}.", "{y} anampa {x} {o} {o:other} {b}.", "Kisha {x} anapata {o} {o:other} {b}.",
                   "Baadaye {x} anapata {B} kutoka kwa {y}."], NOW],
    "loss": [HAS, ["{x} anampa {y} {B}.", "Kisha {x} anapoteza {B}.", "{x} anauza {B}.", "{y} anachukua {B} kutoka kwa {x}."], LEFT],
    "difference": [BOTH, ["{x} amemzidi {y} kwa {o} {o:many}?", "Je, {x} ana {o} {o:many} zaidi kuliko {y}?", "Kuna tofauti ya {o} {o:many} kati ya {x} na {y}?"]],
    "more": [MORE, OF_SECOND],
    "fewer": [["{x} ana {A}. {y} ana {B} pungufu kuliko {x}.", "{x} ana {A}, na {y} ana {B} pungufu ya {x}.",
               "{x} ana {A}. {y} ana {o} {o:few} zaidi kuliko {x}, na tofauti ni {B}."], OF_SECOND],
    "more_back": [["{x} ana {A}. {x} ana {B} zaidi kuliko {y}.", "{x} ana {A}, na amemzidi {y} kwa {B}.",
                   "{x} ana {A}. {x} ana {o} {o:much} zaidi kuliko {y}, na tofauti ni {B}."], OF_SECOND],
    "fewer_back": [["{x} ana {A}. {x} ana {B} pungufu kuliko {y}.", "{x} ana {A}, yaani {B} pungufu ya {y}.",
                    "{x} ana {A}. {x} ana {o} {o:few} zaidi kuliko {y}, na tofauti ni {B}."], OF_SECOND],
    "groups": [["Kuna {A}.", "{x} ana {A}.", "{x} ananunua {A}.", "Chumbani kuna {A}."],
               ["Kila {k:sg} {k:has} {B}.", "Katika kila {k:sg} kuna {B}.", "Ndani ya kila {k:sg} kuna {B}.", "{x} anaweka {B} katika kila {k:sg}."], TOTAL],
    "share": [["{x} ana {A}.", "{x} ananunua {A}.", "Mezani kwa {x} kuna {A}.", "{x} analeta {A}."],
              ["{x} anagawanya {o} {o:all} kwa usawa katika {B}.", "{x} anaweka {o} {o:all} kwa usawa katika {B}.",
               "{x} anapanga {o} {o:all} katika {B}, idadi sawa katika kila {k:sg}."],
              ["Katika kila {k:sg} kuna {o} {o:many}?", "Kila {k:sg} {k:has} {o} {o:many}?", "Ndani ya {k:sg} {k:one} kuna {o} {o:many}?"]],
    "gain_loss": [HAS, ["{x} ananunua {o} {o:other} {b} na kumpa {y} {c}.", "Kisha {x} anapata {o} {o:other} {b}, halafu anapoteza {c}.",
                        "{x} ananunua {o} {o:other} {b}. Baadaye {x} anauza {C}.", "{y} anampa {x} {B}. Kisha {x} anapoteza {C}."], NOW[:2] + LEFT[:1]],
    "groups_plus": [FILLED, ["Pia {x} ana {o} {o:other} {c}.", "Kisha {y} analeta {o} {o:other} {c}.", "Mezani kuna {o} {o:other} {c}.",
                              "{x} anapata {o} {o:other} {c}."], TOTAL],
    "groups_minus": [FILLED, SOLD, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [MORE, ["{x} na {y} wana {o} {o:many} kwa jumla?", "Kwa pamoja {x} na {y} wana {o} {o:many}?", "Je, {x} na {y} wana jumla ya {o} {o:many}?"]],
    "giver": [BOTH, GIFT, ["Sasa {x} ana {o} {o:many}?", "{x} amebaki na {o} {o:many}?", "Je, mwishoni {x} ana {o} {o:many}?"]],
    "receiver": [BOTH, GIFT, ["Sasa {y} ana {o} {o:many}?", "Mwishoni {y} ana {o} {o:many}?", "Je, sasa {y} ana jumla ya {o} {o:many}?"]],
    "stock": [FILLED, SOLD, ADDED, NOW],
    "shop": [WALLET, PRICE, ["{x} pia ananunua {k:sg} {k:one} kwa {D}.", "Kisha {x} ananunua {k:sg} {k:one} kwa {D}.", "Pia {x} analipa {D} kwa {k:sg} {k:one}."], CHANGE],
}

DISTRACTORS = ["{x} pia ana {D}.", "{y} ana {D}.", "Juu ya kiti kuna {D}.", "Jana {y} alinunua {D}."]
AGES = ["{x} ana umri wa {N}.", "{y} ana umri wa {N}."]

RESPONSES = {
    "gain": ["Sasa {x} ana {e} = {R}.", "Jumla ni {e} = {R}."],
    "loss": ["{x} amebaki na {e} = {R}.", "Idadi iliyobaki ni {e} = {R}."],
    "difference": ["{x} amemzidi {y} kwa {e} = {R}.", "Tofauti ni {e} = {R}."],
    "more": ["{y} ana {e} = {R}.", "Kwa hiyo {y} ana {e} = {R}."],
    "fewer": ["{y} ana {e} = {R}.", "Kwa hiyo {y} ana {e} = {R}."],
    "more_back": ["{y} ana {e} = {R}.", "Kwa hiyo {y} ana {e} = {R}."],
    "fewer_back": ["{y} ana {e} = {R}.", "Kwa hiyo {y} ana {e} = {R}."],
    "groups": ["Katika {k} {k:all} kuna {e} = {R}.", "Jumla ni {e} = {R}."],
    "share": ["Katika kila {k:sg} kuna {e} = {R}.", "Kila {k:sg} {k:has} {e} = {R}."],
    "gain_loss": ["Kwanza {x} ana {e} = {S}, kisha {f} = {R}.", "Kwanza kuna {e} = {S}, kisha {f} = {R}."],
    "groups_plus": ["Katika {k} kuna {e} = {S}, jumla ni {f} = {R}.", "Kwanza kuna {e} = {S}, kisha {f} = {R}."],
    "groups_minus": ["Katika {k} kuna {e} = {S}, kisha {o:subj}nabaki {f} = {R}.", "Kwanza kuna {e} = {S}, kisha {f} = {R}."],
    "change": ["Gharama ni {e} = {S}, zinabaki {f} = {R}.", "{x} analipa {e} = {S}, na anabaki na {f} = {R}."],
    "together": ["{y} ana {e} = {S}, kwa pamoja wana {f} = {R}.", "{y} ana {e} = {S}, na jumla ni {f} = {R}."],
    "giver": ["Sasa {x} ana {e} = {R}.", "Kwa hiyo {x} amebaki na {e} = {R}."],
    "receiver": ["Sasa {y} ana {e} = {R}.", "Kwa hiyo {y} ana {e} = {R}."],
    "stock": ["Katika {k} kuna {e} = {S}, kisha {f} = {T}, kisha {g} = {R}.", "Kwanza kuna {e} = {S}, {o:subj}nabaki {f} = {T}, na mwishoni kuna {g} = {R}."],
    "shop": ["Bei ya {o} ni {e} = {S}, gharama yote ni {f} = {T}, zinabaki {g} = {R}.", "{x} analipa {e} = {S}, jumla {f} = {T}, na anabaki na {g} = {R}."],
}

LANGUAGE = Language("sw", NAMES, OBJECTS, BOXES, noun("n", "shilingi", "shilingi"), noun("mi", "mwaka", "miaka"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "Jibu: {r}", lambda text, noun_: f"{noun_:pl} {text}")

# The closed world of the general task. Things, colours and places stand in the order of general.py; living things agree as persons do.
CONCORDS = {"m": ("mw", "wa", "yuko", "aliye"), "mi": ("mw", "wa", "uko", "ulio"), "ma": ("j", "la", "liko", "lililo"), "n": ("ny", "ya", "iko", "iliyo")}


def thing(cls, word):
    return Forms("n", word, **dict(zip(("adj", "of", "at", "which"), CONCORDS[cls])))


def agree(colour, thing_):
    """"mwekundu" of a cat, "jekundu" of an apple; "wa kijani", "la kijani"."""
    return f"{thing_:adj}{colour}" if colour[0] == "e" else f"{thing_:of} {colour}"


THINGS = [thing("m", "paka"), thing("m", "mbwa"), thing("m", "ndege"), thing("m", "samaki"), thing("mi", "mpira"),
          thing("ma", "tufaha"), thing("ma", "gari"), thing("n", "kofia")]
COLOURS = ["ekundu", "buluu", "kijani", "manjano", "eusi", "eupe"]
PLACES = [f"{relation} ya {seat}" for relation in ("juu", "chini", "kando") for seat in ("kiti", "kitanda", "sanduku", "nyumba", "mti")]
PICTURES = {
    "ask": ["Eleza picha hii kwa sentensi moja: {picture}", "Sema kwa sentensi moja picha inaonyesha nini: {picture}"],
    "say": ["{thing} {colour} {thing:at} {place}.", "Kuna {thing} {colour} {place}.", "{thing} {thing:which} {place} ni {colour}.",
            "Picha inaonyesha {thing} {colour} {place}."],
}
REASONS = {
    "ask": ["Sema kwa sentensi moja kwa nini {x} {act}.", "Kwa nini {x} {act}? Jibu kwa sentensi moja."],
    "say": ["{x} {act} kwa sababu {reason}.", "Kwa sababu {reason}.", "Kwa kuwa {reason}, {x} {act}."],
    "acts": ["anachukua mwavuli", "anavaa koti", "anakunywa glasi ya maji", "anakula mkate", "anaenda kulala", "anawasha taa", "anafungua dirisha", "anaenda kwa daktari",
             "anakimbilia basi", "ananunua keki"],
    "reasons": ["mvua inanyesha", "nje kuna baridi", "ana kiu", "ana njaa", "amechoka", "kuna giza", "kuna joto sana",
                "ni mgonjwa", "amechelewa", "kuna sherehe ya kuzaliwa"],
}
GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS, agree)
