"""Names of people are normalised and compared in one module; no other does it by itself."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CORE: Final = Path(__file__).parents[2] / "core"
NAMES: Final = "core/text/names.py"
OTHER_TEXTS: Final = {
    "core/domain/identity_number.py": "identity numbers",
    "core/domain/mobile.py": "telephone numbers",
    "core/identity/sign_in/hashing.py": "passwords",
    "core/results/marks/table.py": "marks and numbers of candidates",
    "core/results/awards/verification.py": "numbers of certificates",
    "core/applications/roster/importing.py": "identity numbers",
    "core/applications/trades.py": "trades",
    "core/documents/receiving.py": "names of files",
    "core/web/schemas.py": "control characters of any text",
    "core/seasons/trade_table.py": "trades",
    "core/text/form_texts.py": "texts of forms",
    "core/text/titles.py": "titles of columns",
    "core/text/written_dates.py": "dates",
}
"""Who may look into the characters of a text, and which text that is."""
OTHER_NAMES: Final = {
    "core/applications/rules/document.py": "grades",
    "core/cli": "commands, plugins and offices",
    "core/identity/sign_in/service.py": "logins",
    "core/settings.py": "settings",
    "core/text/uploaded_tables.py": "files in an archive",
    "core/text/sheet_parts.py": "files in an archive",
    "core/text/sheets.py": "files in an archive",
    "core/web/errors.py": "fields of a request",
    "core/scheduling/sites/service.py": "rooms",
    "core/pages/results/public_lists.py": "whether the field of a form is empty",
    "core/scheduling/invigilation/register.py": "whether the field of a form is empty",
}
"""Who may trim or change a ``name``, and what it is the name of."""
BOTH_STORED: Final = {"core/results/awards/reissues.py": "the name on a certificate and the one that holds now"}
"""Who may compare names as they are written."""
PEOPLES: Final = frozenset({"person_name", "holder_name", "former_name", "present_name", "applicant_name", "new_name"})
CHANGING: Final = frozenset(
    {"strip", "lstrip", "rstrip", "replace", "translate", "lower", "upper", "casefold", "split", "removesuffix"}
)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(CORE.rglob("*.py")):
        where = path.relative_to(CORE.parent).as_posix()
        if where != NAMES:
            yield where, ast.parse(path.read_text())


def _called(node: ast.expr) -> str:
    """The last word of an expression: ``person_name`` of ``found.person_name``, ``name`` of ``data["name"]``."""
    match node:
        case ast.Attribute(attr=word) | ast.Name(id=word) | ast.Subscript(slice=ast.Constant(value=str(word))):
            return word
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(word)), *_]):
            return word
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return _called(inner)
        case ast.BoolOp(values=[first, *_]):
            return _called(first)
        case _:
            return ""


def _of_a_column(node: ast.expr) -> bool:
    """A column of a model, such as ``Application.person_name``: compared by the database with another stored name."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id[:1].isupper()


def test_only_one_module_looks_into_the_characters_of_names() -> None:
    found = {
        where
        for where, tree in _modules()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(alias.name == "unicodedata" for alias in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "unicodedata")
    }
    assert found == set(OTHER_TEXTS)


def test_no_other_module_trims_or_changes_a_name_of_a_person() -> None:
    found = [
        f"{where}:{node.lineno} {ast.unparse(node)}"
        for where, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CHANGING
        and (
            _called(node.func.value) in PEOPLES
            or (_called(node.func.value) == "name" and not where.startswith(tuple(OTHER_NAMES)))
        )
    ]
    assert not found, found


def test_no_other_module_compares_what_was_typed_with_a_name_of_a_person() -> None:
    found = [
        f"{where}:{node.lineno} {ast.unparse(node)}"
        for where, tree in _modules()
        if where not in BOTH_STORED
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(sign, (ast.Eq, ast.NotEq)) for sign in node.ops)
        and any(_called(side) in PEOPLES and not _of_a_column(side) for side in (node.left, *node.comparators))
    ]
    assert not found, found
