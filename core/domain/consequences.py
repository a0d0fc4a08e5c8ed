"""Pure: what has left the house, the facts that it tells, and the consequence of a change of each. Read this first.

Every issued thing tells somebody facts. An act that changes a fact reaches every issued thing that tells it: the table
says how. The events of the record name the facts that each act changes (``core/audit/events.py``); the capability that
issued a thing carries the consequence out (``core/audit/dependents.py``). ``kaowu docs consequences`` prints both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Issued(StrEnum):
    """The kinds of things that people hold, or go by."""

    TICKET = "ticket"
    SEAT = "seat"
    DOOR_LIST = "door_list"
    PAPERS = "papers"
    DUTY = "duty"
    OUTCOME = "outcome"
    LIST_LINE = "list_line"
    CERTIFICATE = "certificate"
    NOTICE = "notice"
    FILING = "filing"
    FORM = "form"


class Fact(StrEnum):
    """The facts that issued things tell."""

    ELIGIBILITY = "eligibility"
    DISQUALIFICATION = "disqualification"
    SUSPENSION = "suspension"
    PERSON = "person"
    PHOTO = "photo"
    TIME = "time"
    SITE = "site"
    ROOM = "room"
    SHAPE = "shape"
    SEATING = "seating"
    MARK = "mark"
    RESULT = "result"
    CALENDAR = "calendar"


class Effect(StrEnum):
    """The consequence of a changed fact for a thing that tells it."""

    VOID = "void"
    REPLACE = "replace"
    MARK = "mark"
    ASK = "ask"
    REFUSE = "refuse"


ISSUED_LABELS: Mapping[Issued, str] = {
    Issued.TICKET: "准考证",
    Issued.SEAT: "座位",
    Issued.DOOR_LIST: "考场点名册",
    Issued.PAPERS: "考务资料",
    Issued.DUTY: "监考安排",
    Issued.OUTCOME: "考核结果",
    Issued.LIST_LINE: "公示名单",
    Issued.CERTIFICATE: "证书",
    Issued.NOTICE: "通知",
    Issued.FILING: "备案",
    Issued.FORM: "申报表",
}

FACT_LABELS: Mapping[Fact, str] = {
    Fact.ELIGIBILITY: "申报资格（审查）",
    Fact.DISQUALIFICATION: "申报资格（处理决定）",
    Fact.SUSPENSION: "暂停考核",
    Fact.PERSON: "姓名、身份证号",
    Fact.PHOTO: "照片",
    Fact.TIME: "场次时间",
    Fact.SITE: "考点名称、地址",
    Fact.ROOM: "考场",
    Fact.SHAPE: "考场座位图",
    Fact.SEATING: "座位安排",
    Fact.MARK: "成绩",
    Fact.RESULT: "考核结果",
    Fact.CALENDAR: "日程",
}

EFFECT_LABELS: Mapping[Effect, str] = {
    Effect.VOID: "作废",
    Effect.REPLACE: "换发",
    Effect.MARK: "须更新",
    Effect.ASK: "待处理",
    Effect.REFUSE: "不能办理",
}


@dataclass(frozen=True, slots=True)
class Consequence:
    """The effect on one kind of thing, in a sentence for officers and integrators."""

    effect: Effect
    meaning: str


_V, _R, _M, _A, _X = Effect.VOID, Effect.REPLACE, Effect.MARK, Effect.ASK, Effect.REFUSE

CONSEQUENCES: Mapping[tuple[Issued, Fact], Consequence] = {
    (Issued.TICKET, Fact.ELIGIBILITY): Consequence(_V, "The ticket in force is void with the move."),
    (Issued.TICKET, Fact.DISQUALIFICATION): Consequence(_V, "The ticket in force is void with the move."),
    (Issued.TICKET, Fact.SUSPENSION): Consequence(_V, "The ticket is void; a lifted suspension issues another."),
    (Issued.TICKET, Fact.PERSON): Consequence(_R, "Void, and issued again under another number; the person is told."),
    (Issued.TICKET, Fact.PHOTO): Consequence(_R, "Void, and issued again under another number; the person is told."),
    (Issued.TICKET, Fact.TIME): Consequence(_R, "Void, and issued again under another number; the person is told."),
    (Issued.TICKET, Fact.SITE): Consequence(_R, "Void, and issued again under another number; the person is told."),
    (Issued.TICKET, Fact.ROOM): Consequence(_R, "A lost room asks for another plan, which replaces the ticket."),
    (Issued.TICKET, Fact.SEATING): Consequence(_R, "Publishing a plan replaces the tickets whose seat it moves."),
    (Issued.SEAT, Fact.ELIGIBILITY): Consequence(_V, "Seats in sittings to come are free."),
    (Issued.SEAT, Fact.DISQUALIFICATION): Consequence(_V, "Seats in sittings to come are free."),
    (Issued.SEAT, Fact.SUSPENSION): Consequence(_M, "Kept until the case is decided; no ticket is in force."),
    (Issued.SEAT, Fact.ROOM): Consequence(_A, "The plan is not sound until it is drawn up again."),
    (Issued.SEAT, Fact.SHAPE): Consequence(_X, "A seat that people were told keeps its place in the room."),
    (Issued.DOOR_LIST, Fact.ELIGIBILITY): Consequence(_M, "Another version; the door refuses the ticket."),
    (Issued.DOOR_LIST, Fact.DISQUALIFICATION): Consequence(_M, "Another version; the door refuses the ticket."),
    (Issued.DOOR_LIST, Fact.SUSPENSION): Consequence(_M, "Another version; the door refuses the ticket."),
    (Issued.DOOR_LIST, Fact.PERSON): Consequence(_M, "Another version, with the present name."),
    (Issued.DOOR_LIST, Fact.TIME): Consequence(_M, "Another version."),
    (Issued.DOOR_LIST, Fact.SITE): Consequence(_M, "Another version."),
    (Issued.DOOR_LIST, Fact.SEATING): Consequence(_M, "Another version."),
    (Issued.PAPERS, Fact.ELIGIBILITY): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.PAPERS, Fact.DISQUALIFICATION): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.PAPERS, Fact.SUSPENSION): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.PAPERS, Fact.PERSON): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.PAPERS, Fact.TIME): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.PAPERS, Fact.SITE): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.PAPERS, Fact.SEATING): Consequence(_M, "Papers made before are shown as out of date."),
    (Issued.DUTY, Fact.TIME): Consequence(_M, "The invigilators of the sitting are told."),
    (Issued.DUTY, Fact.SITE): Consequence(_M, "The invigilators of the site are told."),
    (Issued.DUTY, Fact.ROOM): Consequence(_V, "Duties in a lost room end; the others stand."),
    (Issued.DUTY, Fact.SEATING): Consequence(_M, "Invigilators whose room stands keep it in the next plan."),
    (Issued.OUTCOME, Fact.MARK): Consequence(_R, "The outcome is worked out again; person and unit are told."),
    (Issued.OUTCOME, Fact.ELIGIBILITY): Consequence(
        _X, "A published outcome falls to the annulment of a decided case alone."
    ),
    (Issued.OUTCOME, Fact.DISQUALIFICATION): Consequence(_V, "The outcome is annulled."),
    (Issued.OUTCOME, Fact.SUSPENSION): Consequence(_A, "Not worked out or published until the case is decided."),
    (Issued.LIST_LINE, Fact.ELIGIBILITY): Consequence(_X, "Refused while the line stands."),
    (Issued.LIST_LINE, Fact.DISQUALIFICATION): Consequence(_V, "The line is struck for the reason of the decision."),
    (Issued.LIST_LINE, Fact.SUSPENSION): Consequence(_A, "No certificate is issued until the case is decided."),
    (Issued.LIST_LINE, Fact.PERSON): Consequence(_R, "The line shows the present name."),
    (Issued.LIST_LINE, Fact.RESULT): Consequence(
        _V, "A line whose candidate no longer passes is struck, unless the list is closed."
    ),
    (Issued.CERTIFICATE, Fact.ELIGIBILITY): Consequence(_X, "Refused while the certificate is valid."),
    (Issued.CERTIFICATE, Fact.DISQUALIFICATION): Consequence(_V, "The final decision revokes it."),
    (Issued.CERTIFICATE, Fact.SUSPENSION): Consequence(_A, "None is issued until the case is decided."),
    (Issued.CERTIFICATE, Fact.PERSON): Consequence(_A, "The office is asked to exchange it (更换)."),
    (Issued.CERTIFICATE, Fact.RESULT): Consequence(
        _A, "The office revokes it, for good, once the corrected mark can no longer be checked."
    ),
    (Issued.NOTICE, Fact.TIME): Consequence(_R, "Everybody who was told the former one is told the new one."),
    (Issued.NOTICE, Fact.SITE): Consequence(_R, "Everybody who was told the former one is told the new one."),
    (Issued.NOTICE, Fact.SEATING): Consequence(_R, "Everybody whose seat moves is told."),
    (Issued.FORM, Fact.PERSON): Consequence(_M, "A form printed before is found out of date; it is printed again."),
    (Issued.FILING, Fact.CALENDAR): Consequence(_M, "The filed dates differ from the calendar: a new version is due."),
}
"""Every consequence. A pair that is not here: the thing does not tell that fact."""


def consequences_of(fact: Fact) -> Mapping[Issued, Consequence]:
    """The things that a change of a fact reaches, with the consequence for each."""
    return {issued: found for (issued, changed), found in CONSEQUENCES.items() if changed is fact}
