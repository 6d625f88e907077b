"""Where each kind of record is kept: reports, which are counted, and intelligence, which never is."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

from mapping import schema
from mapping.store.models import IntelligenceItem, IntelligenceVersion, Report, ReportVersion

PLACEMENT: Final = ("ward_gss_code", "placement")
FOUND: Final = tuple(schema.FOUND)


@dataclass(frozen=True)
class Shelf:
    """One kind of record: its table, that of its earlier versions, and the columns it arrives with."""

    kind: str
    table: Table
    versions: Table
    record_id: str
    fields: tuple[str, ...]
    belongs_to_incidents: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """What an import writes of a record: its fields, how its place was found, and its ward."""
        return (*self.fields, *FOUND, *PLACEMENT)

    @property
    def content(self) -> tuple[str, ...]:
        """What makes a record another one when it changes: not where it stood in which file."""
        return tuple(name for name in self.fields if name not in ("row", "report_key", "extracted_on"))


REPORTS: Final = Shelf(
    "reports", Report.__table__, ReportVersion.__table__, "report_id", tuple(schema.REPORTS), True  # type: ignore[arg-type]
)  # fmt: skip
INTELLIGENCE: Final = Shelf(
    "intelligence", IntelligenceItem.__table__, IntelligenceVersion.__table__,  # type: ignore[arg-type]
    "intelligence_id", tuple(schema.INTELLIGENCE), False,
)  # fmt: skip
SHELVES: Final = {shelf.kind: shelf for shelf in (REPORTS, INTELLIGENCE)}
