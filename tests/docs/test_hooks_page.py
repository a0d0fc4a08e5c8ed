"""`docs/hooks.md` is held against the hooks: signatures, kinds, defaults, floors, examples, users, and tests."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from core.hooks.office_hooks import OfficeHooks
from core.hooks.specs import HOOKS, Hook
from core.plugin_api import (
    ApplicationFacts,
    ApplicationPath,
    ApplicationView,
    Grade,
    Need,
    OfficeCode,
    UndeclaredNeedError,
)
from core.settings import ROOT
from core.tenancy.plugin_loading import load_plugin

PAGE: Final = (ROOT / "docs" / "hooks.md").read_text("utf-8")


class Section(NamedTuple):
    """What stands on the page under one hook's heading."""

    heading: str
    kind: str
    text: str

    @property
    def example(self) -> str:
        """The section's one block of Python."""
        (block,) = re.findall(r"```python\n(.*?)```", self.text, re.DOTALL)
        return block


def _sections() -> Iterator[Section]:
    for chapter in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        kind, _, rest = chapter.partition("\n")
        for section in re.split(r"^### ", rest, flags=re.MULTILINE)[1:]:
            heading, _, text = section.partition("\n")
            yield Section(heading, kind.lower(), text)


SECTIONS: Final = {section.heading.partition("(")[0]: section for section in _sections()}
EACH_HOOK: Final = pytest.mark.parametrize("hook", HOOKS.values(), ids=list(HOOKS))


def _flat(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def test_the_page_has_a_section_for_every_hook_and_for_nothing_else() -> None:
    written = [(section.heading, section.kind) for section in SECTIONS.values()]
    assert written == [(hook.signature, hook.kind) for hook in HOOKS.values()]


@EACH_HOOK
def test_a_section_says_what_the_docstring_says(hook: Hook) -> None:
    meaning, _, rest = hook.doc.partition("Default: ")
    default, _, floor = rest.partition("Floor: ")
    text = _flat(SECTIONS[hook.name].text)
    assert _flat(meaning) in text
    assert f"**Default:** {_flat(default)}" in text
    assert f"**Floor:** {_flat(floor)}" in text


@EACH_HOOK
def test_an_example_is_a_plugin_in_order_that_implements_its_hook(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / f"examples_of_{hook.name}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "example.py").write_text(SECTIONS[hook.name].example, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert list(load_plugin("example", package=package.name, import_budget=60.0).functions) == [hook.name]


@EACH_HOOK
def test_every_hook_is_needed_by_a_plugin_that_ships(hook: Hook) -> None:
    _, _, needed = SECTIONS[hook.name].text.partition("**Needed by:** ")
    names = re.findall(r"`(\w+)` of ", needed)
    assert names
    for name in names:
        assert hook.name in load_plugin(name, package="plugins", import_budget=60.0).functions


@EACH_HOOK
def test_every_hook_has_a_method_and_a_test_of_its_own(hook: Hook) -> None:
    assert callable(getattr(OfficeHooks, hook.name))
    assert f"test_hook_{hook.name}" in {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in _functions(path)
    }


def _functions(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def test_the_page_lists_every_need_with_the_facts_behind_it() -> None:
    written = {
        need: re.findall(r"`(\w+)`", facts) for need, facts in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.M)
    }
    assert {need: set(facts) for need, facts in written.items()} == {need.value: _facts_behind(need) for need in Need}


def _facts_behind(need: Need) -> set[str]:
    applicant = ApplicationFacts(
        2024, date(2024, 3, 15), OfficeCode("linshui"), Grade.FIVE, ApplicationPath.LADDER, trade="LS-1"
    )
    without, with_it = ApplicationView(applicant), ApplicationView(applicant, {need})
    return {fact.name for fact in fields(applicant) if _shows(with_it, fact.name) and not _shows(without, fact.name)}


def _shows(view: ApplicationView, fact: str) -> bool:
    try:
        getattr(view, fact)
    except UndeclaredNeedError:
        return False
    return True


def test_a_plugin_that_ships_is_no_longer_than_a_page() -> None:
    for path in (ROOT / "plugins").glob("*.py"):
        assert len(path.read_text("utf-8").splitlines()) <= 60, path.name
