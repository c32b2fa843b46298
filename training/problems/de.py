"""German. Units stand before tens ("einundzwanzig"), in one word. Counted nouns stand only where nominative and accusative are meant
(no "mit fünf Äpfeln"), in the plural for every number but 1; "Euro" has one form."""

from .core import Forms, Language
from .general import General

ONES = ("null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
        "achtzehn neunzehn").split()
TENS = ". . zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig".split()


def noun(gender, sg, pl, dat=None):
    """`dat`: the dative plural, for containers."""
    return Forms(gender, pl, sg=sg, pl=pl, dat=dat or pl)


def numeral(n):
    if n < 20:
        return ONES[n]
    if n == 100:
        return "hundert"
    unit = "ein" if n % 10 == 1 else ONES[n % 10]
    return (f"{unit}und" if n % 10 else "") + TENS[n // 10]


def bare(n, _noun, word):
    return numeral(n) if word else str(n)


def count(n, noun_, word):
    if n == 1:
        return f"{noun_:ein|eine|ein} {noun_:sg}" if word else f"1 {noun_:sg}"
    return f"{bare(n, noun_, word)} {noun_:pl}"


NAMES = [Forms("m", n) for n in ("Lukas", "Jonas", "Paul", "Felix")] + [Forms("f", n) for n in ("Lena", "Marie", "Sophie", "Clara")]
OBJECTS = [noun("m", "Apfel", "Äpfel"), noun("n", "Buch", "Bücher"), noun("m", "Bleistift", "Bleistifte"), noun("f", "Blume", "Blumen"),
           noun("n", "Ei", "Eier"), noun("m", "Ball", "Bälle"), noun("f", "Tasse", "Tassen"), noun("f", "Briefmarke", "Briefmarken"),
           noun("f", "Orange", "Orangen"), noun("m", "Keks", "Kekse")]
BOXES = [noun("f", "Kiste", "Kisten"), noun("f", "Tüte", "Tüten"), noun("m", "Korb", "Körbe", "Körben")]

HAS = ["{x} hat {A}.", "Am Anfang hat {x} {A}.", "{x} besitzt {A}.", "Auf dem Tisch von {x} sind {A}.", "Am Morgen hat {x} {A}."]
LEFT = ["Wie viele {o} hat {x} noch?", "Wie viele {o} bleiben übrig?", "Wie viele {o} behält {x}?", "Wie viele {o} hat {x} dann noch?"]
NOW = ["Wie viele {o} hat {x} jetzt?", "Wie viele {o} hat {x} am Ende?", "Wie viele {o} besitzt {x} nun?"]
TOTAL = ["Wie viele {o} sind es insgesamt?", "Wie viele {o} sind es zusammen?", "Wie viele {o} gibt es im Ganzen?", "Wie groß ist die Zahl aller {o}?"]
EACH = "{k:jedem|jeder} {k:sg}"
FILLED = ["{x} hat {A}, und in " + EACH + " sind {B}.", "{x} kauft {A}. {k:Jeder|Jede} {k:sg} enthält {B}.", "{x} hat {A}. In " + EACH + " liegen {B}.",
          "Im Zimmer von {x} stehen {A}, und {k:jeder|jede} {k:sg} enthält {B}."]
SOLD = ["{x} gibt {y} {b} der {o}.", "Dann verkauft {x} {b} der {o}.", "Später verschenkt {x} {B}.", "{y} nimmt {b} der {o} weg.", "Dann verliert {x} {B}."]
SOLD_C = [phrase.replace("{b}", "{c}").replace("{B}", "{C}") for phrase in SOLD]
BOTH = ["{x} hat {A} und {y} hat {B}.", "{x} hat {A}. {y} hat {B}.", "{x} sammelt {A}, und {y} sammelt {B}.", "{x} besitzt {A}, {y} besitzt {B}."]
GIFT = ["{x} gibt {y} {c} der {o}.", "Dann gibt {x} {C} an {y} ab.", "{y} bekommt {C} von {x}.", "Später verschenkt {x} {C} an {y}.", "Dann holt sich {y} {C} von {x}."]
WALLET = ["{x} hat {A}.", "{x} geht mit {A} einkaufen.", "{x} nimmt {A} mit zum Markt.", "Im Geldbeutel von {x} sind {A}."]
PRICE = ["{x} kauft {B} für je {C}.", "{x} kauft {B}. {o:Jeder|Jede|Jedes} {o:sg} kostet {C}.", "{o:Ein|Eine|Ein} {o:sg} kostet {C}, und {x} kauft {b} Stück.",
         "{x} nimmt {B} zum Preis von je {C}."]
CHANGE = ["Wie viel Geld hat {x} noch?", "Wie viele {m} hat {x} noch?", "Wie viel Geld bleibt übrig?", "Wie viele {m} hat {x} am Ende?"]
OF_SECOND = ["Wie viele {o} hat {y}?", "Wie viele {o} besitzt {y}?", "Wie viele {o} sind es bei {y}?"]
MORE = ["{x} hat {A}. {y} hat {B} mehr als {x}.", "{x} hat {A}, und {y} hat {b} mehr als {x}.", "{x} findet {A}. {y} findet {B} mehr als {x}.",
        "{x} besitzt {A}, und {y} besitzt noch {b} mehr als {x}."]
MORE_BACK = ["{x} hat {A}. {x} hat {B} mehr als {y}.", "{x} hat {A} und damit {b} mehr als {y}.", "{x} hat {A}, also {b} mehr als {y}.",
             "{x} besitzt {A}, das sind {b} mehr als bei {y}."]


def fewer(phrases):
    return [phrase.replace("noch {b}", "{b}").replace("mehr", "weniger") for phrase in phrases]


WORDINGS = {
    "gain": [HAS, ["{x} kauft {B} dazu.", "Dann bekommt {x} von {y} noch {B}.", "{y} schenkt {x} {b} weitere {o}.", "Später findet {x} noch {B}."],
             NOW + ["Wie viele {o} hat {x} insgesamt?"]],
    "loss": [HAS, SOLD, LEFT],
    "difference": [BOTH, ["Wie viele {o} hat {x} mehr als {y}?", "Wie viele {o} hat {y} weniger als {x}?", "Wie viele {o} mehr als {y} hat {x}?",
                          "Wie viele {o} fehlen {y}, um genauso viele zu haben wie {x}?"]],
    "more": [MORE, OF_SECOND],
    "fewer": [fewer(MORE), OF_SECOND],
    "more_back": [MORE_BACK, OF_SECOND],
    "fewer_back": [fewer(MORE_BACK), OF_SECOND],
    "groups": [["Es gibt {A}.", "{x} hat {A}.", "{x} kauft {A}.", "Im Zimmer stehen {A}."],
               ["In " + EACH + " sind {B}.", "{k:Jeder|Jede} {k:sg} enthält {B}.", "{x} legt in {k:jeden|jede} {k:sg} {B}.", "In " + EACH + " liegen {B}."], TOTAL],
    "share": [["{x} hat {A}.", "{x} kauft {A}.", "Auf dem Tisch von {x} sind {A}.", "{x} möchte {A} verpacken."],
              ["{x} verteilt die {o} gleichmäßig auf {B}.", "{x} legt die {o} zu gleichen Teilen in {B}.", "Die {o} werden gleichmäßig auf {B} verteilt.",
               "Alle {o} kommen in {B}, in {k:jeden|jede} {k:sg} gleich viele."],
              ["Wie viele {o} sind in " + EACH + "?", "Wie viele {o} enthält {k:jeder|jede} {k:sg}?", "Wie viele {o} kommen in {k:jeden|jede} {k:sg}?"]],
    "gain_loss": [HAS, ["{x} kauft {B} dazu und gibt dann {c} an {y} ab.", "Dann bekommt {x} {b} weitere {o} und verliert {c}.", "{y} schenkt {x} {B}. Später verkauft {x} {C}.",
                        "{x} findet noch {B}, aber dann nimmt {y} {c} weg."], NOW + LEFT[:1]],
    "groups_plus": [FILLED, ["{x} hat außerdem {c} einzelne {o}.", "Dann bringt {y} noch {C}.", "Auf dem Tisch sind noch {C}.", "{x} findet {c} weitere {o}."], TOTAL],
    "groups_minus": [FILLED, SOLD_C, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [MORE, ["Wie viele {o} haben {x} und {y} zusammen?", "Wie viele {o} haben {x} und {y} insgesamt?", "Wie viele {o} besitzen {x} und {y} zusammen?"]],
    "giver": [BOTH, GIFT, ["Wie viele {o} hat {x} jetzt?", "Wie viele {o} hat {x} noch?", "Wie viele {o} behält {x}?"]],
    "receiver": [BOTH, GIFT, ["Wie viele {o} hat {y} jetzt?", "Wie viele {o} hat {y} am Ende?", "Wie viele {o} besitzt {y} nun?"]],
    "stock": [FILLED, SOLD_C, ["Danach bekommt {x} von {y} {d} weitere {o}.", "{x} findet noch {D}.", "Danach kauft {x} {d} weitere {o}."], NOW],
    "shop": [WALLET, PRICE, ["{x} kauft auch {k:einen|eine} {k:sg} für {D}.", "Außerdem bezahlt {x} {D} für {k:einen|eine} {k:sg}.",
                             "Dazu kauft {x} noch {k:einen|eine} {k:sg} für {D}."], CHANGE],
}

DISTRACTORS = ["{x} hat auch {D}.", "{y} hat {D}.", "Auf dem Stuhl sind {D}.", "Gestern hat {y} {D} gekauft."]
AGES = ["{x} ist {N} alt.", "{y} ist {N} alt."]

RESPONSES = {
    "gain": ["{x} hat jetzt {e} = {R}.", "Zusammen sind das {e} = {R}."],
    "loss": ["{x} hat noch {e} = {R}.", "Der Rest ist {e} = {R}."],
    "difference": ["{x} hat {e} = {R} mehr als {y}.", "Der Unterschied ist {e} = {R}."],
    "more": ["{y} hat {e} = {R}.", "Das macht {e} = {R} für {y}."],
    "fewer": ["{y} hat {e} = {R}.", "Das macht {e} = {R} für {y}."],
    "more_back": ["{y} hat {e} = {R}.", "Das macht {e} = {R} für {y}."],
    "fewer_back": ["{y} hat {e} = {R}.", "Das macht {e} = {R} für {y}."],
    "groups": ["In allen {k:dat} zusammen sind {e} = {R}.", "Insgesamt sind es {e} = {R}."],
    "share": ["In " + EACH + " sind {e} = {R}.", "{k:Jeder|Jede} {k:sg} enthält {e} = {R}."],
    "gain_loss": ["Zuerst hat {x} {e} = {S}, dann {f} = {R}.", "Das macht {e} = {S} und danach {f} = {R}."],
    "groups_plus": ["In den {k:dat} sind {e} = {S}, zusammen {f} = {R}.", "Zuerst sind es {e} = {S}, dann {f} = {R}."],
    "groups_minus": ["In den {k:dat} sind {e} = {S}, der Rest ist {f} = {R}.", "Zuerst sind es {e} = {S}, dann {f} = {R}."],
    "change": ["Die {o} kosten {e} = {S}, also bleiben {f} = {R}.", "{x} bezahlt {e} = {S} und hat noch {f} = {R}."],
    "together": ["{y} hat {e} = {S}, zusammen sind es {f} = {R}.", "Das macht {e} = {S} für {y}, zusammen {f} = {R}."],
    "giver": ["{x} hat jetzt {e} = {R}.", "Das macht {e} = {R} für {x}."],
    "receiver": ["{y} hat jetzt {e} = {R}.", "Das macht {e} = {R} für {y}."],
    "stock": ["In den {k:dat} sind {e} = {S}, dann {f} = {T}, dann {g} = {R}.", "Zuerst sind es {e} = {S}, danach {f} = {T} und am Ende {g} = {R}."],
    "shop": ["Die {o} kosten {e} = {S}, alles zusammen {f} = {T}, also bleiben {g} = {R}.", "{x} bezahlt {e} = {S}, insgesamt {f} = {T}, und hat noch {g} = {R}."],
}

LANGUAGE = Language("de", NAMES, OBJECTS, BOXES, noun("m", "Euro", "Euro"), noun("n", "Jahr", "Jahre"), count, bare, {"+": "+", "-": "-", "*": "·", "/": ":"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "Antwort: {r}", lambda text, noun_: f"{text} {noun_:pl}", decimal_mark=",")

# The closed world of the general task. Colours stand alone ("ist rot") or before the thing ("ein roter Ball", "einen roten Ball").
THINGS = [Forms(g, n) for g, n in (("f", "Katze"), ("m", "Hund"), ("m", "Vogel"), ("m", "Fisch"), ("m", "Ball"), ("m", "Apfel"), ("n", "Auto"), ("m", "Hut"))]
COLOURS = [Forms("n", c) for c in ("rot", "blau", "grün", "gelb", "schwarz", "weiß")]
PLACES = [f"{relation} {seat}" for relation in ("auf", "unter", "neben") for seat in ("dem Stuhl", "dem Bett", "der Kiste", "dem Haus", "dem Baum")]
PICTURES = {
    "ask": ["Beschreibe das Bild in einem Satz: {picture}", "Sag in einem Satz, was das Bild zeigt: {picture}"],
    "say": ["{thing:Ein|Eine|Ein} {colour:nom} {thing} ist {place}.", "{place} ist {thing:ein|eine|ein} {colour:nom} {thing}.", "{thing:Der|Die|Das} {thing} {place} ist {colour}.",
            "Das Bild zeigt {thing:einen|eine|ein} {colour:acc} {thing} {place}."],
}
REASONS = {
    "ask": ["{x} {act}. Sag in einem Satz, warum.", "{x} {act}. Warum? Antworte in einem Satz."],
    "say": ["{x} {act}, weil {reason}.", "Weil {reason}.", "Der Grund ist, dass {reason}."],
    "acts": ["nimmt einen Schirm mit", "zieht einen Mantel an", "trinkt ein Glas Wasser", "isst ein Stück Brot", "geht ins Bett", "macht das Licht an", "öffnet das Fenster",
             "geht zum Arzt", "rennt zum Bus", "kauft einen Kuchen"],
    "reasons": ["es regnet", "es draußen kalt ist", "{x:er|sie} Durst hat", "{x:er|sie} Hunger hat", "{x:er|sie} müde ist", "es dunkel ist", "es zu warm ist", "{x:er|sie} krank ist",
                "{x:er|sie} spät dran ist", "jemand Geburtstag hat"],
}


def agree(colour, thing):
    return Forms(thing.gender, f"{colour}", nom=f"{colour}{thing:er|e|es}", acc=f"{colour}{thing:en|e|es}")


GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS, agree)
