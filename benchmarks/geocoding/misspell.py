"""What people do to words: slips of the finger, spelling by ear, short forms, case and punctuation.

Every function takes a `random.Random` and text and gives text; the tables are the benchmark's own and are
shared with no geocoder.
"""

import re
from random import Random
from typing import Final

NEIGHBOURS: Final = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok",
    "o": "ipl", "p": "ol", "a": "qsz", "s": "awdx", "d": "sefc", "f": "drgv", "g": "fthb", "h": "gyjn",
    "j": "hukm", "k": "jil", "l": "kop", "z": "asx", "x": "zsdc", "c": "xdfv", "v": "cfgb", "b": "vghn",
    "n": "bhjm", "m": "njk",
}  # fmt: skip

# Spelling by ear, as written in logs taken over the telephone: sound -> another spelling of it.
BY_EAR: Final = (
    ("ph", "f"), ("ck", "k"), ("ei", "ie"), ("ie", "ei"), ("ough", "uff"), ("ough", "ow"), ("wick", "ick"),
    ("ley", "ly"), ("leigh", "ley"), ("ly", "ley"), ("ce", "se"), ("se", "ce"), ("ci", "si"), ("ea", "ee"),
    ("ee", "ea"), ("ai", "ay"), ("ay", "ai"), ("wh", "w"), ("kn", "n"), ("gh", ""), ("au", "or"),
    ("igh", "y"), ("tch", "ch"), ("qu", "kw"), ("x", "cks"), ("cc", "c"), ("ll", "l"), ("tt", "t"),
    ("nn", "n"), ("ss", "s"), ("rr", "r"), ("mm", "m"), ("pp", "p"), ("dd", "d"), ("or", "er"),
    ("er", "or"), ("ar", "er"), ("ur", "er"), ("er", "ur"), ("on", "en"), ("en", "on"), ("an", "en"),
    ("ou", "ow"), ("ow", "ou"), ("y", "i"), ("i", "y"), ("ham", "am"), ("thorpe", "thorp"),
    ("borough", "boro"), ("brough", "boro"), ("ston", "stone"), ("worth", "wath"), ("wr", "r"), ("oo", "u"),
    ("oa", "o"), ("ew", "u"), ("dge", "ge"), ("mb", "m"), ("sc", "s"), ("ca", "ka"),
)  # fmt: skip

ABBREVIATIONS: Final = {
    "Road": ("Rd", "Rd", "Rd.", "rd"), "Street": ("St", "St", "St.", "Str"),
    "Avenue": ("Ave", "Ave", "Av", "Ave."), "Close": ("Cl", "Clo", "Cls"), "Grove": ("Gr", "Grv", "Gve"),
    "Court": ("Ct", "Crt"), "Drive": ("Dr", "Drv"), "Way": ("Wy",), "Crescent": ("Cres", "Cresc", "Cres."),
    "Lane": ("Ln", "La"), "Gardens": ("Gdns", "Gdn", "Gdns."), "Terrace": ("Tce", "Terr", "Ter"),
    "Place": ("Pl",), "Park": ("Pk",), "Green": ("Grn",), "View": ("Vw",), "Square": ("Sq",),
    "Mews": ("Mws",), "Walk": ("Wlk", "Wk"), "Centre": ("Ctr",), "Estate": ("Est",), "Parade": ("Pde",),
    "Boulevard": ("Blvd",), "North": ("N", "Nth"), "South": ("S", "Sth"), "East": ("E",), "West": ("W",),
    "Saint": ("St",), "Mount": ("Mt",), "Industrial": ("Ind",), "Shopping": ("Shop.",),
}  # fmt: skip
# Words that say what kind of street it is; "park road" without its type is "park".
TYPES: Final = frozenset(
    {word.lower() for word in ABBREVIATIONS}
    - {"saint", "mount", "industrial", "shopping", "estate", "centre"}
    - {"north", "south", "east", "west"}
    | {"wynd", "row", "hill", "bank", "rise", "garth"}
)


def readings(folded: str) -> tuple[str, ...]:
    """Every way to read a folded name whose last word is a short form; the name alone where it is none."""
    head, _, last = folded.rpartition(" ")
    long = sorted(word.lower() for word, short in ABBREVIATIONS.items() if last in map(fold, short))
    return tuple(f"{head} {word}".strip() for word in long) or (folded,)


def fold(text: str) -> str:
    """Reduce a name to what two spellings of it share: case, apostrophes, punctuation, and Saint as St."""
    squeezed = re.sub(r"[^a-z0-9]+", " ", text.lower().replace("'", "").replace("’", "")).strip()
    return re.sub(r"^saint ", "st ", squeezed)


def without_type(folded: str) -> str:
    """Give the folded name without its last word where that is a kind of street and not the whole name."""
    words = folded.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1] in TYPES else folded


def slip(random: Random, text: str, kind: str) -> str:
    """Make one slip: "neighbour", "drop", "double" or "swap", in a letter of the longest word.

    The first letter is spared nine times in ten: people look at the first letter they type.
    """
    start, end = _longest_word(text)
    places = list(range(start if random.random() < 0.1 else start + 1, end - (kind == "swap")))
    if kind == "swap":
        places = [at for at in places if text[at].lower() != text[at + 1].lower()]
    if not places:
        return text
    at = random.choice(places)
    letter = text[at]
    if kind == "neighbour":
        return text[:at] + _like(letter, random.choice(NEIGHBOURS[letter.lower()])) + text[at + 1 :]
    if kind == "drop":
        return text[:at] + text[at + 1 :]
    if kind == "double":
        return text[:at] + letter + letter.lower() + text[at + 1 :]
    return text[:at] + _like(letter, text[at + 1]) + _like(text[at + 1], letter) + text[at + 2 :]


def by_ear(random: Random, text: str) -> str:
    """Respell one sound of the longest word, its first letter apart; unchanged where no rule fits."""
    start, end = _longest_word(text)
    word = text[start:end]
    fitting = [(sound, other) for sound, other in BY_EAR if sound in word[1:].lower()]
    if not fitting:
        return text
    sound, other = random.choice(fitting)
    at = word.lower().index(sound, 1)
    return text[:start] + word[:at] + other + word[at + len(sound) :] + text[end:]


def shorten(random: Random, text: str) -> str:
    """Shorten the last word that has a short form; unchanged where none has."""
    words = text.split(" ")
    for at in range(len(words) - 1, -1, -1):
        if words[at] in ABBREVIATIONS:
            words[at] = random.choice(ABBREVIATIONS[words[at]])
            break
    return " ".join(words)


def restyle(random: Random, text: str) -> str:
    """Change case and punctuation and leave every letter where it is."""
    style = random.randrange(8)
    if style == 0:
        return text.upper()
    if style == 1:
        return text.lower()
    if style == 2:
        return text.replace(" ", "  ")
    if style == 3:
        return text.lower().replace(" ", "-")
    if style == 4:
        return f"({text.upper()})"
    if style == 5:
        return text.replace("'S", "s").replace(" ", ", ", 1).lower() + "."
    if style == 6:
        return text.replace("'S", " s").replace(" ", "_")
    return f" {text.swapcase()} -"


def _longest_word(text: str) -> tuple[int, int]:
    """Where the longest word stands that is no street type (or else the longest of all)."""
    found = [(match.start(), match.end()) for match in re.finditer(r"[A-Za-z]+", text)]
    named = [(start, end) for start, end in found if text[start:end].lower() not in TYPES] or found
    return max(named, key=lambda span: (span[1] - span[0], -span[0]))


def _like(model: str, letter: str) -> str:
    return letter.upper() if model.isupper() else letter.lower()
