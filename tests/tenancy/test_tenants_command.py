"""`kaowu tenants`, as an operator meets it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.cli import main
from tests.tenancy.conftest import ROOT, Province

CITY = "linshui/yunshan/tenant.toml"


Run = Callable[..., Result]


@pytest.fixture
def run(province: Province, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("KAOWU_TENANTS_DIR", str(province.folder))
    monkeypatch.setenv("KAOWU_DATA_DIR", str(tmp_path / "data"))
    return lambda *words: CliRunner().invoke(main, ["tenants", *words])


def _row(output: str, *starts: str) -> list[str]:
    """The cells of the table's row that begins so."""
    rows = [[cell.strip() for cell in line.strip("│┃ ").split("│")] for line in output.splitlines()]
    return next(row for row in rows if row[: len(starts)] == list(starts))


def test_the_list_shows_what_is_open_on_a_date(run: Run) -> None:
    before = run("list", "--as-of", "2024-03-17").stdout
    assert _row(before, "linshui/qinghe/heyuan") == [
        "linshui/qinghe/heyuan",
        "河源市考核办",
        "county",
        "990181",
        "handed_over from 2024-03-18",
        "unit_review",
    ]
    during = run("list", "--as-of", "2024-04-02").stdout
    assert _row(during, "linshui/yunshan")[-1] == "registration, unit_review, qualification_review, training"


def test_the_list_names_areas_as_they_were(run: Run) -> None:
    assert _row(run("list", "--as-of", "2019-06-01").stdout, "linshui/qinghe/heyuan")[3] == "990121"


def test_the_list_shows_closed_offices_too(run: Run, province: Province) -> None:
    province.append(CITY, "[unheard_of]\nkey = 1")
    assert _row(run("list").stdout, "linshui/yunshan")[-1] == "closed, see `kaowu tenants check`"


def test_check_is_content_with_sound_files_and_tells_warnings(run: Run) -> None:
    result = run("check")
    assert (result.exit_code, result.stdout) == (0, "4 offices open, 0 closed.\n")
    assert "warning: offices/linshui/province.toml: unit_review is due 2024-04-03, before" in result.stderr


def test_check_fails_on_any_fault(run: Run, province: Province) -> None:
    province.append(CITY, "[documents]\nmax_byte = 1")
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "3 offices open, 1 closed.\n")
    assert (
        "fault: offices/linshui/yunshan/tenant.toml:21: documents.max_byte: unknown key. Is 'max_bytes'"
        in result.stderr
    )


def test_a_plugin_named_twice_is_a_fault_of_that_file_alone(run: Run, province: Province) -> None:
    province.replace(CITY, "[office]", 'plugins = [\n    "log_moves",\n    "log_moves",\n]\n\n[office]')
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "3 offices open, 1 closed.\n")
    faults = [line for line in result.stderr.splitlines() if line.startswith("fault: ")]
    assert faults == [
        "fault: offices/linshui/yunshan/tenant.toml:3: plugins: 'log_moves' stands there twice. Leave it there once"
    ]
    listed = run("list", "--as-of", "2024-04-02").stdout
    assert _row(listed, "linshui/yunshan")[-1] == "closed, see `kaowu tenants check`"
    assert _row(listed, "linshui/qinghe")[-1].startswith("registration, ")


def test_a_county_may_name_a_plugin_that_its_city_names_as_well(run: Run, province: Province) -> None:
    for file in ("linshui/qinghe/tenant.toml", "linshui/qinghe/heyuan/tenant.toml"):
        province.replace(file, "[office]", 'plugins = ["log_moves"]\n\n[office]')
    assert run("check").stdout == "4 offices open, 0 closed.\n"


def test_a_plugin_that_nobody_has_closes_the_offices_that_list_it(run: Run, province: Province) -> None:
    province.replace("linshui/qinghe/tenant.toml", "[office]", 'plugins = ["no_such_plugin"]\n\n[office]')
    result = run("check")
    assert (result.exit_code, result.stdout) == (1, "2 offices open, 2 closed.\n")
    assert "fault: offices/linshui/qinghe/tenant.toml:3: plugins: 'no_such_plugin' is neither in" in result.stderr
    assert _row(run("list").stdout, "linshui/qinghe/heyuan")[-1] == "closed, see `kaowu tenants check`"


def test_check_tells_what_is_wrong_with_the_province(run: Run, province: Province) -> None:
    province.replace("linshui/province.toml", "notice_date = 2024-03-15", 'notice_date = "2024-03-15"')
    result = run("check")
    assert result.exit_code == 1
    assert (
        "offices/linshui/province.toml:22: season.2024.notice_date: write a TOML date without quotes" in result.stderr
    )


def test_explain_names_the_file_and_line_of_every_value(run: Run) -> None:
    output = run("explain", "linshui/qinghe/heyuan", "--as-of", "2024-07-13").stdout
    county, city = "offices/linshui/qinghe/heyuan/tenant.toml", "offices/linshui/qinghe/tenant.toml"
    assert _row(output, "calendar.2024.computer_exam.opens")[1:] == ["2024-07-13", f"{county}:18"]
    assert _row(output, "policy.county_dates")[1:] == ['["computer_exam"]', f"{city}:10"]
    assert _row(output, "documents.max_count")[1:] == ["40", "built in"]
    assert "Area on 2024-07-13: 990181" in output
    assert _row(output, "computer_exam")[2:] == ["grades 2, 3, 4, 5", "2024-07-13 to 2024-07-14", "open"]
    assert _row(output, "unit_review")[-1] == "over"
    assert _row(output, "results")[-1] == "not yet"


def test_explain_says_why_an_office_is_closed(run: Run, province: Province) -> None:
    province.append(CITY, "[unheard_of]\nkey = 1")
    result = run("explain", "linshui/yunshan")
    assert result.exit_code == 1
    assert "linshui/yunshan is closed." in result.stderr
    assert "unheard_of: unknown key" in result.stderr


def test_explain_sends_a_misspelt_office_to_the_list(run: Run) -> None:
    result = run("explain", "linshui/yunsan")
    assert result.exit_code == 1
    assert "There is no office 'linshui/yunsan'. `kaowu tenants list` names them." in result.stderr


def test_the_files_of_henan_pass_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAOWU_TENANTS_DIR", str(ROOT / "tenants"))
    result = CliRunner().invoke(main, ["tenants", "check"])
    assert (result.exit_code, result.stdout) == (0, "29 offices open, 0 closed.\n")
