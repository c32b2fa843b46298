"""Russian: after a number the noun follows its last digit (1, 2-4, 5 and more, 11-14), and 1 and 2 take its gender.

A counted phrase is nominative as it stands; {A:acc} is the accusative, which differs after 1, 21, … where the noun is feminine
("двадцать одна книга", "двадцать одну книгу"). {A:был|была|было} is the verb that agrees with it.
"""

from .core import Forms, Language
from .general import General

ONES = ("ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
        "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать").split()
TENS = ". . двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()


def noun(gender, one, few, many, pl, acc=None, prep=None, preps=None):
    """`one` after 1, `few` genitive singular (2-4), `many` genitive plural (5+, "сколько"), `pl` nominative plural, `prep` and `preps` "в коробке", "в коробках"."""
    return Forms(gender, many, one=one, few=few, many=many, pl=pl, acc=acc or one, prep=prep, preps=preps)


def ends_in_one(n):
    return n % 10 == 1 and n % 100 != 11


def numeral(n, gender="m", case="nom"):
    """A number word 1..100 as it stands before a noun of that gender."""
    if n == 100:
        return "сто"
    unit = n if n < 20 else n % 10
    word = ONES[unit]
    if unit == 1:
        word = {"m": "один", "n": "одно", "f": "одну" if case == "acc" else "одна"}[gender]
    elif unit == 2 and gender == "f":
        word = "две"
    return word if n < 20 else TENS[n // 10] + (f" {word}" if unit else "")


def bare(n, noun_, word):
    return numeral(n, noun_.gender) if word else str(n)


def counted(n, noun_, word, case):
    few = n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14)
    form = ("acc" if case == "acc" else "one") if ends_in_one(n) else "few" if few else "many"
    return f"{numeral(n, noun_.gender, case) if word else n} {format(noun_, form)}"


class Counted(str):
    """A counted phrase in the nominative; "acc" gives the accusative, "был|была|было" what agrees with it."""

    def __new__(cls, nom, acc, gender):
        phrase = super().__new__(cls, nom)
        phrase.forms = Forms(gender, nom, acc=acc)
        return phrase

    def __format__(self, spec):
        return format(self.forms, spec)


def count(n, noun_, word):
    return Counted(counted(n, noun_, word, "nom"), counted(n, noun_, word, "acc"), noun_.gender if ends_in_one(n) else "n")


def fraction(text, noun_):
    phrase = f"{text} {noun_:few}"
    return Counted(phrase, phrase, "n")


def name(gender, nom, gen, dat):
    return Forms(gender, nom, gen=gen, dat=dat)


NAMES = [name("m", "Иван", "Ивана", "Ивану"), name("m", "Антон", "Антона", "Антону"), name("m", "Максим", "Максима", "Максиму"),
         name("m", "Олег", "Олега", "Олегу"), name("f", "Анна", "Анны", "Анне"), name("f", "Вера", "Веры", "Вере"),
         name("f", "Нина", "Нины", "Нине"), name("f", "Лена", "Лены", "Лене")]
OBJECTS = [noun("n", "яблоко", "яблока", "яблок", "яблоки"), noun("f", "книга", "книги", "книг", "книги", "книгу"),
           noun("m", "карандаш", "карандаша", "карандашей", "карандаши"), noun("m", "цветок", "цветка", "цветов", "цветы"),
           noun("n", "яйцо", "яйца", "яиц", "яйца"), noun("m", "мяч", "мяча", "мячей", "мячи"), noun("f", "чашка", "чашки", "чашек", "чашки", "чашку"),
           noun("f", "марка", "марки", "марок", "марки", "марку"), noun("m", "апельсин", "апельсина", "апельсинов", "апельсины"),
           noun("m", "пряник", "пряника", "пряников", "пряники")]
BOXES = [noun("f", "коробка", "коробки", "коробок", "коробки", "коробку", "коробке", "коробках"), noun("m", "пакет", "пакета", "пакетов", "пакеты", None, "пакете", "пакетах"),
         noun("f", "корзина", "корзины", "корзин", "корзины", "корзину", "корзине", "корзинах")]
MONEY, YEARS = noun("m", "рубль", "рубля", "рублей", "рубли"), noun("m", "год", "года", "лет", "годы")

EACH = "{k:каждом|каждой} {k:prep}"
HAS = ["У {x:gen} {A:был|была|было} {A}.", "Сначала у {x:gen} {A:был|была|было} {A}.", "Утром у {x:gen} {A:был|была|было} {A}.", "{x} {x:принёс|принесла} {A:acc}.",
       "На столе у {x:gen} {A:был|была|было} {A}."]
LEFT = ["Сколько {o} осталось у {x:gen}?", "Сколько {o} теперь у {x:gen}?", "Сколько {o} ещё есть у {x:gen}?"]
NOW = ["Сколько {o} теперь у {x:gen}?", "Сколько {o} стало у {x:gen}?", "Сколько всего {o} теперь у {x:gen}?", "Сколько {o} у {x:gen} в итоге?"]
TOTAL = ["Сколько всего {o}?", "Сколько {o} получилось всего?", "Каково общее число {o}?"]
FILLED = ["У {x:gen} {A:был|была|было} {A}, и в " + EACH + " {B:был|была|было} {B}.",
          "{x} {x:принёс|принесла} {A:acc}. В " + EACH + " {B:был|была|было} {B}.",
          "{x} {x:купил|купила} {A:acc}, и в " + EACH + " {B:был|была|было} {B}.",
          "В комнате у {x:gen} {A:стоял|стояла|стояло} {A}, и в " + EACH + " {B:был|была|было} {B}."]
SOLD = ["Потом {x} {x:отдал|отдала} {y:dat} {C:acc}.", "Потом {x} {x:продал|продала} {C:acc}.", "Позже {y} {y:забрал|забрала} у {x:gen} {C:acc}.",
        "{x} {x:подарил|подарила} {y:dat} {C:acc}."]
BOTH = ["У {x:gen} {A:был|была|было} {A}, а у {y:gen} {B:был|была|было} {B}.", "У {x:gen} {A:был|была|было} {A}. У {y:gen} {B:был|была|было} {B}.",
        "{x} {x:принёс|принесла} {A:acc}, а {y} {y:принёс|принесла} {B:acc}.", "Сначала у {x:gen} {A:был|была|было} {A}, а у {y:gen} {B}."]
GIFT = ["Потом {x} {x:отдал|отдала} {y:dat} {C:acc}.", "{x} {x:подарил|подарила} {y:dat} {C:acc}.", "Позже {y} {y:взял|взяла} у {x:gen} {C:acc}.",
        "Потом {y} {y:получил|получила} от {x:gen} {C:acc}."]
WALLET = ["У {x:gen} {A:был|была|было} {A}.", "У {x:gen} с собой {A:был|была|было} {A}.", "{x} {x:взял|взяла} в магазин {A:acc}.",
          "В кошельке у {x:gen} {A:лежал|лежала|лежало} {A}."]
PRICE = ["{x} {x:купил|купила} {B:acc} по {C:acc} за штуку.", "{x} {x:купил|купила} {B:acc}. {o:Один|Одна|Одно} {o:one} стоит {C:acc}.",
         "{o:Один|Одна|Одно} {o:one} стоит {C:acc}, и {x} {x:купил|купила} {B:acc}.", "{x} {x:взял|взяла} {B:acc}, {o:каждый|каждая|каждое} по {C:acc}."]
CHANGE = ["Сколько {m} осталось у {x:gen}?", "Сколько денег осталось у {x:gen}?", "Сколько {m} теперь у {x:gen}?"]
OF_SECOND = ["Сколько {o} у {y:gen}?", "Сколько {o} есть у {y:gen}?"]
MORE = ["У {x:gen} {A}, а у {y:gen} на {B:acc} больше.", "У {x:gen} {A}. У {y:gen} на {B:acc} больше, чем у {x:gen}.",
        "У {x:gen} есть {A}, а у {y:gen} на {B:acc} больше, чем у {x:gen}."]

WORDINGS = {
    "gain": [HAS, ["Потом {x} {x:купил|купила} ещё {B:acc}.", "{y} {y:дал|дала} {x:dat} ещё {B:acc}.", "Потом {x} {x:нашёл|нашла} ещё {B:acc}.",
                   "Позже {x} {x:получил|получила} от {y:gen} ещё {B:acc}."], NOW],
    "loss": [HAS, ["{x} {x:отдал|отдала} {y:dat} {B:acc}.", "Потом {x} {x:потерял|потеряла} {B:acc}.", "Потом {x} {x:продал|продала} {B:acc}.",
                   "Позже {y} {y:забрал|забрала} у {x:gen} {B:acc}."], LEFT],
    "difference": [["У {x:gen} {A}, а у {y:gen} {B}.", "У {x:gen} {A}. У {y:gen} {B}.", "У {x:gen} есть {A}, а у {y:gen} есть {B}.",
                    "У {x:gen} {A}, а у {y:gen} только {B}."],
                   ["На сколько {o} у {x:gen} больше, чем у {y:gen}?", "На сколько {o} у {y:gen} меньше, чем у {x:gen}?",
                    "На сколько больше {o} у {x:gen}, чем у {y:gen}?"]],
    "more": [MORE, OF_SECOND],
    "fewer": [["У {x:gen} {A}, а у {y:gen} на {B:acc} меньше.", "У {x:gen} {A}. У {y:gen} на {B:acc} меньше, чем у {x:gen}.",
               "У {x:gen} есть {A}, а у {y:gen} на {B:acc} меньше, чем у {x:gen}."], OF_SECOND],
    "more_back": [["У {x:gen} {A}. Это на {B:acc} больше, чем у {y:gen}.", "У {x:gen} {A}, то есть на {B:acc} больше, чем у {y:gen}.",
                   "У {x:gen} {A}, и это на {B:acc} больше, чем у {y:gen}."], OF_SECOND],
    "fewer_back": [["У {x:gen} {A}. Это на {B:acc} меньше, чем у {y:gen}.", "У {x:gen} {A}, то есть на {B:acc} меньше, чем у {y:gen}.",
                    "У {x:gen} {A}, и это на {B:acc} меньше, чем у {y:gen}."], OF_SECOND],
    "groups": [["У {x:gen} {A}.", "{x} {x:купил|купила} {A:acc}.", "{x} {x:принёс|принесла} {A:acc}.", "В комнате {A}."],
               ["В " + EACH + " {B}.", "{x} {x:положил|положила} в {k:каждый|каждую} {k:acc} {B:acc}.",
                "{x} {x:сложил|сложила} {B:acc} в {k:каждый|каждую} {k:acc}."],
               ["Сколько всего {o}?", "Сколько {o} во всех {k:preps}?", "Каково общее число {o}?"]],
    "share": [["У {x:gen} {A:был|была|было} {A}.", "{x} {x:купил|купила} {A:acc}.", "На столе у {x:gen} {A:был|была|было} {A}.", "{x} {x:принёс|принесла} {A:acc}."],
              ["{x} {x:разложил|разложила} все {o:pl} поровну в {B:acc}.", "Потом {x} {x:положил|положила} все {o:pl} поровну в {B:acc}.",
               "Все {o:pl} поровну разложили в {B:acc}."],
              ["Сколько {o} в " + EACH + "?", "Сколько {o} лежит в " + EACH + "?", "Сколько {o} в {k:одном|одной} {k:prep}?"]],
    "gain_loss": [HAS, ["Потом {x} {x:купил|купила} ещё {B:acc} и {x:отдал|отдала} {y:dat} {C:acc}.", "Потом {x} {x:нашёл|нашла} ещё {B:acc} и {x:потерял|потеряла} {C:acc}.",
                        "{y} {y:дал|дала} {x:dat} ещё {B:acc}. Потом {x} {x:продал|продала} {C:acc}."], NOW],
    "groups_plus": [FILLED, ["На столе {C:был|была|было} ещё {C}.", "Потом {y} {y:принёс|принесла} ещё {C:acc}.", "Потом {x} {x:нашёл|нашла} ещё {C:acc}.",
                             "Позже {x} {x:купил|купила} ещё {C:acc}."], TOTAL],
    "groups_minus": [FILLED, SOLD, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [MORE, ["Сколько {o} у {x:gen} и {y:gen} вместе?", "Сколько всего {o} у {x:gen} и {y:gen}?", "Сколько {o} вместе у {x:gen} и у {y:gen}?"]],
    "giver": [BOTH, GIFT, ["Сколько {o} теперь у {x:gen}?", "Сколько {o} осталось у {x:gen}?", "Сколько {o} у {x:gen} в итоге?"]],
    "receiver": [BOTH, GIFT, ["Сколько {o} теперь у {y:gen}?", "Сколько {o} стало у {y:gen}?", "Сколько {o} у {y:gen} в итоге?"]],
    "stock": [FILLED, SOLD, ["Потом {y} {y:принёс|принесла} {x:dat} ещё {D:acc}.", "Потом {x} {x:нашёл|нашла} ещё {D:acc}.",
                              "После этого {x} {x:купил|купила} ещё {D:acc}."], NOW],
    "shop": [WALLET, PRICE, ["Ещё {x} {x:купил|купила} {k:acc} за {D:acc}.", "Кроме того, {x} {x:заплатил|заплатила} {D:acc} за {k:acc}.",
                             "{x} также {x:взял|взяла} {k:acc} за {D:acc}."], CHANGE],
}

DISTRACTORS = ["Ещё у {x:gen} есть {D}.", "У {y:gen} есть {D}.", "На стуле {D}.", "Вчера {y} {y:купил|купила} {D:acc}."]
AGES = ["{x:dat} {N}.", "{y:dat} {N}."]

SECOND = ["У {y:gen} {e} = {R}.", "Значит, у {y:gen} {e} = {R}."]
RESPONSES = {
    "gain": ["Теперь у {x:gen} {e} = {R}.", "Всего {e} = {R}."],
    "loss": ["У {x:gen} осталось {e} = {R}.", "Осталось {e} = {R}."],
    "difference": ["Разница: {e} = {R}.", "У {x:gen} больше на {e} = {R:acc}."],
    "more": SECOND, "fewer": SECOND, "more_back": SECOND, "fewer_back": SECOND,
    "groups": ["Всего {e} = {R}.", "Во всех {k:preps} {e} = {R}."],
    "share": ["В " + EACH + " {e} = {R}.", "В {k:одном|одной} {k:prep} {e} = {R}."],
    "gain_loss": ["Сначала у {x:gen} {e} = {S}, потом {f} = {R}.", "Стало {e} = {S}, а потом {f} = {R}."],
    "groups_plus": ["В {k:preps} {e} = {S}, всего {f} = {R}.", "Сначала {e} = {S}, потом {f} = {R}."],
    "groups_minus": ["В {k:preps} {e} = {S}, осталось {f} = {R}.", "Сначала {e} = {S}, потом {f} = {R}."],
    "change": ["Покупка стоит {e} = {S}, осталось {f} = {R}.", "{x} {x:заплатил|заплатила} {e} = {S}, осталось {f} = {R}."],
    "together": ["У {y:gen} {e} = {S}, вместе {f} = {R}.", "Значит, у {y:gen} {e} = {S}, а всего {f} = {R}."],
    "giver": ["Теперь у {x:gen} {e} = {R}.", "У {x:gen} осталось {e} = {R}."],
    "receiver": ["Теперь у {y:gen} {e} = {R}.", "У {y:gen} стало {e} = {R}."],
    "stock": ["В {k:preps} {e} = {S}, потом {f} = {T}, потом {g} = {R}.", "Сначала {e} = {S}, осталось {f} = {T}, в итоге {g} = {R}."],
    "shop": ["Все {o:pl} стоят {e} = {S}, всё вместе {f} = {T}, осталось {g} = {R}.", "{x} {x:заплатил|заплатила} {e} = {S}, всего {f} = {T}, осталось {g} = {R}."],
}

LANGUAGE = Language("ru", NAMES, OBJECTS, BOXES, MONEY, YEARS, count, bare, {"+": "+", "-": "-", "*": "·", "/": ":"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "Ответ: {r}", fraction, decimal_mark=",")

# The closed world of the general task. Things, colours and places stand in the order of general.py.
THINGS = [Forms(gender, thing) for gender, thing in (("f", "кошка"), ("f", "собака"), ("f", "птица"), ("f", "рыба"),
                                                 ("m", "мяч"), ("n", "яблоко"), ("f", "машина"), ("f", "шляпа"))]
COLOURS = [Forms("m", m, m=m, f=f, n=n) for m, f, n in (("красный", "красная", "красное"), ("синий", "синяя", "синее"), ("зелёный", "зелёная", "зелёное"),
                                                      ("жёлтый", "жёлтая", "жёлтое"), ("чёрный", "чёрная", "чёрное"), ("белый", "белая", "белое"))]
PLACES = [f"{relation} {seat}" for relation, seats in (("на", "стуле кровати коробке доме дереве"), ("под", "стулом кроватью коробкой домом деревом"))
          for seat in seats.split()] + ["рядом со стулом", "рядом с кроватью", "рядом с коробкой", "рядом с домом", "рядом с деревом"]
PICTURES = {
    "ask": ["Опиши картинку одним предложением: {picture}", "Скажи одним предложением, что на картинке: {picture}"],
    "say": ["{colour} {thing} находится {place}.", "{place} находится {colour} {thing}.", "{thing} {place} — {colour}.",
            "На картинке {colour} {thing} {place}."],
}
REASONS = {
    "ask": ["Скажи одним предложением, почему {x} {act}.", "Почему {x} {act}? Ответь одним предложением."],
    "say": ["{x} {act}, потому что {reason}.", "Потому что {reason}.", "Так как {reason}, {x} {act}."],
    "acts": ["берёт зонт", "надевает пальто", "пьёт стакан воды", "ест хлеб", "ложится спать", "включает свет",
             "открывает окно", "идёт к врачу", "бежит к автобусу", "покупает торт"],
    "reasons": ["идёт дождь", "на улице холодно", "{x:он|она} хочет пить", "{x:он голоден|она голодна}", "{x:он устал|она устала}", "в комнате темно", "слишком жарко",
                "{x:он болен|она больна}", "{x:он|она} опаздывает", "сегодня день рождения"],
}
GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS, agree=lambda colour, thing: format(colour, thing.gender))
