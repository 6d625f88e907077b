"""From rows to entries: one for each street or place, with its point, its radius and where it lies."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from mapping.places import name_extents as extents
from mapping.places.gazetteer import GENERIC, STREET
from mapping.places.gazetteer_drafts import Drafts
from mapping.places.name_groups import CHAIN_M, SAME_SPOT_M, chains

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]

_BOROUGH_WITHIN_M: Final = 3_000.0
_DISTRICT_WITHIN_M: Final = 5_000.0
_SETTLEMENTS_ASKED: Final = 8


@dataclass(frozen=True, eq=False)
class Made:
    """Entries as columns, in the order of their key; texts as numbers into the list beside them."""

    name: Texts
    key: Numbers
    key_words: Texts
    level: Texts
    kind: Texts
    point: Floats
    error_m: Floats
    borough: Texts
    locality: Texts
    district: Texts
    weight: npt.NDArray[Any]
    member_start: Numbers
    members: Floats
    alias_keys: list[str]
    alias_entries: list[int]
    learned: extents.Learned


def make(drafts: Drafts, east: Floats, north: Floats, good: npt.NDArray[np.bool_], districts: Texts) -> Made:
    """Make entries out of rows.

    Parameters
    ----------
    drafts : Drafts
    east, north : array, shape (p,), EPSG:27700
        Points of postcodes, NaN where there is none.
    good : array of bool, shape (p,)
        Postcodes whose point is no estimate; these say how far streets reach.
    districts : array of str, shape (p,)
        District of each postcode.
    """
    order, group, key, key_words = _sorted(drafts)
    level, kind = (column.words()[column.array()[order]] for column in (drafts.level, drafts.kind))
    point = np.column_stack((drafts.numbers("easting"), drafts.numbers("northing")))[order]
    box = np.column_stack([drafts.numbers(side) for side in ("west", "south", "east", "north")])[order]
    has_box = ~np.isnan(box[:, 0])
    filled = np.where(has_box[:, None], box, np.hstack((point, point)))
    reach = np.where(kind == GENERIC, SAME_SPOT_M, CHAIN_M)
    entry = chains(group, filled, reach)
    count = int(entry.max()) + 1 if len(entry) else 0
    if not count:
        return _none()
    members, owner, is_postcode, row = _members(point, entry, level == STREET, (east, north, good))
    chosen = extents.central(owner, members, ~is_postcode, count)
    middle = members[chosen]
    errors, learned = _errors(
        members, owner, is_postcode, middle, level=level, kind=kind, entry=entry, filled=filled,
        has_box=has_box, radius=drafts.numbers("radius")[order],
    )  # fmt: skip
    pick = row[chosen]
    place = _Where(drafts, order, entry, pick, middle)
    alias_keys, alias_entries = _aliases(drafts, order, entry)
    start = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=count))))
    kinds = kind[pick]
    return Made(
        name=drafts.name.words()[drafts.name.array()[order]][pick], key=key[pick], key_words=key_words,
        level=level[pick], kind=kinds, point=middle, error_m=errors,
        borough=place.filled_from_nearest(place.own("borough"), _BOROUGH_WITHIN_M),
        locality=place.in_settlements(place.own("locality"), kinds, errors),
        district=place.filled_from(place.own("district"), np.column_stack((east, north)), districts),
        weight=np.bincount(entry, drafts.numbers("weight")[order], minlength=count),
        member_start=start, members=members, alias_keys=alias_keys, alias_entries=alias_entries,
        learned=learned,
    )  # fmt: skip


def _none() -> Made:
    texts, floats = np.empty(0, dtype=object), np.empty(0)
    numbers, points = np.empty(0, np.int64), np.empty((0, 2))
    return Made(
        texts, numbers, texts, texts, texts, points, floats, texts, texts, texts, floats,
        np.zeros(1, np.int64), points, [], [], extents.Learned(),
    )  # fmt: skip


def _sorted(drafts: Drafts) -> tuple[Numbers, Numbers, Numbers, Texts]:
    """Order rows by key, kind and point, so that the order of files and rows changes nothing."""
    words = drafts.key.words()
    rank = np.empty(len(words), dtype=np.int64)
    by_text = np.array(sorted(range(len(words)), key=words.__getitem__), dtype=np.int64)
    rank[by_text] = np.arange(len(words))
    key = rank[drafts.key.array()]
    labels = [
        STREET if level == STREET else f"{level}/{kind}"
        for level in drafts.level.words()
        for kind in drafts.kind.words()
    ]
    classes, label_rank = np.unique(labels, return_inverse=True)
    label = label_rank[drafts.level.array() * len(drafts.kind.words()) + drafts.kind.array()]
    names = np.unique(drafts.name.words(), return_inverse=True)[1][drafts.name.array()]
    spot = [drafts.numbers(name) for name in ("north", "east", "south", "west", "northing", "easting")]
    order = np.lexsort((names, *spot, label, key))
    group = (key * len(classes) + label)[order]
    return order, np.unique(group, return_inverse=True)[1], key[order], words[by_text]


def _members(
    point: Floats,
    entry: Numbers,
    is_street: npt.NDArray[np.bool_],
    postcodes: tuple[Floats, Floats, npt.NDArray[np.bool_]],
) -> tuple[Floats, Numbers, npt.NDArray[np.bool_], Numbers]:
    """Return the points of each entry, those of entry 0 first: anchors, then postcodes on it.

    Of each point: where, whose, whether it is a postcode, and the row it comes from (0 for a postcode).
    """
    east, north, good = postcodes
    streets = np.flatnonzero(is_street)
    usable = np.where(good, east, np.nan)
    unit, street = extents.on_streets(usable, north, point[streets], entry[streets])
    spots = np.concatenate((point, np.column_stack((east[unit], north[unit]))))
    owner = np.concatenate((entry, street))
    is_postcode = np.arange(len(owner)) >= len(entry)
    row = np.where(is_postcode, 0, np.minimum(np.arange(len(owner)), max(len(entry) - 1, 0)))
    order = np.lexsort((row, spots[:, 1], spots[:, 0], is_postcode, owner))
    spots, owner, is_postcode, row = spots[order], owner[order], is_postcode[order], row[order]
    # the same anchor told twice is one point; postcodes in one building are as many as they are
    is_new = np.ones(len(owner), dtype=bool)
    same = (spots[1:] == spots[:-1]).all(axis=1) & (owner[1:] == owner[:-1])
    is_new[1:] = ~(same & (is_postcode[1:] == is_postcode[:-1]))
    return spots[is_new], owner[is_new], is_postcode[is_new], row[is_new]


def _errors(
    members: Floats, owner: Numbers, is_postcode: npt.NDArray[np.bool_], middle: Floats, *, level: Texts,
    kind: Texts, entry: Numbers, filled: Floats, has_box: npt.NDArray[np.bool_], radius: Floats,
) -> tuple[Floats, extents.Learned]:  # fmt: skip
    """Return the radius of every entry: what a person wrote, else its extent, else its points or its kind."""
    count = len(middle)
    square = ((members - middle[owner]) ** 2).sum(axis=1)
    total, others = np.bincount(owner, square, minlength=count), np.bincount(owner, minlength=count) - 1
    boxed = np.bincount(entry, has_box, minlength=count) > 0
    first = np.unique(entry, return_index=True)[1]
    is_street = level[first] == STREET
    plain_street = (is_street & ~boxed)[owner]
    learned = extents.learn(owner[plain_street], square[plain_street], is_postcode[plain_street], count)
    errors = extents.street_errors(total, others, learned)
    errors = np.maximum(errors, extents.reach_of_own(owner, square, count))
    farthest = np.sqrt(_most(owner, square, count))
    known = {word: extents.kind_error(word) for word in set(kind[first])}
    by_kind = np.array([known[word] for word in kind[first]]) + farthest
    errors = np.where(is_street, errors, by_kind)
    low = np.column_stack([-_most(entry, -filled[:, side], count) for side in (0, 1)])
    high = np.column_stack([_most(entry, filled[:, side], count) for side in (2, 3)])
    errors = np.where(boxed, extents.box_errors(middle, np.hstack((low, high))), errors)
    written = _most(entry, np.nan_to_num(radius, nan=0.0), count)
    return np.where(written > 0, written + np.where(is_street, 0.0, farthest), errors), learned


def _most(group: Numbers, values: Floats, count: int) -> Floats:
    found = np.full(count, -np.inf)
    np.maximum.at(found, group, values)
    return found


def _aliases(drafts: Drafts, order: Numbers, entry: Numbers) -> tuple[list[str], list[int]]:
    entry_of = np.empty(len(order), dtype=np.int64)
    entry_of[order] = entry
    found = sorted({(drafts.key_of(text), int(entry_of[row])) for row, text in drafts.aliases})
    kept = [(key, number) for key, number in found if key]
    return [key for key, _ in kept], [number for _, number in kept]


class _Where:
    """Where entries lie: what their own rows say, else what lies next to them."""

    def __init__(self, drafts: Drafts, order: Numbers, entry: Numbers, pick: Numbers, point: Floats) -> None:
        self._drafts, self._order, self._entry, self._pick, self._point = drafts, order, entry, pick, point

    def own(self, column: str) -> Texts:
        """Return what the chosen row says, or the first other row of the entry that says anything."""
        held = getattr(self._drafts, column)
        codes, words = held.array()[self._order], held.words()
        found = codes[self._pick].copy()
        said = np.flatnonzero(codes)
        entries, first = np.unique(self._entry[said], return_index=True)
        silent = found[entries] == 0
        found[entries[silent]] = codes[said[first[silent]]]
        return np.asarray(words[found], dtype=object)

    def filled_from_nearest(self, texts: Texts, within_m: float) -> Texts:
        """Fill what is empty from the nearest entry that is not."""
        said = texts != ""
        return self._filled(texts, self._point[said], texts[said], within_m)

    def filled_from(self, texts: Texts, points: Floats, values: Texts) -> Texts:
        """Fill what is empty from the nearest of other points."""
        held = ~np.isnan(points[:, 0])
        return self._filled(texts, points[held], values[held], _DISTRICT_WITHIN_M)

    def _filled(self, texts: Texts, points: Floats, values: Texts, within_m: float) -> Texts:
        silent = np.flatnonzero(texts == "")
        if not len(silent) or not len(points):
            return texts
        away, nearest = cKDTree(points).query(self._point[silent], distance_upper_bound=within_m)
        is_near = np.isfinite(away)
        filled = texts.copy()
        filled[silent[is_near]] = values[nearest[is_near]]
        return filled

    def in_settlements(self, texts: Texts, kinds: Texts, errors: Floats) -> Texts:
        """Fill what is empty with the settlement whose radius the point lies deepest in."""
        names = self._drafts.name.words()[self._drafts.name.array()[self._order]][self._pick]
        wanted = np.array([extents.is_settlement(kind) for kind in kinds], dtype=bool)
        settlements, silent = np.flatnonzero(wanted), np.flatnonzero((texts == "") & ~wanted)
        if not len(settlements) or not len(silent):
            return texts
        asked = min(_SETTLEMENTS_ASKED, len(settlements))
        tree = cKDTree(self._point[settlements])
        away, nearest = tree.query(self._point[silent], k=list(range(1, asked + 1)))
        share = away / errors[settlements[nearest]]
        best = share.argmin(axis=1)
        rows = np.arange(len(silent))
        inside = share[rows, best] <= 1
        filled = texts.copy()
        filled[silent[inside]] = names[settlements[nearest[rows, best][inside]]]
        return filled
