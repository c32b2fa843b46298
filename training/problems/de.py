"""German."""

from .core import Forms, Language

WORDS = ("null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn "
         "achtzehn neunzehn zwanzig").split()


def noun(gender, sg, pl):
    return Forms(gender, pl, sg=sg, pl=pl)


def bare(n, _noun, word):
    return WORDS[n] if word else str(n)


def count(n, noun_, word):
    return f"{bare(n, noun_, word)} {noun_:sg}" if n == 1 else f"{bare(n, noun_, word)} {noun_:pl}"


NAMES = [Forms("m", n) for n in ("Lukas", "Jonas", "Paul", "Felix")] + [Forms("f", n) for n in ("Lena", "Marie", "Sophie", "Clara")]
OBJECTS = [noun("m", "Apfel", "Äpfel"), noun("n", "Buch", "Bücher"), noun("m", "Bleistift", "Bleistifte"), noun("f", "Blume", "Blumen"),
           noun("n", "Ei", "Eier"), noun("m", "Ball", "Bälle"), noun("f", "Tasse", "Tassen"), noun("f", "Briefmarke", "Briefmarken"),
           noun("f", "Orange", "Orangen"), noun("m", "Keks", "Kekse")]
BOXES = [noun("f", "Kiste", "Kisten"), noun("f", "Tüte", "Tüten"), noun("m", "Korb", "Körbe")]

HAS = ["{x} hat {A}.", "Am Anfang hat {x} {A}.", "{x} besitzt {A}.", "Auf dem Tisch von {x} liegen {A}.", "*{x} hatte am Morgen {A}."]
WORDINGS = {
    "gain": [
        HAS,
        ["{x:Er|Sie} kauft noch {b} dazu.", "{y} schenkt {x:ihm|ihr} noch {B}.", "Dann bekommt {x:er|sie} {B}.", "Später findet {x:er|sie} noch {B}.",
         "*Von {y} bekommt {x:er|sie} {b} weitere {o}."],
        ["Wie viele {o} hat {x} jetzt?", "Wie viele {o} sind es zusammen?", "Wie viele {o} hat {x:er|sie} insgesamt?", "Wie groß ist die Zahl der {o} jetzt?",
         "*Wie viele {o} besitzt {x} nun?"],
    ],
    "loss": [
        HAS,
        ["{x:Er|Sie} gibt {y} davon {b}.", "Dann verliert {x:er|sie} {B}.", "{x:Er|Sie} verkauft {B}.", "{y} nimmt {B} weg.", "*{x:Er|Sie} verschenkt {b} davon an {y}."],
        ["Wie viele {o} hat {x} noch?", "Wie viele {o} bleiben übrig?", "Wie viele {o} sind noch da?", "Wie viele {o} behält {x:er|sie}?",
         "*Wie viele {o} bleiben {x}?"],
    ],
    "difference": [
        ["{x} hat {A} und {y} hat {B}.", "{x} besitzt {A}, {y} besitzt {B}.", "{x} hat {A}. {y} hat nur {B}.", "{x} sammelt {A}, und {y} sammelt {B}.",
         "*{x} findet {A}, aber {y} findet nur {B}."],
        ["Wie viele {o} hat {x} mehr als {y}?", "Um wie viele {o} liegt {x} vor {y}?", "Wie viele {o} hat {y} weniger als {x}?", "Wie groß ist der Unterschied?",
         "*Wie viele {o} mehr als {y} hat {x}?"],
    ],
    "groups": [
        ["Es gibt {A}.", "{x} hat {A}.", "{x} kauft {A}.", "Im Zimmer stehen {A}.", "*{x} trägt {A}."],
        ["In {k:jedem|jeder} {k:sg} sind {B}.", "{k:Jeder|Jede} {k:sg} enthält {B}.", "{x} legt in {k:jeden|jede} {k:sg} {B}.", "In {k:jedem|jeder} {k:sg} liegen {B}.",
         "*In {k:jeden|jede} {k:sg} kommen {B}."],
        ["Wie viele {o} sind es insgesamt?", "Wie viele {o} sind es zusammen?", "Wie viele {o} gibt es im Ganzen?", "Wie groß ist die Zahl aller {o}?",
         "*Wie viele {o} macht das?"],
    ],
    "share": [
        ["{x} hat {A}.", "{x} kauft {A}.", "Auf dem Tisch von {x} liegen {A}.", "{x} besitzt {A}.", "*{x} bringt {A} mit."],
        ["{x:Er|Sie} verteilt sie gleichmäßig auf {B}.", "{x:Er|Sie} legt sie zu gleichen Teilen in {B}.", "Alle {o} kommen gleichmäßig in {B}.",
         "{x:Er|Sie} füllt damit {B}, alle mit gleich vielen {o}.", "*Sie werden gerecht auf {B} aufgeteilt."],
        ["Wie viele {o} sind in {k:jedem|jeder} {k:sg}?", "Wie viele {o} enthält {k:jeder|jede} {k:sg}?", "Wie viele {o} kommen in {k:einen|eine} {k:sg}?",
         "Wie viele {o} liegen in {k:jedem|jeder} {k:sg}?", "*Wie viele {o} passen in {k:jeden|jede} {k:sg}?"],
    ],
    "gain_loss": [
        HAS,
        ["{x:Er|Sie} kauft {b} dazu und gibt {y} dann {c}.", "Dann bekommt {x:er|sie} {B} und verliert {c}.", "{y} schenkt {x:ihm|ihr} {B}. Später verkauft {x:er|sie} {C}.",
         "{x:Er|Sie} findet noch {B}, aber {c} davon nimmt {y} weg.", "*Von {y} bekommt {x:er|sie} {b} weitere, danach verschenkt {x:er|sie} {c}."],
        ["Wie viele {o} hat {x} jetzt?", "Wie viele {o} hat {x:er|sie} am Ende?", "Wie viele {o} bleiben übrig?", "Wie viele {o} sind jetzt da?",
         "*Wie viele {o} besitzt {x} zum Schluss?"],
    ],
    "groups_plus": [
        ["{x} hat {A} mit je {B}.", "Es gibt {A}. In {k:jedem|jeder} {k:sg} sind {B}.", "{x} kauft {A} mit je {B}.", "Im Zimmer stehen {A}, und {k:jeder|jede} {k:sg} enthält {B}.",
         "*{x} trägt {A}, in {k:jedem|jeder} {k:sg} liegen {B}."],
        ["Dazu kommen noch {c} einzelne {o}.", "{y} bringt noch {C}.", "{x:Er|Sie} hat außerdem {c} einzelne {o}.", "Daneben liegen noch {C}.",
         "*{x:Er|Sie} findet später {c} weitere {o}."],
        ["Wie viele {o} sind es insgesamt?", "Wie viele {o} hat {x} jetzt?", "Wie viele {o} sind es zusammen?", "Wie groß ist die Zahl aller {o}?",
         "*Wie viele {o} macht das?"],
    ],
    "change": [
        ["{x} hat {A}.", "{x} geht mit {A} einkaufen.", "{x} bezahlt mit {A}.", "{x} nimmt {A} mit zum Markt.", "*Im Geldbeutel von {x} sind {A}."],
        ["{x:Er|Sie} kauft {B} für je {C}.", "{x:Er|Sie} kauft {B}. {o:Jeder|Jede|Jedes} kostet {C}.", "{x:Er|Sie} nimmt {B} zum Preis von je {C}.",
         "{o:Ein|Eine|Ein} {o:sg} kostet {C}, und {x:er|sie} kauft {b} davon.", "*{x:Er|Sie} holt {B}, das Stück zu {C}."],
        ["Wie viele {m} bleiben übrig?", "Wie viele {m} hat {x} noch?", "Wie viel Geld bleibt übrig?", "Wie viele {m} bekommt {x:er|sie} zurück?",
         "*Wie viel Geld hat {x:er|sie} am Ende noch?"],
    ],
}

RESPONSES = {
    "gain": ["{x} hat jetzt {e} = {R}.", "Zusammen sind das {e} = {R}."],
    "loss": ["{x} hat noch {e} = {R}.", "Es bleiben {e} = {R} übrig."],
    "difference": ["{x} hat {e} = {R} mehr als {y}.", "Der Unterschied ist {e} = {R}."],
    "groups": ["Insgesamt sind es {e} = {R}."],
    "share": ["In {k:jedem|jeder} {k:sg} sind {e} = {R}."],
    "gain_loss": ["Zuerst hat {x} {e} = {S}, dann {f} = {R}."],
    "groups_plus": ["In den Behältern sind {e} = {S}, zusammen {f} = {R}."],
    "change": ["Der Einkauf kostet {e} = {S}, es bleiben {f} = {R}."],
}

LANGUAGE = Language("de", NAMES, OBJECTS, BOXES, noun("m", "Euro", "Euro"), count, bare, {"+": "+", "-": "-", "*": "·", "/": ":"},
                    WORDINGS, RESPONSES, "Antwort: {r}")
