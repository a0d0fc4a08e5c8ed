"""How files are laid over each other, and that every value can be traced to the line that set it."""

from pathlib import Path

import pytest

from core.plugin_api import OfficeCode
from core.tenancy.config.sources import UnreadableFileError, merge, read_source
from core.tenancy.office import Setting
from tests.tenancy.conftest import Province

HEYUAN = OfficeCode("linshui/qinghe/heyuan")


def test_tables_merge_key_by_key_and_everything_else_replaces(tmp_path: Path) -> None:
    (tmp_path / "above.toml").write_text("[review]\nroute = [1, 2]\ndays = { a = 1, b = 2 }\n")
    (tmp_path / "below.toml").write_text("[review]\nroute = [3]\ndays.b = 5\n")
    merged = merge([read_source(tmp_path / name, name) for name in ("above.toml", "below.toml")])
    assert merged.values == {"review": {"route": [3], "days": {"a": 1, "b": 5}}}


def test_plugins_alone_add_up_from_the_province_down_without_repeating(tmp_path: Path) -> None:
    for name, plugins in (("a", '["one", "two"]'), ("b", '["two", "three"]'), ("c", '["four"]')):
        (tmp_path / name).write_text(f"plugins = {plugins}\n")
    merged = merge([read_source(tmp_path / name, name) for name in "abc"])
    assert merged.values == {"plugins": ["one", "two", "three", "four"]}
    assert [source.file for source in merged.origins.values()] == ["a", "a", "b", "c"]


def test_what_speaks_of_one_office_only_is_not_inherited(province: Province) -> None:
    catalogue = province.read()
    assert catalogue.get(HEYUAN).config.policy.county_dates != ()
    assert catalogue.get(HEYUAN).config.office.tile is None
    assert catalogue.get(OfficeCode("linshui/qinghe")).config.delegation is None


def test_every_effective_value_names_the_file_and_line_that_set_it(province: Province) -> None:
    province.replace("linshui/province.toml", "[office]", 'plugins = ["for_all"]\n\n[office]')
    province.replace("linshui/qinghe/heyuan/tenant.toml", "[office]", 'plugins = ["only_here"]\n\n[office]')
    settings = province.read().explain(HEYUAN)
    top, city, own = (f"offices/linshui/{path}.toml" for path in ("province", "qinghe/tenant", "qinghe/heyuan/tenant"))
    assert [setting for setting in settings if setting.key == "plugins"] == [
        Setting("plugins", "for_all", top, 3),
        Setting("plugins", "only_here", own, 3),
    ]
    found = {setting.key: (setting.value, setting.file, setting.line) for setting in settings}
    assert found["office.name"] == ("河源市考核办", own, 6)
    assert found["policy.county_dates"] == (["computer_exam"], city, 10)
    assert found["documents.max_count"] == (40, "built in", None)
    assert found["season.2024.notice"] == ("临水通知〔2024〕1号", top, 22)
    assert found["season.2024.grades.1.subjects"] == (["职业道德", "专业基础知识"], top, 37)
    assert found["calendar.2024.training.closes"][1:] == (top, 44)


def test_text_in_a_value_is_not_taken_for_a_key(tmp_path: Path) -> None:
    written = 'notes = """\nroute = 1\n[review]\n"""\n\n[review]\nroute = 2\n'
    (tmp_path / "a.toml").write_text(written)
    source = read_source(tmp_path / "a.toml", "a.toml")
    assert source.line_of(("notes",)) == 1
    assert source.table == {"notes": "route = 1\n[review]\n", "review": {"route": 2}}
    assert source.line_of(("review",)) == 6
    assert source.line_of(("review", "route")) == 7


def test_a_key_is_found_in_lists_of_tables_and_quoted_names(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[cities]]\ncode = "1"\n\n[calendar."2024".x]\n"opens" = 1\n')
    source = read_source(tmp_path / "a.toml", "a.toml")
    assert source.line_of(("cities", "code")) == 2
    assert source.line_of(("calendar", "2024", "x", "opens")) == 5


def test_a_file_that_is_not_toml_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = 1\nb = \n")
    with pytest.raises(UnreadableFileError) as refusal:
        read_source(tmp_path / "a.toml", "a.toml")
    assert refusal.value.line == 2
