"""English."""

from .core import Forms, Language
from .general import General

ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen").split()
TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()


def noun(sg, pl):
    return Forms("n", pl, sg=sg, pl=pl)


def numeral(n):
    if n < 20:
        return ONES[n]
    if n == 100:
        return "one hundred"
    return TENS[n // 10] + (f"-{ONES[n % 10]}" if n % 10 else "")


def bare(n, _noun, word):
    return numeral(n) if word else str(n)


def count(n, noun_, word):
    return f"{bare(n, noun_, word)} {noun_:sg}" if n == 1 else f"{bare(n, noun_, word)} {noun_:pl}"


NAMES = [Forms("m", n) for n in ("Tom", "Ben", "Sam", "Leo")] + [Forms("f", n) for n in ("Anna", "Mia", "Kate", "Lucy")]
OBJECTS = [noun(s, s + "s") for s in ("apple", "book", "pencil", "flower", "egg", "ball", "cup", "stamp", "orange", "cookie")]
BOXES = [noun("box", "boxes"), noun("bag", "bags"), noun("basket", "baskets")]

HAS = ["{x} has {A}.", "{x} had {A}.", "At first {x} has {A}.", "There are {A} on the table of {x}.", "This morning {x} has {A}."]
LEFT = ["How many {o} does {x} have left?", "How many {o} are left?", "How many {o} does {x} still have?", "What is the number of {o} left?"]
NOW = ["How many {o} does {x} have now?", "How many {o} does {x} have in the end?", "What is the number of {o} now?"]
TOTAL = ["How many {o} are there in total?", "How many {o} are there altogether?", "What is the total number of {o}?"]
FILLED = ["{x} has {A} with {B} in each.", "{x} buys {A}. Each {k:sg} holds {B}.", "{x} has {A}. There are {B} in every {k:sg}.", "In the room of {x} there are {A}, each with {B}."]
SOLD = ["{x} gives {c} of the {o} to {y}.", "Then {x} sells {c} of the {o}.", "Later {x} gives away {C}.", "{y} takes {c} of the {o} away."]
BOTH = ["{x} has {A} and {y} has {B}.", "{x} has {A}. {y} has {B}.", "{x} collected {A} and {y} collected {B}.", "{x} has {A}, but {y} has {B}."]
GIFT = ["{x} gives {C} to {y}.", "Then {x} gives {c} of the {o} to {y}.", "{y} gets {C} from {x}.", "Later {y} takes {C} from {x}."]
WALLET = ["{x} has {A}.", "{x} goes to the shop with {A}.", "{x} pays with {A}.", "There are {A} in the purse of {x}."]
PRICE = ["{x} buys {B} for {C} each.", "{x} buys {B}. Each costs {C}.", "One {o:sg} costs {C}, and {x:he|she} buys {b}.", "{x} takes {B}, and each of them costs {C}."]
CHANGE = ["How much money is left?", "How many {m} does {x} have left?", "How many {m} does {x} get back?"]
OF_SECOND = ["How many {o} does {y} have?", "How many {o} belong to {y}?"]

WORDINGS = {
    "gain": [HAS, ["{x} buys {b} more {o}.", "Then {x} gets {B} from {y}.", "{y} gives {x} {b} more {o}.", "Later {x} finds {B}."],
             NOW + ["How many {o} does {x} have in total?"]],
    "loss": [HAS, ["{x} gives {b} of the {o} to {y}.", "Then {x} loses {B}.", "{x} sells {b} of the {o}.", "{y} takes {b} of the {o} away."], LEFT],
    "difference": [BOTH, ["How many more {o} does {x} have than {y}?", "By how many {o} is {x} ahead of {y}?", "How many fewer {o} does {y} have than {x}?"]],
    "more": [["{x} has {A}. {y} has {b} more than {x}.", "{x} has {A}, and {y} has {b} more.", "{x} found {A}. {y} found {b} more {o} than {x}."], OF_SECOND],
    "fewer": [["{x} has {A}. {y} has {b} fewer than {x}.", "{x} has {A}, and {y} has {b} fewer.", "{x} found {A}. {y} found {b} fewer {o} than {x}."], OF_SECOND],
    "more_back": [["{x} has {A}. That is {b} more than {y} has.", "{x} has {A}, which is {b} more than {y}.", "{x} has {A}. {x:He|She} has {b} more {o} than {y}."], OF_SECOND],
    "fewer_back": [["{x} has {A}. That is {b} fewer than {y} has.", "{x} has {A}, which is {b} fewer than {y}.", "{x} has {A}. {x:He|She} has {b} fewer {o} than {y}."], OF_SECOND],
    "groups": [["{x} has {A}.", "{x} buys {A}.", "In the room of {x} there are {A}."],
               ["Each {k:sg} holds {B}.", "There are {B} in each {k:sg}.", "Every {k:sg} has {B} in it.", "{x} puts {B} in each {k:sg}."], TOTAL],
    "share": [["{x} has {A}.", "{x} bought {A}.", "There are {A} on the table of {x}.", "{x} wants to pack {A}."],
              ["{x} puts the {o} equally into {B}.", "The {o} are shared equally between {B}.", "The {o} go into {B}, the same number in each."],
              ["How many {o} are in each {k:sg}?", "How many {o} does each {k:sg} hold?", "How many {o} go into one {k:sg}?"]],
    "gain_loss": [HAS, ["{x} buys {b} more {o} and gives {c} to {y}.", "Then {x} gets {b} more {o} and loses {c}.", "{x} buys {B}. Later {x} gives away {C}.",
                        "{y} gives {x} {B}. Then {x} loses {C}."], NOW + LEFT[:1]],
    "groups_plus": [FILLED, ["{x} also has {c} single {o}.", "Then {y} brings {c} more {o}.", "There are also {C} on the table.", "{x} finds {c} more {o}."], TOTAL],
    "groups_minus": [FILLED, SOLD, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [["{x} has {A}. {y} has {b} more than {x}.", "{x} has {A}, and {y} has {b} more.", "{x} found {A}. {y} found {b} more {o} than {x}."],
                 ["How many {o} do {x} and {y} have together?", "How many {o} do they have in total?", "How many {o} do the two have altogether?"]],
    "giver": [BOTH, GIFT, ["How many {o} does {x} have now?", "How many {o} does {x} have left?", "How many {o} belong to {x} now?"]],
    "receiver": [BOTH, GIFT, ["How many {o} does {y} have now?", "How many {o} does {y} have in the end?", "How many {o} belong to {y} now?"]],
    "stock": [FILLED, SOLD, ["Then {y} brings {d} more {o}.", "{x} also finds {d} more {o}.", "After that {x} buys {D}."], NOW],
    "shop": [WALLET, PRICE, ["{x} also buys a {k:sg} for {D}.", "A {k:sg} for {D} is bought, too.", "{x} pays {D} for a {k:sg} as well."], CHANGE],
}

DISTRACTORS = ["{x} also has {D}.", "{y} has {D}.", "There are {D} on the chair.", "Yesterday {y} bought {D}."]
AGES = ["{x} is {N} old.", "{y} is {N} old."]

RESPONSES = {
    "gain": ["{x} has {e} = {R} now.", "Together that makes {e} = {R}."],
    "loss": ["{x} has {e} = {R} left.", "There are {e} = {R} left."],
    "difference": ["{x} has {e} = {R} more than {y}.", "The difference is {e} = {R}."],
    "more": ["{y} has {e} = {R}.", "That makes {e} = {R} for {y}."],
    "fewer": ["{y} has {e} = {R}.", "That makes {e} = {R} for {y}."],
    "more_back": ["{y} has {e} = {R}.", "That makes {e} = {R} for {y}."],
    "fewer_back": ["{y} has {e} = {R}.", "That makes {e} = {R} for {y}."],
    "groups": ["In all the {k} there are {e} = {R}.", "The total is {e} = {R}."],
    "share": ["In each {k:sg} there are {e} = {R}.", "Each {k:sg} gets {e} = {R}."],
    "gain_loss": ["First {x} has {e} = {S}, then {f} = {R}.", "There are {e} = {S}, and then {f} = {R}."],
    "groups_plus": ["In the {k} there are {e} = {S}, together {f} = {R}.", "First there are {e} = {S}, then {f} = {R}."],
    "groups_minus": ["In the {k} there are {e} = {S}, and {f} = {R} are left.", "First there are {e} = {S}, then {f} = {R}."],
    "change": ["The {o} cost {e} = {S}, so {f} = {R} are left.", "{x} pays {e} = {S} and has {f} = {R} left."],
    "together": ["{y} has {e} = {S}, together they have {f} = {R}.", "That makes {e} = {S} for {y}, together {f} = {R}."],
    "giver": ["{x} has {e} = {R} now.", "That makes {e} = {R} for {x}."],
    "receiver": ["{y} has {e} = {R} now.", "That makes {e} = {R} for {y}."],
    "stock": ["In the {k} there are {e} = {S}, then {f} = {T}, then {g} = {R}.", "First there are {e} = {S}, {f} = {T} are left, and in the end {g} = {R}."],
    "shop": ["The {o} cost {e} = {S}, everything together {f} = {T}, so {g} = {R} are left.", "{x} pays {e} = {S}, in total {f} = {T}, and has {g} = {R} left."],
}

LANGUAGE = Language("en", NAMES, OBJECTS, BOXES, noun("dollar", "dollars"), noun("year", "years"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "Answer: {r}", lambda text, noun_: f"{text} {noun_:pl}")

# The closed world of the general task. Things, colours and places stand in the order of general.py.
THINGS = [Forms("n", n) for n in ("cat", "dog", "bird", "fish", "ball", "apple", "car", "hat")]
COLOURS = [Forms("n", c) for c in ("red", "blue", "green", "yellow", "black", "white")]
PLACES = [f"{relation} the {seat}" for relation in ("on", "under", "beside") for seat in ("chair", "bed", "box", "house", "tree")]
PICTURES = {
    "ask": ["Describe the picture in one sentence: {picture}", "Say in one sentence what the picture shows: {picture}"],
    "say": ["A {colour} {thing} is {place}.", "There is a {colour} {thing} {place}.", "The {thing} {place} is {colour}.", "The picture shows a {colour} {thing} {place}."],
}
REASONS = {
    "ask": ["Say in one sentence why {x} {act}.", "Why is it that {x} {act}? Answer in one sentence."],
    "say": ["{x} {act} because {reason}.", "Because {reason}.", "{reason}, so {x} {act}."],
    "acts": ["takes an umbrella", "puts on a coat", "drinks a glass of water", "eats some bread", "goes to bed", "turns on the light", "opens the window", "goes to the doctor",
             "runs to the bus", "buys a cake"],
    "reasons": ["it is raining", "it is cold outside", "{x:he|she} is thirsty", "{x:he|she} is hungry", "{x:he|she} is tired", "it is dark", "it is too warm", "{x:he|she} is ill",
                "{x:he|she} is late", "it is a birthday"],
}
GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS)
