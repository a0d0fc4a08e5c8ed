"""`kaowu docs policies`: table by command by scope, read out of the policies that the database holds."""

import re
from collections.abc import Iterable, Iterator, Sequence

from core.db import roles
from core.db.isolation import OPEN_TABLES, Policy

COMMANDS = ("SELECT", "INSERT", "UPDATE", "DELETE")
OF_ROLES = {roles.PROVINCE: "province", roles.AUDITOR: "auditor", roles.KEEPER: "keeper", roles.TRANSFER: "functions"}
"""Roles of PostgreSQL that stand for a scope; the scopes of the running role follow from what its policies ask."""
OF_SETTINGS = {
    "kaowu.person_id": "person",
    "kaowu.unit_ids": "unit",
    "kaowu.office_id": "office",
    "kaowu.account_id": "account",
}
_ASKED_SCOPE = re.compile(
    r"'kaowu\.scope'::text, true\), ''::text\) AS \"nullif\"\) "
    r"(?:(IS NOT NULL)|= '(\w+)'::text|= ANY \(ARRAY\[([^]]*)\]\))"
)
_TABLE = re.compile(r"\b(?:FROM|JOIN) \(*(\w+) \w+")
_WORD = re.compile(r"'(\w+)'")

_HEAD = """\
# Who reaches which row

<!-- Made by `kaowu docs policies` from the policies of a database. -->

A cell names what the policies of a command ask for, one or several together. *person*, *unit*, *office*, *account*: the
session's, which the row has, or a row that it leads to. *as* a table: where a row of that one is seen. The others are
scopes (`core/db/session.py`); *functions*: those that look behind the policies. Whole they stand in
`migrations/sql/policies`.
"""
_OPEN = """\
## Without policies
"""


def policies_page(tables: Iterable[str], policies: Sequence[Policy]) -> str:
    """Every table of a database: who reaches it by which command, or why nothing keeps anybody from it."""
    closed, open_ = [], []
    for table in tables:
        own = [policy for policy in policies if policy.table == table]
        if own:
            closed.append((f"`{table}`", *(_cell(own, command) for command in COMMANDS)))
        else:
            open_.append((f"`{table}`", OPEN_TABLES.get(table, "**No reason is given.**")))
    return "\n".join(
        (
            _HEAD,
            markdown_table(("Table", *(command.lower() for command in COMMANDS)), closed),
            _OPEN,
            markdown_table(("Table", "Because"), open_),
        )
    )


def markdown_table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown, a row a line."""
    lines = (heading, ("---",) * len(heading), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def scopes(policy: Policy) -> Iterator[str]:
    """The scopes that a policy lets through, in words."""
    if policy.role in OF_ROLES:
        yield OF_ROLES[policy.role]
        return
    if policy.condition == "true":
        yield "everybody"
    yield from (scope for setting, scope in OF_SETTINGS.items() if f"'{setting}'" in policy.condition)
    for every, single, several in _ASKED_SCOPE.findall(policy.condition):
        yield from ["every scope"] if every else _WORD.findall(several) or [single]
    yield from (f"as `{table}`" for table in _TABLE.findall(policy.condition))


def _cell(policies: Iterable[Policy], command: str) -> str:
    own = [policy for policy in policies if policy.command in {command, "ALL"}]
    allowed = {scope: None for policy in own if not policy.narrows for scope in scopes(policy)}
    narrowed = {f"but for `{policy.name}`": None for policy in own if policy.narrows}
    order = list(OF_ROLES.values())
    return ", ".join(sorted(allowed, key=lambda scope: order.index(scope) if scope in order else -1) + list(narrowed))
