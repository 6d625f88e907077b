"""Queries for streets, one function per class of noise; None where no fair label could be given."""

from dataclasses import replace
from random import Random
from typing import Final

from benchmarks.geocoding.drawing import Drawing, Query, Street
from benchmarks.geocoding.labels import NOWHERE, SPELLINGS, TOWNS, Label, Region, town_of
from benchmarks.geocoding.misspell import by_ear, fold, readings, restyle, shorten, slip, without_type
from benchmarks.geocoding.truth import on_street

SLIPS: Final = ("neighbour", "drop", "double", "swap")
NUMBERS: Final = (
    "{n} {s}", "{n}{a} {s}", "Flat {f}, {n} {s}", "Flat {f} {n} {s}", "no {n} {s}", "No. {n} {s}",
    "{n}-{m} {s}", "{n}/{f} {s}", "Apt {f}, {n} {s}", "{s} {n}", "{n}, {s}", "{s}, no {n}",
)  # fmt: skip
RELATIONS: Final = (
    "o/s {s}", "outside {s}", "o/s {n} {s}", "outside no {n} {s}", "opp {s}", "opp {n} {s}",
    "opposite no {n} {s}", "rear of {s}", "rear of {n} {s}", "r/o {n} {s}", "R/O {s}", "nr {s}", "near {s}",
    "behind {s}", "behind {n} {s}", "adj to {n} {s}", "front of {n} {s}", "back alley r/o {s}",
    "alley behind {s}", "corner of {s}", "end of {s}", "top of {s}", "garages off {s}", "off {s}",
    "junction on {s}", "youths on {s}", "{s} (rear)", "in the area of {s}",
)  # fmt: skip
# Parts of names that no street of the area is called by; the labeller checks that none comes near one.
INVENTED: Final = (
    ("Thrux", "Quill", "Wobber", "Zeven", "Ostro", "Brimp", "Yex", "Jabble", "Vorne", "Kettersh", "Umber",
     "Plok", "Drazz", "Ingle", "Fexen", "Mubb", "Skrith", "Guzz", "Oxlip", "Wuth"),
    ("ingdale", "bottle", "snape", "quoy", "mantle", "whistle", "zard", "fold", "mouth", "pike", "stagg"),
    ("Road", "Street", "Avenue", "Close", "Grove", "Drive", "Crescent", "Rd", "St", "Ave"),
)  # fmt: skip


def exact(drawing: Drawing) -> Query | None:
    """Give the name as the gazetteer has it; one name in ten is shared, so some of these are ambiguous."""
    street = drawing.random.choice(drawing.streets)
    return _asked(drawing, street, street.name, (fold(street.name),))


def typo_neighbour(drawing: Drawing) -> Query | None:
    """Hit the key beside the right one."""
    return _with_slips(drawing, "neighbour")


def typo_drop(drawing: Drawing) -> Query | None:
    """Leave a letter out."""
    return _with_slips(drawing, "drop")


def typo_double(drawing: Drawing) -> Query | None:
    """Type a letter twice."""
    return _with_slips(drawing, "double")


def typo_swap(drawing: Drawing) -> Query | None:
    """Change the order of two letters."""
    return _with_slips(drawing, "swap")


def typo_two(drawing: Drawing) -> Query | None:
    """Make two slips of any kind."""
    return _with_slips(drawing, *drawing.random.choices(SLIPS, k=2))


def phonetic(drawing: Drawing) -> Query | None:
    """Spell by ear."""
    street = drawing.random.choice(drawing.streets)
    heard = by_ear(drawing.random, street.name)
    if drawing.random.random() < 0.3:
        heard = by_ear(drawing.random, heard)
    return _asked(drawing, street, heard, (fold(heard),)) if heard != street.name else None


def abbreviation(drawing: Drawing) -> Query | None:
    """Shorten the kind of street; a short form with two meanings is read both ways for the label."""
    street = drawing.random.choice(drawing.streets)
    short = shorten(drawing.random, street.name)
    return _asked(drawing, street, short, _read(short)) if short != street.name else None


def type_dropped(drawing: Drawing) -> Query | None:
    """Leave out the kind of street; half of these are told apart by the borough."""
    street = drawing.random.choice(drawing.streets)
    words = street.name.split(" ")
    if without_type(fold(street.name)) == fold(street.name) or len(words[0]) < 4:
        return None
    base = " ".join(words[:-1])
    region = Region(borough=street.borough) if drawing.random.random() < 0.5 else NOWHERE
    return _asked(drawing, street, base, (fold(base),), region, typed=False)


def the_dropped(drawing: Drawing) -> Query | None:
    """Leave out "The"."""
    street = drawing.random.choice([one for one in drawing.streets if one.name.startswith("The ")])
    rest = street.name.removeprefix("The ")
    # "Maltings" may be short for Maltings Close too: then it is no fair question.
    alike = [
        one for one in drawing.streets if rest.lower() in fold(one.name).split() and one.name != street.name
    ]
    region = Region(borough=street.borough) if drawing.random.random() < 0.6 else NOWHERE
    if " " not in rest and any(not region.borough or one.borough == region.borough for one in alike):
        return None
    return _asked(drawing, street, rest, (fold(street.name),), region)


def house_number(drawing: Drawing) -> Query | None:
    """Put a house or flat number beside the street."""
    return _framed(drawing, NUMBERS)


def relation_words(drawing: Drawing) -> Query | None:
    """Say where on the street: outside, opposite, rear of."""
    return _framed(drawing, RELATIONS)


def trailing_town(drawing: Drawing) -> Query | None:
    """Add the town, which may be meant as borough or as post town, or the old county."""
    random, street = drawing.random, drawing.random.choice(drawing.streets)
    if random.random() < 0.25:
        text = f"{street.name}, Cleveland"
        return _asked(drawing, street, street.name, (fold(street.name),), written=text)
    town = town_of(street.borough, street.district)
    if not town:
        return None
    text = f"{street.name}{random.choice((', ', ' '))}{random.choice(SPELLINGS[town])}"
    return _asked(drawing, street, street.name, (fold(street.name),), Region(town=town), written=text)


def trailing_postcode(drawing: Drawing) -> Query | None:
    """Add the postcode, its sector or its district."""
    street = drawing.random.choice(drawing.streets)
    how = drawing.random.choice(("postcode", "sector", "district"))
    if how != "postcode":
        value = street.sector if how == "sector" else street.district
        region = Region(sector=value) if how == "sector" else Region(district=value)
        return _asked(
            drawing, street, street.name, (fold(street.name),), region, written=f"{street.name} {value}"
        )
    found = _own_postcode(drawing, street)
    if found is None:
        return None
    postcode, region = found
    return _asked(
        drawing, street, street.name, (fold(street.name),), region, written=f"{street.name}, {postcode}"
    )


def wrong_town(drawing: Drawing) -> Query | None:
    """Name a town the street is not in; asked only of names that are unique and unlike any in that town."""
    random, street = drawing.random, drawing.random.choice(drawing.streets)
    # The borders of a town are loose in speech, so a wrong one has another borough and another post town.
    towns = [
        town
        for town, (borough, districts) in TOWNS.items()
        if borough != street.borough and street.district not in districts
    ]
    label = drawing.labeller.of(street.name, (fold(street.name),), NOWHERE)
    if (
        label is None
        or label.status != "matched"
        or drawing.labeller.base_similarity(fold(street.name), leave_out=fold(street.name)) > 0.8
    ):
        return None
    return _labelled(drawing, street, label, f"{street.name}, {random.choice(towns)}")


def case_punctuation(drawing: Drawing) -> Query | None:
    """Change case and punctuation only."""
    street = drawing.random.choice(drawing.streets)
    return _asked(drawing, street, restyle(drawing.random, street.name), (fold(street.name),))


def as_logged(drawing: Drawing) -> Query | None:
    """Mix it as a log does: short form, slip, number or relation, case, town, borough or ward."""
    random, street = drawing.random, drawing.random.choice(drawing.streets)
    text = slip(random, street.name, random.choice(SLIPS)) if random.random() < 0.4 else street.name
    text = shorten(random, text) if random.random() < 0.7 else text
    read = _read(text)
    written = _frame(random, random.choice(NUMBERS + RELATIONS), text) if random.random() < 0.6 else text
    town, region = town_of(street.borough, street.district), NOWHERE
    if town and random.random() < 0.4:
        written, region = f"{written} {random.choice(SPELLINGS[town])}", Region(town=town)
    elif random.random() < 0.5:
        region = random.choice((Region(borough=street.borough), Region(ward_gss_code=street.ward_gss_code)))
    written = random.choice((str.lower, str.upper, str, str))(written)
    return _asked(drawing, street, text, read, region, written=written)


def same_name_bare(drawing: Drawing) -> Query | None:
    """Ask for a name that several streets have, with nothing that tells them apart."""
    street = drawing.random.choice(drawing.shared_names)
    template = drawing.random.choice(("{s}", "{s}", "{n} {s}", "o/s {n} {s}", "{s}, Cleveland"))
    written = _frame(drawing.random, template, street.name)
    query = _asked(drawing, street, street.name, (fold(street.name),), written=written)
    return query if query is not None and query.expected_status == "ambiguous" else None


def same_name_region(drawing: Drawing) -> Query | None:
    """Ask for such a name with what tells them apart, in the text or in a field."""
    street = drawing.random.choice(drawing.shared_names)
    if not street.ward_gss_code:
        return None
    how = drawing.random.randrange(7)
    name, region, text, fields = street.name, NOWHERE, street.name, {}
    if how in (0, 1):
        region = Region(borough=street.borough)
        text = f"{name}, {street.borough}" if how else name
        region = Region(town=town_of(street.borough, street.district)) if how else region
    elif how in (2, 3):
        region = Region(ward_gss_code=street.ward_gss_code)
        text = f"{name}, {street.ward_name} ward" if how == 3 else name
    elif how in (4, 5):
        region = Region(district=street.district)
        text, fields = (
            (f"{name} {street.district}", {}) if how == 4 else (name, {"postcode": street.district})
        )
    else:
        found = _own_postcode(drawing, street)
        if found is None:
            return None
        fields, region = {"postcode": found[0]}, found[1]
    if region == NOWHERE or (how == 1 and not region.town):
        return None
    query = _asked(drawing, street, name, (fold(name),), region, written=text)
    if query is None or query.expected_status != "matched":
        return None
    # The labeller puts exact regions into fields; where the text holds them they are not given twice.
    bare = replace(query, borough="", ward_gss_code="") if text != name else query
    return replace(bare, **fields)


def street_held_out(drawing: Drawing) -> Query | None:
    """Ask for a real street that only the part `everything` holds, and unlike any that the others hold."""
    street = drawing.random.choice(drawing.held_out)
    if drawing.labeller.base_similarity(fold(street.name), leave_out=fold(street.name)) > 0.7:
        return None
    return Query(_frame(drawing.random, drawing.random.choice(("{s}", "{n} {s}", "o/s {s}")), street.name))


def street_invented(drawing: Drawing) -> Query | None:
    """Ask for a street that was made up."""
    random = drawing.random
    name = f"{random.choice(INVENTED[0])}{random.choice(INVENTED[1])} {random.choice(INVENTED[2])}"
    if drawing.labeller.base_similarity(fold(name)) > 0.6:
        return None
    town = random.choice(("", "", f", {random.choice(tuple(TOWNS))}"))
    return Query(_frame(random, random.choice(("{s}", "{n} {s}", "nr {s}")), name) + town)


def _with_slips(drawing: Drawing, *kinds: str) -> Query | None:
    street = drawing.random.choice(drawing.streets)
    text = street.name
    for kind in kinds:
        text = slip(drawing.random, text, kind)
    return _asked(drawing, street, text, (fold(text),)) if fold(text) != fold(street.name) else None


def _framed(drawing: Drawing, templates: tuple[str, ...]) -> Query | None:
    street = drawing.random.choice(drawing.streets)
    text = shorten(drawing.random, street.name) if drawing.random.random() < 0.5 else street.name
    written = _frame(drawing.random, drawing.random.choice(templates), text)
    return _asked(drawing, street, text, _read(text), written=written)


def _frame(random: Random, template: str, name: str) -> str:
    n = random.randint(1, 180)
    return template.format(s=name, n=n, m=n + 2, f=random.randint(1, 12), a=random.choice("abcAB"))


def _read(text: str) -> tuple[str, ...]:
    return readings(fold(text))


def _own_postcode(drawing: Drawing, street: Street) -> tuple[str, Region] | None:
    """Give a postcode of the street that every part of the gazetteer holds."""
    own = drawing.postcodes[drawing.postcodes["place"] == street.place]
    if own.empty:
        return None
    row = own.iloc[drawing.random.randrange(len(own))]
    return str(row["postcode"]), Region(near=(float(row["easting_m"]), float(row["northing_m"])))


def _asked(
    drawing: Drawing,
    street: Street,
    text: str,
    read: tuple[str, ...],
    region: Region = NOWHERE,
    *,
    typed: bool = True,
    written: str = "",
) -> Query | None:
    """Label a query by what its words read; `written` is the whole text where it holds more than the name."""
    label = drawing.labeller.of(street.name, read, region, typed=typed)
    if label is None or street.place not in label.places:
        return None
    given = _labelled(drawing, street, label, written or text)
    return replace(given, borough=region.borough, ward_gss_code=region.ward_gss_code)


def _labelled(drawing: Drawing, street: Street, label: Label, text: str) -> Query:
    if label.status != "matched":
        return Query(text, expected_status=label.status, kind="street", name=street.name)
    truth = on_street(drawing.random, drawing.reference, street.place)
    found = {"kind": "street", "name": street.name, "right_borough": street.borough, "place": street.place}
    return Query(text, expected_status="matched", **found).at(truth)
