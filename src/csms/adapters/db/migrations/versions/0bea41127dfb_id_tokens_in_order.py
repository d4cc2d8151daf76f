"""id tokens in order"""

from alembic import op

revision = "0bea41127dfb"
down_revision = "cd817c7635d7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_id_tokens_created_at_id", "id_tokens", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_id_tokens_created_at_id", "id_tokens")
