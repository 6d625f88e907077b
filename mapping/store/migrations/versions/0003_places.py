"""Places that were found, people's answers, links between reports, excluded places, dated editions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# In the order in which they can be dropped.
TABLES = ("excluded_places", "links", "decided_records", "place_decisions", "local_names")
STATUSES = "'', 'given', 'matched', 'ambiguous', 'unmatched', 'pinned', 'set aside'"


def upgrade() -> None:
    for table in ("reports", "intelligence"):
        # Plain additions: SQLite need not copy the large tables for them, nor to take them back.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN place_status TEXT DEFAULT '' NOT NULL "
            f"CONSTRAINT ck_{table}_place_status_known CHECK (place_status IN ({STATUSES}))"
        )
        op.add_column(table, sa.Column("place_score", sa.Double(), nullable=True))
        op.create_index(op.f(f"ix_{table}_place_status"), table, ["place_status"], unique=False)
    op.execute("UPDATE reports SET place_status = 'given' WHERE easting_m IS NOT NULL")
    op.execute("UPDATE intelligence SET place_status = 'given' WHERE easting_m IS NOT NULL")
    op.execute("ALTER TABLE reports ADD COLUMN own_incident_id INTEGER REFERENCES incidents (incident_id)")
    op.execute("UPDATE reports SET own_incident_id = incident_id")
    op.create_index(op.f("ix_reports_own_incident_id"), "reports", ["own_incident_id"], unique=False)
    op.add_column("boundary_editions", sa.Column("in_force_from", sa.Date(), nullable=True))
    op.execute(
        "ALTER TABLE boundary_editions ADD COLUMN level TEXT DEFAULT 'ward' NOT NULL "
        "CONSTRAINT ck_boundary_editions_level_known CHECK (level IN ('ward', 'data zone', 'LSOA'))"
    )
    _answers()
    _links()
    _excluded_places()


def _answers() -> None:
    op.create_table(
        "local_names",
        sa.Column("name_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "match_level")),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("easting_m", "northing_m", "error_m")),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        *_accounts_of("local_names", "account_id"),
        sa.PrimaryKeyConstraint("name_id", name=op.f("pk_local_names")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_local_names_name"), "local_names", ["name"], unique=False)
    words = ("place_text", "postcode", "stated_area", "answer", "name", "match_level")
    op.create_table(
        "place_decisions",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("easting_m", "northing_m", "error_m")),
        sa.Column("name_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "answer IN ('candidate', 'pin', 'set aside')", name=op.f("ck_place_decisions_answer_known")
        ),
        sa.ForeignKeyConstraint(
            ["name_id"], ["local_names.name_id"], name=op.f("fk_place_decisions_name_id_local_names")
        ),
        *_accounts_of("place_decisions", "account_id", "reversed_by"),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_place_decisions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_place_decisions_name_id"), "place_decisions", ["name_id"], unique=False)
    op.create_table(
        "decided_records",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["place_decisions.decision_id"],
            name=op.f("fk_decided_records_decision_id_place_decisions"),
        ),
        sa.PrimaryKeyConstraint("decision_id", "kind", "record_id", name=op.f("pk_decided_records")),
    )


def _accounts_of(table: str, *columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], ["accounts.account_id"], name=op.f(f"fk_{table}_{name}_accounts"))
        for name in columns
    ]


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("link_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("first_report_id", "second_report_id")),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('joined', 'queued', 'apart')", name=op.f("ck_links_state_known")),
        sa.CheckConstraint("first_report_id < second_report_id", name=op.f("ck_links_ordered")),
        *(
            sa.ForeignKeyConstraint([name], ["reports.report_id"], name=op.f(f"fk_links_{name}_reports"))
            for name in ("first_report_id", "second_report_id")
        ),
        *_accounts_of("links", "decided_by"),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_links")),
        sa.UniqueConstraint(
            "first_report_id", "second_report_id", name=op.f("uq_links_first_report_id_second_report_id")
        ),
        sqlite_autoincrement=True,
    )
    for name in ("second_report_id", "state"):
        op.create_index(op.f(f"ix_links_{name}"), "links", [name], unique=False)


def _excluded_places() -> None:
    op.create_table(
        "excluded_places",
        sa.Column("place_id", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("name", "kind", "treatment", "reason", "ended_reason")
        ),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("easting_m", "northing_m", "radius_m")),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "treatment IN ('caution', 'exclusion')", name=op.f("ck_excluded_places_treatment_known")
        ),
        sa.CheckConstraint("radius_m > 0", name=op.f("ck_excluded_places_radius_positive")),
        *_accounts_of("excluded_places", "account_id", "ended_by"),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_excluded_places")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for column in ("level", "in_force_from"):
        op.execute(f"ALTER TABLE boundary_editions DROP COLUMN {column}")
    op.drop_index(op.f("ix_reports_own_incident_id"), table_name="reports")
    op.execute("ALTER TABLE reports DROP COLUMN own_incident_id")
    for table in ("reports", "intelligence"):
        op.drop_index(op.f(f"ix_{table}_place_status"), table_name=table)
        for column in ("place_score", "place_status"):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
