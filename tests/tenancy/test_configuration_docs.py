"""`docs/configuration.md` agrees with the code: every key, its levels, its default, and the examples."""

import json
import re
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from core.plugin_api import OfficeLevel, WindowKind
from core.tenancy.config.known_keys import all_keys, levels_that_may_set
from core.tenancy.config.office import OfficeConfig
from core.tenancy.config.types import Table
from tests.tenancy.conftest import ROOT, Province

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
ROWS = re.findall(r"(?m)^\| `([a-z_<>.]+)` \| ([a-z, ]+) \| (\S.*?) \| (\S.*) \|$", PAGE)


def test_every_key_is_described_once_and_no_other() -> None:
    described = [key for key, *_ in ROWS]
    assert sorted(described) == sorted(".".join(key) for key in all_keys())


def test_the_page_says_truly_who_may_set_a_key() -> None:
    written = {key: levels for key, levels, *_ in ROWS}
    assert written == {".".join(key): _levels(levels_that_may_set(key)) for key in all_keys()}


def test_the_page_says_truly_what_is_built_in() -> None:
    written = {key: built_in.strip("`") for key, _, built_in, _ in ROWS}
    assert written == {".".join(key): _built_in(key) for key in all_keys()}


def test_the_page_names_every_kind_of_date() -> None:
    section = PAGE.split("### Dates")[1].split("| Key |")[0]
    assert {kind for kind in WindowKind if f"`{kind}`" not in section} == set()


def test_the_new_city_of_the_page_opens_with_its_one_file(province: Province) -> None:
    example = re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL)
    assert len(example) == 1
    file, text = example[0]
    province.write(file, f"# {file}\n{text}")
    catalogue = province.read()
    assert catalogue.faults == ()
    assert file.removesuffix("/tenant.toml") in {office.code for office in catalogue.offices()}
    province.replace(file, "closes = 2024-07-21", "closes = 2024-10-05")
    said = re.findall(r"```text\n(.*?)\n```", PAGE, re.DOTALL)
    assert [str(fault) for fault in province.read().faults] == said


def _levels(levels: frozenset[OfficeLevel]) -> str:
    return "all" if levels == set(OfficeLevel) else ", ".join(level.value for level in OfficeLevel if level in levels)


def _built_in(key: tuple[str, ...]) -> str:
    """The default of a key, nearly as TOML writes it."""
    found: FieldInfo | None = None
    annotation: Any = OfficeConfig
    for step in key:
        if step.startswith("<"):
            annotation = get_args(annotation)[1]
            continue
        model = _model(annotation)
        found = next(field for name, field in model.model_fields.items() if (field.alias or name) == step)
        annotation = found.annotation
    assert found is not None
    if found.is_required():
        return "required"
    default = found.get_default(call_default_factory=True)
    return "-" if default is None else json.dumps(to_jsonable_python(default), ensure_ascii=False)


def _model(annotation: Any) -> type[Table]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation
    if get_origin(annotation) is not None:
        return next(_model(arg) for arg in get_args(annotation) if arg not in {type(None), ...})
    raise AssertionError(f"{annotation} is no table")
