"""Tables of any layout in which good rows, odd rows and broken rows are mixed."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

# By layout and column: values that are fine, doubtful, or no value at all.
_COLUMNS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "police-uk": {
        "Crime ID": ["", "", "c1", "c2", " c1 ", "N/A", "c\u20111"],
        "Month": ["2025-01", "2025-01", "2025-02", "2025-13", "Apr-25", "", "2999-01"],
        "Reported by": ["Exampleshire Police", ""],
        "Longitude": ["-1.2238", "", "54.57", "0", "1e309"],
        "Latitude": ["54.5746", "", "-1.2", "0", "54,57"],
        "Location": ["On or near Eden Road", "No Location", "=1+1", "<script>"],
        "LSOA code": ["E01000001", ""],
        "Crime type": ["Anti-social behaviour", "Burglary", "burglary ", "Blargh", ""],
        "Last outcome category": ["", "Under investigation", "Offender charged"],
        "Context": ["", "two\nlines", 'a "quote", and more'],
    },
    "warden-log": {
        "reference": ["W1", "W2", "W 1", "", "N/A", "W\x1b3", "r" * 201, "W4"],
        "occurred_at": [
            "03/02/2025 19:30",
            "2025-02-03",
            "26/10/2025 01:30",
            "04/13/2025",
            "31/02/2025",
            "",
            "45691",
        ],
        "reported_at": ["", "04/02/2025", "01/01/2025", "rubbish"],
        "category": ["Nuisance", "Noise", "Blargh", ""],
        "description": ["", "told", "x" * 10_001, "\x00", "\ud800", "\x07"],
        "easting": ["450250", "", "450,250", "NaN", "0"],
        "northing": ["520250", "", "x"],
        "source": ["", "fire-deliberate", "a|b"],
        "grading": ["", "2B P", "2B C", "B24", "zz"],
    },
    "timed-points": {
        "incident_id": ["1", "2", "01", "", "1.23E+10"],
        "timestamp": ["2025-02-03T10:00:00", "2025-02-03T10:00:00Z", "yesterday", ""],
        "type": ["Burglary", "Noise", ""],
        "easting": ["450250", "", "inf"],
        "northing": ["520250", ""],
        "longitude": ["-1.2238", ""],
        "latitude": ["54.5746", ""],
        "location": ["Eden Road", ""],
    },
}
LAYOUTS = tuple(_COLUMNS)


def heading(layout: str) -> list[str]:
    """Return the columns that a table of a layout has here."""
    return list(_COLUMNS[layout])


def _rows(layout: str) -> st.SearchStrategy[list[str]]:
    columns = _COLUMNS[layout].values()
    usual = st.tuples(*[st.one_of(st.just(values[0]), st.sampled_from(values)) for values in columns])
    odd = st.tuples(*[st.one_of(st.sampled_from(values), st.text(max_size=6)) for values in columns])
    fitting = st.one_of(usual, usual, odd).map(list)
    ragged = st.lists(st.sampled_from(["", "x", "W1"]), max_size=len(columns) + 2)
    return st.one_of(fitting, fitting, fitting, fitting, ragged, st.just(heading(layout)))


def tables(layout: str, *, most: int = 12) -> st.SearchStrategy[str]:
    """Generate the text of a file of a layout."""
    return st.lists(_rows(layout), max_size=most).map(lambda rows: text_of(layout, rows))


def text_of(layout: str, rows: Sequence[Sequence[str]]) -> str:
    """Write rows below a layout's heading, every cell in quotes."""
    return "".join(_line(cells) for cells in (heading(layout), *rows))


def _line(cells: Sequence[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def good_rows(layout: str, *, most: int = 6) -> st.SearchStrategy[list[list[str]]]:
    """Generate rows that can all be kept, of few references and many contents."""
    choices: dict[str, Sequence[str]] = {
        "police-uk": ["Crime ID", "Longitude", "Location", "Crime type", "Last outcome category"],
        "warden-log": ["reference", "category", "easting", "grading"],
        "timed-points": ["incident_id", "type", "longitude"],
    }
    rejected = {"", "N/A", "W\x1b3", "r" * 201} if layout != "police-uk" else set()
    varied = choices[layout]
    columns = [
        st.sampled_from([value for value in values if name != varied[0] or value not in rejected])
        if name in varied
        else st.just(values[0])
        for name, values in _COLUMNS[layout].items()
    ]
    return st.lists(st.tuples(*columns).map(list), max_size=most)
