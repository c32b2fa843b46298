"""The general task: a closed world in which one question has several right wordings and anybody can check what is said.

A picture is a thing, a colour and a place, drawn in signs that belong to no language; a reason belongs to what somebody does.
"""

from .core import N_NAMES, split_by

SIGNS = {
    "things": "🐱🐶🐦🐟⚽🍎🚗🎩", "colours": "🔴🔵🟢🟡⚫⚪", "relations": "⬆⬇➡", "seats": "🪑🛏📦🏠🌳",
}
N_REASONS, N_PLACES = 10, len(SIGNS["relations"]) * len(SIGNS["seats"])
TASKS = ["picture", "reason"]


def split_of(task, key):
    """The split of a picture, or of a name and what it does."""
    return split_by(f"{task}|{key}")


def draw_general(rng, task, split):
    while True:
        if task == "picture":
            key = (rng.randrange(len(SIGNS["things"])), rng.randrange(len(SIGNS["colours"])), rng.randrange(N_PLACES))
        else:
            key = (rng.randrange(N_NAMES), rng.randrange(N_REASONS))
        if split_of(task, key) == split:
            return {"task": task, "key": key}


def picture(key):
    thing, colour, place = key
    relation, seat = divmod(place, len(SIGNS["seats"]))
    return f"{SIGNS['things'][thing]} {SIGNS['colours'][colour]} {SIGNS['relations'][relation]} {SIGNS['seats'][seat]}"


class General:
    """How a language speaks of the closed world. `agree(colour, thing)` is the colour as it stands beside that thing."""

    def __init__(self, language, things, colours, places, pictures, reasons, agree=None):
        assert len(things) == len(SIGNS["things"]) and len(colours) == len(SIGNS["colours"]) and len(places) == N_PLACES, language.code
        assert len(reasons["acts"]) == len(reasons["reasons"]) == N_REASONS, language.code
        self.language, self.things, self.colours, self.places = language, things, colours, places
        self.pictures, self.reasons, self.agree = pictures, reasons, agree or (lambda colour, thing: colour)

    def texts(self, item):
        """(ways to ask, right answers) of a picture or a reason."""
        key = item["key"]
        if item["task"] == "picture":
            thing, colour = self.things[key[0]], self.colours[key[1]]
            fields = {"thing": thing, "colour": self.agree(colour, thing), "place": self.places[key[2]], "picture": picture(key)}
            ask, say = self.pictures["ask"], self.pictures["say"]
        else:
            x = self.language.names[key[0]]
            fields = {"x": x, "act": self.reasons["acts"][key[1]].format(x=x), "reason": self.reasons["reasons"][key[1]].format(x=x)}
            ask, say = self.reasons["ask"], self.reasons["say"]
        return tuple([self.language.finish(text.format(**fields)) for text in texts] for texts in (ask, say))
