"""The first tables, and the triggers that let the audit log only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order in which they can be dropped.
TABLES = (
    "tasking_decisions",
    "taskings",
    "run_proposals",
    "run_hotspot_members",
    "run_hotspots",
    "run_cells",
    "run_agencies",
    "report_versions",
    "wards",
    "runs",
    "row_issues",
    "reports",
    "base_layers",
    "tombstones",
    "sign_ins",
    "jobs",
    "imports",
    "boundary_editions",
    "account_wards",
    "agreement_parties",
    "accounts",
    "incidents",
    "audit_log",
    "agreements",
    "agencies",
)

SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
    """,
    """
    CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
    """,
    # `INSERT OR REPLACE` deletes without asking the trigger above.
    """
    CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log
    WHEN EXISTS (SELECT 1 FROM audit_log WHERE seq = NEW.seq OR entry_hash = NEW.entry_hash)
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
    """,
)
POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$
    """,
    """
    CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_only_grows()
    """,
    """
    CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()
    """,
)


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency_id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("name", name=op.f("uq_agencies_name")),
    )
    op.create_table(
        "agreements",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("legal_gateway", sa.Text(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("name", name=op.f("uq_agreements_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("entry_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq_audit_log_entry_hash")),
    )
    op.create_index(op.f("ix_audit_log_at"), "audit_log", ["at"], unique=False)

    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incidents")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.agency_id"], name=op.f("fk_accounts_agency_id_agencies")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name_folded", name=op.f("uq_accounts_name_folded")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_accounts_agency_id"), "accounts", ["agency_id"], unique=False)

    op.create_table(
        "agreement_parties",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.agency_id"], name=op.f("fk_agreement_parties_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.agreement_id"],
            name=op.f("fk_agreement_parties_agreement_id_agreements"),
        ),
        sa.PrimaryKeyConstraint("agreement_id", "agency_id", name=op.f("pk_agreement_parties")),
    )
    op.create_index(op.f("ix_agreement_parties_agency_id"), "agreement_parties", ["agency_id"], unique=False)

    op.create_table(
        "account_wards",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("ward_gss_code", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_account_wards_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("account_id", "ward_gss_code", "from_on", name=op.f("pk_account_wards")),
    )
    op.create_table(
        "boundary_editions",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["accounts.account_id"], name=op.f("fk_boundary_editions_added_by_accounts")
        ),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_boundary_editions")),
        sa.UniqueConstraint("name", name=op.f("uq_boundary_editions_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("layout", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("messages", sa.JSON(), nullable=False),
        sa.Column("rows_in", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.Column("updated_count", sa.Integer(), nullable=False),
        sa.Column("unchanged_count", sa.Integer(), nullable=False),
        sa.Column("superseded_count", sa.Integer(), nullable=False),
        sa.Column("erased_count", sa.Integer(), nullable=False),
        sa.Column("joined_count", sa.Integer(), nullable=False),
        sa.Column("rejected_count", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "rows_in = new_count + updated_count + unchanged_count + superseded_count + erased_count"
            " + joined_count + rejected_count",
            name=op.f("ck_imports_rows_accounted_for"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_imports_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.agency_id"], name=op.f("fk_imports_agency_id_agencies")
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_imports_agency_id"), "imports", ["agency_id"], unique=False)
    op.create_index(op.f("ix_imports_sha256"), "imports", ["sha256"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_jobs_state_known")
        ),
        sa.CheckConstraint("share >= 0 AND share <= 1", name=op.f("ck_jobs_share_in_0_1")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_jobs_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_jobs_account_id"), "jobs", ["account_id"], unique=False)
    op.create_index(op.f("ix_jobs_state"), "jobs", ["state"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_sign_ins_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_account_id"), "sign_ins", ["account_id"], unique=False)

    op.create_table(
        "tombstones",
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name=op.f("fk_tombstones_account_id_accounts")
        ),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "base_layers",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("geojson", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["boundary_editions.edition_id"],
            name=op.f("fk_base_layers_edition_id_boundary_editions"),
        ),
        sa.PrimaryKeyConstraint("edition_id", "name", name=op.f("pk_base_layers")),
    )
    op.create_table(
        "reports",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("report_key", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_agency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("occurred_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_precision", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("stated_area", sa.Text(), nullable=False),
        sa.Column("easting_m", sa.Double(), nullable=True),
        sa.Column("northing_m", sa.Double(), nullable=True),
        sa.Column("error_m", sa.Double(), nullable=True),
        sa.Column("match_level", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("handling_code", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("restricted_to", sa.Text(), nullable=False),
        sa.Column("source_grade", sa.Text(), nullable=False),
        sa.Column("assessment_grade", sa.Text(), nullable=False),
        sa.Column("complainant_hash", sa.Text(), nullable=False),
        sa.Column("extracted_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ward_gss_code", sa.Text(), nullable=False),
        sa.Column("placement", sa.Text(), nullable=False),
        sa.Column("boundary_edition", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "placement IN ('in ward', 'outside', 'unlocated')", name=op.f("ck_reports_placement_known")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_reports_import_id_imports")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.incident_id"], name=op.f("fk_reports_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reports")),
        sa.UniqueConstraint("report_key", name=op.f("uq_reports_report_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reports_import_id"), "reports", ["import_id"], unique=False)
    op.create_index(op.f("ix_reports_incident_id"), "reports", ["incident_id"], unique=False)
    op.create_index(op.f("ix_reports_occurred_from"), "reports", ["occurred_from"], unique=False)

    op.create_table(
        "row_issues",
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.import_id"], name=op.f("fk_row_issues_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("issue_id", name=op.f("pk_row_issues")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_row_issues_import_id"), "row_issues", ["import_id"], unique=False)

    op.create_table(
        "runs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("period_start_on", sa.Date(), nullable=False),
        sa.Column("period_end_on", sa.Date(), nullable=False),
        sa.Column("horizon_start_on", sa.Date(), nullable=False),
        sa.Column("horizon_end_on", sa.Date(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("data_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["accounts.account_id"], name=op.f("fk_runs_created_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["boundary_editions.edition_id"],
            name=op.f("fk_runs_edition_id_boundary_editions"),
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wards",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("ward_gss_code", sa.Text(), nullable=False),
        sa.Column("ward_name", sa.Text(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["boundary_editions.edition_id"],
            name=op.f("fk_wards_edition_id_boundary_editions"),
        ),
        sa.PrimaryKeyConstraint("edition_id", "ward_gss_code", name=op.f("pk_wards")),
    )
    op.create_table(
        "report_versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("replaced_by", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["imports.import_id"], name=op.f("fk_report_versions_replaced_by_imports")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.report_id"], name=op.f("fk_report_versions_report_id_reports")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_report_versions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_versions_replaced_by"), "report_versions", ["replaced_by"], unique=False)
    op.create_index(op.f("ix_report_versions_report_id"), "report_versions", ["report_id"], unique=False)

    op.create_table(
        "run_agencies",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.agency_id"], name=op.f("fk_run_agencies_agency_id_agencies")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_agencies_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "agency_id", name=op.f("pk_run_agencies")),
    )
    op.create_index(op.f("ix_run_agencies_agency_id"), "run_agencies", ["agency_id"], unique=False)

    op.create_table(
        "run_cells",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("cell_id", sa.Text(), nullable=False),
        sa.Column("easting_m", sa.Double(), nullable=False),
        sa.Column("northing_m", sa.Double(), nullable=False),
        sa.Column("ward_gss_code", sa.Text(), nullable=False),
        sa.Column("incident_count", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("expected_count", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("p_value_fdr", sa.Double(), nullable=True),
        sa.Column("is_hot", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_cells_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "cell_id", name=op.f("pk_run_cells")),
    )
    op.create_table(
        "run_hotspots",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("hotspot_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("ward_gss_code", sa.Text(), nullable=False),
        sa.Column("ward_name", sa.Text(), nullable=False),
        sa.Column("other_wards", sa.Text(), nullable=False),
        sa.Column("incident_count", sa.Integer(), nullable=False),
        sa.Column("expected_count", sa.Double(), nullable=True),
        sa.Column("rate_ratio", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("p_value_fdr", sa.Double(), nullable=True),
        sa.Column("harm_score", sa.Double(), nullable=True),
        sa.Column("trend", sa.Text(), nullable=False),
        sa.Column("peak_hours", sa.Text(), nullable=False),
        sa.Column("top_categories", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("radius_m", sa.Double(), nullable=True),
        sa.Column("cautions", sa.Text(), nullable=False),
        sa.Column("place_name", sa.Text(), nullable=False),
        sa.Column("easting_m", sa.Double(), nullable=False),
        sa.Column("northing_m", sa.Double(), nullable=False),
        sa.Column("forecast_count", sa.Double(), nullable=True),
        sa.Column("recorded_at_place", sa.Boolean(), nullable=False),
        sa.Column("monthly_counts", sa.Text(), nullable=False),
        sa.Column("outline", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_hotspots_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "hotspot_id", name=op.f("pk_run_hotspots")),
    )
    op.create_table(
        "run_hotspot_members",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("hotspot_id", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.incident_id"],
            name=op.f("fk_run_hotspot_members_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id", "hotspot_id"],
            ["run_hotspots.run_id", "run_hotspots.hotspot_id"],
            name=op.f("fk_run_hotspot_members_run_id_hotspot_id_run_hotspots"),
        ),
        sa.PrimaryKeyConstraint("run_id", "hotspot_id", "incident_id", name=op.f("pk_run_hotspot_members")),
    )
    op.create_index(
        op.f("ix_run_hotspot_members_incident_id"), "run_hotspot_members", ["incident_id"], unique=False
    )
    op.create_table(
        "run_proposals",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("hotspot_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("ward_rank", sa.Integer(), nullable=False),
        sa.Column("ward_gss_code", sa.Text(), nullable=False),
        sa.Column("ward_name", sa.Text(), nullable=False),
        sa.Column("place_name", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("cautions", sa.Text(), nullable=False),
        sa.Column("easting_m", sa.Double(), nullable=False),
        sa.Column("northing_m", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id", "hotspot_id"],
            ["run_hotspots.run_id", "run_hotspots.hotspot_id"],
            name=op.f("fk_run_proposals_run_id_hotspot_id_run_hotspots"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_proposals_run_id_runs")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_run_proposals")),
        sa.UniqueConstraint("run_id", "label", name=op.f("uq_run_proposals_run_id_label")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "taskings",
        sa.Column("tasking_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'changed', 'deferred', 'declined')",
            name=op.f("ck_taskings_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["run_proposals.proposal_id"], name=op.f("fk_taskings_proposal_id_run_proposals")
        ),
        sa.PrimaryKeyConstraint("tasking_id", name=op.f("pk_taskings")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_taskings_proposal_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tasking_decisions",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("tasking_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("present", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "from_state IN ('proposed', 'accepted', 'changed', 'deferred', 'declined')",
            name=op.f("ck_tasking_decisions_from_state_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('proposed', 'accepted', 'changed', 'deferred', 'declined')",
            name=op.f("ck_tasking_decisions_to_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["accounts.account_id"], name=op.f("fk_tasking_decisions_decided_by_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["tasking_id"], ["taskings.tasking_id"], name=op.f("fk_tasking_decisions_tasking_id_taskings")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_tasking_decisions")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_tasking_decisions_tasking_id"), "tasking_decisions", ["tasking_id"], unique=False
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for trigger in POSTGRESQL_TRIGGERS if is_postgresql else SQLITE_TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_log_only_grows()")
