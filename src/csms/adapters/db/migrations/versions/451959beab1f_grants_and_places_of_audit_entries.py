"""Grants: roles of users and API keys, and where they hold; where the subjects of audit entries were"""

import sqlalchemy as sa
from alembic import op

revision = "451959beab1f"
down_revision = "103d965e8e31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("api_key_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["api_key_id"], ["api_keys.id"], name=op.f("fk_grants_api_key_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["location_id"], ["locations.id"], name=op.f("fk_grants_location_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_grants_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grants_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    for column in ("api_key_id", "location_id", "organisation_id", "user_id"):
        op.create_index(op.f(f"ix_grants_{column}"), "grants", [column])
    # Who had a role had it everywhere. A grant may bear its holder's id: ids are unique among all tables.
    op.execute("INSERT INTO grants (id, user_id, role) SELECT id, id, role FROM users")
    op.execute("INSERT INTO grants (id, api_key_id, role) SELECT id, id, role FROM api_keys")
    op.drop_column("users", "role")
    op.drop_column("api_keys", "role")
    for column in ("location_id", "organisation_id"):
        op.add_column("audit_entries", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_index(op.f(f"ix_audit_entries_{column}"), "audit_entries", [column])


def downgrade() -> None:
    """Whoever had several roles keeps one of them, everywhere: better restore a backup."""
    for column in ("location_id", "organisation_id"):
        op.drop_index(op.f(f"ix_audit_entries_{column}"), "audit_entries")
        op.drop_column("audit_entries", column)
    for table, holder in (("users", "user_id"), ("api_keys", "api_key_id")):
        op.add_column(table, sa.Column("role", sa.String(), nullable=False, server_default="viewer"))
        held = f"SELECT min(role) FROM grants WHERE {holder} = {table}.id"  # noqa: S608 - names of ours
        op.execute(f"UPDATE {table} SET role = coalesce(({held}), 'viewer')")  # noqa: S608 - names of ours
    op.drop_table("grants")
