"""A faulty plugin is refused before it runs; its office stays closed, with a message and a remedy."""

from pathlib import Path
from typing import Final

import pytest

from core.errors import PluginError
from core.plugin_api import SelfCheck, SelfCheckLevel
from core.tenancy.plugin_loading import available
from tests.plugins.conftest import Install
from tests.plugins.questions import HEYUAN, LADDER, LINSHUI, QINGHE, YUNSHAN, ask

NO_HOOK: Final = "Mark its functions with @hookimpl; docs/hooks.md lists the hooks"
ORDER: Final = "the order is the order of the offices and no plugin can change it"
ALONE: Final = "a plugin answers for itself and cannot wrap the answers of others"
SIGNATURE: Final = (
    "The hook is eligibility_findings(application); leave out what is not used, and add `*, settings` for settings"
)
REFUSED: Final = {
    "misspelt_hook": "implements reviev_route, which is no hook. Is review_route meant?",
    "invented_hook": "implements paint_the_walls, which is no hook. See docs/hooks.md",
    "wrong_arguments": f"lets eligibility_findings ask for 'applicant', which the hook does not give. {SIGNATURE}",
    "default_argument": f"gives application of eligibility_findings a default or a kind of its own. {SIGNATURE}",
    "first_of_all": f"marks review_route with tryfirst: {ORDER}. Write @hookimpl without tryfirst",
    "last_of_all": f"marks review_route with trylast: {ORDER}. Write @hookimpl without trylast",
    "wraps_others": f"marks review_route with wrapper: {ALONE}. Write @hookimpl without wrapper",
    "wraps_others_in_the_old_way": f"marks review_route with hookwrapper: {ALONE}. Write @hookimpl without hookwrapper",
    "maybe_a_hook": "implements review_rute, which is no hook. Is review_route meant?",
    "other_name": "marks review_office with specname: a hook has one name. Write @hookimpl without specname",
    "no_hook": f"implements no hook. {NO_HOOK}",
    "forgot_the_mark": (
        "defines filings_due without @hookimpl, so it would never be called. Mark it, or give it another name"
    ),
    "yields_its_answer": (
        "defines eligibility_findings as a generator, but a hook returns its answer. Use def and return"
    ),
    "is_asynchronous": "defines eligibility_findings as a coroutine, but a hook returns its answer. Use def and return",
    "marks_a_class": "marks eligibility_findings, which is no function. Define it with def",
    "unknown_need": "declares the need 'birthday', which does not exist. Is 'birth' meant?",
    "needs_in_one_word": 'declares needs as str. Write a set of names, such as needs = {"birth"}',
    "asks_for_settings": (
        "lets eligibility_findings ask for settings, but defines no Settings. Define class Settings(BaseModel)"
    ),
    "settings_of_its_own_kind": "has Settings that are no pydantic model. Derive the class from pydantic.BaseModel",
    "check_of_two_things": (
        "has a check that is no function of settings. Write def check(settings) -> list[SelfCheck]"
    ),
    "cannot_be_imported": (
        "cannot be imported: raised ModuleNotFoundError: No module named 'a_module_that_nobody_has'"
        " (cannot_be_imported.py:3). Mend the plugin"
    ),
    "raises_when_looked_at": (
        "cannot be examined: raised RuntimeError: outside of a request (raises_when_looked_at.py:8). Mend the plugin"
    ),
    "settings_that_raise": (
        "cannot read its settings: raised ZeroDivisionError: no days (settings_that_raise.py:13). Mend the plugin"
    ),
    "exits_on_import": "cannot be imported: raised SystemExit: 3 (exits_on_import.py:3). Mend the plugin",
}


@pytest.mark.parametrize("plugin", REFUSED)
def test_a_plugin_that_is_not_in_order_is_refused_with_what_to_mend(install: Install, plugin: str) -> None:
    installed = install({QINGHE: [plugin]})
    assert REFUSED[plugin] in "\n".join(map(str, installed.registry.faults))
    assert {(fault.office, fault.file, fault.line) for fault in installed.registry.faults} == {
        (QINGHE, "offices/linshui/qinghe/tenant.toml", 1)
    }
    assert str(installed.registry.faults[0]).startswith(f"offices/linshui/qinghe/tenant.toml:1: plugins: '{plugin}' ")


@pytest.mark.parametrize("plugin", REFUSED)
def test_only_its_office_and_those_below_stay_closed(install: Install, plugin: str) -> None:
    installed = install({LINSHUI: ["steady"], QINGHE: [plugin]})
    assert set(installed.registry.closed) == {QINGHE, HEYUAN}
    for code in (QINGHE, HEYUAN):
        with pytest.raises(PluginError) as refused:
            installed.hooks(code)
        assert (refused.value.office, refused.value.plugin, refused.value.hook) == (code, plugin, "registration")
    for code in (LINSHUI, YUNSHAN):
        assert installed.hooks(code).versions() == ("steady (kaowu 0.1.0)",)


def test_a_refused_plugin_leaves_no_trace_in_any_manager(install: Install) -> None:
    installed = install({LINSHUI: ["steady"], QINGHE: ["misspelt_hook"]})
    before = installed.hooks(LINSHUI).who_answers()
    with pytest.raises(PluginError):
        installed.hooks(QINGHE)
    assert installed.hooks(LINSHUI).who_answers() == before
    assert before["review_route"] == ("steady",)


def test_one_bad_plugin_keeps_the_good_one_beside_it_from_running_alone(install: Install) -> None:
    installed = install({QINGHE: ["steady", "no_hook"]})
    with pytest.raises(PluginError, match="no_hook"):
        installed.hooks(QINGHE)


def test_a_fault_of_the_provinces_own_plugin_closes_everybody_and_is_told_once(install: Install) -> None:
    installed = install({LINSHUI: ["no_hook"]})
    assert set(installed.registry.closed) == {LINSHUI, QINGHE, HEYUAN, YUNSHAN}
    assert [fault.office for fault in installed.registry.faults] == [LINSHUI]


def test_all_faults_of_an_office_are_told_at_once(install: Install) -> None:
    installed = install({QINGHE: ["no_hook", "unknown_need", "nobody_has_this"]})
    assert len(installed.registry.faults) == 3


def test_an_unknown_plugin_is_told_with_the_nearest_name(install: Install) -> None:
    installed = install({YUNSHAN: ["stedy"]})
    assert [str(fault) for fault in installed.registry.faults] == [
        "offices/linshui/yunshan/tenant.toml:1: plugins: 'stedy' is neither in zoo/ nor among the entry points of the"
        " group kaowu.plugins. Is 'steady' meant?"
    ]


def test_an_unknown_plugin_that_resembles_nothing_is_told_where_plugins_come_from(install: Install) -> None:
    installed = install({YUNSHAN: ["qqqqqqqqqq"]})
    assert "Write zoo/qqqqqqqqqq.py, or install what offers it" in str(installed.registry.faults[0])


def test_a_syntax_error_names_the_line(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "__init__.py").write_text("")
    (tmp_path / "half" / "written.py").write_text("def eligibility_findings(:\n")
    monkeypatch.syspath_prepend(tmp_path)
    installed = install({QINGHE: ["written"]}, package="half")
    assert "cannot be imported: raised SyntaxError: invalid syntax (written.py, line 1)" in str(
        installed.registry.faults[0]
    )


def test_an_import_that_does_not_end_does_not_hold_the_start(install: Install) -> None:
    installed = install({QINGHE: ["slow_to_import"]}, import_budget=0.5)
    assert [str(fault) for fault in installed.registry.faults] == [
        "offices/linshui/qinghe/tenant.toml:1: plugins: importing 'slow_to_import' takes longer than 0.5 s."
        " Let the module do nothing but define"
    ]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "tenant.toml:1: plugin.has_settings.days: is missing, and the plugin needs it. Set it under [plugin"),
        (
            "days = 'two'",
            "tenant.toml:18: plugin.has_settings.days: 'two' does not do: input should be a valid integer",
        ),
        ("days = 2\nday = 3", "tenant.toml:19: plugin.has_settings.day: unknown setting. Is 'days' meant?"),
        ("days = 2\ncolour = 3", "tenant.toml:19: plugin.has_settings.colour: unknown setting. The settings are: days"),
    ],
)
def test_settings_that_the_plugin_refuses_close_the_office(install: Install, table: str, message: str) -> None:
    toml = {QINGHE: f"[plugin.has_settings]\n{table}"} if table else {}
    installed = install({QINGHE: ["has_settings"]}, toml=toml)
    assert len(installed.registry.faults) == 1
    assert message in str(installed.registry.faults[0])


def test_settings_reach_the_plugin_and_a_county_lays_its_own_over_its_citys(install: Install) -> None:
    settings = {QINGHE: "[plugin.has_settings]\ndays = 2", HEYUAN: "[plugin.has_settings]\ndays = 5"}
    installed = install({QINGHE: ["has_settings"]}, toml=settings)
    texts = {
        code: [found.text for found in ask("eligibility_findings", installed.hooks(code), installed.catalogue)]
        for code in (QINGHE, HEYUAN)
    }
    assert texts == {QINGHE: [LADDER.text, "2"], HEYUAN: [LADDER.text, "5"]}


def test_a_county_with_bad_settings_does_not_close_its_city(install: Install) -> None:
    settings = {QINGHE: "[plugin.has_settings]\ndays = 2", HEYUAN: "[plugin.has_settings]\ndays = 'five'"}
    installed = install({QINGHE: ["has_settings"]}, toml=settings)
    assert set(installed.registry.closed) == {HEYUAN}
    assert installed.registry.faults[0].file == "offices/linshui/qinghe/heyuan/tenant.toml"


def test_settings_of_a_plugin_that_does_not_run_here_are_a_mistake(install: Install) -> None:
    installed = install({}, toml={YUNSHAN: "[plugin.has_settings]\ndays = 2"})
    assert "has settings, but the office does not run this plugin. Add 'has_settings' to plugins" in str(
        installed.registry.faults[0]
    )


def test_settings_for_a_plugin_that_takes_none_are_a_mistake(install: Install) -> None:
    installed = install({YUNSHAN: ["steady"]}, toml={YUNSHAN: "[plugin.steady]\ndays = 2"})
    assert "plugin.steady: has settings, but the plugin takes none. Delete the table" in str(
        installed.registry.faults[0]
    )


def test_the_most_local_plugin_is_asked_first_and_one_listed_twice_runs_once(install: Install) -> None:
    toml = {QINGHE: "[plugin.has_settings]\ndays = 2"}
    installed = install({LINSHUI: ["steady"], QINGHE: ["has_settings", "steady"], HEYUAN: ["deaf"]}, toml=toml)
    order = installed.hooks(HEYUAN).who_answers()
    assert order["eligibility_findings"] == ("has_settings", "steady")
    assert order["application_moved"] == ("deaf", "steady")
    assert installed.hooks(YUNSHAN).who_answers()["eligibility_findings"] == ("steady",)


def test_what_is_there_but_not_listed_does_not_run(install: Install) -> None:
    installed = install({})
    assert "steady" in available("zoo")
    assert set(installed.hooks(QINGHE).who_answers().values()) == {()}
    assert installed.registry.faults == ()


def test_every_thread_gets_the_same_hooks_of_an_office(install: Install) -> None:
    installed = install({LINSHUI: ["steady"]})
    assert installed.hooks(HEYUAN) is installed.hooks(HEYUAN)


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        ("checks_itself", (SelfCheck(SelfCheckLevel.WARNING, "the gateway is far", {"days": "2"}),)),
        (
            "check_raises",
            (SelfCheck(SelfCheckLevel.BROKEN, "its check raised OSError: no gateway (check_raises.py:12)"),),
        ),
        ("steady", ()),
    ],
)
def test_a_self_check_is_shown_and_a_failing_one_is_broken(
    install: Install, plugin: str, said: tuple[SelfCheck, ...]
) -> None:
    toml = {QINGHE: "[plugin.checks_itself]\ndays = 2"} if plugin == "checks_itself" else {}
    installed = install({QINGHE: [plugin]}, toml=toml)
    assert installed.registry.self_checks(QINGHE) == {plugin: said}
