"""The people and places that pages are tried with, made by the real services when first asked for."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.applications.models import Application
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
from core.domain.identity_number import simulated
from core.identity.sign_in.sessions import Awaited, end_sessions
from core.plugin_api import OfficeCode, Sex
from core.results.archive import handover as archive
from core.results.ledger import service as handouts
from core.results.models.marks import Outcome
from core.web.authentication.cookies import SESSION
from tests.browser.attached import attach_files
from tests.browser.exam import hold_exam
from tests.browser.examined import Examined, examined
from tests.browser.exams import arrange_watched_exams
from tests.browser.onsite_day import offer_times
from tests.browser.patrols import make_patrol
from tests.browser.people import CASES, PEOPLE, agree_at_office, send_back, settle_and_approve, submit_and_approve
from tests.browser.unit_changes import plan_changes
from tests.callers import Caller, Flow, Web
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE, YEAR, answers, at, uncertain, unfiled
from tests.phone_codes import code_in_outbox


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
        """A person by the name that tests know them by, made when first asked for."""
        if who in {"manager_of_all", "manager_on_site"}:
            return (self.unit_at_work if who == "manager_of_all" else self.unit_on_site).manager
        if who.startswith("manager_of_") and who.removeprefix("manager_of_") in CASES:
            return self.case(who.removeprefix("manager_of_")).manager
        if who in {"first_marker", "second_marker", "judge", "scored"} and who not in self._people:
            assert self.examined
        if who == "renamed" and who not in self._people:
            assert self.places
        if who not in self._people and who in CASES:
            self._cases[who] = CASES[who](self.web)
            self._people[who] = self._cases[who].applicant
        elif who not in self._people:
            self._people[who] = PEOPLE[who](self.web)
        return self._people[who]

    def cookie(self, who: str) -> Mapping[str, Any]:
        """The cookie of a person who has signed in."""
        awaits = Awaited.SECOND_FACTOR if who == "half_signed_in" else None
        token = self.web.session_of(self.person(who), awaits=awaits)
        return {"name": SESSION, "value": token, "url": self.address}

    def sign_out(self, who: str) -> None:
        """End every session of a person, as happens after too long a pause."""
        account_id = UUID(self.person(who).get("/me").json()["account_id"])
        platform = self.web.platform
        with SignInSession(platform.engine, actor=ANONYMOUS, now=platform.clock()) as session, session.begin():
            end_sessions(session, account_id)

    @contextmanager
    def on(self, day: tuple[int, int] | None) -> Iterator[None]:
        """Set the clock to another day of the season for the block; without a day it stays as it is."""
        clock, now = self.web.clock, self.web.clock()
        if day is not None:
            clock.set(at(*day))
        try:
            yield
        finally:
            clock.set(now)

    def code_by_telephone(self, code_id: UUID) -> str:
        """The code in the message that went out."""
        platform = self.web.platform
        return code_in_outbox(platform.engine, code_id, platform.clock(), PROVINCE)

    def let_in(self, who: str, caller: Caller) -> None:
        """Give a caller a name, so that they can look at pages."""
        self._people[who] = caller

    def draft_of(self, who: str) -> Flow:
        """A complete draft of a person."""
        unit_id = self.web.unit()
        made = self.web.draft(self.person(who), unit_id)
        return Flow(self.web, f"/applications/{made['id']}", self.person(who), self.manager(unit_id))

    def manager(self, unit_id: UUID, office: OfficeCode = CITY) -> Caller:
        """A manager of a unit of an office."""
        return self.web.staff(Role.UNIT_MANAGER, office, unit_id=unit_id)

    def cases_of_one_unit(self, number: int, office: OfficeCode, filled: dict[str, Any] | None = None) -> str:
        """``number`` cases of a new unit before the office, of which rules ask something; returns the unit's name."""
        unit_id = self.web.unit(office)
        manager = self.manager(unit_id)
        for _ in range(number):
            applicant = self.web.applicant()
            submit_and_approve(
                applicant, manager, f"/applications/{self.web.draft(applicant, unit_id, filled or uncertain())['id']}"
            )
        return self.unit_name(unit_id)

    def unit_name(self, unit_id: UUID) -> str:
        """The name of a unit."""
        found: str = self.manager(unit_id).get(f"/units/{unit_id}").json()["name"]
        return found

    def qualify(self, application_id: str, manager: Caller) -> None:
        """Have unit and office find an applicant qualified."""
        path = f"/applications/{application_id}"
        agreed = manager.decide(path, "approve")
        assert agreed.status_code == 200, agreed.text
        assert agree_at_office(self.person("city"), path) == "qualified"

    @cached_property
    def places(self) -> Mapping[str, str]:
        """The values of ``{…}`` in the addresses of the registry."""
        return {
            "code": str(new_id()),
            "draft": self.case("drafter").id,
            "waiting": self.case("waiting").id,
            **self.unit_at_work.cases,
            **self.unit_on_site.cases,
            **{who: self.case(who).id for who in ("returned", "at_office", "corrected", "refused", "appealing")},
            "filing": self.filing(OTHER_CITY),
            "delegation": self.delegation(),
            "decided": self.decided_by_the_county(),
            "sample": self.sample(),
            "entry": self.sealed_entry(),
            "colleague": self.colleague(),
            **arrange_watched_exams(self),
            "filing_returned": self.filing_returned(CITY),
            **self.awards,
            **self.examined.places,
            **self.exam(),
            **attach_files(self),
            "ban": self.ban(),
            "unit_of_nobody": str(self.web.unit()),
            **self.renaming(),
            **plan_changes(self.web),
            **offer_times(self.web, self.unit_on_site.id),
            "emergency_plan": self.emergency_plan(),
            **make_patrol(self),
        }

    @cached_property
    def examined(self) -> Examined:
        """Candidates with marks, and the office that examined them."""
        found = examined(self)
        named = {"first_marker": found.first, "second_marker": found.second, "judge": found.judge}
        self._people |= {**named, "scored": found.candidate}
        return found

    def exam(self) -> Mapping[str, str]:
        """An exam of the city with one candidate, who is called ``seated``."""
        flow = self.web.submitted()
        self.qualify(flow.id, flow.manager)
        self.let_in("seated", flow.applicant)
        return {**hold_exam(self.web, flow), "seated": flow.id}

    def emergency_plan(self) -> str:
        """A plan for emergencies that the city drafts, and a person who is responsible there."""
        contacts = [{"duty": "现场指挥", "name": "测试甲", "telephone": "0371-00000000"}]
        plan = {"year": YEAR, "occasion": "exam", "hotline": "0371-00000000", "contacts": contacts}
        made = self.person("city").post("/emergency-plans", plan | {"events": ["disaster", "facility"]})
        assert made.status_code == 201, made.text
        named = {"year": YEAR, "rank": "first", "name": "测试局长", "post": "测试局局长", "telephone": "0371-00000000"}
        answer = self.person("city").post("/responsible-persons", named | {"from_day": f"{YEAR}-01-01"})
        assert answer.status_code == 201, answer.text
        return str(made.json()["id"])

    def renaming(self) -> Mapping[str, str]:
        """Two corrections of a name: one that waits, and one that an officer has examined."""
        named = {"kind": "slip", "value": "测试更正名", "reason": "同音字（测试）", "evidence": "居民身份证（测试）"}
        made = {}
        for place in ("name_asked", "name_examined"):
            flow = self.web.submitted()
            flow.at_office()
            made[place] = flow.applicant.post("/identity-corrections", named).json()["id"]
            self.let_in("renamed", flow.applicant)
        done = {"examination": "与原件一致（测试）"}
        answer = self.person("city").post(f"/identity-corrections/{made['name_examined']}/examine", done)
        assert answer.status_code == 200, answer.text
        return made

    def delegation(self) -> str:
        """The city's delegation to its county that is in force."""
        found = self.person("county").get("/delegations", office=COUNTY).json()
        return next(str(delegation["id"]) for delegation in found if delegation["state"] == "in_force")

    def before_the_county(self) -> str:
        """A case of a unit in the county that the unit has agreed to: the county has it in hand."""
        unit_id = self.web.unit(COUNTY)
        applicant = self.web.applicant()
        case = str(self.web.draft(applicant, unit_id)["id"])
        submit_and_approve(applicant, self.manager(unit_id), f"/applications/{case}")
        return case

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
        striking = self.person("city").post(f"/awards/{out}/lines/1/strikings", {"reason": "履历待核（测试）"})
        assert striking.status_code == 201, striking.text
        case_id = self.case("certified").id
        paper = {"title": "学校复函", "sha256": "ab" * 32}
        suspected = {"application_id": case_id, "facts": "提供虚假学历（测试）", "evidence": [paper]}
        sanction = self.person("city").post("/sanction-cases", suspected).json()["id"]
        heard = supervisor.post(f"/sanction-cases/{sanction}/hear", {"words": "请在期限内陈述申辩。"})
        assert heard.status_code == 200, heard.text
        (certificate,) = self.person("certified").get("/certificates").json()
        misprinted = {"ground": "misprint", "reason": "工种印错（测试）"}
        proposed = self.person("city").post(f"/certificates/{certificate['id']}/reissue-proposals", misprinted)
        assert proposed.status_code == 201, proposed.text
        return {
            "certificate_batch": self._handed_over(case_id),
            "archive_handover": self._for_the_files(case_id),
            "reissue": proposed.json()["id"],
            "award": closed,
            "award_out": out,
            "striking": striking.json()["id"],
            "listed": self.case("listed").id,
            "certificate": certificate["id"],
            "sanction": sanction,
            "certified": case_id,
        }

    def _handed_over(self, application_id: str) -> str:
        """The papers of a case's unit, handed over to it and waiting for its people."""
        platform, actor = self.web.platform, Actor(new_id(), "测试发证人", Role.CITY_REVIEWER, office_id=CITY)
        with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
            unit_id = session.get_one(Application, UUID(application_id)).unit_id
            (handout,) = handouts.make_batches(session, YEAR, [unit_id])
            handouts.hand_over(session, handout.id, receiver="测试经办人")
            return str(handout.id)

    def _for_the_files(self, application_id: str) -> str:
        """What a case's unit was given for the personnel files of its people, and has not received yet."""
        platform, actor = self.web.platform, Actor(new_id(), "测试档案人", Role.CITY_REVIEWER, office_id=CITY)
        with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
            unit_id = session.get_one(Application, UUID(application_id)).unit_id
            (made,) = archive.hand_to_units(session, YEAR, [unit_id])
            return str(made.id)

    def _list(self, who: str) -> str:
        """A published list with a single candidate who has passed."""
        flow, supervisor, platform = self.case(who), self.person("supervisor"), self.web.platform
        application_id = flow.id
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
        """Do the work of the job that runs every minute: delegations take effect, or end."""
        platform = self.web.platform
        actor, now = system_actor(office), platform.clock()
        with SystemSession(platform.engine, actor=actor, now=now) as session, session.begin():
            due_work(session)

    def ban(self) -> str:
        """A ban of earlier years that another officer of the center has entered."""
        banned = self.web.applicant().get("/me").json()["person_id"]
        told = {"person_id": banned, "reason": "证书系伪造（测试）", "instrument": "测试处〔2023〕7号"}
        entered = self.web.staff(Role.PROVINCIAL_OFFICER, PROVINCE).post(
            "/bans", told | {"begins": "2023-11-01T00:00:00+08:00"}
        )
        assert entered.status_code == 201, entered.text
        return str(entered.json()["id"])

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
        answer = manager.decide(f"/applications/{cases['sent_on']}", "approve")
        assert answer.status_code == 200, answer.text
        sent_back = web.submitted(unit_id)
        send_back(sent_back.manager, sent_back.path)
        cases["sent_back"] = sent_back.id
        named = {"name": "测试代填者", "id_number": simulated(web.next_number(), date(1980, 5, 6), Sex.FEMALE)}
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
        """Have an applicant of a unit of the other city found eligible, so that the originals are to be shown."""
        applicant, office = self.web.applicant(), self.web.staff(Role.CITY_REVIEWER, OTHER_CITY)
        path = f"/applications/{self.web.draft(applicant, unit_id)['id']}"
        submit_and_approve(applicant, manager, path)
        assert settle_and_approve(office, path) == "onsite_confirmation"

    def case(self, who: str) -> Flow:
        """The application of a person who has one."""
        self.person(who)
        return self._cases[who]
