"""What happened: a source's own words and codes, and the one category they stand for.

A layout's own table is asked first, then `mapping.categories`; a whole text first, then the code it
begins with, as in `AS22 - Nuisance` or `105/01 Common assault`, then what stands before its dash, as
in `NOISE - MUSIC`. Words that no table knows make no new category: the row becomes the layout's
`otherwise`, or "Other report", and keeps its words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from mapping import categories
from mapping.intake.layout import Layout
from mapping.intake.row_issues import RowIssues
from mapping.intake.texts import Texts, each

_MOST_NAMED: Final = 5
_MOST_CHARS: Final = 40
_RECURS: Final = 2  # rows to a word, on average, of a column of categories
# Letters, a number, a letter; a slash and a second number. Digits alone need more than a space behind
# them, or else "34 youths" would be robbery.
_CODE: Final = re.compile(
    r"(?P<letters>[a-z]{0,4})(?P<number>\d{1,5})(?P<suffix>[a-z]?)(?:/(?P<sub>\d{1,3})[a-z]?)?(?P<gap>.*)",
    re.ASCII | re.DOTALL,
)
_MARK: Final = re.compile(r"\s*(?:$|[:;,.()\-\u2013\u2014])")
_HEAD: Final = re.compile(r"\s+[-\u2013\u2014(]|\s*:")
Find = Callable[[str], str]  # a text -> the name of a category, or ""


def read_meaning(
    cells: Mapping[str, Texts], layout: Layout, issues: RowIssues, unknown: Counter[str]
) -> dict[str, Any]:
    """Read what happened in each of n rows.

    Parameters
    ----------
    cells : mapping of field to array of str, shape (n,)
        `category` and `closing`, either of which may be missing. Where both speak, a closing that
        is known wins: it was written when more was known.
    unknown : Counter of str
        Receives the words that no table knows, with the number of their rows.

    Returns
    -------
    dict of arrays, shape (n,)
        `category`, and `stated_category`: the words or the code that decided it.
    """
    find = finder(layout)
    spoken = {field: each(cells[field], str) for field in ("category", "closing") if field in cells}
    n = len(cells["occurred_at"])
    names, stated = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    for texts in spoken.values():
        found = each(texts, find)
        stated = np.where((found != "") | (stated == ""), texts, stated)
        names = np.where(found != "", found, names)
    lost = names == ""
    if spoken and lost.any():
        unknown.update(stated[lost & (stated != "")].tolist())
        if not layout.otherwise:
            _flag_unknown(lost, stated, layout.label(next(iter(spoken))), issues)
    return {
        "category": np.where(lost, layout.otherwise or categories.UNMAPPED, names),
        "stated_category": stated,
    }


def finder(layout: Layout) -> Find:
    """Return a function that gives the category of a text by a layout's table and the common one."""
    own = dict(layout.categories)
    own |= {code: name for word, name in own.items() for code in _codes_of(word, is_key=True)}

    def lookup(word: str) -> str:
        return own.get(word) or categories.find(word) or ""

    def find(text: str) -> str:
        folded = categories.folded(text)
        parts = (folded, *_codes_of(folded), _HEAD.split(folded, maxsplit=1)[0])
        return next(filter(None, map(lookup, parts)), "")

    return find


def unknown_words(unknown: Counter[str], layout: Layout) -> list[str]:
    """Say how many different words for what happened no table knows, naming the commonest.

    Words that read like free text, and words that do not come again and again as categories do, are
    counted and never named: somebody may have chosen the wrong column, and it may hold people's names.
    """
    if not unknown:
        return []
    count, rows = len(unknown), sum(unknown.values())
    short = sum(len(word) <= _MOST_CHARS for word in unknown)
    often = [word for word, times in unknown.most_common() if times > 1 and len(word) <= _MOST_CHARS]
    are_categories = short * 2 > count and rows >= _RECURS * count
    named = ""
    if often and are_categories and not any(map(layout.is_sensitive, ("category", "closing"))):
        told = often[:_MOST_NAMED]
        quoted = ", ".join(f"'{_one_line(word)}'" for word in told)
        named = f" ({quoted}{', ...' if count > len(told) else ''})"
    words = "word or code" if count == 1 else "different words or codes"
    read_as = layout.otherwise or categories.UNMAPPED
    return [
        f"{count:,} {words} for what happened, in {rows:,} {'row' if rows == 1 else 'rows'}, "
        f"{'is' if count == 1 else 'are'} not in the layout's list{named}; read as '{read_as}'."
    ]


def _codes_of(folded: str, *, is_key: bool = False) -> Iterator[str]:
    """Give the codes that a folded text begins with, the narrowest first, without leading zeros.

    `008/06` gives 8/6 and then its class 8; `28e/1` gives 28e/1, 28e, 28/1 and 28; a Home Office
    code written as five digits is a class of three and a number of two.
    """
    found = _CODE.match(folded)
    if found is None or not _ends(found):
        return
    letters, number, suffix, sub = found["letters"], found["number"], found["suffix"], found["sub"]
    if len(number) == 5 and not letters + suffix and sub is None:
        number, sub = number[:3], number[3:]
    elif len(number) > 3 and not letters:
        return
    classes = [f"{letters}{int(number)}{suffix}", *([f"{letters}{int(number)}"] if suffix else [])]
    if is_key:
        yield f"{classes[0]}/{int(sub)}" if sub else classes[0]
        return
    for name in classes:
        if sub:
            yield f"{name}/{int(sub)}"
    yield from classes


def _ends(found: re.Match[str]) -> bool:
    """Say whether a code ends where it was found to end."""
    behind = found["gap"]
    if found["letters"] or found["sub"]:
        return not behind or not (behind[0].isalnum() or behind[0] == "/")
    return _MARK.match(behind) is not None


def _flag_unknown(lost: np.ndarray, stated: Texts, label: str, issues: RowIssues) -> None:
    blank = stated == ""
    issues.flag(lost & blank, label, f"is blank; kept as '{categories.UNMAPPED}'")
    issues.flag(
        lost & ~blank, label, f"is not in the layout's list of categories; kept as '{categories.UNMAPPED}'"
    )


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
