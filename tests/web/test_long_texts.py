"""Every text that a program may send has a limit; those of forms are tried in tests/isolation/test_every_route.py."""

from collections.abc import Iterator
from typing import Any

import pytest

from core.errors import Invalid
from core.text.form_texts import CARRIED, LINES, LONGEST, LONGEST_LINE, check_lengths, longest
from core.web.routes import modules_below
from core.web.schemas import Input

BOUNDED = {"maxLength", "enum", "const", "format", "pattern"}


def _inputs(kind: type[Input] = Input) -> Iterator[type[Input]]:
    for below in kind.__subclasses__():
        yield below
        yield from _inputs(below)


def _unbounded(schema: dict[str, Any], name: str) -> Iterator[str]:
    if schema.get("type") == "string" and not BOUNDED & schema.keys():
        yield name
    for part in ("anyOf", "oneOf", "allOf"):
        kinds = schema.get(part, ())
        # A decimal number may be written as a text.
        numeric = any(kind.get("type") == "number" for kind in kinds)
        for kind in kinds:
            if not (numeric and kind.get("type") == "string"):
                yield from _unbounded(kind, name)
    for fields in ("properties", "$defs"):
        for field, inner in schema.get(fields, {}).items():
            yield from _unbounded(inner, f"{name}.{field}")
    if isinstance(schema.get("items"), dict):
        yield from _unbounded(schema["items"], f"{name}[]")


def test_every_text_that_a_program_may_send_has_a_limit() -> None:
    list(modules_below("core.api"))
    inputs = list(_inputs())
    assert len(inputs) > 60
    assert [found for model in inputs for found in _unbounded(model.model_json_schema(), model.__name__)] == []


def test_a_field_of_a_form_has_the_limit_of_its_kind() -> None:
    assert (longest("reason"), longest("name"), longest("table")) == (LONGEST, LONGEST_LINE, None)
    assert not LINES & CARRIED
    check_lengths({"reason": "长" * LONGEST, "name": "长" * LONGEST_LINE, "table": "长" * 9000, "file": object()})
    # A browser sends the end of a line as two characters.
    check_lengths({"reason": "长\r\n" * (LONGEST // 2)})
    for field, limit in (("reason", LONGEST), ("name", LONGEST_LINE)):
        for sent in ("长" * (limit + 1), ["短", "长" * (limit + 1)]):
            with pytest.raises(
                Invalid, match=f"文字过长（{limit + 1}字），最多{limit}字。请删减后重新提交。"
            ) as refused:
                check_lengths({field: sent})
            assert refused.value.fields.keys() == {field}
