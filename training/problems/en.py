"""English."""

from .core import Forms, Language

WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
         "eighteen nineteen twenty").split()


def noun(sg, pl):
    return Forms("n", pl, sg=sg, pl=pl)


def bare(n, _noun, word):
    return WORDS[n] if word else str(n)


def count(n, noun_, word):
    return f"{bare(n, noun_, word)} {noun_:sg}" if n == 1 else f"{bare(n, noun_, word)} {noun_:pl}"


NAMES = [Forms("m", n) for n in ("Tom", "Ben", "Sam", "Leo")] + [Forms("f", n) for n in ("Anna", "Mia", "Kate", "Lucy")]
OBJECTS = [noun(s, s + "s") for s in ("apple", "book", "pencil", "flower", "egg", "ball", "cup", "stamp", "orange", "cookie")]
BOXES = [noun("box", "boxes"), noun("bag", "bags"), noun("basket", "baskets")]

WORDINGS = {
    "gain": [
        ["{x} has {A}.", "{x} had {A}.", "At first {x} has {A}.", "{x} starts with {A}.", "There are {A} on the table of {x}.",
         "{x} owns {A}.",
         "+This morning {x} has {A}.", "+{x} begins the day with {A}.", "+In the evening {x} has {A}.",
         "*In the morning {x} has {A}.", "*{x} begins with {A}."],
        ["{x:He|She} buys {b} more.", "Then {x:he|she} gets {B} from {y}.", "{y} gives {x:him|her} {b} more {o}.",
         "{x:He|She} finds {b} more {o}.", "Later {x:he|she} adds {B}.", "{x:He|She} bought {B} more.",
         "+{x:He|She} gets another {B}.", "+{y} brings {x:him|her} {b} more.", "+Then {x:he|she} buys another {b}.",
         "*Then {x:he|she} buys {B}.", "*{y} gives {x:him|her} another {B}."],
        ["How many {o} does {x} have now?", "How many {o} does {x:he|she} have in total?", "How many {o} are there altogether?",
         "What is the number of {o} now?", "How many {o} does {x} have in the end?",
         "+How many {o} are there altogether now?", "+How many {o} does {x} have in total now?",
         "*How many {o} does {x:he|she} have altogether now?"],
    ],
    "loss": [
        ["{x} has {A}.", "{x} had {A}.", "At first {x} has {A}.", "{x} starts with {A}.", "There are {A} on the table of {x}.",
         "{x} owns {A}.",
         "+This morning {x} has {A}.", "+{x} begins the day with {A}.", "+In the evening {x} has {A}.",
         "*In the morning {x} has {A}.", "*{x} begins with {A}."],
        ["{x:He|She} gives {b} of them to {y}.", "Then {x:he|she} loses {B}.", "{x:He|She} sells {b} of the {o}.", "{y} takes {b} of them away.",
         "Later {x:he|she} gives away {B}.", "{x:He|She} gave {B} to {y}.",
         "+{x:He|She} gives {y} {b} of them.", "+Later {x:he|she} loses {b} of them.", "+Then {x:he|she} sells {B}.",
         "*Then {x:he|she} gives {y} {B}.", "*Later {x:he|she} sells {B}."],
        ["How many {o} does {x} have left?", "How many {o} are left?", "How many {o} remain?", "What is the number of {o} left?",
         "How many {o} does {x:he|she} still have?",
         "+How many {o} are left now?", "+How many {o} does {x} still have now?",
         "*How many {o} does {x:he|she} have left now?"],
    ],
    "difference": [
        ["{x} has {A} and {y} has {B}.", "{x} has {A}. {y} has {B}.", "{x} has {A}, but {y} has only {B}.", "{x} owns {A}, {y} owns {B}.",
         "{x} collected {A} and {y} collected {B}.", "{x} found {A}, and {y} found {B}.",
         "+{x} owns {A} and {y} has only {B}.",
         "*{x} owns {A} and {y} owns only {B}."],
        ["How many more {o} does {x} have than {y}?", "By how many {o} is {x} ahead of {y}?", "How many fewer {o} does {y} have than {x}?",
         "What is the difference between the two?", "How many {o} more than {y} does {x} have?",
         "+How many more does {x} have than {y}?",
         "*How many more {o} than {y} does {x} have?"],
    ],
    "groups": [
        ["There are {A}.", "{x} has {A}.", "{x} buys {A}.", "{x} carries {A}.", "In the room there are {A}.", "{x} packs {A}.",
         "+In the kitchen {x} has {A}.", "+{x} brings home {A}.",
         "*In the kitchen there are {A}.", "*{x} brings {A}."],
        ["Each {k:sg} holds {B}.", "There are {B} in each {k:sg}.", "Every {k:sg} has {B} in it.", "In every {k:sg} there are {B}.",
         "{x:He|She} puts {B} in each {k:sg}.", "Each {k:sg} contains {B}.",
         "+Every {k:sg} contains {B}.", "+In each {k:sg} {x:he|she} puts {B}.",
         "*Every {k:sg} holds {B}.", "*In each {k:sg} there are {B}."],
        ["How many {o} are there in total?", "How many {o} are there altogether?", "How many {o} are in all the {k} together?",
         "What is the total number of {o}?", "How many {o} does that make?",
         "+How many {o} are in the {k} in total?",
         "*How many {o} are there in all the {k}?"],
    ],
    "share": [
        ["{x} has {A}.", "{x} bought {A}.", "There are {A} on the table of {x}.", "{x} wants to pack {A}.", "{x} owns {A}.", "{x} picked {A}.",
         "+{x} brings home {A}.",
         "*{x} brings {A}."],
        ["{x:He|She} puts them equally into {B}.", "{x:He|She} divides them evenly among {B}.", "The {o} are shared equally between {B}.",
         "{x:He|She} fills {B} with the same number of {o}.", "They go into {B}, the same number in each.", "They are divided equally into {B}.",
         "+{x:He|She} puts the {o} into {B}, the same number in each.", "+{x:He|She} divides the {o} equally among {B}.",
         "*{x:He|She} divides them equally into {B}.", "*The {o} go into {B}, the same number in each."],
        ["How many {o} are in each {k:sg}?", "How many {o} does each {k:sg} hold?", "How many {o} go into one {k:sg}?",
         "What is the number of {o} in each {k:sg}?", "How many {o} does one {k:sg} contain?",
         "+How many {o} does every {k:sg} contain?",
         "*How many {o} does each {k:sg} contain?"],
    ],
    "gain_loss": [
        ["{x} has {A}.", "{x} had {A}.", "At first {x} has {A}.", "{x} starts with {A}.", "There are {A} on the table of {x}.", "{x} owns {A}.",
         "+This morning {x} has {A}.", "+{x} begins the day with {A}.", "+In the evening {x} has {A}.",
         "*In the morning {x} has {A}."],
        ["{x:He|She} buys {b} more and gives {c} to {y}.", "Then {x:he|she} gets {b} more and loses {c}.",
         "{x:He|She} finds {b} more, then {x:he|she} sells {c} of them.", "{x:He|She} buys {B}. Later {x:he|she} gives away {C}.",
         "{y} gives {x:him|her} {B}. Then {x:he|she} loses {C}.", "After that {x:he|she} gets {B} and gives {c} away.",
         "+{x:He|She} finds {b} more and gives {c} to {y}.", "+{x:He|She} gets {B}. Later {x:he|she} loses {C}.", "+{x:He|She} finds {B}, then {x:he|she} sells {c} of them.",
         "*{x:He|She} gets {b} more and gives {c} to {y}.", "*{x:He|She} finds {B}. Later {x:he|she} sells {C}."],
        ["How many {o} does {x} have now?", "How many {o} does {x} have left?", "How many {o} does {x:he|she} have in the end?",
         "How many {o} are there now?", "What is the number of {o} in the end?",
         "+How many {o} are left in the end?", "+How many {o} does {x} have left now?",
         "*How many {o} does {x} have in the end?"],
    ],
    "groups_plus": [
        ["{x} has {A} with {B} in each.", "There are {A} with {B} in each {k:sg}.", "{x} buys {A}. Each {k:sg} holds {B}.",
         "{x} has {A}. There are {B} in every {k:sg}.", "{x} packs {A} with {B} each.", "In the room there are {A}, each with {B}.",
         "+{x} brings {A} with {B} in each {k:sg}.", "+{x} buys {A}, and there are {B} in each {k:sg}.",
         "*{x} buys {A} with {B} in each {k:sg}."],
        ["{x:He|She} also has {c} single {o}.", "Then {y} brings {c} more {o}.", "There are also {C} on the table.", "{x:He|She} finds {c} more {o}.",
         "Next to them lie {c} loose {o}.", "{x:He|She} also buys {c} single {o}.",
         "+{x:He|She} also finds {c} more {o}.", "+Then {x:he|she} buys {c} single {o}.", "+Then {x:he|she} finds {c} loose {o}.",
         "*{x:He|She} also finds {c} loose {o}.", "*Then {x:he|she} buys {c} more {o}."],
        ["How many {o} are there in total?", "How many {o} are there altogether?", "How many {o} does {x} have now?",
         "What is the total number of {o}?", "How many {o} does that make?",
         "+How many {o} does that make altogether?",
         "*How many {o} does that make in total?"],
    ],
    "change": [
        ["{x} has {A}.", "{x} goes to the shop with {A}.", "{x} takes {A} to the market.", "{x} starts with {A}.", "{x} pays with {A}.", "There are {A} in the purse of {x}.",
         "+{x} goes to the market. {x:He|She} has {A}.",
         "*{x} goes to the market with {A}."],
        ["{x:He|She} buys {B} for {C} each.", "{x:He|She} buys {B} at {C} each.", "{x:He|She} buys {B}. Each costs {C}.",
         "One {o:sg} costs {C}, and {x:he|she} buys {b}.", "{x:He|She} takes {B}, and each of them costs {C}.", "{x:He|She} gets {B} at a price of {C} each.",
         "+{x:He|She} takes {B} at {C} each.",
         "*{x:He|She} takes {B} for {C} each.", "*{x:He|She} buys {B}, and each of them costs {C}."],
        ["How much money is left?", "How many {m} does {x} have left?", "How many {m} are left?", "How much money does {x:he|she} still have?",
         "How many {m} does {x:he|she} get back?",
         "+How many {m} does {x} still have?",
         "*How many {m} does {x:he|she} still have?"],
    ],
}

RESPONSES = {
    "gain": ["{x} has {e} = {R} now.", "Together that makes {e} = {R}."],
    "loss": ["{x} has {e} = {R} left.", "There are {e} = {R} left."],
    "difference": ["{x} has {e} = {R} more than {y}.", "The difference is {e} = {R}."],
    "groups": ["In all the {k} there are {e} = {R}.", "The total is {e} = {R}."],
    "share": ["In each {k:sg} there are {e} = {R}.", "Each {k:sg} gets {e} = {R}."],
    "gain_loss": ["First {x} has {e} = {S}, then {f} = {R}."],
    "groups_plus": ["In the {k} there are {e} = {S}, together {f} = {R}."],
    "change": ["The {o} cost {e} = {S}, so {f} = {R} are left."],
}

LANGUAGE = Language("en", NAMES, OBJECTS, BOXES, noun("dollar", "dollars"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, RESPONSES, "Answer: {r}")
