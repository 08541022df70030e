"""Appointments, service requests, and notes on them."""

import sqlalchemy as sa
from alembic import op

from rising_bsm.db.base import UtcDateTime

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Adds them, and finds the activity on one entity."""
    _create_appointments()
    _create_requests()
    _create_notes()
    op.create_index("ix_activity_entity_entity_id_id", "activity", ["entity", "entity_id", "id"])


def downgrade() -> None:
    """Removes them."""
    op.drop_index("ix_activity_entity_entity_id_id", "activity")
    for table in ("notes", "requests", "appointments"):
        op.drop_table(table)


def _versioned() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
    )


def _create_appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_appointments_customer_id"),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name="fk_appointments_assignee_id"),
    )
    op.create_index("ix_appointments_customer_id", "appointments", ["customer_id"])
    op.create_index("ix_appointments_assignee_id_starts_at", "appointments", ["assignee_id", "starts_at"])
    for column in ("starts_at", "created_at", "updated_at"):
        op.create_index(f"ix_appointments_{column}_id", "appointments", [column, "id"])


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        *_versioned(),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name="fk_requests_assignee_id"),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}s.id"], name=f"fk_requests_{one}_id", ondelete="SET NULL")
            for one in ("customer", "appointment")
        ),
    )
    for column in ("assignee_id", "customer_id", "appointment_id"):
        op.create_index(f"ix_requests_{column}", "requests", [column])
    for column in ("created_at", "updated_at"):
        op.create_index(f"ix_requests_{column}_id", "requests", [column, "id"])


def _create_notes() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.String(40), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("author_name", sa.String(200), nullable=False),
        sa.Column("plugin", sa.String(81), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_entity_entity_id_id", "notes", ["entity", "entity_id", "id"])
