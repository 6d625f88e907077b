"""The invented partnership: three agencies, their agreement, their sources and working patterns."""

from typing import Any, Final

from mapping.demo.mixes import COUNCILLORS, FIRE, HOUSING, POLICE, WARDENS

EVERY_DAY: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS: Final = EVERY_DAY[:5]

# source: (owning agency, title, what its file is called)
SOURCE_FILES: Final = {
    POLICE: ("police", "Police 101 calls", "police-101.csv"),
    WARDENS: ("council", "Council warden log", "council-wardens.csv"),
    FIRE: ("fire", "Deliberate fires attended", "fire-deliberate.csv"),
    HOUSING: ("council", "Housing ASB cases", "housing-asb.csv"),
    COUNCILLORS: ("council", "Ward councillors' reports", "councillors.csv"),
}


def agencies() -> dict[str, Any]:
    """Return what agencies.json keeps: agencies, agreement, sources and working patterns."""
    return {
        "agencies": [
            {"agency_id": "police", "name": "Exampleshire Police"},
            {"agency_id": "council", "name": "Newmouth Borough Council"},
            {"agency_id": "fire", "name": "Exampleshire Fire and Rescue"},
        ],
        "agreements": [
            {
                "name": "Newmouth community safety information sharing agreement",
                "signatories": ["police", "council", "fire"],
                "purposes": ["community safety"],
                "categories": ["*"],
                "areas": ["*"],
                "legal_gateway": "Crime and Disorder Act 1998, section 115",
                "starts_on": "2024-04-01",
                "review_on": "2028-03-31",
            }
        ],
        "sources": [
            {"source": source, "agency_id": agency, "title": title, "file": name, "layout": "warden-log"}
            for source, (agency, title, name) in SOURCE_FILES.items()
        ],
        "working_patterns": [
            _pattern(
                "Council wardens", "council", EVERY_DAY, [["07:00", "15:00"], ["14:00", "22:00"]], works=True
            ),
            _pattern("Civil enforcement officers", "council", EVERY_DAY, [["08:00", "20:00"]], works=True),
            _pattern("Council officers", "council", WEEKDAYS, [["09:00", "17:00"]], works=False),
            _pattern(
                "Neighbourhood police",
                "police",
                EVERY_DAY,
                [["08:00", "16:00"], ["14:00", "22:00"]],
                works=False,
            ),
            _pattern("Fire community safety", "fire", WEEKDAYS, [["09:00", "17:00"]], works=False),
        ],
    }


def _pattern(
    team: str, agency_id: str, days: list[str], shifts: list[list[str]], *, works: bool
) -> dict[str, Any]:
    return {
        "team": team,
        "agency_id": agency_id,
        "days": days,
        "shifts": shifts,
        "works_bank_holidays": works,
    }
