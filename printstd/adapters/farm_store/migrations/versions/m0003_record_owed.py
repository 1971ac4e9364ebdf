"""Prints that ended before their end and whose signed record is still to be made."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "farm_record_owed",
        sa.Column("instance", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("printer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance"),
    )


def downgrade() -> None:
    op.drop_table("farm_record_owed")
