"""Pure: the life of an application: one table of verbs, and the decisions that read it.

The table is the province's; an office chooses the route through it, never a new state. Buttons, ``allowed_actions``,
``docs/workflow.md``, the database's ``transitions`` and the tests are all made from ``VERBS``.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from core.errors import Conflict, Invalid
from core.plugin_api import ReviewStage
from core.text.form_texts import checked_text
from core.text.labels import Labelled


class State(Labelled):
    """Where an application stands."""

    DRAFT = "draft", "草稿"
    UNIT_REVIEW = "unit_review", "待单位审核"
    DEPARTMENT_REVIEW = "department_review", "待主管部门审核"
    QUALIFICATION_REVIEW = "qualification_review", "待资格审查"
    ONSITE_CONFIRMATION = "onsite_confirmation", "待现场确认"
    PROVISIONAL = "provisional", "容缺通过"
    QUALIFIED = "qualified", "审查通过"
    RETURNED = "returned", "退回修改"
    REJECTED = "rejected", "审查不通过"
    WITHDRAWN = "withdrawn", "已撤回"
    EXPIRED = "expired", "逾期失效"
    DISQUALIFIED = "disqualified", "取消资格"


class Action(Labelled):
    """What can be done to an application."""

    SUBMIT = "submit", "提交"
    RESUBMIT = "resubmit", "重新提交"
    APPROVE = "approve", "审核通过"
    RETURN = "return", "退回修改"
    REJECT = "reject", "审查不通过"
    CONFIRM = "confirm", "现场确认"
    SUPPLEMENT = "supplement", "补交材料"
    CLEAR = "clear", "容缺核销"
    LAPSE = "lapse", "容缺逾期"
    WITHDRAW = "withdraw", "撤回"
    EXPIRE = "expire", "逾期失效"
    REOPEN = "reopen", "重新审查"
    DISQUALIFY = "disqualify", "取消资格"
    UNDO = "undo", "撤销办理"


class By(StrEnum):
    """In which capacity somebody acts on a case; one actor may have several, and holds them per case."""

    APPLICANT = "applicant"
    UNIT = "unit"
    DEPARTMENT = "department"
    OFFICE = "office"
    SYSTEM = "system"
    SUPERVISOR = "supervisor"
    CITY_OR_PROVINCE = "city_or_province"


STATE_LABELS: Mapping[State, str] = {state: state.label for state in State}

ACTION_LABELS: Mapping[Action, str] = {action: action.label for action in Action}

STAGES: dict[State, ReviewStage] = {
    State.UNIT_REVIEW: ReviewStage.UNIT_REVIEW,
    State.DEPARTMENT_REVIEW: ReviewStage.DEPARTMENT_REVIEW,
    State.QUALIFICATION_REVIEW: ReviewStage.QUALIFICATION_REVIEW,
    State.ONSITE_CONFIRMATION: ReviewStage.ONSITE_CONFIRMATION,
}
_STATE_OF_STAGE = {stage: state for state, stage in STAGES.items()}
_REVIEWERS = {
    State.UNIT_REVIEW: By.UNIT,
    State.DEPARTMENT_REVIEW: By.DEPARTMENT,
    State.QUALIFICATION_REVIEW: By.OFFICE,
    State.ONSITE_CONFIRMATION: By.OFFICE,
}

IN_REVIEW: frozenset[State] = frozenset(STAGES)
AT_UNITS: frozenset[State] = frozenset({State.UNIT_REVIEW, State.DEPARTMENT_REVIEW})
"""The stages in which a case waits for its unit or department; in the other stages it waits for an office."""
AT_OFFICES: frozenset[State] = IN_REVIEW - AT_UNITS
NOT_LIVE: frozenset[State] = frozenset({State.DRAFT, State.WITHDRAWN, State.REJECTED, State.EXPIRED})
"""States that do not count as the person's one application of the season; a disqualified application counts."""
LIVE: frozenset[State] = frozenset(State) - NOT_LIVE
ADMITTED: frozenset[State] = frozenset({State.PROVISIONAL, State.QUALIFIED})
"""States after an office's approval; a case that leaves them loses its ticket and seat."""
UNDOABLE: frozenset[Action] = frozenset({Action.APPROVE, Action.RETURN, Action.REJECT, Action.CONFIRM, Action.CLEAR})
"""The decisions that their maker may take back while nobody has acted on the case."""
UNDO_WITHIN = timedelta(minutes=10)
"""For how long a decision may be taken back; the message to the applicant waits as long."""
FINAL: frozenset[State] = frozenset({State.WITHDRAWN, State.EXPIRED, State.DISQUALIFIED})


@dataclass(frozen=True, slots=True)
class Verb:
    """One line of the table: a source state, its targets, the capacities, and whether a reason is needed."""

    action: Action
    source: State
    targets: tuple[State, ...]
    by: frozenset[By]
    needs_reason: bool = False


_AFTER_OFFICE = (State.PROVISIONAL, State.QUALIFIED)
_FIRST_STAGES = (State.UNIT_REVIEW, State.DEPARTMENT_REVIEW, State.QUALIFICATION_REVIEW)
_BEFORE_QUALIFIED = (State.DRAFT, State.RETURNED, *STAGES, State.PROVISIONAL)
_SUBMITTED = (State.RETURNED, *STAGES, State.PROVISIONAL, State.QUALIFIED, State.REJECTED)


def _verbs() -> Iterator[Verb]:
    """The table, line by line, in the order in which ``docs/workflow.md`` prints it."""
    applicant = frozenset({By.APPLICANT})
    office = frozenset({By.OFFICE})
    yield Verb(Action.SUBMIT, State.DRAFT, _FIRST_STAGES, applicant)
    yield Verb(Action.RESUBMIT, State.RETURNED, _FIRST_STAGES, applicant)
    yield Verb(
        Action.APPROVE, State.UNIT_REVIEW, (State.DEPARTMENT_REVIEW, State.QUALIFICATION_REVIEW), frozenset({By.UNIT})
    )
    yield Verb(Action.APPROVE, State.DEPARTMENT_REVIEW, (State.QUALIFICATION_REVIEW,), frozenset({By.DEPARTMENT}))
    yield Verb(Action.APPROVE, State.QUALIFICATION_REVIEW, (State.ONSITE_CONFIRMATION, *_AFTER_OFFICE), office)
    for state, reviewer in _REVIEWERS.items():
        yield Verb(Action.RETURN, state, (State.RETURNED,), frozenset({reviewer}), needs_reason=True)
    for state, reviewer in (*_REVIEWERS.items(), (State.PROVISIONAL, By.OFFICE)):
        yield Verb(Action.REJECT, state, (State.REJECTED,), frozenset({reviewer}), needs_reason=True)
    yield Verb(Action.CONFIRM, State.ONSITE_CONFIRMATION, _AFTER_OFFICE, office)
    yield Verb(
        Action.SUPPLEMENT, State.PROVISIONAL, (State.PROVISIONAL,), frozenset({By.APPLICANT, By.UNIT, By.DEPARTMENT})
    )
    yield Verb(Action.CLEAR, State.PROVISIONAL, (State.QUALIFIED,), office)
    yield Verb(Action.LAPSE, State.PROVISIONAL, (State.REJECTED,), frozenset({By.SYSTEM}), needs_reason=True)
    for state in _BEFORE_QUALIFIED:
        yield Verb(Action.WITHDRAW, state, (State.WITHDRAWN,), applicant)
    for state in (State.DRAFT, State.RETURNED):
        yield Verb(Action.EXPIRE, state, (State.EXPIRED,), frozenset({By.SYSTEM}))
    for state in (State.REJECTED, State.PROVISIONAL, State.QUALIFIED):
        yield Verb(Action.REOPEN, state, (State.QUALIFICATION_REVIEW,), frozenset({By.SUPERVISOR}), needs_reason=True)
    for state in _SUBMITTED:
        yield Verb(Action.DISQUALIFY, state, (State.DISQUALIFIED,), frozenset({By.CITY_OR_PROVINCE}), needs_reason=True)
    yield from _undo_verbs()


def _undo_verbs() -> Iterator[Verb]:
    """From each state back to those in which a reviewer decides, by those who decide there."""
    decisions = [
        *((State(state), end) for state in _REVIEWERS for end in _ends_of(state)),
        *((State.PROVISIONAL, end) for end in (State.QUALIFIED, State.REJECTED)),
    ]
    for source in State:
        ends = tuple(decided for decided, end in decisions if end is source)
        if ends:
            by = frozenset(_REVIEWERS.get(decided, By.OFFICE) for decided in ends)
            yield Verb(Action.UNDO, source, ends, by)


def _ends_of(state: State) -> tuple[State, ...]:
    onward = {
        State.UNIT_REVIEW: (State.DEPARTMENT_REVIEW, State.QUALIFICATION_REVIEW),
        State.DEPARTMENT_REVIEW: (State.QUALIFICATION_REVIEW,),
        State.QUALIFICATION_REVIEW: (State.ONSITE_CONFIRMATION, *_AFTER_OFFICE),
        State.ONSITE_CONFIRMATION: _AFTER_OFFICE,
    }
    return (*onward[state], State.RETURNED, State.REJECTED)


VERBS: tuple[Verb, ...] = tuple(_verbs())
_BY_KEY = {(verb.action, verb.source): verb for verb in VERBS}


@dataclass(frozen=True, slots=True)
class Course:
    """The facts that decide the next state beside the present one: the pinned route, and two facts of the case.

    ``decided_in`` is the state in which a decision was made that is now taken back.
    """

    route: tuple[ReviewStage, ...]
    onsite_needed: bool
    deferral_open: bool
    decided_in: State | None = None


def verb_for(action: Action, state: State) -> Verb:
    """The line of the table; Conflict where the action does not apply in this state."""
    verb = _BY_KEY.get((action, state))
    if verb is None:
        raise Conflict(
            "wrong_state",
            f"申请目前为“{STATE_LABELS[state]}”，不能执行“{ACTION_LABELS[action]}”。请刷新页面查看最新进度后再操作。",
        )
    return verb


def allowed_actions(state: State, capacities: Collection[By]) -> tuple[Action, ...]:
    """The actions that these capacities allow in ``state``, in the table's order."""
    held = frozenset(capacities)
    return tuple(dict.fromkeys(verb.action for verb in VERBS if verb.source is state and verb.by & held))


def target(action: Action, state: State, course: Course) -> State:
    """The state that ``action`` leads to. Source of the review order: 2024 notice §2(3)-(5)."""
    verb = verb_for(action, state)
    if action is Action.UNDO:
        if course.decided_in not in verb.targets:
            raise Conflict("undo_refused", "这份申请刚刚没有可以撤销的办理。请刷新页面查看现状。")
        return course.decided_in
    if len(verb.targets) == 1:
        return verb.targets[0]
    if action in {Action.SUBMIT, Action.RESUBMIT}:
        return _STATE_OF_STAGE[course.route[0]]
    if action is Action.APPROVE and state is not State.QUALIFICATION_REVIEW:
        return _STATE_OF_STAGE[_next_stage(STAGES[state], course.route)]
    if action is Action.APPROVE and course.onsite_needed:
        return State.ONSITE_CONFIRMATION
    return State.PROVISIONAL if course.deferral_open else State.QUALIFIED


def check_reason(verb: Verb, reason: str) -> str:
    """The reason, trimmed; Invalid where the verb needs one and none is given, and where it is too long."""
    trimmed = checked_text(reason)
    if verb.needs_reason and not trimmed:
        raise Invalid(
            "reason_required",
            f"“{ACTION_LABELS[verb.action]}”须写明理由，申报人将看到这段文字。请填写后重新提交。",
            fields={"reason": "请填写理由"},
        )
    return trimmed


def transitions() -> tuple[tuple[Action, State, State], ...]:
    """Every (action, from, to) that can ever happen: the rows of the database's table of the same name."""
    return tuple((verb.action, verb.source, end) for verb in VERBS for end in verb.targets)


def _next_stage(stage: ReviewStage, route: tuple[ReviewStage, ...]) -> ReviewStage:
    return route[route.index(stage) + 1]
