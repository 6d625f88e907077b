"""The words of a place: one spelling for the many ways a street's name is written.

A name of the gazetteer and a name in a report meet under the same key: `name_key("St. Paul'S Rd")` and
`name_key("SAINT PAULS ROAD")` are both "saint pauls road". The key holds small letters, figures and single
blanks; abbreviations of streets are unfolded, and "st" is read as Saint or Street by where it stands.
"""

import re
import unicodedata
from typing import Final

MOST_CHARACTERS: Final = 2000  # of a text; the rest of a longer one is not read

# Kinds of street and of building, and the short forms they are written in.
_SHORT_FORMS: Final = {
    "acre": "acr", "alley": "aly ally", "approach": "appr app", "arcade": "arc", "avenue": "av ave aven avn avenu",
    "bank": "bnk bk", "boulevard": "blvd bvd boul blv", "bridge": "brdg brg bdg", "buildings": "bldgs bldg",
    "causeway": "cswy cway", "centre": "ctr cntr cen center cent cntre", "circle": "circ", "circus": "crcs",
    "close": "cl clo clse", "common": "comm cmn", "corner": "cnr crn", "cottage": "cott cot", "cottages": "cotts cots",
    "court": "ct crt", "crescent": "cres cr cresc crst crs crescant cresent crecent",
    "croft": "crft cft", "cross": "crss", "crossing": "crsg xing", "drive": "dr drv dri",
    "estate": "est estt", "farm": "fm frm", "field": "fld", "fields": "flds", "flats": "flts", "garage": "gge",
    "garages": "gges", "garden": "gdn", "gardens": "gdns gdens grdns gards gard", "gate": "gte", "green": "grn gn",
    "grange": "grnge", "great": "gt", "grove": "gr gro grv", "heights": "hts hgts", "hill": "hl", "hospital": "hosp hosptl",
    "hotel": "htl", "house": "hse hs", "industrial": "ind indl", "lane": "ln la lne", "library": "lib libr",
    "lodge": "ldg", "lower": "lwr", "manor": "mnr", "market": "mkt", "meadow": "mdw", "meadows": "mdws",
    "mews": "mws", "mount": "mt mnt", "mountain": "mtn", "north": "nth", "parade": "pde prde par", "park": "pk prk",
    "passage": "psge pass", "path": "pth", "place": "pl plc", "playing": "plyg", "point": "pnt pt",
    "precinct": "prec pct", "primary": "prim", "promenade": "prom", "quay": "qy", "recreation": "rec recr",
    "rise": "rse ri", "road": "rd raod roda rds", "roundabout": "rbt rdbt rndbt rab", "row": "rw", "saints": "sts ss",
    "school": "sch schl", "secondary": "sec", "shopping": "shpg", "south": "sth", "square": "sq sqr",
    "station": "stn sta", "street": "str strt stret steet stree", "supermarket": "supermkt smkt",
    "terrace": "tce ter terr trce terrce", "underpass": "upass", "upper": "upr uppr", "university": "univ uni",
    "view": "vw", "villas": "vls", "village": "vill vlg", "walk": "wlk wk", "way": "wy", "wood": "wd", "woods": "wds",
    "yard": "yd", "and": "n",
}  # fmt: skip
_UNFOLDED: Final = {short: word for word, forms in _SHORT_FORMS.items() for short in forms.split()}
_COMPASS: Final = {
    "n": "north", "s": "south", "e": "east", "w": "west",
    "ne": "north east", "nw": "north west", "se": "south east", "sw": "south west",
}  # fmt: skip
_ORDINALS: Final = dict(
    zip(
        "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th 12th 13th 14th 15th".split(),
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
        "fourteenth fifteenth".split(),
        strict=True,
    )
)

# Words that close the name of a street. After one of them "st" is no Saint and "w" is West.
STREET_TYPES: Final = frozenset(
    "alley approach arcade avenue bank boulevard brae bridge buildings causeway centre chare chase circle circus close "
    "common corner cottages court crescent croft cross dale dene drive edge end esplanade estate fairway farm fields "
    "fold garth gardens gate glade glebe grange green greenway grove heights hill holt house lane lawn lea leas link "
    "loan loke meadow meadows mews mount oval parade park parkway passage path place plain point precinct promenade "
    "quay ride ridge rise road roundabout row sands side sidings spinney square street terrace track vale view villas "
    "walk way wharf wood wynd yard".split()
)
_DIRECTIONS: Final = frozenset("north south east west lower upper".split())
_SAINTS: Final = frozenset(
    "agnes aidan aidans albans andrew andrews anne ann anns annes anthonys austell barnabas barnabus bede bedes bega "
    "begas bernards brides catherine catherines chads clares clements columba columbas crispins cuthbert cuthberts "
    "davids dunstans edmunds edwards fillans francis gabriels george georges germains giles helens helen hilda hildas "
    "hughs ives james joan joans john johns joseph josephs jude judes katherines kilda leonards lukes luke margaret "
    "margarets marks mark martin martins mary marys matthew matthews michael michaels mungo nicholas ninians oswald "
    "oswalds patrick patricks paul pauls peter peters ronans saviours stephen stephens teresa teresas thomas vincent "
    "vincents wilfrid wilfrids winifreds".split()
)  # fmt: skip

_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")
_APOSTROPHES: Final = re.compile("[\u0027\u0060\u00b4\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\uff07]")
_LETTERS: Final = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"}
)
_ROAD_NUMBER: Final = re.compile(r"\b([abm]) (\d{1,4})\b")


def plain(text: str) -> str:
    """Return a text in small letters and figures with single blanks, "&" as "and", apostrophes closed up."""
    text = text[:MOST_CHARACTERS]
    if not text.isascii():
        # Taken apart twice, for what only a small letter shows (a dotted capital I).
        text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(mark for mark in text if unicodedata.category(mark) not in ("Mn", "Cf", "Me"))
        text = text.translate(_LETTERS)
    text = _APOSTROPHES.sub("", text.lower()).replace("&", " and ")
    return _NOT_PLAIN.sub(" ", text).strip()


def unfold(words: list[str]) -> list[str]:
    """Write out the short forms in the words of one name; shape may grow, order is kept."""
    last = len(words) - 1
    full = [_UNFOLDED.get(word, word) for word in words]
    found: list[str] = []
    for place, word in enumerate(words):
        if word == "st":
            found.append(_saint_or_street(full, place))
        elif word in _COMPASS:
            found.append(_compass(full, place, found[-1] if found else ""))
        elif word in _ORDINALS:
            found.append(_ORDINALS[word])
        elif word == "dr" and place == 0 and last > 0:
            found.append("doctor")
        elif word in ("la", "comm", "sec", "ss", "par", "app", "cr", "pass") and place < last:
            # La Porte Road, Comm. Centre: these are street types at the end of a name alone
            found.append("community" if word == "comm" else word)
        else:
            found.append(full[place])
    return " ".join(found).split()


def _saint_or_street(full: list[str], place: int) -> str:
    """Return what "st" stands for: Saint before a name, Street after one."""
    after = full[place + 1] if place + 1 < len(full) else ""
    if after in _SAINTS:
        return "saint"
    return "saint" if place == 0 and after and after not in STREET_TYPES else "street"


def _compass(full: list[str], place: int, before: str) -> str:
    """Return a point of the compass written out, where the letter stands for one."""
    letter, last = full[place], len(full) - 1
    letter = "n" if letter == "and" else letter
    if (place == 0 and last > 0) or (place == last and place > 0 and before in STREET_TYPES):
        return _COMPASS[letter]
    return "and" if letter == "n" and 0 < place < last else letter


def name_key(text: str) -> str:
    """Return the key under which a name of the gazetteer and a name in a report meet.

    Case, punctuation, accents and apostrophes fall away, short forms are written out, ordinals become
    words, "A 66" becomes "a66". Total: any text has a key, "" where no letter or figure is in it. The key
    of a key is that key.
    """
    spelt = plain(text)
    for _ in range(4):  # what was unfolded may tell how its neighbour reads; settles in two, or three at most
        words = spelt.split(" ")
        again = " ".join(unfold(words)) if words != [""] else ""
        if _has_road_number(again):
            again = _ROAD_NUMBER.sub(r"\1\2", again)
        if again == spelt:
            break
        spelt = again
    return spelt


def _has_road_number(spelt: str) -> bool:
    return "a " in spelt or "b " in spelt or "m " in spelt
