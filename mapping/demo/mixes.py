"""What is reported to whom: the background's categories, who tells of each, and the planted themes."""

from dataclasses import dataclass
from typing import Final

from mapping.demo.rhythm import EVERY_DAY, Pattern

POLICE: Final = "police-101"
WARDENS: Final = "council-wardens"
FIRE: Final = "fire-deliberate"
HOUSING: Final = "housing-asb"
COUNCILLORS: Final = "councillors"
SOURCES: Final = (POLICE, WARDENS, FIRE, HOUSING, COUNCILLORS)

# category: share of all background reports (in a thousand), then who tells of it.
BACKGROUND: Final = {
    "Anti-social behaviour": (175, {POLICE: 0.86, COUNCILLORS: 0.14}),
    "ASB nuisance": (60, {WARDENS: 0.8, HOUSING: 0.2}),
    "ASB personal": (18, {HOUSING: 0.8, POLICE: 0.2}),
    "ASB environmental": (45, {WARDENS: 1.0}),
    "Public order": (62, {POLICE: 1.0}),
    "Violence and sexual offences": (150, {POLICE: 1.0}),
    "Criminal damage and arson": (72, {POLICE: 0.85, WARDENS: 0.15}),
    "Burglary": (42, {POLICE: 1.0}),
    "Vehicle crime": (46, {POLICE: 1.0}),
    "Bicycle theft": (10, {POLICE: 1.0}),
    "Other theft": (38, {POLICE: 1.0}),
    "Shoplifting": (40, {POLICE: 1.0}),
    "Theft from the person": (8, {POLICE: 1.0}),
    "Robbery": (6, {POLICE: 1.0}),
    "Drugs": (24, {POLICE: 0.8, HOUSING: 0.2}),
    "Possession of weapons": (6, {POLICE: 1.0}),
    "Deliberate fire": (32, {FIRE: 1.0}),
    "Deliberate fire (primary)": (4, {FIRE: 1.0}),
    "Deliberate fire (vehicle)": (5, {FIRE: 1.0}),
    "Noise": (42, {HOUSING: 0.45, WARDENS: 0.4, POLICE: 0.15}),
    "Neighbour complaint": (28, {HOUSING: 0.8, POLICE: 0.2}),
    "Fly-tipping": (58, {WARDENS: 0.75, COUNCILLORS: 0.15, HOUSING: 0.1}),
    "Off-road vehicles": (17, {POLICE: 0.55, WARDENS: 0.3, COUNCILLORS: 0.15}),
    "Animals": (6, {WARDENS: 1.0}),
    "Concern for person": (14, {POLICE: 1.0}),
    "Other crime": (12, {POLICE: 1.0}),
}


def background_mix() -> dict[str, float]:
    """Return each category's share of the background, summing to 1."""
    total = sum(weight for weight, _ in BACKGROUND.values())
    return {category: weight / total for category, (weight, _) in BACKGROUND.items()}


@dataclass(frozen=True)
class Theme:
    """What a planted place is like: what happens, who tells of it, when, and on what kind of place.

    `told` weighs pairs of category and source; `anchors` are the kinds of landmark or ground it may
    stand on; `peak` says its hours in words, as a page would.
    """

    name: str
    told: dict[tuple[str, str], float]
    pattern: Pattern
    peak: str
    anchors: tuple[str, ...]


THEMES: Final = (
    Theme(
        "nuisance at shops",
        {
            ("Anti-social behaviour", POLICE): 0.4,
            ("ASB nuisance", WARDENS): 0.3,
            ("Criminal damage and arson", POLICE): 0.1,
            ("Shoplifting", POLICE): 0.08,
            ("Anti-social behaviour", COUNCILLORS): 0.08,
            ("Deliberate fire", FIRE): 0.04,
        },
        Pattern((4, 5), (18, 22), 0.6),
        "Fri-Sat 18:00-22:00",
        ("shops",),
    ),
    Theme(
        "fires and nuisance in a park",
        {
            ("Deliberate fire", FIRE): 0.45,
            ("ASB nuisance", WARDENS): 0.25,
            ("Anti-social behaviour", POLICE): 0.25,
            ("Anti-social behaviour", COUNCILLORS): 0.05,
        },
        Pattern(EVERY_DAY, (18, 22), 0.75),
        "daily 18:00-22:00",
        ("park",),
    ),
    Theme(
        "night-time violence",
        {
            ("Violence and sexual offences", POLICE): 0.5,
            ("Public order", POLICE): 0.35,
            ("Criminal damage and arson", POLICE): 0.1,
            ("Anti-social behaviour", POLICE): 0.05,
        },
        Pattern((4, 5), (22, 27), 0.7),
        "Fri-Sat 22:00-03:00",
        ("market", "square", "bus station", "club", "leisure centre"),
    ),
    Theme(
        "drugs and neighbours on an estate",
        {
            ("Drugs", POLICE): 0.35,
            ("Drugs", HOUSING): 0.2,
            ("ASB nuisance", HOUSING): 0.2,
            ("Anti-social behaviour", POLICE): 0.2,
            ("Criminal damage and arson", POLICE): 0.05,
        },
        Pattern(EVERY_DAY, (15, 21), 0.65),
        "daily 15:00-21:00",
        ("estate",),
    ),
    Theme(
        "fly-tipping in back lanes",
        {
            ("Fly-tipping", WARDENS): 0.6,
            ("Fly-tipping", COUNCILLORS): 0.12,
            ("ASB environmental", WARDENS): 0.13,
            ("Deliberate fire", FIRE): 0.15,
        },
        Pattern((0, 1, 2, 3, 4), (7, 12), 0.75),
        "Mon-Fri 07:00-12:00",
        ("estate",),
    ),
    Theme(
        "after-school nuisance",
        {
            ("ASB nuisance", WARDENS): 0.4,
            ("Anti-social behaviour", POLICE): 0.4,
            ("Public order", POLICE): 0.12,
            ("Anti-social behaviour", COUNCILLORS): 0.08,
        },
        Pattern((0, 1, 2, 3, 4), (15, 18), 0.75),
        "Mon-Fri 15:00-18:00",
        ("school", "community centre", "surgery"),
    ),
    Theme(
        "vehicle crime in a car park",
        {
            ("Vehicle crime", POLICE): 0.75,
            ("Criminal damage and arson", POLICE): 0.15,
            ("Deliberate fire (vehicle)", FIRE): 0.1,
        },
        Pattern(EVERY_DAY, (22, 28), 0.7),
        "daily 22:00-04:00",
        ("retail park", "supermarket", "railway station"),
    ),
    Theme(
        "off-road bikes",
        {
            ("Off-road vehicles", POLICE): 0.55,
            ("Off-road vehicles", WARDENS): 0.3,
            ("Off-road vehicles", COUNCILLORS): 0.15,
        },
        Pattern((5, 6), (12, 18), 0.7),
        "Sat-Sun 12:00-18:00",
        ("park",),
    ),
)

# Planted, but no task for a patrol: recording places, a series, one caller.
POLICE_STACK: Final = Theme(
    "reports told at the front counter",
    {
        ("Violence and sexual offences", POLICE): 0.35,
        ("Other theft", POLICE): 0.25,
        ("Public order", POLICE): 0.2,
        ("Other crime", POLICE): 0.2,
    },
    Pattern(EVERY_DAY, (9, 20), 0.8),
    "daily 09:00-20:00",
    (),
)
HOSPITAL_STACK: Final = Theme(
    "reports told on the wards",
    {
        ("Violence and sexual offences", POLICE): 0.6,
        ("Concern for person", POLICE): 0.3,
        ("Public order", POLICE): 0.1,
    },
    Pattern(EVERY_DAY, (18, 27), 0.5),
    "daily 18:00-03:00",
    (),
)
SERIES: Final = Theme(
    "burglary series",
    {("Burglary", POLICE): 1.0},
    Pattern((0, 1, 2, 3, 4), (9, 17), 0.7),
    "Mon-Fri 09:00-17:00",
    (),
)
CALLER: Final = Theme(
    "one caller about one address",
    {
        ("Neighbour complaint", HOUSING): 0.4,
        ("Noise", HOUSING): 0.15,
        ("ASB personal", POLICE): 0.35,
        ("Noise", WARDENS): 0.1,
    },
    Pattern(EVERY_DAY, (17, 24), 0.7),
    "daily 17:00-24:00",
    (),
)
