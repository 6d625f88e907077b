"""Coordinates, wards and postcodes: BAD 43 to 51."""

import random
from collections import Counter

import pytest

from .files import EASTING, LAT, LON, NORTHING, collection, log, points, square, street

KEPT = "; the row is kept without a point"
SWAPPED = f"the two look swapped; put the columns right and import again{KEPT}"
NO_NUMBERS = f"not two plain decimal numbers{KEPT}"
HALF = f"only one of the two is filled{KEPT}"
NOWHERE = f"0, 0 is where a system writes that it does not know the place{KEPT}"
OUTSIDE = "lies outside the expected area"
ABROAD = f"lies outside Great Britain{KEPT}"
DEGREES, METRES = "Longitude, Latitude", "easting, northing"


def at(*pairs: tuple[object, object]) -> str:
    """Write a warden log of one row for each easting and northing."""
    return log(*[{"easting": easting, "northing": northing} for easting, northing in pairs])


def on(*pairs: tuple[object, object]) -> str:
    """Write a street file of one row for each longitude and latitude."""
    return street(*[{"Longitude": x, "Latitude": y} for x, y in pairs])


def one_reason(command, layout, path):
    """Import one row; return whether it has a point, its ward, and the reason it is flagged for."""
    outcome = command.take(layout, path)
    (report,) = outcome.reports
    reasons = [reason for _, _, reason in outcome.flagged]
    assert len(reasons) <= 1
    assert outcome.incidents[0]["located"] is (report.easting_m is not None)
    return report.easting_m is not None, report.ward_gss_code, *reasons


def test_bad_43_swapped_degrees_are_found_and_nothing_is_mapped(door, write):
    outcome = door.take("police-uk", write("swapped_degrees.csv", on((LAT, LON), (LON, LAT))))
    assert outcome.flagged == [(1, DEGREES, SWAPPED)]
    assert [report.easting_m is None for report in outcome.reports] == [True, False]


def test_bad_43_one_swapped_row_moves_no_other(command, write):
    outcome = command.take("timed-points", write("swapped_points.csv", points(
        {"easting": "", "northing": "", "longitude": LAT, "latitude": LON},
        {"easting": "", "northing": "", "longitude": LON, "latitude": LAT}, {})))  # fmt: skip
    assert [report.ward_gss_code for report in outcome.reports] == ["", "E05999001", "E05999001"]


def test_bad_44_swapped_metres_on_valid_land_are_found_by_the_area(door, write):
    # E 520 250 N 450 250 lies near Hull: only the area of the borough tells.
    outcome = door.take(
        "warden-log", write("swapped_metres.csv", at((NORTHING, EASTING), (EASTING, NORTHING)))
    )
    assert outcome.flagged == [(1, METRES, SWAPPED)]
    assert [report.placement for report in outcome.reports] == ["unlocated", "in ward"]


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        ((0, 0), NOWHERE), (("0.0", "-0"), NOWHERE), (("", ""), None), ((" ", "\t"), None),
        (("", NORTHING), HALF), ((EASTING, ""), HALF), ((EASTING, 0), ABROAD), ((0, NORTHING), ABROAD),
    ],
)  # fmt: skip
def test_bad_45_what_has_no_point_stays_in_the_totals_and_off_the_map(command, write, pair, reason):
    told = one_reason(command, "warden-log", write("nowhere.csv", at(pair)))
    assert told == ((False, "") if reason is None else (False, "", reason))
    assert len(command.incidents()) == 1


def test_bad_45_published_rows_without_a_place_are_counted(door, write):
    content = street(*[{"Longitude": "", "Latitude": "", "Location": "No Location", "LSOA code": ""}] * 3, {})
    outcome = door.take("police-uk", write("no_location.csv", content))
    assert outcome.told == {"new": 4}
    assert Counter(report.placement for report in outcome.reports) == {"unlocated": 3, "in ward": 1}


@pytest.mark.parametrize(
    ("layout", "content", "reason"),
    [
        ("warden-log", at((455_000, 520_250)), OUTSIDE),
        ("warden-log", at((EASTING, 530_000)), OUTSIDE),
        ("police-uk", on((1.2238, LAT)), f"{OUTSIDE}; a minus sign seems to be lost"),
        ("police-uk", on((-3.0, LAT)), OUTSIDE),
        ("timed-points", points({"easting": "", "northing": "", "longitude": "1.2238", "latitude": LAT}),
         f"{OUTSIDE}; a minus sign seems to be lost"),
    ],
)  # fmt: skip
def test_bad_46_outside_the_borough_is_flagged_and_in_no_ward(command, write, layout, content, reason):
    assert one_reason(command, layout, write("outside.csv", content)) == (True, "", reason)


def test_bad_46_a_point_just_outside_the_borough_is_flagged_too(command, write):
    told = one_reason(command, "warden-log", write("just_outside.csv", at((449_000, NORTHING))))
    assert told[:2] == (True, "") and len(told) == 3


@pytest.mark.parametrize("pair", [(1_000_000, 1_000_000), (-5, NORTHING), (EASTING, 2_000_000)])
def test_bad_46_a_place_abroad_has_no_point(command, write, pair):
    assert one_reason(command, "warden-log", write("abroad.csv", at(pair))) == (False, "", ABROAD)


def test_bad_47_a_hundred_points_on_a_shared_edge_have_one_ward_however_the_wards_are_shuffled(
    command, write, tmp_path
):
    pairs = [(451_000, 520_000 + 10 * k) for k in range(101)]
    first = command.take("warden-log", write("edge.csv", at(*pairs)))
    assert Counter(report.ward_gss_code for report in first.reports) == {"E05999001": 101}
    wards = [square(f"E0599900{k}", f"Ward {k}", 450_000 + 1000 * (k % 2), 520_000 + 1000 * (k // 2),
                    451_000 + 1000 * (k % 2), 521_000 + 1000 * (k // 2)) for k in range(4)]  # fmt: skip
    seen = set()
    for seed in range(4):
        random.Random(seed).shuffle(wards)
        path = tmp_path / f"wards{seed}.geojson"
        path.write_text(collection(*wards))
        assert command.run("boundaries", "add", path, "--edition", f"Shuffle {seed}").exit_code == 0
        seen.add(tuple(row["ward_gss_code"] for row in command.incidents()))
    (codes,) = seen  # every edition, however its wards are ordered, gives each point the same ward
    assert Counter(codes) == {"E05999000": 101}


@pytest.mark.parametrize(
    ("pair", "ward"),
    [
        ((450_000, 520_000), "E05999001"),
        ((452_000, 521_000), "E05999002"),
        ((451_000, 521_000), "E05999001"),
        ((450_999.9999999, 520_250), "E05999001"),
        ((451_000.0000001, 520_250), "E05999002"),
        ((452_000.1, 520_250), ""),
    ],
)
def test_bad_47_corners_and_hairs_have_exactly_one_ward(command, write, pair, ward):
    outcome = command.take("warden-log", write("corner.csv", at(pair)))
    assert [report.ward_gss_code for report in outcome.reports] == [ward]


NO_NUMBER = [
    "NaN",
    "inf",
    "-inf",
    "1e309",
    "54N",
    "450250,5",
    "４５０２５０",
    "450_250",
    "0x6DECA",
    "450250 m",
    "None",
    "450250-",
    "TRUE",
    "£450250",
    "'450250",
    "1e",
    "--450250",
    "4 5 0",
]


@pytest.mark.parametrize("text", NO_NUMBER, ids=ascii)
def test_bad_48_what_is_no_finite_decimal_number_is_no_coordinate(command, write, text):
    path = write("no_number.csv", at((text, NORTHING)))
    assert one_reason(command, "warden-log", path) == (False, "", NO_NUMBERS)


@pytest.mark.parametrize(
    "pair",
    [
        ("-1,2238", "54,5746"),
        ("1.2238W", "54.5746N"),
        ("-1.2238°", LAT),
        ("nan", "nan"),
        ("1e309", LAT),
        ("-1°13'25\"", "54°34'28\""),
    ],
)
def test_bad_48_degrees_too(command, write, pair):
    assert one_reason(command, "police-uk", write("no_degrees.csv", on(pair))) == (False, "", NO_NUMBERS)


@pytest.mark.parametrize(
    ("layout", "content", "said"),
    [
        ("warden-log", at((LON, LAT)), "looks like degrees"),
        ("warden-log", at((LAT, LON)), "looks like degrees"),
        ("warden-log", at((450.25, 520.25)), "looks like kilometres"),
        ("warden-log", at((-136_233, 7_286_000)), "looks like Web Mercator"),
        ("warden-log", at(("NZ 50250 20250", "NZ 50250 20250")), "a grid reference is not read here"),
        ("warden-log", at(("NZ5020", "NZ5020")), "a grid reference is not read here"),
        ("police-uk", on((EASTING, NORTHING)), "looks like metres"),
        ("police-uk", on((-136_233, 7_286_000)), "looks like Web Mercator"),
        ("police-uk", on((200, 95)), "lies outside Great Britain"),
        ("police-uk", on(("1e200", "1e200")), "looks like metres"),
    ],
)  # fmt: skip
def test_bad_49_another_system_is_named_and_not_mapped(command, write, layout, content, said):
    located, ward, reason = one_reason(command, layout, write("system.csv", content))
    assert (located, ward) == (False, "")
    assert reason.startswith(said)


@pytest.mark.parametrize(
    "pair",
    [
        ("450,250", "520,250"),
        ("450,250.00", "520,250.00"),
        ("450250.00", "520250."),
        ("+450250", "520250"),
        (" 450250 ", "520250\u00a0"),
        ("450,250", 520_250.0),
    ],
)
def test_bad_50_thousands_and_needless_decimals_are_read(command, write, pair):
    (report,) = command.take("warden-log", write("thousands.csv", at(pair))).reports
    assert (report.easting_m, report.northing_m) == (EASTING, NORTHING)


@pytest.mark.parametrize(
    "pair",
    [
        ("4,50,250", "520,250"), ("450,2500", "520250"), ("450250,", "520250"), ("45 0250", "520250"),
        ("4 50 250", "520250"), ("1,450 250", "520250"), ("450  250", "520250"), ("450 250,0", "520250"),
    ],
)  # fmt: skip
def test_bad_50_commas_and_blanks_elsewhere_are_no_thousands(command, write, pair):
    assert one_reason(command, "warden-log", write("commas.csv", at(pair))) == (False, "", NO_NUMBERS)


@pytest.mark.parametrize(
    "blank", [" ", "\u00a0", "\u2009", "\u202f"], ids=["blank", "no-break", "thin", "narrow"]
)
def test_bad_50_blanks_between_thousands_are_read_too(command, write, blank):
    (report,) = command.take(
        "warden-log", write("blanks.csv", at((f"450{blank}250", f"520{blank}250")))
    ).reports
    assert (report.easting_m, report.northing_m) == (EASTING, NORTHING)


MENDED = "had a letter O or I where only a digit can stand; read as the digit"


@pytest.mark.parametrize(
    ("text", "postcode", "reasons"),
    [
        ("ts11aa", "TS1 1AA", []), (" TS1  1AA ", "TS1 1AA", []), ("TS1\u00a01AA", "TS1 1AA", []),
        ("TS1-1AA", "TS1 1AA", []), ("TS1 IAA", "TS1 1AA", [MENDED]), ("TSI 1AA", "TS1 1AA", [MENDED]),
        ("TS1O OAA", "TS10 0AA", [MENDED]), ("N/A", "", []), ("", "", []),
        ("XX", "", ["is no postcode; its words were added to the place"]),
        ("TS1 1AA, UK", "", ["is no postcode; its words were added to the place"]),
    ],
)  # fmt: skip
def test_bad_51_a_postcode_has_one_spelling(command, write, text, postcode, reasons):
    outcome = command.take("warden-log", write("postcode.csv", log({"postcode": text})))
    assert outcome.reports[0].postcode == postcode
    assert [reason for _, _, reason in outcome.flagged] == reasons


def test_bad_51_a_postcode_that_lies_elsewhere_than_the_point_is_flagged(command, write):
    # The row's own point is 450250, 520250; the postcode lies 3 km east and 4 km north of it.
    known = write(
        "code_point.csv", "PL1 1AA,10,453250,524250,E92000001,,,,,\nPL1 1AB,10,453260,524250,E92000001,,,,,\n"
    )
    assert command.run("gazetteer", "build", "--code-point", known).exit_code == 0
    outcome = command.take("warden-log", write("elsewhere.csv", log({"postcode": "PL1 1AA"})))
    assert outcome.flagged == [
        (1, "postcode", "PL1 1AA lies 5.0 km from the point given, which was taken"),
    ]
    assert outcome.reports[0].easting_m == 450_250
    assert outcome.reports[0].place_status == "given"
