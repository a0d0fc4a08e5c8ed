"""Tests that share a province take the numbers of invented people from one counter, so that none meets another's."""

import ast
from pathlib import Path
from typing import Final

BROWSER: Final = Path(__file__).parents[1] / "browser"


def _fixed_numbers(source: str) -> list[int]:
    """The lines that ask for the identity number of a person who was chosen by a number in the text."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "simulated"
        and any(isinstance(part, ast.Constant) for part in ast.walk(call.args[0]))
    ]


def test_no_browser_test_names_a_person_by_a_number_of_its_own() -> None:
    found = {path.name: lines for path in BROWSER.glob("*.py") if (lines := _fixed_numbers(path.read_text("utf-8")))}
    assert found == {}


def test_a_fixed_number_is_found() -> None:
    assert _fixed_numbers("simulated(620_000 + at, born, sex)\nsimulated(web.next_number(), born, sex)") == [1]
