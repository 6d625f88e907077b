"""Intelligence, stored layouts, forms and kept originals; imports know their batch and their door."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# In the order in which they can be dropped.
TABLES = ("submissions", "intelligence_versions", "intelligence", "layouts", "originals")


def upgrade() -> None:
    # Plain additions: SQLite need not copy the large tables for them, nor to take them back.
    op.add_column("imports", sa.Column("batch_id", sa.Integer(), nullable=True))
    op.add_column("imports", sa.Column("batch_messages", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index(op.f("ix_imports_batch_id"), "imports", ["batch_id"], unique=False)
    op.execute(
        "ALTER TABLE imports ADD COLUMN door TEXT DEFAULT 'file' NOT NULL "
        "CONSTRAINT ck_imports_door_known CHECK (door IN ('file', 'form'))"
    )
    op.add_column("reports", sa.Column("stated_category", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE imports SET batch_id = import_id")
    _intelligence()
    _layouts()
    _submissions()
    op.create_table(
        "originals",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_originals")),
    )


def _intelligence() -> None:
    words = (
        "source", "source_agency", "reference", "category", "stated_category", "time_precision", "place_text",
        "postcode", "stated_area", "match_level", "description", "opinion", "handling_code", "conditions",
        "restricted_to", "source_grade", "assessment_grade", "legacy_grading", "ward_gss_code", "placement",
        "boundary_edition", "content_hash",
    )  # fmt: skip
    moments = ("occurred_from", "occurred_to", "reported_at", "extracted_on", "erased_at")
    op.create_table(
        "intelligence",
        sa.Column("intelligence_id", sa.Integer(), nullable=False),
        sa.Column("report_key", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in words),
        *(sa.Column(name, sa.Double(), nullable=True) for name in ("easting_m", "northing_m", "error_m")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in moments),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "placement IN ('in ward', 'outside', 'unlocated')", name=op.f("ck_intelligence_placement_known")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_intelligence_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("intelligence_id", name=op.f("pk_intelligence")),
        sa.UniqueConstraint("report_key", name=op.f("uq_intelligence_report_key")),
        sqlite_autoincrement=True,
    )
    for name in ("import_id", "occurred_from"):
        op.create_index(op.f(f"ix_intelligence_{name}"), "intelligence", [name], unique=False)
    op.create_table(
        "intelligence_versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("intelligence_id", sa.Integer(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["intelligence_id"],
            ["intelligence.intelligence_id"],
            name=op.f("fk_intelligence_versions_intelligence_id_intelligence"),
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["imports.import_id"], name=op.f("fk_intelligence_versions_replaced_by_imports")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_intelligence_versions")),
        sqlite_autoincrement=True,
    )
    for name in ("intelligence_id", "replaced_by"):
        op.create_index(op.f(f"ix_intelligence_versions_{name}"), "intelligence_versions", [name])


def _layouts() -> None:
    op.create_table(
        "layouts",
        sa.Column("layout_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_layouts_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.agency_id"], name=op.f("fk_layouts_agency_id_agencies")
        ),
        sa.PrimaryKeyConstraint("layout_id", name=op.f("pk_layouts")),
        sqlite_autoincrement=True,
    )
    for name in ("name", "agency_id"):
        op.create_index(op.f(f"ix_layouts_{name}"), "layouts", [name], unique=False)


def _submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("intelligence_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.report_id"], name=op.f("fk_submissions_report_id_reports")
        ),
        sa.ForeignKeyConstraint(
            ["intelligence_id"],
            ["intelligence.intelligence_id"],
            name=op.f("fk_submissions_intelligence_id_intelligence"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_submissions_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submissions")),
        sqlite_autoincrement=True,
    )
    for name in ("report_id", "intelligence_id", "account_id"):
        op.create_index(op.f(f"ix_submissions_{name}"), "submissions", [name], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index(op.f("ix_imports_batch_id"), table_name="imports")
    for column in ("door", "batch_messages", "batch_id"):
        op.execute(f"ALTER TABLE imports DROP COLUMN {column}")
    op.execute("ALTER TABLE reports DROP COLUMN stated_category")
