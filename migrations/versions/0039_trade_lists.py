"""Lists of trades that the provincial center loads from a table, version by version.

Revision ID: 0039
Revises: 0038
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

LISTS = """
CREATE TABLE trade_lists (
    id uuid CONSTRAINT pk_trade_lists PRIMARY KEY,
    year bigint NOT NULL CONSTRAINT fk_trade_lists_year REFERENCES seasons (year),
    version bigint NOT NULL,
    trades jsonb NOT NULL,
    source text NOT NULL,
    digest text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by uuid NOT NULL,
    made_by_name text NOT NULL,
    CONSTRAINT uq_trade_lists_year_version UNIQUE (year, version)
);
ALTER TABLE season_trades ADD COLUMN is_open boolean NOT NULL DEFAULT true;
"""
BACK = """
ALTER TABLE season_trades DROP COLUMN is_open;
DROP TABLE trade_lists;
"""


def upgrade() -> None:
    """Add them; a trade that a later list leaves out stays, closed."""
    op.execute(LISTS)


def downgrade() -> None:
    """Take them away; the trades of the files come back with the next load."""
    op.execute(BACK)
