"""Who may import whom: one list of floors and two laws, held against every import of the code.

The first law: a module imports from its own floor and those below. The second: within a capability, models know what is
pure, queries know models, services know queries; what is pure knows neither database nor framework. It lies in a folder
that is pure as a whole, or says so in the first word of its first line.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.tables import model_modules
from core.settings import ROOT

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "clock", "logs", "settings", "plugin_api", "text", "domain", "security", "printing"),
    ("db",),
    ("audit",),
    ("hooks",),
    ("jobs",),
    ("tenancy",),
    ("messages",),
    ("identity",),
    ("organizations",),
    ("seasons",),
    ("documents",),
    ("applications",),
    ("delegation",),
    ("reviews",),
    ("scheduling",),
    ("results",),
    ("sanctions",),
    ("responsibility",),
    ("oversight",),
    ("demo_clock", "keyring"),
    ("platform",),
    ("web",),
    ("api",),
    ("pages",),
    ("retention", "backup"),
    ("simulate",),
    ("app", "worker"),
    ("cli",),
)
"""From the ground up. ``docs/architecture.md`` prints the same list."""

CAPABILITIES = frozenset(part for floor in FLOORS[2:19] for part in floor) - {"hooks", "jobs"}
WEB_KNOWS = {"identity"}
"""The capabilities that the kit of the web may import; the answers of others are handed in (``core/web/ports.py``)."""

PURE_FOLDERS = ("core.domain", "core.plugin_api", "core.text", "core.applications.rules", "core.scheduling.allocation")
PURE_MAY = {"core.clock", "core.errors"}
PURE_LIBRARIES = {"pydantic", "pypinyin", "stdnum", "chinese_calendar", "zxcvbn", "ortools", "numpy", "python_calamine"}
NOT_PURE = {
    "core.text.uploaded_tables": "reads files that somebody uploads",
    "core.text.sheet_parts": "reads those files",
    "core.text.sheets": "reads those files",
    "core.text.filled_tables": "reads those files, and makes the ones to be filled in",
}
"""Files in a pure folder that are not, and why."""

# Library → the only places that may import it, and why these.
CONFINED = {
    "pluggy": (
        ("core.hooks", "core.plugin_api", "core.tenancy.plugins"),
        "typed calls, the markers, and each office's own manager",
    ),
    "litestar": (
        ("core.web", "core.api", "core.pages", "core.app"),
        "the web is an edge; services raise our own errors",
    ),
    "click": (("core.cli",), "the command line is an edge"),
    "rich": (("core.cli",), "the command line is an edge"),
    "alembic": (("core.db.migrate",), "migrations run from one place, as the owner"),
    "psycopg": (("core.db",), "everybody else speaks to PostgreSQL through a session with a scope"),
    "procrastinate": (("core.jobs", "core.worker", "*jobs"), "one home for the job queue"),
    "cryptography": (
        ("core.security", "core.documents.vault", "core.backup"),
        "keys have one provider; files are sealed as streams and tell a wrong key apart; papers are signed",
    ),
}

STATES = {
    "act": "UnitAct",
    "listed": "ArchiveHandover",
    "amendment": "IdentityCorrection",
    "batch": "OnsiteBatch",
    "booking": "OnsiteBooking",
    "check": "ScoreCheck",
    "correction": "MarkCorrection",
    "deferral": "Deferral",
    "delegation": "Delegation",
    "emergency": "Emergency",
    "export": "TableExport",
    "filing": "Filing",
    "finding": "PatrolFinding",
    "form": "ManagerForm",
    "job": "PaperJob",
    "handout": "CertificateBatch",
    "imported": "MarkImport",
    "inquiry": "Inquiry",
    "matter": "AccountabilityCase",
    "message": "OutboxMessage",
    "objection": "Objection",
    "package": "ArchivePackage",
    "panel": "EvaluationPanel",
    "paper": "CertificateBatchItem",
    "patrol": "Patrol",
    "plan": "Plan",
    "publication": "Publication",
    "ranking": "PanelRanking",
    "reissue": "CertificateReissue",
    "removal": "FactorRemoval",
    "request": "AccommodationRequest",
    "review_appeal": "ReviewAppeal",
    "run": "BulkRun",
    "sanction": "SanctionCase",
    "sheet": "EvaluationSheet",
    "striking": "Striking",
    "visit": "PatrolVisit",
}
"""Variables with a ``state`` that other modules than ``core/applications/moves.py`` may set, and their models."""

MOST_FILES = 20
"""Python files directly in a folder: with more of them a reader no longer finds the right one."""
MOST_LOOSE_FILES = 12
"""Python files directly in ``core/``."""


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def dotted(path: Path) -> str:
    """The module's name, a package's without ``__init__``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported anywhere in a file; of ``from core.x import y``, ``core.x.y`` where that is one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if is_module(inner) else str(node.module)


def below(name: str, place: str) -> bool:
    """Whether a module is ``place`` or lies in it; ``*jobs`` stands for every capability's file that ends so."""
    if place.startswith("*"):
        return part_of(name) in CAPABILITIES and name.endswith(place[1:])
    return name == place or name.startswith(f"{place}.")


def part_of(name: str) -> str:
    """The part of ``core`` that a module belongs to; empty for ``core`` itself."""
    return (*name.split("."), "")[1]


def library(name: str) -> str | None:
    """The installed library that a module belongs to; None for our own and the standard library."""
    top = name.split(".", maxsplit=1)[0]
    return None if top in sys.stdlib_module_names or top in {"core", "plugins", "tenants", "tests"} else top


def floor(name: str) -> int:
    """How high a module of core stands; it may import what stands no higher."""
    part = part_of(name)
    return 0 if not part else next(height for height, parts in enumerate(FLOORS) if part in parts)


def says_pure(name: str) -> bool:
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    return path.is_file() and path.read_text("utf-8").startswith('"""Pure')


def is_pure(name: str) -> bool:
    """Whether a module is a decision without database and framework: by its folder, or by its first word."""
    in_folder = any(below(name, folder) for folder in PURE_FOLDERS)
    return name not in NOT_PURE and (in_folder or says_pure(name))


def level(name: str) -> int:
    """How high a module stands within its capability: what is pure, then models, queries, services."""
    *folders, last = name.split(".")[2:] or [""]
    if is_pure(name):
        return 0
    if "models" in {*folders, last}:
        return 1
    return 2 if last == "queries" or last.endswith("_queries") else 3


def fault(name: str, wanted: str) -> str | None:  # noqa: PLR0911 - one line for each law
    """Why the module ``name`` may not import ``wanted``; None where it may."""
    used = library(wanted)
    if used in CONFINED and not any(below(name, place) for place in CONFINED[used][0]):
        return f"{name} imports {wanted}: {CONFINED[used][1]}"
    if name.startswith("plugins"):
        allowed = wanted == "core.plugin_api" or not wanted.startswith("core")
        return None if allowed else f"{name} imports {wanted}; a plugin knows core.plugin_api alone"
    if wanted.split(".", maxsplit=1)[0] in {"plugins", "tenants", "tests"}:
        return f"{name} imports {wanted}; core finds plugins and tenants by name, at run time"
    if is_pure(name) and not below(name, "core.plugin_api"):
        allowed = used in PURE_LIBRARIES if used else not wanted.startswith("core") or wanted in PURE_MAY
        return None if allowed or is_pure(wanted) else f"{name} imports {wanted}, and is meant to be a pure decision"
    if not wanted.startswith("core."):
        return None
    if below(name, "core.web") and part_of(wanted) in CAPABILITIES - WEB_KNOWS:
        return f"{name} imports {wanted}; the kit of the web knows no capability but identity"
    if floor(wanted) > floor(name):
        return f"{name} imports {wanted}, which stands higher"
    if part_of(wanted) == part_of(name) and part_of(name) in CAPABILITIES and level(wanted) > level(name):
        return f"{name} imports {wanted}; models know what is pure, queries models, services queries"
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
        ("core.delegation.scope", "from core.delegation.models import Delegation"),
        ("core.audit.service", "from core.identity.models import Account"),
        ("core.identity.service", "from core.applications import models"),
        ("core.applications.service", "from core.delegation.queries import handlers_of"),
        ("core.db.session", "from core.identity.models import Account"),
        ("core.reviews.service", "from litestar import get"),
        ("core.reviews.service", "from core.platform import Platform"),
        ("core.reviews.service", "from core.pages.reviews.desk import queue_page"),
        ("core.reviews.service", "import psycopg"),
        ("core.delegation.models", "from core.delegation.service import propose"),
        ("core.delegation.models", "from core.delegation.queries import handlers_of"),
        ("core.delegation.queries", "from core.delegation.service import propose"),
        ("core.scheduling.models.plans", "from core.scheduling.plans.service import publish"),
        ("core.tenancy.config.office", "import plugins.henan_defaults"),
        ("core.hooks.office_hooks", "from tenants import henan"),
        ("core.hooks.calls", "from core.tenancy.models import Office"),
        ("plugins.luoyang_contract", "from core.applications.models import Application"),
        ("plugins.luoyang_contract", "import pluggy"),
        ("core.platform", "from core.simulate.world import World"),
        ("core.simulate.season", "from core.cli import main"),
        ("core.web.routes", "from core.api.reviews.reviews import router"),
        ("core.web.errors", "from core.tenancy.models import Office"),
        ("core.api.reviews.reviews", "from core.pages.reviews.desk import queue_page"),
    ],
)
def test_an_import_that_points_the_wrong_way_is_found(name: str, line: str) -> None:
    assert [fault(name, wanted) for wanted in imports(ast.parse(line))] != [None]


def test_every_part_of_core_stands_on_one_floor() -> None:
    parts = [part for parts in FLOORS for part in parts]
    there = {part_of(dotted(path)) for path in modules("core")} - {""}
    assert sorted(parts) == sorted(there)
    assert all(is_module(name) for name in NOT_PURE)


def test_no_folder_of_core_holds_too_many_files() -> None:
    folders = [ROOT / "core", *(path for path in (ROOT / "core").rglob("*") if path.is_dir())]
    crowded = {
        str(folder.relative_to(ROOT)): count
        for folder in folders
        if (count := len(list(folder.glob("*.py")))) > (MOST_LOOSE_FILES if folder.name == "core" else MOST_FILES)
    }
    assert crowded == {}


@pytest.mark.parametrize("path", modules("core", "plugins"), ids=dotted)
def test_no_file_is_so_long_that_it_is_two(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 450


def defines_tables(tree: ast.AST) -> bool:
    """Whether a file defines a table: a class with ``__tablename__``, or from the base itself, not abstract."""
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == "__tablename__"
        for node in ast.walk(tree)
    ) or any(
        isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Base" for base in node.bases)
        and "__abstract__ = True" not in map(ast.unparse, node.body)
        for node in ast.walk(tree)
    )


def test_every_session_knows_every_table_whatever_the_program_imports() -> None:
    defining = {dotted(path) for path in modules("core") if defines_tables(ast.parse(path.read_text("utf-8")))}
    assert defining - set(model_modules()) == set()
    assert defines_tables(ast.parse("class Seal(Base):\n    __tablename__ = 'seals'"))
    assert defines_tables(ast.parse("class Seal(Base):\n    pass"))
    assert defines_tables(ast.parse("class Seal(Named):\n    __tablename__ = 'seals'"))


def engines_that_show_parameters(tree: ast.AST) -> list[int]:
    """The lines that make an engine with errors that would show the parameters of statements."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "create_engine"]
    return [call.lineno for call in made if "hide_parameters" not in {keyword.arg for keyword in call.keywords}]


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
