"""The list of refusals: complete for what the code raises by name, with the status of its family."""

import ast

import pytest

from core.cli.docs_refusals import FAMILIES, Refusal, refusals
from core.settings import ROOT


@pytest.fixture(scope="module")
def found() -> dict[str, Refusal]:
    """The list by code: read when it is asked for, not by every worker that collects the tests."""
    return {refusal.code: refusal for refusal in refusals()}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("second_application", 409),
        ("login_taken", 409),
        ("document_interrupted", 422),
        ("application_not_found", 404),
        ("reason_required", 422),
        ("room_taken", 409),
    ],
)
def test_a_refusal_is_listed_with_the_status_of_its_family(found: dict[str, Refusal], code: str, status: int) -> None:
    assert found[code].status == status
    assert found[code].text


def test_every_code_that_is_written_out_in_a_raise_is_listed(found: dict[str, Refusal]) -> None:
    written = set()
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
                first = node.exc.args[0] if node.exc.args else None
                if node.exc.func.id in FAMILIES and isinstance(first, ast.Constant):
                    written.add(first.value)
    assert written - set(found) == set()
    assert len(written) > 100
