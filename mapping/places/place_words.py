"""The words of places in one spelling: the key under which a name in the gazetteer and one in a text meet.

Case, accents, punctuation and apostrophes go; abbreviations of street types are written out; "St" is Saint
at the start of a name and Street at its end. Everything here is pure, and total: any text has a key.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# What a street is called last, and how people shorten it.
TYPES: Final[dict[str, tuple[str, ...]]] = {
    "road": ("rd", "rds", "roads", "raod"),
    "street": ("str", "strt", "stret"),
    "avenue": ("ave", "av", "aven", "avn", "avnue", "avenu"),
    "close": ("cl", "clo", "clse", "cls", "cse", "clos"),
    "grove": ("gr", "grv", "gro", "gve", "grve"),
    "court": ("ct", "crt", "cout"),
    "drive": ("dr", "drv", "dve", "drve"),
    "way": ("wy",),
    "crescent": ("cres", "cr", "cresc", "cresent", "crescant"),
    "lane": ("ln", "la", "lne"),
    "gardens": ("gdns", "gdn", "gardns", "grdns", "gds", "gard", "gards"),
    "terrace": ("tce", "terr", "ter", "trce", "terrce"),
    "place": ("pl", "plc", "plce"),
    "walk": ("wlk", "wk"),
    "park": ("pk", "prk"),
    "green": ("grn",),
    "view": ("vw",),
    "square": ("sq", "sqr"),
    "mews": ("mws",),
    "parade": ("pde", "prde"),
    "estate": ("est",),
    "centre": ("ctr", "center", "cntr"),
    "boulevard": ("blvd", "bvd", "boul"),
    "buildings": ("bldgs",),
    "cottages": ("cotts", "cott"),
    "mount": ("mt",),
    "bank": ("bnk",),
    "hill": (),
    "rise": (),
    "row": (),
    "wynd": (),
    "vale": (),
    "chase": (),
    "croft": ("crft",),
    "yard": ("yd",),
    "parkway": ("pkwy",),
    "gate": (),
    "garth": (),
    "grange": ("grg",),
    "meadows": (),
    "meadow": (),
    "quay": (),
    "fields": (),
    "field": (),
    "bridge": ("br", "brg"),
    "station": ("stn",),
    "shops": ("shps",),
    "house": ("hse",),
    "oval": (),
    "side": (),
    "path": (),
    "promenade": ("prom",),
    "esplanade": ("esp",),
    "roundabout": ("rbt", "rndbt", "rdbt"),
    "hospital": ("hosp",),
    "school": ("sch",),
    "college": ("coll",),
    "university": ("uni", "univ"),
    "cemetery": ("cem", "cemetry"),
    "industrial": ("ind",),
    "trading": (),
    "north": ("nth",),
    "south": ("sth",),
    "east": (),
    "west": ("wst",),
    "upper": ("upr",),
    "lower": ("lwr",),
    "great": ("gt",),
    "little": ("lt",),
    "saint": ("snt",),
    "and": (),
}
# Last words that make a name a street's; others in the table above are only written out.
_STREET_TYPES: Final = """
avenue bank boulevard buildings chase close cottages court crescent croft drive esplanade gardens garth
gate grange green grove hill lane meadows mews mount oval parade park place promenade quay rise road row
square street terrace vale view walk way wynd yard
"""
STREET_TYPES: Final = frozenset(_STREET_TYPES.split())
_COMPASS: Final = {"n": "north", "s": "south", "e": "east", "w": "west"}
# After these "st" is no saint: "High St W", "Hill St Centre".
_AFTER_STREET: Final = frozenset(
    (*_COMPASS, *_COMPASS.values(), "centre", "ctr", "cntr", "shopping", "shops")
)
_WRITTEN_OUT: Final = {short: word for word, shorts in TYPES.items() for short in shorts}
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘`´ʼ"), None)
_PLAIN: Final = re.compile(r"[a-z0-9 ]*")
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """Return lower-case ASCII letters and digits, and whatever else was in the text as it stood."""
    lowered = text.lower().translate(_APOSTROPHES)
    if lowered.isascii():
        return lowered
    return unicodedata.normalize("NFKD", lowered).encode("ascii", "ignore").decode()


def words_of(text: str) -> list[str]:
    """Split a text into folded words, "&" written out, nothing else changed."""
    folded = fold(text)
    if not _PLAIN.fullmatch(folded):
        folded = _OTHER.sub(" ", folded.replace("&", " and "))
    return folded.split()


def written_out(words: Sequence[str]) -> list[str]:
    """Write abbreviations out: those of types anywhere but at the start, "st" by where it stands."""
    last = len(words) - 1
    full = []
    for place, word in enumerate(words):
        if word == "st":
            after = words[place + 1] if place < last else ""
            is_street = place > 0 and (place == last or after in _AFTER_STREET)
            full.append("street" if is_street else "saint")
        elif word in _COMPASS and place == last and place > 0:
            full.append(_COMPASS[word])
        elif place or word not in _LEADING:
            full.append(_WRITTEN_OUT.get(word, word))
        else:
            full.append(_LEADING[word])
    return full


# At the start of a name these mean something else, or nothing: "Gt North Road", "Mt Pleasant", "Av" alone.
_LEADING: Final = {word: word for word in _WRITTEN_OUT} | {
    short: word
    for word in ("north", "south", "west", "upper", "lower", "great", "little", "saint", "mount")
    for short in TYPES[word]
}


def name_key(text: str) -> str:
    """Return the key of a name, "" for a text without letters or digits.

    Parameters
    ----------
    text : str
        "St. Mary's Rd", "SAINT MARYS ROAD" and "St Mary’s Road" have one key.
    """
    return " ".join(written_out(words_of(text)))


# Letters that sound alike at the start of a sound, longest first; the rest speak for themselves.
_SOUNDS: Final = (
    ("tch", "j"), ("dge", "j"), ("ough", "o"), ("augh", "o"), ("eigh", "a"), ("ph", "f"), ("gh", ""),
    ("ck", "k"), ("ch", "j"), ("sh", "s"), ("th", "t"), ("wh", "w"), ("wr", "r"), ("kn", "n"), ("gn", "n"),
    ("mb", "m"), ("qu", "kw"), ("x", "ks"), ("c", "k"), ("q", "k"), ("z", "s"), ("v", "f"), ("g", "j"),
    ("y", "i"), ("w", ""), ("h", ""),
)  # fmt: skip
_SOFT: Final = re.compile(r"c(?=[eiy])")
_VOWELS: Final = re.compile(r"[aeiou]+")
_DOUBLE: Final = re.compile(r"(.)\1+")


def sound_of(word: str) -> str:
    """Return a word as it sounds, roughly: its consonants, with those that sound alike made one.

    After Soundex and Metaphone (Russell 1918; Philips 1990), for place names: a leading vowel is kept as
    "a", other vowels fall away.
    """
    said = _SOFT.sub("s", word)
    for letters, sound in _SOUNDS:
        said = said.replace(letters, sound)
    head = "a" if said[:1] in tuple("aeiou") else ""
    return head + _DOUBLE.sub(r"\1", _VOWELS.sub("", said))
