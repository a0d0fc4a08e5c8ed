"""The course of one simulated application: a script of acts, each of which puts the next on the agenda."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from core.applications import service as applications
from core.applications.editions import edition_of
from core.applications.forms import ApplicationDraft
from core.applications.models import Application
from core.applications.service import Applicant
from core.clock import SHANGHAI
from core.db.session import Actor, OfficeSession, PersonSession, Role, SignInSession, UnitSession
from core.documents.service import upload
from core.domain.identity_number import parse
from core.domain.workflow import State
from core.identity.service import claim_person, issue_account
from core.plugin_api import WindowKind
from core.reviews import service as reviews
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.decisions.undo import undo
from core.reviews.settlements import Answer, unsettled
from core.reviews.submission import foreseen, lacking_papers, submit
from core.sanctions import cases as sanctions
from core.sanctions.cases import Measures
from core.seasons.queries import calendar_now
from core.simulate.office_acts import deferrals_due
from core.simulate.people import InventedPerson
from core.simulate.scans import scan
from core.simulate.world import SimulatedUnit, SimulationError, World
from core.tenancy.offices import Offices


@dataclass
class Case:
    """One application: the person, the unit, and the turns that its script gives it."""

    world: World
    person: InventedPerson
    unit: SimulatedUnit
    turns: frozenset[str] = frozenset()
    actor: Actor | None = None
    id: UUID | None = None
    taken: set[str] = field(default_factory=set)
    desk: tuple[int, str] | None = None
    """The office that was given the case last, and the count of handovers then; it holds until another handover."""

    def begins(self, moment: datetime) -> None:
        """Put registration and draft on the agenda at ``moment``; each act brings the next."""
        self.world.at(moment, self.register_and_draft)

    def register_and_draft(self) -> None:
        """Register with a real name, open a draft, upload papers, and plan to submit."""
        self.register()
        platform = self.world.platform
        with self.as_person() as session:
            draft = ApplicationDraft.model_validate(dict(self.person.answers))
            applicant = Applicant(session.person_id, self.person.name, parse(self.person.id_number).value[-4:])
            made = applications.open_draft(session, applicant, year=self.world.year, unit_id=self.unit.id, draft=draft)
            self.id = made.id
            rules = platform.rules[self.world.year]
            for paper in lacking_papers(foreseen(session, made, offices=platform.offices, rules=rules)):
                self.upload(session, paper.code)
        self.soon(self.submit, hours=0.2)

    def register(self) -> None:
        """The person and their account, unless another case of theirs has made them."""
        if self.actor is not None:
            return
        platform, now = self.world.platform, self.world.clock()
        nobody = Actor(self.world.staff[self.world.province]["center"].account_id, "注册", Role.APPLICANT)
        with SignInSession(platform.engine, actor=nobody, now=now) as session, session.begin():
            person_id = claim_person(
                session,
                id_number=self.person.id_number,
                name=self.person.name,
                phone=self.person.phone,
                keys=platform.keys,
            )
            account = issue_account(
                session,
                login=f"person-{self.person.index:06d}",
                name=self.person.name,
                role=Role.APPLICANT,
                person_id=person_id,
                valid_from=now,
            )
        self.actor = Actor(account.id, self.person.name, Role.APPLICANT, person_id=person_id)

    def submit(self) -> None:
        """Submit, or submit again after a return, and plan the unit's review."""
        if "withdraw_draft" in self.turns:
            with self.as_person() as session:
                applications.withdraw(session, self.case_id)
            return
        if "never_submit" in self.turns:
            return
        with self.as_person() as session:
            made = self.submit_in(session)
            state = self.after(made)
        if self.once("withdraw"):
            self.soon(self.withdraw, hours=20)
        else:
            self.plan(state)

    def submit_in(self, session: PersonSession) -> Application:
        """Submit in an open session."""
        platform = self.world.platform
        return submit(session, self.case_id, offices=platform.offices, rules=platform.rules[self.world.year])

    def plan(self, state: State) -> None:
        """Put the act that follows in ``state`` on the agenda."""
        steps: dict[State, tuple[Callable[[], None], float]] = {
            State.UNIT_REVIEW: (self.review_at_unit, 5),
            State.DEPARTMENT_REVIEW: (self.review_at_department, 16),
            State.QUALIFICATION_REVIEW: (self.review_at_office, 28),
            State.ONSITE_CONFIRMATION: (self.review_onsite, 22),
            State.PROVISIONAL: (self.supplement, 24 * 30),
            State.RETURNED: (self.correct, 8),
        }
        if state in steps:
            act, hours = steps[state]
            self.soon(act, hours=hours)

    def review_at_unit(self) -> None:
        """The unit checks item by item, commits to papers that are not on file, and agrees, returns or refuses."""
        with self.world.unit(self.unit.manager) as session:
            if self.once("return_at_unit"):
                self.slip(session)
                made = self.send_back(session, "工作年份与档案不符")
            elif "reject_at_unit" in self.turns:
                made = reviews.reject(session, self.case_id, offices=self.offices, reason="单位岗位无空缺，不同意申报")
            else:
                if self.once("defer"):
                    self.commit(session)
                made = reviews.approve(
                    session, self.case_id, offices=self.offices, items=each_item(session, self.case_id)
                )
            state = self.after(made)
        self.plan(state)

    def slip(self, session: UnitSession) -> None:
        """The unit agrees by a slip of the hand, and takes it back at once."""
        reviews.approve(session, self.case_id, offices=self.offices, items=each_item(session, self.case_id))
        undo(session, self.case_id, offices=self.offices)

    def review_at_department(self) -> None:
        """The competent department checks the same again."""
        if self.unit.department is None:
            raise SimulationError("a unit without a department has no second stage")
        with self.world.unit(self.unit.department, frozenset({self.unit.id})) as session:
            if self.once("return_at_department"):
                made = self.send_back(session, "请更正学历")
            else:
                made = reviews.approve(
                    session, self.case_id, offices=self.offices, items=each_item(session, self.case_id)
                )
            state = self.after(made)
        self.plan(state)

    def review_at_office(self) -> None:
        """The office in charge settles what the rules ask, and decides."""
        with self.world.office(self.in_charge()) as session:
            if self.once("return_at_office"):
                made = self.send_back(session, "请核实参加工作年份")
            elif self.once("reject_at_office"):
                made = reviews.reject(session, self.case_id, offices=self.offices, reason="申报工种与岗位不一致")
            else:
                answers = self.answers(session)
                made = reviews.approve(
                    session, self.case_id, offices=self.offices, items=each_item(session, self.case_id), answers=answers
                )
            state = self.after(made)
        self.plan(state)
        if "reopen" in self.turns and state in {State.REJECTED, State.QUALIFIED} and self.once("reopen"):
            self.soon(self.reopen, hours=10)
        if "disqualify" in self.turns and state is State.QUALIFIED:
            self.soon(self.disqualify, hours=48)

    def review_onsite(self) -> None:
        """A second officer compares the originals."""
        with self.world.office(self.in_charge(), "onsite") as session:
            if self.once("return_onsite"):
                made = self.send_back(session, "原件与上传不一致")
            elif "reject_onsite" in self.turns:
                made = reviews.reject(session, self.case_id, offices=self.offices, reason="不能出示证书原件")
            else:
                made = reviews.confirm(
                    session, self.case_id, offices=self.offices, items=each_item(session, self.case_id)
                )
            state = self.after(made)
        self.plan(state)
        if "disqualify" in self.turns and state is State.QUALIFIED:
            self.soon(self.disqualify, hours=48)

    def correct(self) -> None:
        """The applicant corrects the unlocked items and submits again, unless the script lets the return expire."""
        if "never_correct" in self.turns:
            return
        with self.as_person() as session:
            draft = ApplicationDraft.model_validate(
                {**self.person.answers, "first_job_year": int(self.person.answers["first_job_year"]) - 1}
            )
            seen = edition_of(session.get_one(Application, self.case_id))
            applications.save_draft(session, self.case_id, draft, edition=seen)
        self.soon(self.submit, hours=0.2)

    def withdraw(self) -> None:
        """The applicant withdraws."""
        with self.as_person() as session:
            applications.withdraw(session, self.case_id)

    def supplement(self) -> None:
        """The paper is filed and supplied; the office clears it three days later. Or the script lets it lapse."""
        if "lapse" in self.turns:
            return
        with self.as_person() as session:
            document_id = self.upload(session, "annual_assessments")
            applications.supplement(session, self.case_id, material="annual_assessments", document_id=document_id)
        self.soon(self.reject_provisional if "reject_provisional" in self.turns else self.clear, hours=72)

    def clear(self) -> None:
        """The final verdict on a provisional case."""
        with self.world.office(self.in_charge()) as session:
            reviews.clear(session, self.case_id, offices=self.offices)

    def reject_provisional(self) -> None:
        """The paper shows that the condition was not met."""
        with self.world.office(self.in_charge()) as session:
            reviews.reject(session, self.case_id, offices=self.offices, reason="补交的年度考核结果不合格")

    def reopen(self) -> None:
        """The supervising office has the case reviewed again."""
        with self.world.center() as session:
            made = reviews.reopen(session, self.case_id, offices=self.offices, reason="抽查发现原审查理由不成立")
            state = self.after(made)
        self.taken.add("reviewed_again")
        self.plan(state)

    def disqualify(self) -> None:
        """False material has come to light: a reviewer opens a case, and the person is heard."""
        with self.world.office(self.unit.office) as session:
            found = sanctions.propose(session, self.case_id, facts="提交的证书系伪造").id
        with self.world.office(self.unit.office, "supervisor") as session:
            sanctions.hear(session, found, words="经核查，决定立案", offices=self.offices)
        with self.as_person() as session:
            sanctions.state(session, found, words="证书由中介代办，本人不知情", finished=True)
        self.soon(partial(self.bar, found), hours=3)

    def bar(self, found: UUID) -> None:
        """The city decides, and the center upholds it: the case ends, and the person is banned."""
        with self.world.office(self.unit.office, "supervisor") as session:
            measures = Measures(disqualifies=True, revokes=False)
            sanctions.decide(session, found, words="伪造证书属实", measures=measures, offices=self.offices)
        with self.as_person() as session:
            sanctions.appeal(session, found, words="请求从轻处理")
        with self.world.center() as session:
            sanctions.uphold(session, found, words="事实清楚，处理适当", offices=self.offices)

    def answers(self, session: OfficeSession) -> list[Answer]:
        """An answer to every finding that asks, by an officer who has the personnel file before her."""
        application = session.get_one(Application, self.case_id)
        return [
            Answer(finding.id, satisfied=True, reason="已核对人事档案和单位证明")
            for finding in unsettled(session, application)
        ]

    def commit(self, session: UnitSession) -> None:
        """The unit commits to supply the unfiled assessment in time (承诺制)."""
        calendar = calendar_now(session, self.unit.local_office, self.world.year)
        exam = calendar.window(WindowKind.COMPUTER_EXAM)
        assert exam is not None and exam.opens is not None  # noqa: PT018, S101
        applications.commit_to_deferral(
            session,
            self.case_id,
            material="annual_assessments",
            commitment="2023年度考核结果备案后立即补交",
            due_at=deferrals_due(self.world),
            exam_begins=exam.opens,
        )

    def upload(self, session: PersonSession, material: str) -> UUID:
        """Upload a made-up scan."""
        platform = self.world.platform
        document = upload(
            session,
            self.case_id,
            material=material,
            file_name=f"{material}.png",
            content=io.BytesIO(scan(material)),
            store=platform.documents,
            keys=platform.keys,
            limits=platform.offices.config(self.unit.local_office).documents,
            scan=platform.offices.hooks(self.unit.local_office).document_received,
        )
        return document.id

    def as_person(self) -> AbstractContextManager[PersonSession]:
        """A session of the applicant."""
        assert self.actor is not None  # noqa: S101
        return self.world.person(self.actor)

    def in_charge(self) -> str:
        """The office that has the case in hand now."""
        if self.desk is None or self.desk[0] != self.world.handovers:
            with self.world.center() as session:
                wanted = select(Application.handler_office_id).where(Application.id == self.case_id)
                self.desk = (self.world.handovers, session.execute(wanted).scalar_one())
        return self.desk[1]

    def after(self, made: Application) -> State:
        """The state after an act; keeps the office that has the case in hand now."""
        self.desk = (self.world.handovers, made.handler_office_id)
        return State(made.state)

    def soon(self, act: Callable[[], None], *, hours: float) -> None:
        """Put an act on the agenda, at a time of day when people work."""
        moment = self.world.clock() + timedelta(hours=hours)
        local = moment.astimezone(SHANGHAI)
        if hours >= 4 and not 8 <= local.hour < 19:
            moment = local.replace(hour=9) + timedelta(days=1 if local.hour >= 19 else 0)
        self.world.at(moment, act)

    def once(self, turn: str) -> bool:
        """Whether the script has this turn and it has not been taken yet; it is taken now."""
        if turn not in self.turns or turn in self.taken:
            return False
        self.taken.add(turn)
        return True

    def send_back(self, session: reviews.ReviewSession, reason: str) -> Application:
        """Return the case for the one item that the scripts let be faulty."""
        items = [ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file")]
        return reviews.return_for_correction(
            session,
            self.case_id,
            offices=self.offices,
            reason=reason,
            items=each_item(session, self.case_id, but=items),
        )

    @property
    def offices(self) -> Offices:
        """The offices at work."""
        return self.world.platform.offices

    @property
    def case_id(self) -> UUID:
        """The application's id."""
        assert self.id is not None  # noqa: S101
        return self.id
