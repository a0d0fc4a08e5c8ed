"""Who may import whom: the table of the design, held against every import that stands anywhere in the code.

What is about the whole tree is written here as data, each exception with its reason; the rest is one walk over the
syntax trees.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import ROOT

CAPABILITIES = (
    "audit",
    "tenancy",
    "messages",
    "identity",
    "organizations",
    "seasons",
    "documents",
    "applications",
    "delegation",
    "reviews",
    "scheduling",
    "results",
    "sanctions",
    "oversight",
)
"""Imports run one way along this list: a capability knows itself and those before it."""

PURE = {
    "core.applications.rules.clauses",
    "core.applications.rules.conditions",
    "core.applications.rules.eligibility",
    "core.applications.forms",
    "core.applications.initials",
    "core.applications.rules.materials",
    "core.applications.rules.retirement",
    "core.applications.rules.document",
    "core.domain.workflow",
    "core.audit.events",
    "core.audit.merkle",
    "core.delegation.scope",
    "core.reviews.reasons",
    "core.identity.identity_number",
    "core.identity.mobile",
    "core.messages.deadlines",
    "core.messages.kinds",
    "core.domain.message_templates",
    "core.domain.permissions",
    "core.identity.sign_in.password_rules",
    "core.oversight.attention",
    "core.oversight.board",
    "core.oversight.filings_due",
    "core.oversight.labels",
    "core.results.awards.certificate_life",
    "core.results.marks.contradictions",
    "core.results.awards.numbering",
    "core.domain.pass_rules",
    "core.results.evaluation.scoring_rules",
    "core.sanctions.procedure",
    *(f"core.scheduling.{name}" for name in ("allocation", "assigning", "flow", "grouping", "problem", "programmes")),
    *(
        f"core.scheduling.{name}"
        for name in ("chart", "door_rules", "invigilation", "neighbours", "replanning", "seating", "shortages")
    ),
    "core.text.dates",
    "core.domain.calendar",
    "core.text.form_texts",
}
"""Decisions without a database or a framework. They lead nowhere, so everybody may import them."""
PURE_MAY = {"core.clock", "core.errors", "core.plugin_api", "core.plugin_api.scheduling"} | PURE
PURE_LIBRARIES = {"pydantic", "pypinyin", "stdnum", "chinese_calendar", "zxcvbn", "ortools", "numpy"}

FOUNDATION = {
    *("clock", "ciphers", "errors", "keys", "logs", "moments", "settings", "sheets", "signatures", "texts"),
    *("db", "jobs"),
    *("plugin_api", "plugin_checks", "plugin_documents", "plugin_messages", "plugin_results", "plugin_scheduling"),
    *("hookspecs", "hook_floors", "hook_calls", "hooks"),
}
EDGE_FILES = ("api", "pages", "schemas")
"""A capability's side towards the web, ``onsite_api`` included: it stands above all capabilities, as the web does."""
TOP = {
    "demo": 90,
    "platform": 100,
    "retention": 150,
    "backup": 150,
    "web": 200,
    "simulate": 300,
    "app": 400,
    "worker": 400,
    "cli": 500,
}

# Library → the only places that may import it, and why these.
CONFINED = {
    "pluggy": (
        ("core.hooks.office_hooks", "core.plugin_api", "core.tenancy.plugins"),
        "typed calls, the markers, and each office's own manager",
    ),
    "litestar": (("core.web", "core.app", "*api", "*pages"), "the web is an edge; services raise our own errors"),
    "click": (("core.cli",), "the command line is an edge"),
    "rich": (("core.cli",), "the command line is an edge"),
    "alembic": (("core.db.migrate",), "migrations run from one place, as the owner"),
    "psycopg": (("core.db",), "everybody else speaks to PostgreSQL through a session with a scope"),
    "procrastinate": (("core.jobs", "core.worker", "*jobs"), "one home for the job queue"),
    "cryptography": (
        (
            "core.security.keys",
            "core.security.ciphers",
            "core.documents.vault",
            "core.backup",
            "core.security.signatures",
        ),
        "keys have one provider; files are sealed as streams and tell a wrong key apart; papers are signed",
    ),
}

# Who imports against the list all the same, and why. Every line must still be needed.
EXCEPTIONS: dict[tuple[str, str], str] = {}

STATES = {
    "batch": "OnsiteBatch",
    "check": "ScoreCheck",
    "correction": "MarkCorrection",
    "deferral": "Deferral",
    "filing": "Filing",
    "form": "ManagerForm",
    "job": "PaperJob",
    "imported": "MarkImport",
    "message": "OutboxMessage",
    "objection": "Objection",
    "one": "Delegation",
    "package": "ArchivePackage",
    "panel": "EvaluationPanel",
    "plan": "Plan",
    "publication": "Publication",
    "request": "AccommodationRequest",
    "sanction": "SanctionCase",
    "sheet": "EvaluationSheet",
}
"""Variables whose ``state`` may be set outside ``core/applications/moves.py``, and what they hold: no application."""


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def dotted(path: Path) -> str:
    """The module's name, a package's without ``__init__``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in a file; of ``from core.x import y``, ``core.x.y`` where that is one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                path = ROOT.joinpath(*inner.split("."))
                is_module = path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
                yield inner if is_module else str(node.module)


def below(name: str, place: str) -> bool:
    """Whether a module is ``place`` or lies in it; ``*api`` stands for every capability's file that ends so."""
    if place.startswith("*"):
        return name.split(".")[1] in CAPABILITIES and name.endswith(place[1:])
    return name == place or name.startswith(f"{place}.")


def library(name: str) -> str | None:
    """The installed library that a module belongs to; None for our own and the standard library."""
    top = name.split(".", maxsplit=1)[0]
    return None if top in sys.stdlib_module_names or top in {"core", "plugins", "tenants", "tests"} else top


def rank(name: str) -> int:
    """How high a module of core stands; it may import what stands no higher."""
    part = (*name.split("."), "")[1]
    if part in CAPABILITIES and name.endswith(EDGE_FILES):
        return TOP["web"]
    if part in CAPABILITIES:
        return 10 + CAPABILITIES.index(part)
    if part in FOUNDATION:
        return 0
    return {
        "": 0,
        "jobs": 50,
        "demo": 90,
        "platform": 100,
        "backup": 150,
        "retention": 150,
        "web": 200,
        "simulate": 300,
        "app": 400,
        "worker": 400,
        "cli": 500,
    }[part]


def fault(name: str, wanted: str) -> str | None:
    """Why the module ``name`` may not import ``wanted``; None where it may."""
    used = library(wanted)
    if used in CONFINED and not any(below(name, place) for place in CONFINED[used][0]):
        return f"{name} imports {wanted}: {CONFINED[used][1]}"
    if name.startswith("plugins"):
        allowed = wanted == "core.plugin_api" or not wanted.startswith("core")
        return None if allowed else f"{name} imports {wanted}; a plugin knows core.plugin_api alone"
    if wanted.split(".", maxsplit=1)[0] in {"plugins", "tenants", "tests"}:
        return f"{name} imports {wanted}; core finds plugins and tenants by name, at run time"
    if name in PURE:
        allowed = used in PURE_LIBRARIES if used else not wanted.startswith("core") or wanted in PURE_MAY
        return None if allowed else f"{name} imports {wanted}, and is meant to be a pure decision"
    if not wanted.startswith("core.") or wanted in PURE or (name, wanted) in EXCEPTIONS:
        return None
    if below(wanted, "*api") and name != "core.app":
        return f"{name} imports {wanted}; nobody imports a page or an API but core.app"
    if rank(wanted) > rank(name):
        return f"{name} imports {wanted}, which stands higher"
    return None


@pytest.mark.parametrize("path", modules("core", "plugins"), ids=dotted)
def test_every_import_points_the_right_way(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert [why for wanted in sorted(set(imports(tree))) if (why := fault(dotted(path), wanted))] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("core.domain.workflow", "import sqlalchemy"),
        ("core.applications.rules.eligibility", "from core.db.session import Role"),
        ("core.audit.service", "from core.identity.models import Account"),
        ("core.identity.service", "from core.applications import models"),
        ("core.applications.service", "from core.delegation.queries import handlers_of"),
        ("core.db.session", "from core.identity.models import Account"),
        ("core.reviews.service", "from litestar import get"),
        ("core.reviews.service", "from core.platform import Platform"),
        ("core.reviews.service", "import psycopg"),
        ("core.tenancy.config.office", "import plugins.henan_defaults"),
        ("core.hooks.office_hooks", "from tenants import henan"),
        ("core.hooks.calls", "import pluggy"),
        ("plugins.luoyang_contract", "from core.applications.models import Application"),
        ("plugins.luoyang_contract", "import pluggy"),
        ("core.platform", "from core.simulate.world import World"),
        ("core.simulate.season", "from core.cli import main"),
        ("core.web.routes", "from core.api.reviews.reviews import routes"),
    ],
)
def test_an_import_that_points_the_wrong_way_is_found(name: str, line: str) -> None:
    assert [fault(name, wanted) for wanted in imports(ast.parse(line))] != [None]


def test_the_lists_of_this_test_name_what_there_is() -> None:
    known = {dotted(path) for path in modules("core")}
    assert known >= PURE
    parts = {name.split(".")[1] for name in known if "." in name}
    assert parts - {*CAPABILITIES, *FOUNDATION, *TOP} == set()


@pytest.mark.parametrize("path", modules("core", "plugins"), ids=dotted)
def test_no_file_is_so_long_that_it_is_two(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 450


def engines_that_show_parameters(tree: ast.AST) -> list[int]:
    """The lines on which an engine is made whose errors would tell what was written or asked for."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "create_engine"]
    return [call.lineno for call in made if "hide_parameters" not in {one.arg for one in call.keywords}]


def test_no_error_of_the_database_shows_parameters() -> None:
    found = {dotted(path): engines_that_show_parameters(ast.parse(path.read_text("utf-8"))) for path in modules("core")}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert engines_that_show_parameters(ast.parse("engine = create_engine(url, pool_size=1)")) == [1]


def assigned_states(tree: ast.AST) -> set[str]:
    """The variables of which an attribute ``state`` is assigned anywhere in a file, also among others in one line."""
    found = set()
    for node in ast.walk(tree):
        stored = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if stored and isinstance(node, ast.Attribute) and node.attr == "state":
            found.add(ast.unparse(node.value))
    return found


def test_nothing_but_a_move_sets_the_state_of_an_application() -> None:
    found = {dotted(path): assigned_states(ast.parse(path.read_text("utf-8"))) for path in modules("core", "plugins")}
    assert found.pop("core.applications.moves") == {"application"}
    assert {name: names - set(STATES) for name, names in found.items() if names - set(STATES)} == {}


def test_an_assignment_among_others_is_found() -> None:
    tree = ast.parse("case.state, case.due_at = 'qualified', None\nother.state: str = 'draft'\nprint(read.state)")
    assert assigned_states(tree) == {"case", "other"}
