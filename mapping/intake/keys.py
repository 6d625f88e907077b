"""Keys: the same row read again, from whatever file, gets the same name.

A row with a reference is its source and that reference, parted by a bar; a bar of their own is
escaped, so that no two pairs can be put together alike. A row without one (every anti-social
behaviour row of data.police.uk) is its source, its month, a digest of what it says and its ordinal
among the rows of that month which say the same: identical rows are separate incidents, and reading
them again adds none.
"""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapping import categories
from mapping.intake.layout import Layout
from mapping.intake.row_issues import Mask
from mapping.intake.texts import Texts, as_texts, each, is_nothing

# What a copied reference carries along unseen: soft hyphens, spaces of no width, joiners, direction marks.
_UNSEEN: Final = "\u00ad\u200b-\u200f\u2060\ufeff"
_INVISIBLE: Final = re.compile(f"[{_UNSEEN[1:]}]")
_SPACES_AND_HYPHENS: Final = re.compile(rf"[\s{_UNSEEN}]+|[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_ROUNDED: Final = re.compile(r"\d([.,]\d+)?e\+?\d{2}", re.IGNORECASE)


class Ordinals:
    """Numbers identical rows across every table of one read, from 1."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def number(self, contents: Texts) -> npt.NDArray[np.int64]:
        """Return the ordinal of each content among its equals so far, shape (n,)."""
        codes, distinct = pd.factorize(contents)
        before = np.fromiter((self._seen.get(content, 0) for content in distinct), np.int64, len(distinct))
        within = pd.Series(codes).groupby(codes).cumcount().to_numpy() + 1
        for content, count in zip(distinct, np.bincount(codes, minlength=len(distinct)), strict=True):
            self._seen[content] = self._seen.get(content, 0) + int(count)
        return np.asarray(before[codes] + within, dtype=np.int64)


def report_keys(
    cells: Mapping[str, Texts],
    source: Texts,
    reference: Texts,
    months: Texts,
    layout: Layout,
    ordinals: Ordinals,
) -> Texts:
    """Return the key of every row, shape (n,).

    Parameters
    ----------
    cells : mapping of field to array of str, shape (n,)
        The rows' own words; those of `layout.identity` make up a row without a reference.
    source, reference, months : array of str, shape (n,)
        `reference` is empty where the source gives none; `months` as `2025-01`.
    ordinals : Ordinals
        Shared by all tables of one read.
    """
    has_reference = reference != ""
    spoken = map(folded_reference, reference)
    keys = as_texts([_joined(name, key) for name, key in zip(source, spoken, strict=True)])
    bare = np.flatnonzero(~has_reference)
    if len(bare):
        digests = _digests({field: cells[field][bare] for field in layout.identity}, len(bare))
        names = each(source[bare], lambda name: _escaped(name) if "|" in name else name)
        stems = as_texts([f"{s}|{m}|{d}" for s, m, d in zip(names, months[bare], digests, strict=True)])
        numbers = ordinals.number(stems)
        keys[bare] = [f"{stem}|{number}" for stem, number in zip(stems, numbers, strict=True)]
    return keys


def folded_reference(reference: str) -> str:
    """Fold a reference for its key: nothing that is not seen, one kind of hyphen, accents composed.

    Case is kept: `ab1` is another reference than `AB1`.
    """
    if reference.isascii() and " " not in reference:
        return reference

    def unified(found: re.Match[str]) -> str:
        return "-" if unicodedata.category(found[0][0]) in ("Pd", "Sm") else ""  # dashes and the minus

    return _SPACES_AND_HYPHENS.sub(unified, unicodedata.normalize("NFC", reference))


def has_invisible(references: Texts) -> Mask:
    """Say which references hold a character that nobody sees; a soft hyphen is at times seen."""
    return np.fromiter(
        (not text.isascii() and _INVISIBLE.search(text) is not None for text in references),
        bool,
        len(references),
    )


def complainant_hashes(texts: Texts, key: bytes) -> Texts:
    """Return the keyed hash (HMAC-SHA256, hexadecimal) of every complainant reference, shape (n,).

    Case, spaces and hyphens make no other complainant. A cell that says there is nobody gives "".
    The hash tells complaints of one person together and leads back to nobody without the key.
    """

    def hashed(text: str) -> str:
        folded = "" if is_nothing(text) else folded_reference(text).replace("-", "").casefold()
        if not folded:
            return ""
        return hmac.new(key, folded.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    return each(texts, hashed)


def looks_rounded(references: Texts) -> Mask:
    """Say which references a spreadsheet has turned into a rounded number, such as `1.23457E+15`."""
    return np.fromiter(
        (len(text) < 30 and _ROUNDED.fullmatch(text) is not None for text in references),
        bool,
        len(references),
    )


def _joined(source: str, reference: str) -> str:
    """Put source and reference together; where neither has a bar, as they are."""
    if "|" in source or "|" in reference:
        source, reference = _escaped(source), _escaped(reference)
    return f"{source}|{reference}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _digests(identity: Mapping[str, Texts], n: int) -> Texts:
    parts = [each(values, _same_words) for values in identity.values()] or [as_texts([""] * n)]
    contents = as_texts(["\x1f".join(words) for words in zip(*parts, strict=True)])
    return each(contents, lambda words: hashlib.blake2b(words.encode(), digest_size=12).hexdigest())


def _same_words(text: str) -> str:
    """Fold what differs between two copies of one file: case, spaces, and zeros a number ends in."""
    if re.fullmatch(r"-?\d+\.\d+", text):
        return text.rstrip("0").rstrip(".")
    return categories.folded(text)
