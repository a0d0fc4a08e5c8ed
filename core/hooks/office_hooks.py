"""The typed calls of all hooks: core asks an office's plugins only here.

Each method asks one hook of one office, holds the answers against the floor and returns the value in force, defaults
included. It raises PluginError where a plugin that decides or collects fails; the caller keeps the result.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import pluggy

from core.domain import pass_rules
from core.domain.calendar import inherit
from core.hooks import floors
from core.hooks.calls import GuardedPlugin, HookHealth, PluginAnswer, Told
from core.hooks.specs import HOOKS
from core.plugin_api import (
    ApplicationFacts,
    AwardView,
    Channel,
    Delivery,
    DocumentView,
    ExamCalendar,
    FilingDue,
    FilingMoveView,
    Finding,
    MarksView,
    MaterialRequirement,
    MoveView,
    NoticeView,
    OfficeCode,
    OfficeView,
    ReportSection,
    ReviewStage,
    ScanResult,
    SeasonView,
    SeatingPolicy,
    SittingView,
    Verdict,
    WindowKind,
)

T = TypeVar("T")
Trail = list[PluginAnswer[Any]]
"""The answers that counted, in their order, for a caller that asks for them."""

STANDARD_SECTION = "standard"
"""The code of the section with the standard figures, which every report has first."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The value in force and the answers that it follows from; without answers it is core's default."""

    hook: str
    value: Any
    answers: tuple[PluginAnswer[Any], ...]


class OfficeHooks:
    """The plugins of one office, the province's among them, asked by core.

    ``route`` is that of the office's own TOML, ``required_stages`` are those that the province demands, ``own_dates``
    the kinds of dates that the office may set. The parameter ``standard`` of some methods is core's own part of the
    answer, which no plugin can remove.
    """

    def __init__(
        self,
        office: OfficeCode,
        manager: pluggy.PluginManager,
        *,
        plugins: Iterable[GuardedPlugin] = (),
        route: Sequence[ReviewStage] = tuple(ReviewStage),
        required_stages: Collection[ReviewStage] = (),
        own_dates: Collection[WindowKind] = tuple(WindowKind),
    ) -> None:
        self.office = office
        self._manager = manager
        self._plugins = {plugin.plugin.name: plugin for plugin in plugins}
        self._route = tuple(route)
        self._required = frozenset(required_stages)
        self._own_dates = frozenset(own_dates)

    def exam_calendar(
        self, season: SeasonView, office: OfficeView, *, calendar: ExamCalendar, trail: Trail | None = None
    ) -> ExamCalendar:
        """The office's windows of the season; ``calendar``, from its TOML, has the windows that a plugin leaves out."""

        def inside(answer: ExamCalendar) -> ExamCalendar:
            return inherit(floors.calendar_inside(answer, season.frame, self._own_dates), calendar)

        answer = self._decide("exam_calendar", {"season": season, "office": office}, floor=inside, trail=trail)
        return calendar if answer is None else answer

    def review_route(self, application: ApplicationFacts, *, trail: Trail | None = None) -> tuple[ReviewStage, ...]:
        """The stages that review ``application``. A unit that is its own department has no second stage."""
        none_of_its_own = {ReviewStage.DEPARTMENT_REVIEW} if application.unit_is_own_department else set()
        required = self._required - none_of_its_own
        keeps = partial(floors.route_keeps, required=required)
        route = self._decide("review_route", {"application": application}, floor=keeps, trail=trail) or self._route
        return tuple(stage for stage in route if stage not in none_of_its_own)

    def review_office(
        self, application: ApplicationFacts, stage: ReviewStage, *, trail: Trail | None = None
    ) -> OfficeCode:
        """The office in charge at ``stage``: by default the holder of a delegation, else the owner of the case."""
        may_decide = partial(floors.office_may_decide, application=application, stage=stage)
        asked = {"application": application, "stage": stage}
        holder = next(
            (delegation.to_office for delegation in application.delegations if stage in delegation.stages),
            application.office,
        )
        return self._decide("review_office", asked, floor=may_decide, trail=trail) or holder

    def seating_policy(self, sitting: SittingView, *, trail: Trail | None = None) -> SeatingPolicy:
        """How the rooms of a sitting are filled: the office's ``standard``, unless a plugin asks for more."""
        keeps = partial(floors.policy_keeps, standard=sitting.standard)
        return self._decide("seating_policy", {"sitting": sitting}, floor=keeps, trail=trail) or sitting.standard

    def outcome(self, marks: MarksView, *, trail: Trail | None = None) -> Verdict:
        """Whether a candidate has passed: by core's standard, unless a plugin asks for more."""
        standard = pass_rules.standard(marks)
        not_widened = partial(floors.verdict_not_widened, standard=standard)
        return self._decide("outcome", {"marks": marks}, floor=not_widened, trail=trail) or standard

    def certificate_number(self, award: AwardView, *, taken: Collection[str] = (), trail: Trail | None = None) -> str:
        """The number of a certificate: its ``standard`` by default; none that is ``taken`` in the same list."""
        plain = partial(floors.number_is_plain, taken=taken)
        return self._decide("certificate_number", {"award": award}, floor=plain, trail=trail) or award.standard

    def notice_due(self, notice: NoticeView, *, trail: Trail | None = None) -> Delivery | None:
        """The delivery of a message by the gateways of its channel; None where none of them took it."""
        others = [plugin for plugin in self._plugins.values() if plugin not in self._gateways(notice.channel)]
        answer: PluginAnswer[Delivery] | None = self._manager.subset_hook_caller("notice_due", others)(notice=notice)
        return None if answer is None else self._held("notice_due", answer, lambda: answer.value, trail)

    def gateways(self, channel: Channel) -> Mapping[str, bool]:
        """The plugins that serve a channel, each with whether a message may be given to it twice."""
        served = self._gateways(channel)
        return {
            plugin.plugin.name: plugin.plugin.gateway is not None and plugin.plugin.gateway.idempotent
            for plugin in served
        }

    def eligibility_findings(
        self,
        application: ApplicationFacts,
        *,
        rule_document: str,
        standard: Sequence[Finding] = (),
        trail: Trail | None = None,
    ) -> tuple[Finding, ...]:
        """The rule document's findings (``standard``; their names begin with ``rule_document``), then the plugins'."""
        join = partial(floors.findings_joined, rule_document=rule_document)
        return self._collect(
            "eligibility_findings", {"application": application}, standard=standard, join=join, trail=trail
        )

    def required_materials(
        self, application: ApplicationFacts, *, standard: Sequence[MaterialRequirement] = (), trail: Trail | None = None
    ) -> tuple[MaterialRequirement, ...]:
        """The materials of the rule document (``standard``), some of them stricter, then those of plugins."""
        asked = {"application": application}
        return self._collect("required_materials", asked, standard=standard, join=floors.materials_joined, trail=trail)

    def filings_due(
        self, season: SeasonView, office: OfficeView, *, standard: Sequence[FilingDue] = (), trail: Trail | None = None
    ) -> tuple[FilingDue, ...]:
        """The filings that the province demands (``standard``), some of them sooner, then those of plugins."""
        asked = {"season": season, "office": office}
        return self._collect("filings_due", asked, standard=standard, join=floors.filings_joined, trail=trail)

    def report_sections(
        self, season: SeasonView, office: OfficeView, figures: Mapping[str, int], *, trail: Trail | None = None
    ) -> tuple[ReportSection, ...]:
        """The section of the standard ``figures``, then the plugins' own."""
        frozen = MappingProxyType(dict(figures))
        asked = {"season": season, "office": office, "figures": frozen}
        join = partial(floors.sections_joined, standard=frozen)
        first = ReportSection(STANDARD_SECTION, "基本情况", frozen)
        return self._collect("report_sections", asked, standard=[first], join=join, trail=trail)

    def document_received(self, document: DocumentView, *, trail: Trail | None = None) -> tuple[ScanResult, ...]:
        """The result of each scanner for a file; empty where there is no scanner."""
        asked = {"document": document}
        return self._collect("document_received", asked, standard=(), join=floors.scans_joined, trail=trail)

    def application_moved(self, move: MoveView, *, only: Collection[str] | None = None) -> tuple[Told, ...]:
        """Tell every plugin, or those named in ``only``, that an application has moved. Never raises."""
        return self._notify("application_moved", {"move": move}, only)

    def filing_moved(self, move: FilingMoveView, *, only: Collection[str] | None = None) -> tuple[Told, ...]:
        """Tell every plugin, or those named in ``only``, that a filing has moved. Never raises."""
        return self._notify("filing_moved", {"move": move}, only)

    def explain(self, hook: str, *asked: object, **details: object) -> Explanation:
        """Ask a hook that decides or collects, by its method here, and return the answers that counted as well."""
        trail: Trail = []
        value = getattr(self, hook)(*asked, **details, trail=trail)
        return Explanation(hook, value, tuple(trail))

    def who_answers(self) -> Mapping[str, tuple[str, ...]]:
        """The plugins behind each hook in the order in which they are asked: the most local first."""
        return {
            hook: tuple(impl.plugin_name for impl in reversed(getattr(self._manager.hook, hook).get_hookimpls()))
            for hook in HOOKS
        }

    def versions(self) -> tuple[str, ...]:
        """Every plugin with its origin, from the province down; a submission is pinned to them."""
        return tuple(f"{name} ({plugin.plugin.origin})" for name, plugin in self._plugins.items())

    def health(self) -> tuple[HookHealth, ...]:
        """The figures of every hook of every plugin in this process, from the province down."""
        return tuple(line for plugin in self._plugins.values() for line in plugin.health())

    def _gateways(self, channel: Channel) -> list[GuardedPlugin]:
        plugins = self._plugins.values()
        return [
            plugin
            for plugin in plugins
            if plugin.plugin.gateway is not None and plugin.plugin.gateway.channel is channel
        ]

    def _decide(self, hook: str, asked: Mapping[str, object], floor: Callable[[T], T], trail: Trail | None) -> T | None:
        answer: PluginAnswer[T] | None = getattr(self._manager.hook, hook)(**asked)
        if answer is None:
            return None
        return self._held(hook, answer, partial(floor, answer.value), trail)

    def _collect(
        self,
        hook: str,
        asked: Mapping[str, object],
        *,
        standard: Iterable[T],
        join: Callable[[tuple[T, ...], Iterable[T]], tuple[T, ...]],
        trail: Trail | None,
    ) -> tuple[T, ...]:
        answers: list[PluginAnswer[list[T]]] = getattr(self._manager.hook, hook)(**asked)
        joined = tuple(standard)
        for answer in reversed(answers):
            joined = self._held(hook, answer, partial(join, joined, answer.value), trail)
        return joined

    def _notify(self, hook: str, asked: Mapping[str, object], only: Collection[str] | None) -> tuple[Told, ...]:
        others = [] if only is None else [plugin for name, plugin in self._plugins.items() if name not in only]
        told: list[Told] = self._manager.subset_hook_caller(hook, others)(**asked)
        return tuple(told)

    def _held(self, hook: str, answer: PluginAnswer[Any], floor: Callable[[], T], trail: Trail | None) -> T:
        plugin = self._plugins[answer.plugin]
        try:
            value = floor()
        except floors.AnswerRefused as refused:
            raise plugin.fail(hook, str(refused)) from refused
        plugin.succeeded(hook)
        if trail is not None:
            trail.append(answer)
        return value
