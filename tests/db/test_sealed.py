"""The models know every encrypted column, and the role that changes keys can reach each."""

import ast
from collections.abc import Iterator

from sqlalchemy import Connection, text

from core.db.sealed import lookup_columns, sealed_columns
from core.db.tables import all_tables
from core.documents.models import FileColumns
from core.settings import ROOT


def places(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The table and column of every ``Place(...)`` of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Place":
            table, column = node.args[:2]
            if isinstance(table, ast.Constant) and isinstance(column, ast.Constant):
                yield table.value, column.value
            else:
                yield ast.unparse(table), ast.unparse(column)


# What is sealed and kept in no column: readiness seals and opens a word; a page carries a unit's table of people until
# the good rows are taken in; and what goes through all columns. The fingerprint of a key is a word that this key has
# sealed: with another one it would say nothing.
NOT_IN_A_COLUMN = {
    ("health", "probe"),
    ("table_uploads", "rows"),
    ("column.table.name", "column.name"),
    ("KeyFingerprint.__tablename__", "'fingerprint'"),
}
THE_FILES_OWN = ("file.__tablename__", "'sealed_key'")


def test_every_place_in_which_something_is_sealed_is_a_sealed_column_of_the_models() -> None:
    # A column that is missing here would keep its old key for ever: give it the type core.db.sealed.Sealed.
    files = [path for path in (ROOT / "core").rglob("*.py") if "tenancy" not in path.parts]
    named = {place for path in files for place in places(ast.parse(path.read_text("utf-8")))}
    known = {(column.table.name, column.name) for column in sealed_columns(all_tables())}
    # The key of every file that is kept is sealed in one place, whatever the file belongs to.
    of_files = {(kind.__tablename__, "sealed_key") for kind in FileColumns.__subclasses__()}
    assert of_files == {("documents", "sealed_key"), ("attachments", "sealed_key")}
    assert THE_FILES_OWN in named
    assert named - NOT_IN_A_COLUMN - {THE_FILES_OWN} | of_files == known
    assert list(places(ast.parse("keys.encrypt(x, Place('a', 'b', row))"))) == [("a", "b")]


def test_a_look_up_hash_is_that_of_a_sealed_column_of_its_row() -> None:
    sealed = {(column.table.name, column.name) for column in sealed_columns(all_tables())}
    assert {(column.table.name, column.type.of) for column in lookup_columns(all_tables())} <= sealed


def test_the_keeper_can_reach_every_sealed_column(connection: Connection) -> None:
    """Missing rights are listed as the statements that the policies of the table must hold."""
    missing = []
    for column in (*sealed_columns(all_tables()), *lookup_columns(all_tables())):
        table = column.table.name
        for right, name in (("SELECT", "id"), ("SELECT", column.name), ("UPDATE", column.name)):
            if not connection.scalar(
                text(f"SELECT has_column_privilege('kaowu_keeper', '{table}', '{name}', '{right}')")
            ):
                missing.append(f"GRANT {right} ({name}) ON {table} TO kaowu_keeper")
        for command in ("SELECT", "UPDATE"):
            policy = f"SELECT FROM pg_policies WHERE tablename = '{table}' AND cmd = '{command}'"
            if not connection.scalar(
                text(f"SELECT EXISTS ({policy} AND 'kaowu_keeper' = ANY (roles) AND qual = 'true')")
            ):
                missing.append(
                    f"CREATE POLICY keeper_{command.lower()} ON {table} FOR {command} TO kaowu_keeper USING (true)"
                )
    assert missing == []
