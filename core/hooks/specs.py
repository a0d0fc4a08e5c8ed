"""The hooks: every question that core puts to the plugins of an office, grouped by what happens when one fails.

Read from top to bottom this is the menu for plugin authors; ``docs/hooks.md`` adds the floors, an example of each and
the office that needs it. A plugin implements a hook by defining a function of the same name marked ``@hookimpl``, with
as many of the arguments as it wants; ``self`` belongs to this file alone. What a hook is written here to return is also
what its answers are checked against at run time.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, get_type_hints

from core.plugin_api import (
    ApplicationView,
    AwardView,
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
    hookspec,
)


class Decide(Protocol):
    """What holds here? The most local plugin that answers wins; ``None`` leaves it to the level above.

    A plugin that fails, or answers what the province does not allow, refuses the request: nothing is saved.
    """

    @hookspec(firstresult=True)
    def exam_calendar(self, season: SeasonView, office: OfficeView) -> ExamCalendar | None:
        """The dated windows of this office, where its TOML cannot say them.

        A window that the answer leaves out stays as the office's ``[calendar]`` has it.

        Default: the office's ``[calendar]``.
        Floor: each window lies inside ``season.frame`` for its kind and grades; no two of a kind share a grade; a
            county names only the kinds of dates that its city lets it set.
        """

    @hookspec(firstresult=True)
    def review_route(self, application: ApplicationView) -> tuple[ReviewStage, ...] | None:
        """The stages that review this application, in their order. Asked once, when it is submitted, and pinned.

        Core itself leaves the department out where the unit is its own department.

        Default: ``review.route`` of the office.
        Floor: stages in the order of ``ReviewStage``, none twice, none left out that the province requires.
        """

    @hookspec(firstresult=True)
    def review_office(self, application: ApplicationView, stage: ReviewStage) -> OfficeCode | None:
        """The office at whose desk this application lies at ``stage``. Written down when it is made.

        Default: the office that holds a delegation in force for the stage, else the office that owns the case.
        Floor: no office but these two.
        """

    @hookspec(firstresult=True)
    def seating_policy(self, sitting: SittingView) -> SeatingPolicy | None:
        """How the rooms of a sitting are filled, where it is not the same for every sitting of the office.

        Asked for each sitting when a plan is drawn up; the answers are kept with the plan.

        Default: the office's `[seating]`, as `sitting.standard`.
        Floor: units sit at least as far apart, and as many seats stay free and as many invigilators watch, as by the
            default.
        """

    @hookspec(firstresult=True)
    def outcome(self, marks: MarksView) -> Verdict | None:
        """Whether a candidate with these marks has passed, where an office asks for more than the province does.

        Asked for every candidate when an office works out its outcomes, and again after a correction. The answer is
        kept with all that it follows from.

        Default: every subject scored and at or above the pass mark; in grade one also the comprehensive review, within
            the quota of its trade.
        Floor: nobody passes who does not by the default; a verdict gives its reason.
        """

    @hookspec(firstresult=True)
    def certificate_number(self, award: AwardView) -> str | None:
        """The number of a certificate about to be issued, where the province's pattern cannot say it.

        Asked once for every certificate, when a list is issued; the number is written down and never asked again.

        Default: `awards.number_pattern` of the province, which the award brings with it as `standard`.
        Floor: 6 to 32 digits, capital letters and hyphens; no number twice.
        """

    @hookspec(firstresult=True)
    def notice_due(self, notice: NoticeView) -> Delivery | None:
        """Take one message for the channel that the plugin declares as its `gateway`, and say what became of it.

        Asked from a job, after the attempt has been written down, outside any transaction and with twenty seconds of
        time. A plugin that raises or is late leaves the message *unknown*, to be decided on by the operator, unless its
        gateway is idempotent: then it is given the same `message_id` again.

        Default: SMTP for e-mail where the machine is set up for it; no SMS goes out.
        Floor: none but the types.
        """


class Collect(Protocol):
    """What does everybody say? All answers of the office and of the levels above count, from the province down.

    A plugin that fails refuses the request: a missing finding would be a wrong decision. An empty list says nothing.
    """

    @hookspec
    def eligibility_findings(self, application: ApplicationView) -> list[Finding]:
        """What else holds of this application here, beyond the season's rule document.

        Default: the findings of the rule document, which core works out itself and which no plugin can remove.
        Floor: rule names differ, and none begins with the rule document's.
        """

    @hookspec
    def required_materials(self, application: ApplicationView) -> list[MaterialRequirement]:
        """Papers asked for here beyond those of the rule document, or asked for more strictly.

        Default: what the rule document asks for.
        Floor: what a level above requires stays required, and nothing may follow later that it does not let.
        """

    @hookspec
    def filings_due(self, season: SeasonView, office: OfficeView) -> list[FilingDue]:
        """What this office owes the provincial center, and until when.

        Default: what the province's ``[filings]`` demands of an office of this level.
        Floor: what a level above demands stays due, at the latest when that level says.
        """

    @hookspec
    def report_sections(
        self, season: SeasonView, office: OfficeView, figures: Mapping[str, int]
    ) -> list[ReportSection]:
        """Sections of this office's report beyond the standard figures, which are given as ``figures``.

        Default: one section with the standard figures.
        Floor: no section takes another's code, and a standard figure that is repeated keeps its number.
        """

    @hookspec
    def document_received(self, document: DocumentView) -> list[ScanResult]:
        """Whether an uploaded file is harmless: asked when it is received, and again until somebody could look.

        One scanner that finds something is enough: the upload is refused. A scanner that cannot look just now says so
        (``not_scanned``) instead of raising, which would refuse the upload.

        Default: nobody has looked.
        Floor: each scanner names itself, and none twice.
        """


class Notify(Protocol):
    """It has happened, for your information: called from a job after the commit, at least once, each plugin alone.

    A plugin that fails is logged and told again; nobody else notices. One move may arrive twice: go by its id.
    """

    @hookspec
    def application_moved(self, move: MoveView) -> None:
        """An application has changed its state.

        Default: nothing.
        Floor: none, for there is no answer.
        """

    @hookspec
    def filing_moved(self, move: FilingMoveView) -> None:
        """A filing has been made, accepted or returned.

        Default: nothing.
        Floor: none, for there is no answer.
        """


class HookKind(StrEnum):
    """The three failure policies; the class that holds a hook names its kind."""

    DECIDE = "decide"
    COLLECT = "collect"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook as read from its specification: name, kind, arguments, type of the answer, and text."""

    name: str
    kind: HookKind
    arguments: tuple[str, ...]
    answer: Any
    doc: str

    @property
    def signature(self) -> str:
        """The heading of its section in ``docs/hooks.md``, such as ``review_office(application, stage)``."""
        return f"{self.name}({', '.join(self.arguments)})"


OUTWARD = frozenset({"notice_due"})
"""Hooks that speak to other machines and get personal data: never asked within a request, with more patience; their
errors are reported without their messages, which could name an address."""

GROUPS: Mapping[HookKind, type] = {HookKind.DECIDE: Decide, HookKind.COLLECT: Collect, HookKind.NOTIFY: Notify}


def _read(kind: HookKind, spec: Callable[..., object]) -> Hook:
    arguments = tuple(inspect.signature(spec).parameters)[1:]
    return Hook(spec.__name__, kind, arguments, get_type_hints(spec)["return"], inspect.getdoc(spec) or "")


HOOKS: Mapping[str, Hook] = {
    name: _read(kind, spec)
    for kind, group in GROUPS.items()
    for name, spec in vars(group).items()
    if not name.startswith("_")
}
"""Every hook by its name, in the order of this file."""
