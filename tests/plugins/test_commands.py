"""`kaowu plugins` and `kaowu hooks`, as operators see them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from tests.plugins.conftest import ROOT

Kaowu = Callable[..., Result]


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tenants", tmp_path / "tenants")
    return tmp_path / "tenants"


@pytest.fixture
def kaowu(tenants: Path, monkeypatch: pytest.MonkeyPatch) -> Kaowu:
    """The command, for the offices of a folder of its own."""
    monkeypatch.setenv("KAOWU_TENANTS_DIR", str(tenants))
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], prog_name="kaowu")


def _row(result: Result, start: str) -> list[str]:
    """The cells of the row of a printed table that begins with ``start``, folded lines joined."""
    lines = [
        [cell.strip() for cell in line.strip("│\n").split("│")] for line in result.output.splitlines() if "│" in line
    ]
    begin = next(number for number, cells in enumerate(lines) if cells[0].startswith(start))
    row = lines[begin]
    for cells in lines[begin + 1 :]:
        if cells[0]:
            break
        row = [" ".join(filter(None, pair)) for pair in zip(row, cells, strict=True)]
    return row


def test_list_shows_every_plugin_and_the_offices_that_run_it(kaowu: Kaowu, tenants: Path) -> None:
    file = tenants / "henan" / "zhengzhou" / "tenant.toml"
    file.write_text(file.read_text("utf-8").replace('plugins = ["log_moves"]', ""), "utf-8")
    listed = kaowu("plugins", "list")
    assert _row(listed, "gushi_onsite_days") == [
        "gushi_onsite_days", "kaowu 0.1.0", "eligibility_findings", "unit", "henan/xinyang/gushi",
    ]  # fmt: skip
    assert _row(listed, "log_moves") == ["log_moves", "kaowu 0.1.0", "-", "-", "nobody: does not run"]


def test_check_is_content_with_the_offices_as_they_are(kaowu: Kaowu) -> None:
    checked = kaowu("plugins", "check")
    assert (checked.exit_code, checked.output) == (0, "29 offices run their plugins, 0 closed by theirs.\n")


def test_check_fails_on_a_fault_and_names_the_file_and_line(kaowu: Kaowu, tenants: Path) -> None:
    file = tenants / "henan" / "luoyang" / "tenant.toml"
    file.write_text(file.read_text("utf-8").replace("luoyang_contract", "luoyang_contrat"), "utf-8")
    checked = kaowu("plugins", "check")
    assert checked.exit_code == 1
    assert checked.output.startswith(
        "fault: tenants/henan/luoyang/tenant.toml:5: plugins: 'luoyang_contrat' is neither in plugins/ nor among the"
        " entry points of the group kaowu.plugins. Is 'luoyang_contract' meant?\n"
    )


def test_check_looks_at_one_plugin_that_no_office_lists_yet(kaowu: Kaowu) -> None:
    assert kaowu("plugins", "check", "gushi_onsite_days").output == (
        "gushi_onsite_days (kaowu 0.1.0) is in order.\n"
        "hooks: eligibility_findings\nneeds: unit\nsettings: days, others\n"
    )
    unknown = kaowu("plugins", "check", "gushi_onsite_day")
    assert (unknown.exit_code, unknown.output) == (
        1,
        "fault: 'gushi_onsite_day' is neither in plugins/ nor among the entry points of the group kaowu.plugins."
        " Is 'gushi_onsite_days' meant?\n",
    )


def test_hooks_lists_every_hook_with_its_kind(kaowu: Kaowu) -> None:
    shown = kaowu("hooks")
    assert _row(shown, "review_office") == [
        "review_office(application, stage)",
        "decide",
        "The office at whose desk this application lies at stage. Written down when it is made.",
    ]


def test_hooks_of_an_office_shows_its_plugins_in_order_with_their_files(kaowu: Kaowu, tenants: Path) -> None:
    file = tenants / "henan" / "luoyang" / "yiyang" / "tenant.toml"
    file.write_text(f'plugins = ["gushi_onsite_days"]\n{file.read_text("utf-8")}', "utf-8")
    order = _row(kaowu("hooks", "henan/luoyang/yiyang"), "eligibility_findings")[2]
    assert order.startswith(
        "gushi_onsite_days (tenants/henan/luoyang/yiyang/tenant.toml)"
        " luoyang_contract (tenants/henan/luoyang/tenant.toml) default: the findings of the rule document"
    )
    assert _row(kaowu("hooks", "henan/kaifeng"), "exam_calendar")[2] == "default: the office's [calendar]."


def test_hooks_of_an_office_that_its_plugins_close_says_why(kaowu: Kaowu, tenants: Path) -> None:
    file = tenants / "henan" / "luoyang" / "tenant.toml"
    file.write_text(file.read_text("utf-8").replace("luoyang_contract", "nobodys"), "utf-8")
    shown = kaowu("hooks", "henan/luoyang")
    assert shown.exit_code == 1
    assert "hook registration: tenants/henan/luoyang/tenant.toml:5: plugins: 'nobodys' is neither" in shown.output


def test_new_writes_a_plugin_that_is_in_order(kaowu: Kaowu, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "fresh_plugins"
    package.mkdir()
    (package / "__init__.py").write_text("")
    written = kaowu("plugins", "new", "kaifeng_contract", "--into", package)
    assert (written.exit_code, written.output.splitlines()[0]) == (0, f"wrote {package / 'kaifeng_contract.py'}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("core.cli.offices.plugins.PACKAGE", "fresh_plugins")
    assert kaowu("plugins", "check", "kaifeng_contract").output == (
        "kaifeng_contract (kaowu 0.1.0) is in order.\nhooks: eligibility_findings\nneeds: staff_category\n"
    )


def test_new_replaces_no_file_and_takes_no_name_that_python_cannot_import(kaowu: Kaowu, tmp_path: Path) -> None:
    kaowu("plugins", "new", "kaifeng_contract", "--into", tmp_path)
    again = kaowu("plugins", "new", "kaifeng_contract", "--into", tmp_path)
    assert (again.exit_code, again.output) == (
        1,
        f"Error: {tmp_path / 'kaifeng_contract.py'} is there already. Choose another name, or delete it.\n",
    )
    strange = kaowu("plugins", "new", "kaifeng-contract")
    assert (strange.exit_code, strange.output) == (
        1,
        "Error: 'kaifeng-contract' cannot be a plugin's name. Use small letters, digits and _ only.\n",
    )
