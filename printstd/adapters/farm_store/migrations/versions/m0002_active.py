"""What is not over, in the order in which it is shown: an index for pages of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NOT_OVER = "state NOT IN ('cancelled', 'done', 'failed')"


def upgrade() -> None:
    op.create_index(
        "farm_instance_active",
        "farm_instance",
        [sa.literal_column("priority DESC"), "due_s", "number"],
        unique=False,
        sqlite_where=sa.text(_NOT_OVER),
        postgresql_where=sa.text(_NOT_OVER),
    )


def downgrade() -> None:
    op.drop_index("farm_instance_active", table_name="farm_instance")
