"""The roles of PostgreSQL that the isolation of offices rests on, for every installation.

The embedded server applies this at each start; `kaowu db roles-sql` prints the same for a production server, where
its superuser runs it once. Running it again changes nothing.

* ``kaowu_owner`` owns the database and its tables and runs the migrations; requests never use it.
* ``kaowu_app`` runs the requests. It owns nothing and inherits nothing; it enters another role by SET ROLE alone.
* ``kaowu_province``, ``kaowu_auditor`` are entered by the running role for the province's and an auditor's sessions.
* ``kaowu_keeper`` is entered by the running role for the change of keys and the erasure of personal data.
* ``kaowu_transfer`` owns the one function that changes the office in charge of a case; only a migration can act as it.
"""

from psycopg import sql

OWNER = "kaowu_owner"
APP = "kaowu_app"
PROVINCE = "kaowu_province"
AUDITOR = "kaowu_auditor"
KEEPER = "kaowu_keeper"
TRANSFER = "kaowu_transfer"
LOGIN_ROLES = (OWNER, APP)
ALL_ROLES = (OWNER, APP, PROVINCE, AUDITOR, KEEPER, TRANSFER)

DATABASE = "kaowu"

_HARMLESS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"

_ROLES = f"""
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['{"', '".join(ALL_ROLES)}'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
    END LOOP;
END
$$;
ALTER ROLE {OWNER} LOGIN INHERIT {_HARMLESS};
ALTER ROLE {APP} LOGIN NOINHERIT {_HARMLESS};
ALTER ROLE {PROVINCE} NOLOGIN NOINHERIT {_HARMLESS};
ALTER ROLE {AUDITOR} NOLOGIN NOINHERIT {_HARMLESS};
ALTER ROLE {KEEPER} NOLOGIN NOINHERIT {_HARMLESS};
ALTER ROLE {TRANSFER} NOLOGIN NOINHERIT {_HARMLESS};
GRANT {PROVINCE}, {AUDITOR}, {KEEPER} TO {APP} WITH INHERIT FALSE, SET TRUE;
GRANT {TRANSFER} TO {OWNER} WITH INHERIT FALSE, SET TRUE;
"""

_SCHEMA = f"""
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {APP}, {PROVINCE}, {AUDITOR}, {KEEPER}, {TRANSFER};
"""


def roles_statement() -> sql.SQL:
    """Return the statement that makes the roles and their memberships, also over existing ones; without passwords."""
    return sql.SQL(_ROLES)


def password_statement(role: str, verifier: str) -> sql.Composed:
    """Return the statement that sets a role's password; ``verifier`` should be a SCRAM verifier, not the password."""
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))


def create_database_statement(name: str = DATABASE, *, template: str = "template0") -> sql.Composed:
    """Return the statement that creates a database of the owner, with the same sorting everywhere; no transaction."""
    return sql.SQL(
        "CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8' "
        "LOCALE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    ).format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template))


def drop_database_statement(name: str) -> sql.Composed:
    """Return the statement that removes a database and ends the sessions in it."""
    return sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))


def connect_statement(name: str = DATABASE) -> sql.Composed:
    """Return the statement by which only the owner and the running role may connect to a database."""
    return sql.SQL(
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC; GRANT CONNECT ON DATABASE {database} TO {app};"
    ).format(database=sql.Identifier(name), app=sql.Identifier(APP))


def schema_statement() -> sql.SQL:
    """Return the statement of the rights to the schema ``public``, to be run inside the database."""
    return sql.SQL(_SCHEMA)


def production_script() -> str:
    """Return all statements as one script for psql, for a superuser who gives the two passwords with ``-v``."""
    return "\n".join(
        [
            "-- Roles and database of Kaowu. psql -v owner_password=... -v app_password=... -f FILE postgres",
            "\\set ON_ERROR_STOP on",
            _ROLES.strip(),
            f"ALTER ROLE {OWNER} PASSWORD :'owner_password';",
            f"ALTER ROLE {APP} PASSWORD :'app_password';",
            f"SELECT {sql.Literal(create_database_statement().as_string()).as_string()}",
            f"    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec",
            connect_statement().as_string(),
            f"\\connect {DATABASE}",
            _SCHEMA.strip(),
            "",
        ]
    )
