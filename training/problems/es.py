"""Spanish. Numbers that end in one agree with the noun and lose their -o before it: "veintiún libros", "treinta y una tazas", but "veintiuno
más"; so a number stands right before a noun only in {A}, {B} …. Object gender picks "cuántos" or "cuántas"."""

from .core import Forms, Language
from .general import General

ONES = ("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
        "dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve").split()
TENS = ". . . treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()


def noun(gender, sg, pl):
    return Forms(gender, pl, sg=sg, pl=pl)


def numeral(n, gender="m", before=False):
    """`before`: right before its noun."""
    if n == 100:
        return "cien"
    text = ONES[n] if n < 30 else TENS[n // 10] + (f" y {ONES[n % 10]}" if n % 10 else "")
    if n % 10 == 1 and n != 11:
        if gender == "f":
            return text[:-1] + "a"
        if before:
            return "veintiún" if n == 21 else text[:-1]
    return text


def bare(n, noun_, word):
    return numeral(n, noun_.gender) if word else str(n)


def count(n, noun_, word):
    number = numeral(n, noun_.gender, before=True) if word else str(n)
    return f"{number} {noun_:sg}" if n == 1 else f"{number} {noun_:pl}"


NAMES = [Forms("m", n) for n in ("Carlos", "Diego", "Pablo", "Luis")] + [Forms("f", n) for n in ("María", "Elena", "Rosa", "Carmen")]
OBJECTS = [noun("f", "manzana", "manzanas"), noun("m", "libro", "libros"), noun("m", "lápiz", "lápices"), noun("f", "flor", "flores"),
           noun("m", "huevo", "huevos"), noun("f", "pelota", "pelotas"), noun("f", "taza", "tazas"), noun("m", "sello", "sellos"),
           noun("f", "naranja", "naranjas"), noun("f", "galleta", "galletas")]
BOXES = [noun("f", "caja", "cajas"), noun("f", "bolsa", "bolsas"), noun("f", "cesta", "cestas")]

Q = "¿{o:Cuántos|Cuántas} {o}"
THE = "{o:los|las} {o}"
HAS = ["{x} tiene {A}.", "Al principio {x} tiene {A}.", "En la mesa de {x} hay {A}.", "Por la mañana {x} tiene {A}."]
LEFT = [Q + " le quedan a {x}?", Q + " tiene {x} todavía?", Q + " quedan?", "¿Cuál es el número de {o} que quedan?"]
NOW = [Q + " tiene {x} ahora?", Q + " tiene {x} al final?", "¿Con {o:cuántos|cuántas} {o} termina {x}?"]
TOTAL = [Q + " hay en total?", Q + " son en total?", "¿Cuál es el número total de {o}?"]
FILLED = ["{x} tiene {A} con {B} en cada {k:uno|una}.", "{x} compra {A}. Cada {k:sg} contiene {B}.", "{x} tiene {A}. En cada {k:sg} hay {B}.",
          "En la casa de {x} hay {A}, y cada {k:sg} contiene {B}."]
SOLD = ["{x} le da {b} de " + THE + " a {y}.", "Después {x} vende {b} de " + THE + ".", "Luego {x} regala {B}.", "{y} se lleva {b} de " + THE + ".", "Después {x} pierde {B}."]
SOLD_C = [phrase.replace("{b}", "{c}").replace("{B}", "{C}") for phrase in SOLD]
BOTH = ["{x} tiene {A} y {y} tiene {B}.", "{x} tiene {A}. {y} tiene {B}.", "{x} reúne {A} y {y} reúne {B}.", "{x} tiene {A}, pero {y} tiene {B}."]
GIFT = ["{x} le da {C} a {y}.", "Después {x} le regala {c} de " + THE + " a {y}.", "{y} recibe {C} de {x}.", "Luego {x} le entrega {C} a {y}."]
WALLET = ["{x} tiene {A}.", "{x} va a la tienda con {A}.", "{x} lleva {A} al mercado.", "En la cartera de {x} hay {A}."]
PRICE = ["{x} compra {B} a {C} cada {o:uno|una}.", "{x} compra {B}. Cada {o:sg} cuesta {C}.", "Cada {o:sg} cuesta {C} y {x} compra {b}.", "{x} se lleva {B} a {C} la unidad."]
CHANGE = ["¿Cuánto dinero le queda a {x}?", "¿Cuántos {m} le quedan a {x}?", "¿Cuánto dinero tiene {x} al final?", "¿Cuántos {m} tiene {x} todavía?"]
OF_SECOND = [Q + " tiene {y}?", "¿Cuál es el número de {o} de {y}?", Q + " son de {y}?"]
MORE = ["{x} tiene {A}. {y} tiene {B} más que {x}.", "{x} tiene {A} y {y} tiene {b} más que {x}.", "{x} encuentra {A}. {y} encuentra {B} más que {x}.",
        "{x} reúne {A}, y {y} reúne {b} más que {x}."]
MORE_BACK = ["{x} tiene {A}. {x} tiene {B} más que {y}.", "{x} tiene {A}, es decir, {b} más que {y}.", "{x} tiene {A}, {b} más que {y}.",
             "{x} tiene {A}, que son {b} más de {o:los|las} que tiene {y}."]


def fewer(phrases):
    return [phrase.replace("más", "menos") for phrase in phrases]


WORDINGS = {
    "gain": [HAS, ["{x} compra {B} más.", "Después {x} recibe {B} de {y}.", "{y} le da {B} más a {x}.", "Luego {x} encuentra {B} más."], NOW + [Q + " tiene {x} en total?"]],
    "loss": [HAS, SOLD, LEFT],
    "difference": [BOTH, [Q + " más tiene {x} que {y}?", Q + " menos tiene {y} que {x}?", Q + " más que {y} tiene {x}?",
                          Q + " le faltan a {y} para tener {o:tantos|tantas} como {x}?"]],
    "more": [MORE, OF_SECOND],
    "fewer": [fewer(MORE), OF_SECOND],
    "more_back": [MORE_BACK, OF_SECOND],
    "fewer_back": [fewer(MORE_BACK), OF_SECOND],
    "groups": [["Hay {A}.", "{x} tiene {A}.", "{x} compra {A}.", "En la sala hay {A}."],
               ["En cada {k:sg} hay {B}.", "Cada {k:sg} contiene {B}.", "{x} pone {B} en cada {k:sg}.", "Dentro de cada {k:sg} hay {B}."],
               TOTAL + [Q + " hay en todas las {k}?"]],
    "share": [["{x} tiene {A}.", "{x} compra {A}.", "En la mesa de {x} hay {A}.", "{x} quiere guardar {A}."],
              ["{x} reparte " + THE + " por igual en {B}.", "{x} pone " + THE + " en {B}, el mismo número en cada {k:uno|una}.",
               "{o:Los|Las} {o} se reparten en partes iguales entre {B}.", "{x} mete {o:todos los|todas las} {o} en {B}, la misma cantidad en cada {k:uno|una}."],
              [Q + " hay en cada {k:sg}?", Q + " contiene cada {k:sg}?", Q + " van en cada {k:sg}?"]],
    "gain_loss": [HAS, ["{x} compra {B} más y luego le da {c} a {y}.", "Después {x} recibe {B} más y pierde {c}.", "{y} le da {B} más a {x}. Luego {x} vende {C}.",
                        "Luego {x} encuentra {B} más, pero {y} se lleva {c}."], NOW + LEFT[:1]],
    "groups_plus": [FILLED, ["{x} tiene además {C} {o:sueltos|sueltas}.", "Después {y} trae {C} más.", "También hay {C} en la mesa.", "{x} encuentra {C} más."], TOTAL],
    "groups_minus": [FILLED, SOLD_C, LEFT],
    "change": [WALLET, PRICE, CHANGE],
    "together": [MORE, [Q + " tienen {x} y {y} en total?", Q + " suman {x} y {y}?", "¿Cuál es el número total de {o} de {x} y {y}?"]],
    "giver": [BOTH, GIFT, [Q + " tiene {x} ahora?", Q + " le quedan a {x}?", Q + " tiene {x} al final?"]],
    "receiver": [BOTH, GIFT, [Q + " tiene {y} ahora?", Q + " tiene {y} al final?", "¿Con {o:cuántos|cuántas} {o} termina {y}?"]],
    "stock": [FILLED, SOLD_C, ["Más tarde {y} le trae {D} más a {x}.", "Más tarde {x} encuentra {D} más.", "Por último {x} compra {D} más."], NOW],
    "shop": [WALLET, PRICE, ["{x} compra también {k:un|una} {k:sg} por {D}.", "Además {x} paga {D} por {k:un|una} {k:sg}.",
                             "{x} también se lleva {k:un|una} {k:sg} por {D}."], CHANGE],
}

DISTRACTORS = ["{x} también tiene {D}.", "{y} tiene {D}.", "En la silla hay {D}.", "Ayer {y} compró {D}."]
AGES = ["{x} tiene {N}.", "{y} tiene {N} de edad."]

RESPONSES = {
    "gain": ["{x} tiene ahora {e} = {R}.", "En total son {e} = {R}."],
    "loss": ["{x} tiene todavía {e} = {R}.", "{x} se queda con {e} = {R}."],
    "difference": ["{x} tiene {e} = {R} más que {y}.", "La diferencia es de {e} = {R}."],
    "more": ["{y} tiene {e} = {R}.", "El total de {y} es {e} = {R}."],
    "fewer": ["{y} tiene {e} = {R}.", "El total de {y} es {e} = {R}."],
    "more_back": ["{y} tiene {e} = {R}.", "El total de {y} es {e} = {R}."],
    "fewer_back": ["{y} tiene {e} = {R}.", "El total de {y} es {e} = {R}."],
    "groups": ["En todas las {k} hay {e} = {R}.", "En total son {e} = {R}."],
    "share": ["En cada {k:sg} hay {e} = {R}.", "Cada {k:sg} contiene {e} = {R}."],
    "gain_loss": ["Primero {x} tiene {e} = {S}, después {f} = {R}.", "Hay {e} = {S}, y después {f} = {R}."],
    "groups_plus": ["En las {k} hay {e} = {S}, en total {f} = {R}.", "Primero hay {e} = {S}, después {f} = {R}."],
    "groups_minus": ["En las {k} hay {e} = {S}, y el resto es {f} = {R}.", "Primero hay {e} = {S}, después {f} = {R}."],
    "change": ["{o:Los|Las} {o} cuestan {e} = {S}, así que quedan {f} = {R}.", "{x} paga {e} = {S} y le quedan {f} = {R}."],
    "together": ["{y} tiene {e} = {S}, y en total hay {f} = {R}.", "El total de {y} es {e} = {S}, y el de {x} y {y} es {f} = {R}."],
    "giver": ["{x} tiene ahora {e} = {R}.", "El total de {x} es {e} = {R}."],
    "receiver": ["{y} tiene ahora {e} = {R}.", "El total de {y} es {e} = {R}."],
    "stock": ["En las {k} hay {e} = {S}, después {f} = {T}, después {g} = {R}.", "Primero hay {e} = {S}, luego {f} = {T} y al final {g} = {R}."],
    "shop": ["{o:Los|Las} {o} cuestan {e} = {S}, todo junto {f} = {T}, así que quedan {g} = {R}.", "{x} paga {e} = {S}, en total {f} = {T}, y le quedan {g} = {R}."],
}

LANGUAGE = Language("es", NAMES, OBJECTS, BOXES, noun("m", "euro", "euros"), noun("m", "año", "años"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, DISTRACTORS, AGES, RESPONSES, "Respuesta: {r}", lambda text, noun_: f"{text} {noun_:pl}", decimal_mark=",")

# The closed world of the general task. A colour follows the thing and agrees with it: {colour:m|f}.
THINGS = [Forms(g, n) for g, n in (("m", "gato"), ("m", "perro"), ("m", "pájaro"), ("m", "pez"), ("f", "pelota"), ("f", "manzana"), ("m", "coche"), ("m", "sombrero"))]
COLOURS = [Forms("n", c, f=f) for c, f in (("rojo", "roja"), ("azul", "azul"), ("verde", "verde"), ("amarillo", "amarilla"), ("negro", "negra"), ("blanco", "blanca"))]
PLACES = [f"sobre {seat}" for seat in ("la silla", "la cama", "la caja", "la casa", "el árbol")]
PLACES += [f"{relation}{seat}" for relation in ("debajo de", "al lado de") for seat in (" la silla", " la cama", " la caja", " la casa", "l árbol")]
PICTURES = {
    "ask": ["Describe la imagen en una frase: {picture}", "Di en una frase lo que muestra la imagen: {picture}"],
    "say": ["Hay {thing:un|una} {thing} {colour} {place}.", "{place} hay {thing:un|una} {thing} {colour}.", "{thing:El|La} {thing} que está {place} es {colour}.",
            "La imagen muestra {thing:un|una} {thing} {colour} {place}."],
}
REASONS = {
    "ask": ["Di en una frase por qué {x} {act}.", "{x} {act}. ¿Por qué? Responde en una frase."],
    "say": ["{x} {act} porque {reason}.", "Porque {reason}.", "Como {reason}, {x} {act}."],
    "acts": ["lleva un paraguas", "se pone un abrigo", "bebe un vaso de agua", "come un poco de pan", "se va a la cama", "enciende la luz", "abre la ventana", "va al médico",
             "corre hacia el autobús", "compra un pastel"],
    "reasons": ["está lloviendo", "hace frío fuera", "tiene sed", "tiene hambre", "está {x:cansado|cansada}", "está oscuro", "hace demasiado calor", "está {x:enfermo|enferma}",
                "llega tarde", "hay un cumpleaños"],
}


def agree(colour, thing):
    return format(colour, "f") if thing.gender == "f" else f"{colour}"


GENERAL = General(LANGUAGE, THINGS, COLOURS, PLACES, PICTURES, REASONS, agree)
