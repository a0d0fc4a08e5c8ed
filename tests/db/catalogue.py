"""What a database consists of, for tests that compare: all that a migration could leave behind or forget."""

from sqlalchemy import Connection, text

CATALOGUE = {
    "columns": "SELECT table_name, column_name, ordinal_position, data_type, column_default, is_nullable "
    "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 3",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "protection": "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    "policies": "SELECT tablename, policyname, permissive, cmd, roles::text, qual, with_check "
    "FROM pg_policies ORDER BY 1, 2",
    "functions": "SELECT proname, proowner::regrole::text, pg_get_functiondef(oid) FROM pg_proc "
    "WHERE pronamespace = 'public'::regnamespace ORDER BY 1, oid::regprocedure::text",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal ORDER BY 1, 2",
    "views": "SELECT viewname, viewowner, definition FROM pg_views WHERE schemaname = 'public' ORDER BY 1",
    "rights": "SELECT relname, '', r.grantee::regrole::text, r.privilege_type FROM pg_class, "
    "aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\", relowner))) r "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') UNION ALL "
    "SELECT relname, attname, r.grantee::regrole::text, r.privilege_type "
    "FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl) r "
    "WHERE relnamespace = 'public'::regnamespace ORDER BY 1, 2, 3, 4",
    "rights to functions": "SELECT p.oid::regprocedure::text, r.grantee FROM pg_proc p "
    "CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) r "
    "WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
}
"""What is asked → the question."""


def shape(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Everything of the schema ``public``, in an order that does not depend on how it came about."""
    return {name: [tuple(row) for row in connection.execute(text(query))] for name, query in CATALOGUE.items()}
