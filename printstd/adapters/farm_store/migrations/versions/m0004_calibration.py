"""What machines were measured to need, by nozzle and spool."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "farm_calibration",
        sa.Column("printer", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("nozzle", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("spool", sa.Text(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.Column("value_e6", sa.BigInteger(), nullable=False),
        sa.Column("u_e6", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("until_s", sa.BigInteger(), nullable=False),
        sa.Column("is_applied", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("printer", "serial", "nozzle", "kind", "spool"),
    )


def downgrade() -> None:
    op.drop_table("farm_calibration")
