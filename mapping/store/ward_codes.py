"""Ward codes of other editions that are still in use here: what they are in the one in force, by geometry.

Nothing is changed silently: who answers for a ward, and which areas an agreement covers, are people's to
say again. What a record states of its ward is read as the new ward where that is sure.
"""

from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from mapping.access import EVERY
from mapping.places.editions import compare, holders
from mapping.store import boundaries
from mapping.store.boundaries import Edition
from mapping.store.models import Account, AccountWard, AgreementRow

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

MOST_EDITIONS: Final = 4  # the latest others; codes of older ones are hardly in use any more


def successors(session: Session, edition: Edition, wards: "GeoDataFrame") -> dict[str, str]:
    """Return old code to the ward of `edition` in which that ward lies, from the other editions held.

    A ward that was split, or whose ground went to several wards, has none: what is known only to be in
    it stays known to that and to no new ward. So has a code that is in use in `edition` itself.
    """
    found: dict[str, str] = {}
    own = set(wards["ward_gss_code"])
    others = [one for one in boundaries.editions(session) if one.edition_id != edition.edition_id]
    for other in others[:MOST_EDITIONS]:
        held = holders(compare(boundaries.wards(session, other.edition_id), wards))
        found |= {old: new for old, new in held.items() if old not in own and old not in found}
    return found


def left_behind(session: Session, edition: Edition, wards: "GeoDataFrame") -> list[str]:
    """Say which accounts and agreements name wards that are not in the edition, and what those would be."""
    own, known = set(wards["ward_gss_code"]), successors(session, edition, wards)
    named: dict[str, list[str]] = {}
    for account, code in session.execute(
        select(Account.name, AccountWard.ward_gss_code).join(
            Account, Account.account_id == AccountWard.account_id
        )
    ):
        named.setdefault(code, []).append(f"the account {account}")
    for agreement, areas in session.execute(select(AgreementRow.name, AgreementRow.areas)):
        for code in areas:
            if code != EVERY:
                named.setdefault(str(code), []).append(f"the agreement {agreement}")
    return [
        f"{', '.join(sorted(set(holders_of)))}: ward {code} is not in {edition.name}; "
        + (f"its ground is that of {known[code]}." if code in known else "no one ward of it has its ground.")
        for code, holders_of in sorted(named.items())
        if code not in own
    ]
