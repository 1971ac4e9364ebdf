"""What the reason of a print was made of, so that it can be told in other languages."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column(
        "farm_instance", sa.Column("reason_said", sa.Text(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("farm_instance", "reason_said")
