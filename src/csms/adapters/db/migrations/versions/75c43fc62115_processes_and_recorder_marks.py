"""Processes, and the marks of the recorders."""

import sqlalchemy as sa
from alembic import op

import csms.kit.tables

revision = "75c43fc62115"
down_revision = "7d7ef7a5a265"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("instance", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("started_at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.Column("seen_at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processes")),
    )
    op.create_table(
        "recorder_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recorder_marks")),
    )


def downgrade() -> None:
    op.drop_table("recorder_marks")
    op.drop_table("processes")
