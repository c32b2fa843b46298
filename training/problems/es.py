"""Spanish."""

from .core import Forms, Language

WORDS = ("cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete "
         "dieciocho diecinueve veinte").split()


def noun(gender, sg, pl):
    return Forms(gender, pl, sg=sg, pl=pl)


def bare(n, _noun, word):
    return WORDS[n] if word else str(n)


def count(n, noun_, word):
    return f"{bare(n, noun_, word)} {noun_:sg}" if n == 1 else f"{bare(n, noun_, word)} {noun_:pl}"


NAMES = [Forms("m", n) for n in ("Carlos", "Diego", "Pablo", "Luis")] + [Forms("f", n) for n in ("María", "Elena", "Rosa", "Carmen")]
OBJECTS = [noun("f", "manzana", "manzanas"), noun("m", "libro", "libros"), noun("m", "lápiz", "lápices"), noun("f", "flor", "flores"),
           noun("m", "huevo", "huevos"), noun("f", "pelota", "pelotas"), noun("f", "taza", "tazas"), noun("m", "sello", "sellos"),
           noun("f", "naranja", "naranjas"), noun("f", "galleta", "galletas")]
BOXES = [noun("f", "caja", "cajas"), noun("f", "bolsa", "bolsas"), noun("f", "cesta", "cestas")]

HAS = ["{x} tiene {A}.", "Al principio {x} tiene {A}.", "{x} tenía {A}.", "En la mesa de {x} hay {A}.", "*Por la mañana {x} cuenta {A}."]
Q = "{o:Cuántos|Cuántas} {o}"
WORDINGS = {
    "gain": [
        HAS,
        ["Compra {b} más.", "{y} le da {B}.", "Después recibe {B}.", "Luego encuentra {b} {o} más.", "*{y} le regala {b} más."],
        ["¿" + Q + " tiene {x} ahora?", "¿" + Q + " tiene en total?", "¿" + Q + " hay en total?", "¿Cuál es el número de {o} ahora?", "*¿" + Q + " reúne {x}?"],
    ],
    "loss": [
        HAS,
        ["Le da {b} a {y}.", "Después pierde {B}.", "Vende {B}.", "{y} se lleva {b}.", "*Luego regala {b} a {y}."],
        ["¿" + Q + " le quedan?", "¿" + Q + " quedan?", "¿" + Q + " tiene {x} todavía?", "¿Cuál es el número de {o} que quedan?", "*¿" + Q + " conserva {x}?"],
    ],
    "difference": [
        ["{x} tiene {A} y {y} tiene {B}.", "{x} tiene {A}. {y} tiene {B}.", "{x} tiene {A}, pero {y} solo tiene {B}.", "{x} junta {A} y {y} junta {B}.",
         "*{x} encuentra {A} y {y} encuentra solo {B}."],
        ["¿" + Q + " más que {y} tiene {x}?", "¿" + Q + " menos que {x} tiene {y}?", "¿Cuál es la diferencia?", "¿{o:Cuántos|Cuántas} tiene {x} más que {y}?",
         "*¿En {o:cuántos|cuántas} {o} supera {x} a {y}?"],
    ],
    "groups": [
        ["Hay {A}.", "{x} tiene {A}.", "{x} compra {A}.", "En la sala hay {A}.", "*{x} lleva {A}."],
        ["En cada {k:sg} hay {B}.", "Cada {k:sg} contiene {B}.", "{x} pone {B} en cada {k:sg}.", "Cada {k:sg} tiene {B}.", "*Dentro de cada {k:sg} caben {B}."],
        ["¿" + Q + " hay en total?", "¿" + Q + " hay en todas las {k}?", "¿" + Q + " son en total?", "¿Cuál es el número total de {o}?",
         "*¿" + Q + " suman todas las {k}?"],
    ],
    "share": [
        ["{x} tiene {A}.", "{x} compra {A}.", "En la mesa de {x} hay {A}.", "{x} junta {A}.", "*{x} trae {A}."],
        ["{o:Los|Las} reparte por igual en {B}.", "{o:Los|Las} pone en {B} en partes iguales.", "{o:Todos|Todas} van a {B} por igual.",
         "Llena {B} con el mismo número de {o}.", "*{o:Los|Las} divide en partes iguales entre {B}."],
        ["¿" + Q + " hay en cada {k:sg}?", "¿" + Q + " contiene cada {k:sg}?", "¿" + Q + " van en una {k:sg}?", "¿" + Q + " tiene cada {k:sg}?",
         "*¿" + Q + " quedan dentro de cada {k:sg}?"],
    ],
    "gain_loss": [
        HAS,
        ["Compra {b} más y le da {c} a {y}.", "Después recibe {B} y pierde {c}.", "{y} le da {B}. Luego vende {C}.", "Luego encuentra {b} más, pero {y} se lleva {c}.",
         "*{y} le regala {b} más y después regala {c}."],
        ["¿" + Q + " tiene {x} ahora?", "¿" + Q + " tiene al final?", "¿" + Q + " le quedan?", "¿" + Q + " hay ahora?", "*¿Con {o:cuántos|cuántas} {o} termina {x}?"],
    ],
    "groups_plus": [
        ["{x} tiene {A} con {B} en cada una.", "Hay {A}. En cada {k:sg} hay {B}.", "{x} compra {A} con {B} en cada una.", "En la sala hay {A} y cada {k:sg} contiene {B}.",
         "*{x} lleva {A}; dentro de cada {k:sg} hay {B}."],
        ["Además tiene {c} {o} {o:sueltos|sueltas}.", "{y} trae {c} {o} más.", "También hay {C} en la mesa.", "Luego encuentra {C}.", "*Aparte compra {c} más."],
        ["¿" + Q + " hay en total?", "¿" + Q + " tiene {x} ahora?", "¿" + Q + " son en total?", "¿Cuál es el número total de {o}?", "*¿" + Q + " suman entre todo?"],
    ],
    "change": [
        ["{x} tiene {A}.", "{x} va a la tienda con {A}.", "{x} paga con {A}.", "{x} lleva {A} al mercado.", "*En la cartera de {x} hay {A}."],
        ["Compra {B} a {C} cada {o:uno|una}.", "Compra {B}. Cada {o:uno|una} cuesta {C}.", "Cada {o:sg} cuesta {C} y compra {b}.", "Toma {B} al precio de {C} cada {o:uno|una}.",
         "*Se lleva {B} por {C} cada {o:uno|una}."],
        ["¿Cuántos {m} le quedan?", "¿Cuánto dinero le queda?", "¿Cuántos {m} tiene {x} todavía?", "¿Cuántos {m} recibe de vuelta?", "*¿Con cuánto dinero se queda {x}?"],
    ],
}

RESPONSES = {
    "gain": ["{x} tiene ahora {e} = {R}.", "En total son {e} = {R}."],
    "loss": ["A {x} le quedan {e} = {R}.", "Quedan {e} = {R}."],
    "difference": ["{x} tiene {e} = {R} más que {y}."],
    "groups": ["En total hay {e} = {R}."],
    "share": ["En cada {k:sg} hay {e} = {R}."],
    "gain_loss": ["Primero {x} tiene {e} = {S}, después {f} = {R}."],
    "groups_plus": ["En las {k} hay {e} = {S}, en total {f} = {R}."],
    "change": ["La compra cuesta {e} = {S}, así que quedan {f} = {R}."],
}

LANGUAGE = Language("es", NAMES, OBJECTS, BOXES, noun("m", "euro", "euros"), count, bare, {"+": "+", "-": "-", "*": "×", "/": "÷"},
                    WORDINGS, RESPONSES, "Respuesta: {r}")
