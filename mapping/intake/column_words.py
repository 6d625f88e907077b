"""What sources call their columns: the words by which a heading is recognised.

Here are those met in many places (command and control logs, crime systems, fire returns, housing and
council case systems); what one layout alone calls a column is read from it. All are folded.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from mapping.intake.headings import fold
from mapping.intake.layout import Layout


def _listed(text: str) -> tuple[str, ...]:
    """Split `one, two words, three` into its names."""
    return tuple(" ".join(part.split()) for part in text.split(","))


# field -> what its column is called; the order does not matter.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "reference": _listed(
        """
            reference, ref, ref no, reference no, reference number, unique reference, urn, id, record id,
            incident id, incident no, incident number, incident ref, incident reference, incident urn, log
            no, log number, log id, log ref, storm id, storm log, storm ref, event id, event number, crime
            no, crime number, crime ref, crime reference, crime id, occurrence number, occurrence no, niche
            ref, niche occurrence, niche id, case no, case number, case id, case ref, case reference, job
            no, job number, call number, call no, service request, sr number, request number, enquiry
            number, irs number, irs incident number, report number, report id, intel ref, intelligence
            reference, submission number
        """
    ),
    "occurred_at": _listed(
        """
            occurred, occurred at, occurred on, date, date time, datetime, timestamp, date occurred,
            occurred date, date of incident, incident date, incident datetime, incident date time, date and
            time, date and time occurred, date of offence, offence date, offence from date, offence date
            from, committed from, committed on, committed date, committed from date, first committed,
            earliest date, start, start date, start time date, from date, date from, event date, date of
            event, date of occurrence, occurrence date, date of fire, fire date, when, when did it happen,
            month, incident month, incident created
        """
    ),
    "occurred_time": _listed(
        """
            time, occurred time, time occurred, incident time, time of incident, offence time, time of
            offence, offence from time, time from, from time, start time, committed time, committed from
            time, event time, time of event, time of fire, time of occurrence, hour
        """
    ),
    "occurred_to": _listed(
        """
            occurred to, committed to, committed to date, offence to date, offence date to, latest date,
            last committed, to date, date to, end, end date, until, date until, finish date
        """
    ),
    "occurred_to_time": _listed(
        """
            occurred to time, committed to time, offence to time, time to, to time, end time, latest time
        """
    ),
    "reported_at": _listed(
        """
            reported, reported at, reported on, date reported, reported date, report date, recorded, date
            recorded, recorded date, recorded on, date received, received, received date, received on, call
            date, date of call, call received, logged, date logged, logged date, created, created on, date
            created, created date, opened, date opened, opened date, case opened, date of report, raised,
            date raised, time of call date
        """
    ),
    "reported_time": _listed(
        """
            reported time, time reported, recorded time, time recorded, time received, received time, call
            time, time of call, time logged, time created, created time
        """
    ),
    "extracted_at": _listed(
        """
            extracted, extracted at, extract date, date of extract, extracted on, data as at, as at, run
            date, report run date, date extracted
        """
    ),
    "category": _listed(
        """
            category, type, incident type, type of incident, crime type, type of crime, offence, offence
            type, offence description, offence title, offence code, offence category, crime category, case
            type, asb type, asb category, type of asb, nature, nature of incident, nature of complaint,
            complaint type, subject, event type, fire type, type of fire, property type class, ho offence,
            classification, incident category, opening code, opening type, open type, initial type, category
            1, call type, issue, issue type, problem, problem type, incident class, initial classification,
            request type, service, home office code, ns category, what happened, theme, topic, intel type
        """
    ),
    "closing": _listed(
        """
            closing code, closing, closing type, close type, closed as, final type, final code, final
            classification, closing classification, closing category, final category, closure code, closed
            type, result code, closing incident type, qualifier, final incident type
        """
    ),
    "description": _listed(
        """
            description, details, detail, notes, note, comments, comment, summary, narrative, text, free
            text, incident details, incident description, mo, mo text, modus operandi, log text,
            circumstances, remarks, event details, case notes, case summary, what was said, information,
            intelligence text, report text, incident summary, more details, full text, observations
        """
    ),
    "opinion": _listed(
        """
            opinion, professional opinion, analyst opinion, assessment, comment of officer, professional
            judgement
        """
    ),
    "place": _listed(
        """
            place, location, address, street, street name, road, road name, incident location, location of
            incident, incident address, address line 1, address 1, full address, location text, location
            description, location address, where, where did it happen, site, scene, venue, premises,
            premises name, estate, property address, offence location, crime location, locus, block,
            landmark, location name, nearest street, street address, area description
        """
    ),
    "postcode": _listed(
        """
            postcode, post code, pcode, postal code, pc, location postcode, incident postcode
        """
    ),
    "area_code": _listed(
        """
            lsoa, lsoa code, lsoa11, lsoa21, lsoa11cd, lsoa21cd, ward code, ward gss, wardcode, wd code,
            output area, oa code, data zone, datazone, beat, beat code, beat id, area code, gss code
        """
    ),
    "agency": _listed(
        """
            agency, organisation, force, force name, partner, owning agency, service name
        """
    ),
    "source": _listed(
        """
            source, origin, source system, reported through, channel, contact method, source of report
        """
    ),
    "outcome": _listed(
        """
            outcome, outcome type, result, disposal, status, case status, crime outcome, action taken, last
            outcome, outcome description, resolution, closure reason, current status
        """
    ),
    "grading": _listed(
        """
            grading, 3x5x2, 3 5 2, intel grading, intelligence grading, 5x5x5, grade, evaluation
        """
    ),
    "handling": _listed(
        """
            handling, handling code, handling instruction, sharing code, dissemination code
        """
    ),
    "conditions": _listed(
        """
            conditions, handling conditions, sharing conditions, dissemination conditions, caveats
        """
    ),
    "restricted_to": _listed(
        """
            restricted to, restricted, visible to, share with, shared with, only for
        """
    ),
    "complainant": _listed(
        """
            complainant ref, complainant reference, complainant id, complainant no, complainant number,
            complainant, complainant urn, caller id, caller ref, caller reference, caller no, caller number,
            customer id, customer ref, customer reference, customer no, customer number, tenant id, tenant
            ref, tenancy ref, tenancy reference, tenancy number, informant id, informant ref, reporter id,
            reporter ref, resident ref, resident id, person reporting ref, contact id
        """
    ),
    "easting": _listed(
        """
            easting, eastings, easting m, x, x coord, x coordinate, grid x, grid e, east, osgr x, os x, bng
            x, bng e, geo x, location x, os easting, xcoord, grid east
        """
    ),
    "northing": _listed(
        """
            northing, northings, northing m, y, y coord, y coordinate, grid y, grid n, north, osgr y, os y,
            bng y, bng n, geo y, location y, os northing, ycoord, grid north
        """
    ),
    "longitude": _listed(
        """
            longitude, lon, long, lng, x, gps lon, gps long, gps longitude, wgs84 lon, location longitude,
            geo lon, point x
        """
    ),
    "latitude": _listed(
        """
            latitude, lat, y, gps lat, gps latitude, wgs84 lat, location latitude, geo lat, point y
        """
    ),
    "grid_reference": _listed(
        """
            grid reference, grid ref, gridref, os grid reference, os grid ref, osgr, ngr, national grid
            reference, map reference, map ref, os ref, os reference
        """
    ),
}

# Who a column may be about. With a word of `_NUMBERED` beside it, it may be a reference; else it is left out.
_PERSONS: Final = frozenset(
    _listed(
        """
        accused, aggrieved, applicant, caller, complainant, contact, customer, driver, iic, informant,
        keyholder, nominal, occupier, offender, officer, oic, owner, perpetrator, person, reporter,
        resident, suspect, tenant, victim, witness
        """
    )
)
_REPORTING: Final = frozenset(
    _listed(
        """
        caller, complainant, contact, customer, informant, reporter, resident, tenancy, tenant
        """
    )
)
_NUMBERED: Final = frozenset(
    _listed(
        """
        code, id, no, number, ref, reference, urn
        """
    )
)
_PERSONAL: Final = frozenset(
    _listed(
        """
        age, birth, born, collar, dob, email, ethnicity, firstname, forename, forenames, fullname, gender,
        initials, landline, lastname, mail, mobile, nhs, nino, passport, phone, registration, religion, sex,
        shoulder, surname, tel, telephone, vrm, vrn
        """
    )
)
_PERSONAL_PHRASES: Final = _listed(
    """
    first name, last name, full name, e mail, ni number, national insurance, date of birth, contact details,
    reported by, home address, vehicle registration, attending officer, created by, entered by, recorded by,
    taken by, logged by, assigned to, raised by
    """
)
# `name` is a person's unless one of these says whose it is.
_NAMED_THINGS: Final = frozenset(
    _listed(
        """
        agency, area, beat, block, building, business, case, category, code, council, county, crime, day,
        district, estate, event, file, force, incident, layer, location, lsoa, month, neighbourhood,
        offence, organisation, park, partner, place, premises, region, road, scheme, school, service, shop,
        site, source, station, street, system, team, town, type, venue, ward, zone
        """
    )
)


def words_of(heading: str) -> tuple[str, ...]:
    """Split a heading into folded words: `OffenceDate_From (UK)` is offence, date, from, uk."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", heading[:200])
    return tuple(re.findall(r"[^\W_]+", fold(parted)))


def usual_names() -> dict[str, frozenset[str]]:
    """Gather the names a field usually goes by, as their words in one spelling."""
    return {field: frozenset(" ".join(words_of(name)) for name in names) for field, names in SYNONYMS.items()}


def names_in(layouts: Iterable[Layout]) -> dict[str, frozenset[str]]:
    """Gather the names that layouts give a field, likewise; what one source means another may not."""
    names: dict[str, set[str]] = {}
    for layout in layouts:
        for field, column in layout.columns.items():
            names.setdefault(field, set()).update(" ".join(words_of(name)) for name in column.names)
    return {field: frozenset(found - {""}) for field, found in names.items()}


def is_about_a_person(heading: str) -> bool:
    """Say whether a heading names what identifies somebody: a name, a phone number, a date of birth ..."""
    words = words_of(heading)
    if set(words) & _PERSONAL or any(f" {phrase} " in f" {' '.join(words)} " for phrase in _PERSONAL_PHRASES):
        return True
    if {"name", "names"} & set(words) and not set(words) & _NAMED_THINGS:
        return True
    return bool(set(words) & _PERSONS) and not is_a_callers_reference(heading)


def is_a_callers_reference(heading: str) -> bool:
    """Say whether a heading names the reference by which a source knows who reported."""
    words = set(words_of(heading))
    return bool(words & _REPORTING) and (bool(words & _NUMBERED) or words == {"complainant"})
