"""The people and the places that pages are tried with, made by the real services when they are first asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.audit.models import RecordSeal
from core.audit.sealing import seal_batch
from core.db.base import new_id
from core.db.session import (
    ANONYMOUS,
    Actor,
    AuditorSession,
    OfficeSession,
    Role,
    SignInSession,
    SystemSession,
    system_actor,
)
from core.delegation.service import due_work
from core.identity.identity_number import simulated
from core.identity.sign_in.sessions import Awaited, end_sessions
from core.messages.models import OutboxMessage
from core.plugin_api import OfficeCode, Sex
from core.results.models.marks import Outcome
from core.security.keys import Place
from core.web.authentication.cookies import SESSION
from tests.browser.attached import attach_files
from tests.browser.exam import hold_exam
from tests.browser.examined import Examined, examined
from tests.browser.exams import arrange_exams
from tests.callers import Caller, Flow, Web, as_json
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, answers, at, unfiled


@dataclass(frozen=True)
class UnitAtWork:
    """A unit, its manager, and the ids of some of its cases."""

    id: UUID
    manager: Caller
    cases: Mapping[str, str]


@dataclass(repr=False)
class Town:
    """The served province. ``web`` acts for others by the API; ``address`` is where the browser goes."""

    address: str
    web: Web
    _people: dict[str, Caller] = field(default_factory=dict)
    _cases: dict[str, Flow] = field(default_factory=dict)

    def person(self, who: str) -> Caller:
        """Somebody by the name that tests know them by; one of a kind, made when first asked for."""
        if who in {"manager_of_all", "manager_on_site"}:
            return (self.unit_at_work if who == "manager_of_all" else self.unit_on_site).manager
        if who.startswith("manager_of_") and who.removeprefix("manager_of_") in _CASES:
            return self.case(who.removeprefix("manager_of_")).manager
        if who in {"first_marker", "second_marker", "judge", "scored"} and who not in self._people:
            assert self.examined
        if who not in self._people and who in _CASES:
            self._cases[who] = _CASES[who](self.web)
            self._people[who] = self._cases[who].applicant
        elif who not in self._people:
            self._people[who] = _PEOPLE[who](self.web)
        return self._people[who]

    def cookie(self, who: str) -> Mapping[str, Any]:
        """The cookie of somebody who has signed in."""
        awaits = Awaited.SECOND_FACTOR if who == "half_signed_in" else None
        token = self.web.session_of(self.person(who), awaits=awaits)
        return {"name": SESSION, "value": token, "url": self.address}

    def sign_out(self, who: str) -> None:
        """End every session of somebody's, as happens when they are idle for too long."""
        account_id = UUID(self.person(who).get("/me").json()["account_id"])
        platform = self.web.platform
        with SignInSession(platform.engine, actor=ANONYMOUS, now=platform.clock()) as session, session.begin():
            end_sessions(session, account_id)

    @contextmanager
    def on(self, day: tuple[int, int] | None) -> Iterator[None]:
        """Meanwhile it is another day of the season's year; the town's own where none is given."""
        clock, now = self.web.clock, self.web.clock()
        if day is not None:
            clock.set(at(*day))
        try:
            yield
        finally:
            clock.set(now)

    def code_by_telephone(self, code_id: UUID) -> str:
        """What the message says that went out with a code."""
        platform = self.web.platform
        with OfficeSession(platform.engine, actor=system_actor(PROVINCE), now=platform.clock()) as session:
            row = session.scalars(select(OutboxMessage).where(OutboxMessage.event_key == f"code:{code_id}")).one()
            values = json.loads(platform.keys.decrypt(row.values or b"", Place("outbox", "values", row.id)))
        return str(values["code"])

    def let_in(self, who: str, caller: Caller) -> None:
        """Give somebody a name by which they can look at pages."""
        self._people[who] = caller

    def draft_of(self, who: str) -> Flow:
        """A complete draft of somebody's."""
        unit_id = self.web.unit()
        made = self.web.draft(self.person(who), unit_id)
        return Flow(self.web, f"/applications/{made['id']}", self.person(who), self.manager(unit_id))

    def manager(self, unit_id: UUID, office: OfficeCode = CITY) -> Caller:
        """Somebody who reviews for a unit of an office's."""
        return self.web.staff(Role.UNIT_MANAGER, office, unit_id=unit_id)

    def cases_of_one_unit(self, number: int, office: OfficeCode) -> str:
        """So many cases of a new unit, before the office in charge; the unit's name."""
        unit_id = self.web.unit(office)
        manager = self.manager(unit_id)
        for _ in range(number):
            applicant = self.web.applicant()
            path = f"/applications/{self.web.draft(applicant, unit_id)['id']}"
            for who, act in ((applicant, "submit"), (manager, "approve")):
                answer = who.post(f"{path}/{act}", {})
                assert answer.status_code == 200, answer.text
        return self.unit_name(unit_id)

    def unit_name(self, unit_id: UUID) -> str:
        """What a unit is called."""
        found: str = self.manager(unit_id).get(f"/units/{unit_id}").json()["name"]
        return found

    def qualify(self, application_id: str, manager: Caller) -> None:
        """Have unit and office find that somebody may take part."""
        path = f"/applications/{application_id}"
        agreed = manager.post(f"{path}/approve", {})
        assert agreed.status_code == 200, agreed.text
        assert agree_at_office(self.person("city"), path) == "qualified"

    @cached_property
    def places(self) -> Mapping[str, str]:
        """What stands for ``{…}`` in the addresses of the registry."""
        return {
            "code": str(new_id()),
            "draft": self.case("drafter").path.rsplit("/", 1)[1],
            "waiting": self.case("waiting").path.rsplit("/", 1)[1],
            **self.unit_at_work.cases,
            **self.unit_on_site.cases,
            **{who: self.case(who).path.rsplit("/", 1)[1] for who in ("returned", "at_office", "corrected")},
            "filing": self.filing(OTHER_CITY),
            "delegation": self.delegation(),
            "decided": self.decided_by_the_county(),
            "sample": self.sample(),
            "entry": self.sealed_entry(),
            "colleague": self.colleague(),
            **arrange_exams(self),
            "filing_returned": self.filing_returned(CITY),
            **self.awards,
            **self.examined.places,
            **self.exam(),
            **attach_files(self),
        }

    @cached_property
    def examined(self) -> Examined:
        """Candidates with marks, and the office that examined them."""
        found = examined(self)
        named = {"first_marker": found.first, "second_marker": found.second, "judge": found.judge}
        self._people |= {**named, "scored": found.candidate}
        return found

    def exam(self) -> Mapping[str, str]:
        """An exam of the city with somebody in it, who is called ``seated``."""
        flow = self.web.submitted()
        self.qualify(flow.path.rsplit("/", 1)[1], flow.manager)
        self.let_in("seated", flow.applicant)
        return {**hold_exam(self.web, flow), "seated": flow.path.rsplit("/", 1)[1]}

    def delegation(self) -> str:
        """What the city has handed over to its county, as it holds now."""
        found = self.person("county").get("/delegations", office=COUNTY).json()
        return next(str(one["id"]) for one in found if one["state"] == "in_force")

    def before_the_county(self) -> str:
        """A case of a unit in the county, which its unit has agreed to: the county has it in hand."""
        unit_id = self.web.unit(COUNTY)
        applicant = self.web.applicant()
        path = f"/applications/{self.web.draft(applicant, unit_id)['id']}"
        for who, act in ((applicant, "submit"), (self.manager(unit_id), "approve")):
            answer = who.post(f"{path}/{act}", {})
            assert answer.status_code == 200, answer.text
        return path.rsplit("/", 1)[1]

    def decided_by_the_county(self) -> str:
        """A case that the county has found qualified."""
        case = self.before_the_county()
        assert agree_at_office(self.person("county"), f"/applications/{case}") == "qualified"
        return case

    def sample(self) -> str:
        """A spot check of what the county has decided."""
        wanted = {"percent": 100, "minimum": 1, "seed": 7}
        answer = self.person("supervisor").post(f"/delegations/{self.delegation()}/samples", wanted)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def sealed_entry(self) -> str:
        """An entry of the city's record that has its place."""
        platform = self.web.platform
        with SystemSession(platform.engine, actor=system_actor(CITY), now=platform.clock()) as session, session.begin():
            seal_batch(session, platform.record_keys)
        with AuditorSession(platform.engine, actor=system_actor(PROVINCE), now=platform.clock()) as session:
            return str(session.scalars(select(RecordSeal.entry_id).where(RecordSeal.office_id == CITY)).first())

    def colleague(self) -> str:
        """A reviewer whom the center has let in."""
        wanted = {"login": f"colleague-{new_id()}", "name": "测试同事", "role": "city_reviewer", "office_id": PROVINCE}
        answer = self.person("center").post("/accounts", wanted)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    @cached_property
    def awards(self) -> Mapping[str, str]:
        """A closed list with a certificate and a case of sanctions, and a list that is out with an objection."""
        supervisor, web = self.person("supervisor"), self.web
        closed = self._list("certified")
        present = web.clock()
        web.clock.advance(timedelta(days=10))
        for act, sent in (("close", {"notice_number": "清河测试〔2024〕18号"}), ("issue", {})):
            answer = supervisor.post(f"/awards/{closed}/{act}", sent)
            assert answer.status_code == 200, answer.text
        web.clock.set(present)
        out = self._list("listed")
        objection = {"position": 1, "grounds": "履历不实（测试）", "name": "测试举报人", "mobile": "13800000009"}
        raised = web.client.post(f"/api/v1/publications/{out}/objections", json=objection)
        assert raised.status_code == 200, raised.text
        case_id = self.case("certified").path.rsplit("/", 1)[1]
        paper = {"title": "学校复函", "sha256": "ab" * 32}
        suspected = {"application_id": case_id, "facts": "提供虚假学历（测试）", "evidence": [paper]}
        sanction = supervisor.post("/sanction-cases", suspected).json()["id"]
        heard = supervisor.post(f"/sanction-cases/{sanction}/hear", {"words": "请在期限内陈述申辩。"})
        assert heard.status_code == 200, heard.text
        (certificate,) = self.person("certified").get("/certificates").json()
        return {
            "award": closed,
            "award_out": out,
            "certificate": certificate["id"],
            "sanction": sanction,
            "certified": case_id,
        }

    def _list(self, who: str) -> str:
        """A list that is out, of somebody alone who has passed."""
        flow, supervisor, platform = self.case(who), self.person("supervisor"), self.web.platform
        application_id = flow.path.rsplit("/", 1)[1]
        self.qualify(application_id, flow.manager)
        actor = Actor(new_id(), "测试监管人", Role.CITY_SUPERVISOR, office_id=CITY)
        with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
            session.add(
                Outcome(
                    application_id=UUID(application_id),
                    office_id=CITY,
                    year=YEAR,
                    grade=5,
                    trade="LS-1",
                    passed=True,
                    reason="各科目合格",
                    basis={},
                    decided_at=session.now,
                    decided_by=actor.account_id,
                )
            )
        drafted = supervisor.post("/awards", {"year": YEAR, "grades": [5]})
        assert drafted.status_code == 201, drafted.text
        answer = supervisor.post(f"/awards/{drafted.json()['id']}/publish", {})
        assert answer.status_code == 200, answer.text
        return str(drafted.json()["id"])

    def carry_out_due(self, office: OfficeCode) -> None:
        """What the job of every minute does: delegations take effect, or end."""
        platform = self.web.platform
        actor, now = system_actor(office), platform.clock()
        with SystemSession(platform.engine, actor=actor, now=now) as session, session.begin():
            due_work(session)

    def filing(self, office: OfficeCode) -> str:
        """A summary that waits for the center."""
        filer = self.web.staff(Role.CITY_SUPERVISOR, office)
        answer = filer.post("/filings/registration-summary", {"year": YEAR})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def filing_returned(self, office: OfficeCode) -> str:
        """A summary that the center has returned."""
        filing = self.filing(office)
        answer = self.person("center").post(f"/filings/{filing}/return", {"remark": "汇总数据不全，请补报后重新报送。"})
        assert answer.status_code == 200, answer.text
        return filing

    @cached_property
    def unit_at_work(self) -> UnitAtWork:
        """A unit whose people stand in different places, and its manager."""
        web, unit_id = self.web, self.web.unit()
        manager, cases = self.manager(unit_id), {}
        for name, filled in (("at_unit", answers()), ("to_defer", unfiled()), ("sent_on", answers())):
            applicant = web.applicant()
            cases[name] = web.draft(applicant, unit_id, filled)["id"]
            answer = applicant.post(f"/applications/{cases[name]}/submit", {})
            assert answer.status_code == 200, answer.text
        answer = manager.post(f"/applications/{cases['sent_on']}/approve", {})
        assert answer.status_code == 200, answer.text
        sent_back = web.submitted(unit_id)
        _send_back(sent_back.manager, sent_back.path)
        cases["sent_back"] = sent_back.path.rsplit("/", 1)[1]
        named = {"name": "测试代填者", "id_number": simulated(900_000, date(1980, 5, 6), Sex.FEMALE)}
        begun = {"year": YEAR, "unit_id": str(unit_id), "form": {"grade": 5}, "applicant": named}
        cases["begun"] = manager.post("/applications", begun).json()["id"]
        return UnitAtWork(unit_id, manager, cases)

    @cached_property
    def unit_on_site(self) -> UnitAtWork:
        """A unit that has handed in a batch for on-site confirmation, and its manager."""
        unit_id = self.web.unit(OTHER_CITY)
        manager = self.manager(unit_id, OTHER_CITY)
        self.bring_on_site(unit_id, manager)
        roster = manager.post("/rosters", {"kind": "onsite", "year": YEAR})
        assert roster.status_code == 201, roster.text
        batch = manager.post("/batches", {"roster_id": roster.json()["id"], "stamped_scan_sha256": "0" * 64})
        assert batch.status_code == 201, batch.text
        return UnitAtWork(unit_id, manager, {"batch": batch.json()["id"]})

    def bring_on_site(self, unit_id: UUID, manager: Caller) -> None:
        """Have somebody of a unit of the other city found eligible, so that the originals are to be shown."""
        applicant, office = self.web.applicant(), self.web.staff(Role.CITY_REVIEWER, OTHER_CITY)
        path = f"/applications/{self.web.draft(applicant, unit_id)['id']}"
        for who, act in ((applicant, "submit"), (manager, "approve")):
            assert who.post(f"{path}/{act}", {}).status_code == 200
        asked = office.get(f"{path}/findings/unsettled").json()
        answers = [{"finding_id": one["id"], "satisfied": True, "reason": "已核对人事档案"} for one in asked]
        agreed = office.post(f"{path}/approve", {"answers": answers})
        assert agreed.json()["state"] == "onsite_confirmation", agreed.text

    def case(self, who: str) -> Flow:
        """The application of one of those who have one."""
        self.person(who)
        return self._cases[who]


def agree_at_office(office: Caller, path: str) -> str:
    """Have the office settle what the rules ask, agree, and confirm on site where that is needed; the state then."""
    asked = office.get(f"{path}/findings/unsettled").json()
    answers = [{"finding_id": one["id"], "satisfied": True, "reason": "已核对人事档案"} for one in asked]
    agreed = office.post(f"{path}/approve", {"answers": answers})
    assert agreed.status_code == 200, agreed.text
    if agreed.json()["state"] == "onsite_confirmation":
        agreed = office.post(f"{path}/confirm", {})
    return str(agreed.json()["state"])


def _drafting(web: Web) -> Flow:
    """Somebody who has filled in everything and not submitted it."""
    unit_id, applicant = web.unit(), web.applicant()
    made = web.draft(applicant, unit_id)
    return Flow(web, f"/applications/{made['id']}", applicant, web.staff(Role.UNIT_MANAGER, unit_id=unit_id))


def _deferred(web: Web) -> Flow:
    """Somebody who takes part provided that one paper follows."""
    unit_id, applicant = web.unit(), web.applicant()
    made = web.draft(applicant, unit_id, unfiled())
    flow = Flow(web, f"/applications/{made['id']}", applicant, web.staff(Role.UNIT_MANAGER, unit_id=unit_id))
    submitted = applicant.post(f"{flow.path}/submit", {"version": made["version"]})
    assert submitted.status_code == 200, submitted.text
    commitment = {"material": "annual_assessments", "commitment": "备案后即补交", "due_at": at(5, 20).isoformat()}
    committed = flow.manager.post(f"{flow.path}/deferrals", commitment)
    assert committed.status_code == 201, committed.text
    flow.at_office()
    assert agree_at_office(web.staff(Role.CITY_REVIEWER, CITY), flow.path) == "provisional"
    return flow


def _returned(web: Web) -> Flow:
    """Somebody whose unit has found two items faulty and one paper missing."""
    flow = web.submitted()
    _send_back(flow.manager, flow.path)
    return flow


def _send_back(manager: Caller, path: str) -> None:
    items = [
        {"item": "first_job_year", "faulty": True, "reason_code": "contradicts_file", "comment": "与档案记载不符"},
        {"item": "identity_card", "faulty": True, "reason_code": "illegible", "comment": "照片不清楚，请重拍"},
        {"item": "regularisation", "faulty": True, "reason_code": "missing"},
    ]
    reason = "参加工作年份和身份证照片须改正，转正定级材料请补交。"
    answer = manager.post(f"{path}/return", {"reason": reason, "items": items})
    assert answer.status_code == 200, answer.text


def _at_office(web: Web) -> Flow:
    """Somebody whose unit has agreed."""
    flow = web.submitted()
    flow.at_office()
    return flow


def _corrected(web: Web) -> Flow:
    """Somebody who corrected what the office had found faulty, and whose unit has agreed again."""
    flow = _at_office(web)
    items = [{"item": "first_job_year", "faulty": True, "reason_code": "differs_from_file", "comment": "与档案不符"}]
    body = {"reason": "参加工作年份须改正。", "items": items}
    answer = web.staff(Role.CITY_REVIEWER, CITY).post(f"{flow.path}/return", body)
    assert answer.status_code == 200, answer.text
    form = as_json(answers(first_job_year=answers()["first_job_year"] - 1))
    answer = flow.applicant.put(
        f"{flow.path}/form", {"form": form, "edition": flow.applicant.get(flow.path).json()["edition"]}
    )
    assert answer.status_code == 200, answer.text
    answer = flow.applicant.post(f"{flow.path}/submit", {})
    assert answer.status_code == 200, answer.text
    flow.at_office()
    return flow


def _qualified(web: Web) -> Flow:
    """Somebody who may take part."""
    flow = _at_office(web)
    assert agree_at_office(web.staff(Role.CITY_REVIEWER, CITY), flow.path) == "qualified"
    return flow


_CASES: Mapping[str, Callable[[Web], Flow]] = {
    "drafter": _drafting,
    "photographer": _drafting,
    "waiting": lambda web: web.submitted(),
    "at_office": _at_office,
    "corrected": _corrected,
    "returned": _returned,
    "to_correct": _returned,
    "deferred": _deferred,
    "deferred_too": _deferred,
    "unsure": lambda web: web.submitted(),
    "certified": lambda web: web.submitted(),
    "listed": lambda web: web.submitted(),
    "candidate": _qualified,
}
_PEOPLE: Mapping[str, Callable[[Web], Caller]] = {
    "newcomer": lambda web: web.applicant(),
    "half_signed_in": lambda web: web.applicant(),
    "manager": lambda web: web.staff(Role.UNIT_MANAGER, unit_id=web.unit()),
    "county": lambda web: web.staff(Role.COUNTY_REVIEWER, COUNTY),
    "city": lambda web: web.staff(Role.CITY_REVIEWER, CITY),
    "scheduler": lambda web: web.staff(Role.SCHEDULER, CITY),
    "supervisor": lambda web: web.staff(Role.CITY_SUPERVISOR, CITY),
    "center": lambda web: web.staff(Role.PROVINCIAL_OFFICER, PROVINCE),
    "operator": lambda web: web.staff(Role.OPERATOR, PROVINCE),
    "auditor": lambda web: web.staff(Role.PROVINCIAL_AUDITOR, PROVINCE),
    "examiner": lambda web: web.staff(Role.EXAMINER, CITY),
}
