"""Every form of every template keeps its unsent text on the device; no secret and no number of a person is kept."""

import re
from collections.abc import Iterator

from core.settings import ROOT
from core.web.page.assets import STATIC

LEFT_OUT: dict[str, str] = {}
"""Templates with a form that keeps nothing (``data-no-keep``), each with its reason."""
_SECRET = re.compile(r"pass|code|phone|mobile|tele|email|id_number|identity|secret|token|again")
HARMLESS = {"post_code": "of an address", "passed": "a choice, no text"}
"""Names of fields that sound like a secret and are none."""
_NEVER = re.compile(r"const NEVER = \[([^\]]+)\]")
_FIELD = re.compile(r"""(?:ui\.(?:field|area)\(\s*|<(?:input|textarea)\b[^>]*?\bname=)["']([a-z_0-9]+)["']([^>\n]*)""")


def _templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "core").rglob("*.html")):
        yield str(path.relative_to(ROOT)), path.read_text()


def _never() -> set[str]:
    found = _NEVER.search((STATIC / "kept.js").read_text())
    assert found is not None
    return set(re.findall(r'"(\w+)"', found[1]))


def test_every_posted_form_takes_part_or_is_listed_with_a_reason() -> None:
    forms = {name: text for name, text in _templates() if "<form" in text and 'method="post"' in text}
    assert len(forms) > 100
    assert {name for name, text in forms.items() if "data-no-keep" in text} == set(LEFT_OUT)


def test_every_form_writes_its_method_as_the_script_looks_for_it() -> None:
    written = re.compile(r"<form\b[^>]*\bmethod=(\S+?)[\s>]", re.IGNORECASE)
    found = {(name, method) for name, text in _templates() for method in written.findall(text)}
    assert {(name, method) for name, method in found if method not in {'"post"', '"get"', '"dialog"'}} == set()


def test_no_field_of_a_secret_or_a_number_of_a_person_is_kept() -> None:
    never = _never()
    kept = {
        (name, field)
        for name, text in _templates()
        for field, rest in _FIELD.findall(text)
        if _SECRET.search(field) and field not in never | HARMLESS.keys() and "never-keep" not in rest
        if 'type="hidden"' not in rest
    }
    assert kept == set()
    assert {"password", "code", "id_number", "phone"} <= never


def test_the_page_names_the_account_for_which_texts_are_kept() -> None:
    frame = (ROOT / "core/web/templates/base/page.html").read_text()
    assert "data-account" in frame
    assert "data-refused" in frame
