"""Facts relayed to reactions, and daily totals; facts from before are relayed too, so that history is counted"""

import sqlalchemy as sa
from alembic import op

import csms.kit.tables

revision = "103d965e8e31"
down_revision = "b6cb980df7ce"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counted_sessions",
        sa.Column("session_id", csms.kit.tables.AutoId, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("energy_wh", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_counted_sessions")),
    )
    op.create_table(
        "daily_totals",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("energy_wh", sa.BigInteger(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "location_id", name=op.f("pk_daily_totals")),
    )
    op.create_table(
        "fact_reactions",
        sa.Column("fact_id", sa.BigInteger(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", csms.kit.tables.UtcTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fact_id", "reaction", name=op.f("pk_fact_reactions")),
    )
    op.create_index(
        "ix_fact_reactions_failing",
        "fact_reactions",
        ["fact_id"],
        sqlite_where=sa.text("state = 'failing'"),
        postgresql_where=sa.text("state = 'failing'"),
    )
    op.create_table(
        "relay_claims",
        sa.Column("share", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Uuid(), nullable=False),
        sa.Column("until", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("share", name=op.f("pk_relay_claims")),
    )
    op.add_column("facts", sa.Column("relayed", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_facts_waiting",
        "facts",
        ["id"],
        sqlite_where=sa.text("relayed = 0"),
        postgresql_where=sa.text("NOT relayed"),
    )


def downgrade() -> None:
    op.drop_index("ix_facts_waiting", "facts")
    op.drop_column("facts", "relayed")
    op.drop_table("relay_claims")
    op.drop_table("fact_reactions")
    op.drop_table("daily_totals")
    op.drop_table("counted_sessions")
