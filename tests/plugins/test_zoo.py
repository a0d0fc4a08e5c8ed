"""A broken plugin affects only the offices that run it."""

import threading
from typing import Any, Final, NamedTuple

import pytest

from core.errors import PluginError
from core.hooks.calls import CallLimits, Failure
from core.hooks.specs import HOOKS, HookKind
from core.plugin_api import Finding, OfficeCode, Severity, StaffCategory
from tests.plugins.conftest import NOW, Install
from tests.plugins.questions import HEYUAN, LADDER, LINSHUI, QINGHE, YUNSHAN, ask, default


class Animal(NamedTuple):
    """A broken plugin, the hook that it breaks, and the reason for operators."""

    plugin: str
    hook: str
    reason: str


RAISES: Final = [
    Animal(
        "raises", "eligibility_findings", "raised ZeroDivisionError: integer division or modulo by zero (raises.py:8)"
    ),
    Animal("exits", "eligibility_findings", "raised SystemExit: 1 (exits.py:10)"),
    Animal("interrupts", "eligibility_findings", "raised KeyboardInterrupt:  (interrupts.py:8)"),
    Animal(
        "recurses", "eligibility_findings", "raised RecursionError: maximum recursion depth exceeded (recurses.py:8)"
    ),
    Animal("stops_iteration", "eligibility_findings", "raised StopIteration:  (stops_iteration.py:8)"),
    Animal(
        "undeclared_need",
        "eligibility_findings",
        "fact 'birth_date' lies behind need 'birth', which this plugin does not declare; add it to `needs`",
    ),
    Animal(
        "changes_the_application",
        "eligibility_findings",
        "raised AttributeError: an application view cannot be changed (plugin_api/__init__.py:",
    ),
    Animal(
        "writes_into_the_figures",
        "report_sections",
        "raised TypeError: 'mappingproxy' object does not support item assignment (writes_into_the_figures.py:10)",
    ),
]
RUBBISH: Final = [
    Animal("text_instead_of_a_list", "eligibility_findings", "answer is of type str: Input should be a valid list"),
    Animal("forgets_to_return", "eligibility_findings", "answer is None: Input should be a valid list"),
    Animal("none_in_the_list", "eligibility_findings", "answer[0] is None: Input should be an instance of Finding"),
    Animal(
        "orm_row", "eligibility_findings", "answer[0] is of type FindingRow: Input should be an instance of Finding"
    ),
    Animal("answers_a_generator", "eligibility_findings", "answer is of type generator: Input should be a valid list"),
    Animal("endless_iterator", "eligibility_findings", "answer is of type repeat: Input should be a valid list"),
    Animal(
        "hungry",
        "eligibility_findings",
        "answer is of type list: List should have at most 200 items after validation, not 1000000",
    ),
    Animal(
        "severity_as_text",
        "eligibility_findings",
        "answer[0].severity is of type str: Input should be an instance of Severity",
    ),
    Animal("route_as_a_list", "review_route", "answer is of type list: Input should be a valid tuple"),
    Animal("route_of_names", "review_route", "answer[0] is of type str: Input should be an instance of ReviewStage"),
    Animal(
        "figures_in_halves",
        "report_sections",
        "answer[0].figures.half is of type float: Input should be a valid integer",
    ),
]
WIDENS: Final = [
    Animal(
        "rule_of_the_document", "eligibility_findings", "rule 'henan-2024.ladder' has the name of the rule document"
    ),
    Animal("rule_of_another", "eligibility_findings", "rule 'zoo.steady' stands twice"),
    Animal("rule_without_author", "eligibility_findings", "rule 'contract' is no name of the form author.rule"),
    Animal("says_nothing", "eligibility_findings", "rule 'zoo.silent' says nothing or names no source"),
    Animal(
        "widens_the_calendar",
        "exam_calendar",
        "registration for all grades is set to 2024-03-21 to 2024-04-12, but the level above allows 2024-03-21",
    ),
    Animal(
        "opens_for_ever", "exam_calendar", "registration for all grades is set to until 2024-04-05, but the level above"
    ),
    Animal("forgets_the_time_zone", "exam_calendar", "training has a moment without a time zone"),
    Animal("closes_before_it_opens", "exam_calendar", "training closes 2024-08-01 00:00+08:00, no later than it opens"),
    Animal("two_windows_at_once", "exam_calendar", "training of grade 1 has two windows"),
    Animal("window_for_nobody", "exam_calendar", "training is for no grade"),
    Animal(
        "drops_a_stage",
        "review_route",
        "route unit_review, department_review leaves out qualification_review, which the province requires",
    ),
    Animal(
        "route_backwards", "review_route", "is not in order; stages come once each, as unit_review, department_review"
    ),
    Animal("route_in_circles", "review_route", "is not in order; stages come once each"),
    Animal("empty_route", "review_route", "route is empty; to leave it to the level above, answer None"),
    Animal("number_with_a_name", "certificate_number", "number '测试-001' is not 6 to 32 digits, capital letters and"),
    Animal("same_number_again", "certificate_number", "number 'TAKEN-001' stands twice"),
    Animal("unknown_office", "review_office", "office linshui/atlantis neither owns the case (linshui/qinghe does)"),
    Animal(
        "office_without_delegation",
        "review_office",
        "office linshui/yunshan neither owns the case (linshui/qinghe does) nor holds a delegation of"
        " qualification_review in force (linshui/qinghe/heyuan)",
    ),
    Animal(
        "relaxes_a_material", "required_materials", "material 'photo' is required by 豫人社函〔2024〕46号 and cannot be"
    ),
    Animal(
        "lets_a_material_follow", "required_materials", "material 'photo' cannot follow later: only the rule document"
    ),
    Animal(
        "defers_its_own_material", "required_materials", "material 'medal' cannot follow later: only the rule document"
    ),
    Animal("asks_twice", "required_materials", "medal stands twice in one answer"),
    Animal(
        "files_later",
        "filings_due",
        "filing registration_summary is due 2024-04-16 00:00+08:00 by 临水省 2024 年通知 三（三） and cannot be",
    ),
    Animal("files_without_time_zone", "filings_due", "filing exam_dates: 2024-08-01 00:00:00 has no time zone"),
    Animal("alters_a_figure", "report_sections", "section 'zoo' gives 0 for the standard figure 'rejected': it is 2"),
    Animal("takes_the_standard_section", "report_sections", "section 'standard' stands twice"),
]
BROKEN: Final = [*RAISES, *RUBBISH, *WIDENS]


@pytest.mark.parametrize("animal", BROKEN, ids=[plugin.plugin for plugin in BROKEN])
def test_a_broken_plugin_refuses_the_request_and_is_named(install: Install, animal: Animal) -> None:
    installed = install({LINSHUI: ["steady"], QINGHE: [animal.plugin]})
    for code in (QINGHE, HEYUAN):
        with pytest.raises(PluginError) as refused:
            ask(animal.hook, installed.hooks(code), installed.catalogue)
        error = refused.value
        assert (error.office, error.plugin, error.hook) == (code, animal.plugin, animal.hook)
        # The county's file lets it set fewer dates, so it may be refused for another reason.
        assert code == HEYUAN or animal.reason in error.reason
        assert installed.failures.pop() == Failure(code, animal.plugin, animal.hook, error.reason, NOW)


@pytest.mark.parametrize("animal", BROKEN, ids=[plugin.plugin for plugin in BROKEN])
def test_the_neighbour_and_the_province_do_not_notice(install: Install, animal: Animal) -> None:
    alone = install({LINSHUI: ["steady"]})
    undisturbed = {code: _everything(alone.hooks(code), alone.catalogue) for code in (LINSHUI, YUNSHAN)}
    installed = install({QINGHE: [animal.plugin]})
    for _ in range(3):
        with pytest.raises(PluginError):
            ask(animal.hook, installed.hooks(QINGHE), installed.catalogue)
        for code, answers in undisturbed.items():
            assert _everything(installed.hooks(code), installed.catalogue) == answers
    assert {failure.office for failure in installed.failures} == {QINGHE}


def _everything(hooks: Any, catalogue: Any) -> dict[str, Any]:
    asked = [hook.name for hook in HOOKS.values() if hook.kind is not HookKind.NOTIFY]
    return {hook: ask(hook, hooks, catalogue) for hook in asked}


def test_a_person_reads_what_to_do_and_an_operator_what_happened(install: Install) -> None:
    installed = install({QINGHE: ["exits"]})
    with pytest.raises(PluginError) as refused:
        ask("eligibility_findings", installed.hooks(QINGHE), installed.catalogue)
    assert refused.value.code == "plugin_error"
    assert refused.value.detail == (
        "本机构的业务规则程序（exits）暂时不能给出结果，本次操作没有保存。请稍后再试；"
        "如仍不成功，请联系受理机构的工考管理人员，由其在“运行状况”中查看原因。"
    )
    assert str(refused.value) == (
        "office linshui/qinghe, plugin exits, hook eligibility_findings: raised SystemExit: 1 (exits.py:10)"
    )


@pytest.mark.parametrize("plugin", ["sleeps", "spins"])
def test_a_slow_plugin_is_left_behind_and_stopped(install: Install, plugin: str) -> None:
    installed = install({QINGHE: [plugin], YUNSHAN: ["steady"]}, limits=CallLimits(budget=0.5))
    with pytest.raises(PluginError, match=r"took longer than 0\.5 s"):
        ask("eligibility_findings", installed.hooks(QINGHE), installed.catalogue)
    found = ask("eligibility_findings", installed.hooks(YUNSHAN), installed.catalogue)
    assert found == (LADDER, Finding("zoo.steady", "zoo", Severity.NOTES, str(StaffCategory.HIRED)))
    name = f"{QINGHE} {plugin} eligibility_findings"
    for thread in [running for running in threading.enumerate() if running.name == name]:
        thread.join(30)
        assert not thread.is_alive()


def test_a_county_sets_only_the_dates_that_its_city_lets_it(install: Install) -> None:
    installed = install({QINGHE: ["sets_the_citys_dates"]})
    calendar = ask("exam_calendar", installed.hooks(QINGHE), installed.catalogue)
    assert calendar == default("exam_calendar", installed.catalogue, QINGHE)
    with pytest.raises(PluginError, match="training is not among the dates that the level above lets this office set"):
        ask("exam_calendar", installed.hooks(HEYUAN), installed.catalogue)


def test_a_plugin_that_cannot_be_told_is_reported_and_the_others_are_told(install: Install) -> None:
    installed = install({LINSHUI: ["steady"], QINGHE: ["deaf"]})
    outcomes = [
        (told.plugin, told.reason)
        for hook in ("application_moved", "filing_moved")
        for told in ask(hook, installed.hooks(QINGHE), installed.catalogue)
    ]
    assert outcomes == [
        ("deaf", "raised ConnectionError: no line for m-1 (deaf.py:8)"),
        ("steady", None),
        ("deaf", "raised SystemExit: 1 (deaf.py:13)"),
        ("steady", None),
    ]
    assert [failure.hook for failure in installed.failures] == ["application_moved", "filing_moved"]


def test_one_office_fails_and_another_answers_however_their_calls_interleave(install: Install) -> None:
    installed = install({QINGHE: ["raises"], YUNSHAN: ["steady"]}, limits=CallLimits(budget=60, failures=10_000))
    wanted = (LADDER, Finding("zoo.steady", "zoo", Severity.NOTES, str(StaffCategory.HIRED)))
    seen: dict[OfficeCode, list[object]] = {QINGHE: [], YUNSHAN: []}

    def call(code: OfficeCode) -> None:
        for _ in range(100):
            try:
                seen[code].append(ask("eligibility_findings", installed.hooks(code), installed.catalogue))
            except PluginError as error:
                seen[code].append(error.plugin)

    threads = [threading.Thread(target=call, args=(code,)) for code in (QINGHE, YUNSHAN) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {QINGHE: ["raises"] * 200, YUNSHAN: [wanted] * 200}
