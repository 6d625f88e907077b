"""What later runs say of cells and hotspots, and which run a run takes its hotspots' ids from."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXTS = {
    "run_cells": ("trend",),
    "run_hotspots": (
        "identity",
        "before",
        "seen_since_on",
        "change",
        "last_seen_on",
        "source_mix",
        "excess_kind",
    ),
}
NUMBERS = {
    "run_cells": ("gi_star_z",),
    "run_hotspots": ("harm_rank", "weighted_share", "clumpiness", "low_count", "high_count"),
}


def upgrade() -> None:
    # Plain additions: what was recorded before says nothing of them, and SQLite copies no table.
    for table, columns in TEXTS.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Text(), server_default="", nullable=False))
    for table, columns in NUMBERS.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.Double(), nullable=True))
    # Runs of before know no history; what they said of direction stays what it was.
    op.execute("UPDATE run_hotspots SET change = trend, trend = 'none'")
    op.add_column("run_hotspots", sa.Column("capped_count", sa.Integer(), server_default="0", nullable=False))
    op.execute("ALTER TABLE runs ADD COLUMN follows_run_id INTEGER REFERENCES runs (run_id)")
    op.create_index(op.f("ix_runs_follows_run_id"), "runs", ["follows_run_id"], unique=False)


def downgrade() -> None:
    op.execute("UPDATE run_hotspots SET trend = change")
    op.drop_index(op.f("ix_runs_follows_run_id"), table_name="runs")
    op.execute("ALTER TABLE runs DROP COLUMN follows_run_id")
    op.execute("ALTER TABLE run_hotspots DROP COLUMN capped_count")
    for columns_of in (NUMBERS, TEXTS):
        for table, columns in columns_of.items():
            for column in columns:
                op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
