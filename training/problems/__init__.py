"""Word problems in eight languages, from wordings written for each language."""

from . import ar, bn, de, en, es, ru, sw, zh
from .core import COUNTS, SPLITS, TYPES, draw_problem, results, seeded, split_of

LANGUAGES = {m.LANGUAGE.code: m.LANGUAGE for m in (en, de, es, ru, zh, ar, bn, sw)}
