"""Refusals of id tokens, and what starts led to"""

import sqlalchemy as sa
from alembic import op

import csms.kit.tables

revision = "81f57b4d9f0b"
down_revision = "604eb41a49e3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "id_token_refusals",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("id_token", sa.String(), nullable=False),
        sa.Column("id_token_key", sa.String(), nullable=False),
        sa.Column("authorization", sa.String(), nullable=False),
        sa.Column("frame_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_id_token_refusals")),
    )
    with op.batch_alter_table("id_token_refusals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_id_token_refusals_id_token_key_at"), ["id_token_key", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_id_token_refusals_station_id_at"), ["station_id", "at"], unique=False)

    with op.batch_alter_table("commands", schema=None) as batch_op:
        batch_op.add_column(sa.Column("led_to", sa.String(), nullable=True))
        batch_op.create_index(
            "ix_commands_starts_open",
            ["state", "settled_at"],
            unique=False,
            sqlite_where=sa.text("verb = 'start' AND led_to IS NULL"),
            postgresql_where=sa.text("verb = 'start' AND led_to IS NULL"),
        )

    # What became of earlier starts is not looked into any more.
    op.execute("UPDATE commands SET led_to = 'nothing' WHERE verb = 'start' AND state NOT IN ('pending', 'sent')")


def downgrade() -> None:
    with op.batch_alter_table("commands", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_commands_starts_open",
            sqlite_where=sa.text("verb = 'start' AND led_to IS NULL"),
            postgresql_where=sa.text("verb = 'start' AND led_to IS NULL"),
        )
        batch_op.drop_column("led_to")

    with op.batch_alter_table("id_token_refusals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_id_token_refusals_station_id_at"))
        batch_op.drop_index(batch_op.f("ix_id_token_refusals_id_token_key_at"))

    op.drop_table("id_token_refusals")
