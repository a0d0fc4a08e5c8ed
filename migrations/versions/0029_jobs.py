"""The job queue: the schema of the library Procrastinate, unchanged.

0008 to 0028 were folded into the revisions before this one, which kept its number (docs/decisions/0028).

Revision ID: 0029
Revises: 0007
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0029"
down_revision = "0007"
branch_labels = None
depends_on = None

DROP_TABLES = """
DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE
"""
# The tables are types as well: functions that take or give their rows went with them.
DROP_THE_REST = """
DO $$
DECLARE
    thing record;
BEGIN
    FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE format('DROP FUNCTION %s', thing.name);
    END LOOP;
    FOR thing IN SELECT oid::regtype AS name FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typname LIKE 'procrastinate\\_%' AND typcategory <> 'A' LOOP
        EXECUTE format('DROP TYPE %s', thing.name);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    # Many statements at once, straight by the driver: SQLAlchemy would read some of their signs as parameters.
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())


def downgrade() -> None:
    op.execute(DROP_TABLES)
    op.execute(DROP_THE_REST)
