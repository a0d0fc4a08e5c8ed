"""The documentation against the code: links lead somewhere, tests that are named exist, made parts are current."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from core.cli import main
from core.cli.docs import CAPACITY_LABELS, consequences_page, events_table, settings_table, workflow_page
from core.domain.workflow import By
from core.settings import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_ASVS_ROW = re.compile(r"^\| (\d+\.\d[\d., –]*) \| [^|]* \| ([^|]+) \| (.*) \|$", re.MULTILINE)
_FIGURES = re.compile(r"Of (\d+) requirements (\d+) are met, (\d+) partly, (\d+) not met; (\d+) are .*?, (\d+) do")
_PATH = re.compile(r"`((?:core|plugins|tenants|migrations|tests|docs)/[\w./-]+\.(?:py|toml|md|sql))`")
_REQUIREMENTS = 253
"""What ASVS 5.0 asks for at levels 1 and 2."""
_COMMAND = re.compile(r"\bkaowu ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)?)")


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_something(page: Path) -> None:
    missing = [
        target
        for target in _LINK.findall(_prose(page))
        if "://" not in target and not target.startswith("#") and not (page.parent / target.split("#")[0]).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    assert [path for path in _PATH.findall(page.read_text()) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_command_that_is_named_exists(page: Path) -> None:
    written = _COMMAND.findall("\n".join(_code(page.read_text())))
    assert [command for command in written if not _is_command(command.split())] == []


def test_every_test_that_security_names_exists() -> None:
    named = _TEST.findall((ROOT / "docs/security.md").read_text())
    assert named
    assert [f"{path}::{test}" for path, test in named if test not in _tests_of(ROOT / path)] == []


def test_every_requirement_of_the_standard_has_its_row_and_is_counted() -> None:
    page = (ROOT / "docs/security.md").read_text()
    rows = [(number, state) for numbers, state, _ in _ASVS_ROW.findall(page) for number in _each(numbers)]
    assert len({number for number, _ in rows}) == len(rows) == _REQUIREMENTS
    count, said = Counter(state for _, state in rows), _FIGURES.search(page)
    assert said is not None
    states = ("met", "partly", "not met", "the operator's", "–")
    assert [int(group) for group in said.groups()] == [len(rows), *(count[state] for state in states)]


def test_what_is_met_has_its_proof() -> None:
    rows = _ASVS_ROW.findall((ROOT / "docs/security.md").read_text())
    met = [(numbers, how) for numbers, state, how in rows if state in {"met", "partly"}]
    assert [numbers for numbers, how in met if not _TEST.search(how) and "by reading" not in how] == []


def test_the_page_of_the_workflow_is_what_the_table_of_verbs_makes() -> None:
    assert (ROOT / "docs/workflow.md").read_text() == workflow_page(), "kaowu docs workflow > docs/workflow.md"


def test_the_page_of_consequences_is_what_the_table_makes() -> None:
    page = (ROOT / "docs/consequences.md").read_text()
    assert page == consequences_page(), "kaowu docs consequences > docs/consequences.md"


def test_every_capacity_has_its_words() -> None:
    assert set(CAPACITY_LABELS) == set(By)


def test_the_table_of_settings_is_what_the_settings_make() -> None:
    assert f"\n{settings_table()}\n" in (ROOT / "docs/operations.md").read_text(), "kaowu docs settings"


def test_the_table_of_events_is_what_the_record_knows() -> None:
    # In any order: lines that two branches added are both kept.
    written = [line for line in (ROOT / "docs/record.md").read_text().splitlines() if line.startswith("| `")]
    made = [line for line in events_table().splitlines() if line.startswith("| `")]
    assert sorted(written) == sorted(made), "kaowu docs events"


def test_decisions_are_numbered_without_a_gap_and_titled_with_their_number() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in decisions] == list(range(1, len(decisions) + 1))
    for number, page in enumerate(decisions, start=1):
        assert page.read_text().startswith(f"# {number}. "), page.name


def test_a_command_that_does_not_exist_is_found() -> None:
    assert _is_command(["db", "status"])
    assert not _is_command(["db", "explode"])
    assert not _is_command(["secrets", "create"])


def _each(numbers: str) -> Iterator[str]:
    """Each requirement of a row, such as ``1.2.3, 1.3.1–1.3.4``."""
    for part in numbers.split(", "):
        first, _, last = part.partition("–")
        section, _, begin = first.rpartition(".")
        end = (last or first).rpartition(".")[2]
        yield from (f"{section}.{number}" for number in range(int(begin), int(end) + 1))


def _code(text: str) -> Iterator[str]:
    """What stands between backticks or in a fenced block: the places where commands are written."""
    yield from _FENCE.findall(text)
    yield from re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))


def _is_command(words: list[str]) -> bool:
    """Tell whether ``words`` begin with a command; after a group they must name one of its commands as well."""
    context = click.Context(main)
    command = main.get_command(context, words[0])
    if isinstance(command, click.Group) and len(words) > 1:
        return command.get_command(context, words[1]) is not None
    return command is not None


def _tests_of(file: Path) -> set[str]:
    tree = ast.parse(file.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
