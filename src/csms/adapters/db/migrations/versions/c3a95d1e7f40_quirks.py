"""Quirks of stations, and the repairs of their frames"""

import sqlalchemy as sa
from alembic import op

import csms.kit.tables

revision = "c3a95d1e7f40"
down_revision = "aff8b18be83f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("frames", sa.Column("repairs", sa.String(), nullable=True))
    op.create_table(
        "station_quirks",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("repairs", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_station_quirks_station_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_station_quirks")),
    )
    op.create_table(
        "station_repairs",
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("first_at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.Column("last_at", csms.kit.tables.UtcTime(timezone=True), nullable=False),
        sa.Column("frame_id", csms.kit.tables.BigInt(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name=op.f("fk_station_repairs_station_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("station_id", "kind", name=op.f("pk_station_repairs")),
    )


def downgrade() -> None:
    op.drop_table("station_repairs")
    op.drop_table("station_quirks")
    op.drop_column("frames", "repairs")
