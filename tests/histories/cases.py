"""Acts on applications: people, units, departments, the offices in charge, supervisors and the season's clock."""

import io
import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.applications import service as applications
from core.applications.editions import edition_of
from core.applications.forms import ApplicationDraft
from core.applications.models import Application
from core.applications.queries import findings
from core.applications.service import Applicant
from core.db.session import OfficeSession, PersonSession
from core.documents.service import upload
from core.domain.identity_number import simulated
from core.domain.workflow import STAGES
from core.identity.service import claim_person
from core.organizations import service as organizations
from core.plugin_api import Grade, Severity, Sex
from core.reviews import claims, onsite, originals, rosters, service as reviews
from core.reviews.decisions.items import ItemVerdict, each_item
from core.reviews.decisions.undo import undo
from core.reviews.due import carry_out_due
from core.reviews.queue import SHOWN, counts
from core.reviews.settlements import Answer, settle_findings
from core.reviews.submission import foreseen, lacking_papers, submit
from core.seasons.service import let_in_late
from core.simulate.people import assessments, career
from core.simulate.scans import scan
from tests.cases import KEYS
from tests.histories.acts import World, act, moment

PEOPLE = 48
"""Enough people for every combination; more only make the histories slow."""
_REASON = "测试理由"
_FAULTY = (ItemVerdict("first_job_year", faulty=True, reason_code="differs_from_file"),)
_LEFT = "('withdrawn', 'expired', 'disqualified')"

_JUST_DECIDED = (
    "EXISTS (SELECT FROM moves m WHERE m.application_id = t.id AND m.version = t.version"
    " AND m.action IN ('approve', 'return', 'reject', 'confirm', 'clear') AND m.at > :now - interval '20 minutes')"
)


def answers(year: int, grade: Grade, *, unfiled: bool = False) -> dict[str, Any]:
    """The answers of an applicant who meets the conditions of a grade; ``unfiled``: a paper has to follow."""
    usual = career(grade, random.Random(7), year=year, trade="LS-1")  # noqa: S311 - invented people, not a secret
    more = {"assessments": assessments(year, unfiled=True)} if unfiled else {}
    return {**usual, "staff_category": "regular", "grade": grade, **more}


class Cases(World):
    """The life of an application up to the office's verdict, and its reopening."""

    # Applicants

    @act("units", f"t.ended_at IS NULL AND (SELECT count(*) FROM persons) < {PEOPLE}")
    def somebody_drafts(self, unit: Any) -> None:
        """A new person begins an application."""
        grade = self.luck.choice((Grade.FIVE, Grade.FOUR, Grade.FOUR, Grade.THREE))
        self.draft(*self.register(), unit.id, grade)

    def register(self) -> tuple[UUID, str]:
        """The next invented person, with their name."""
        number = self.one("SELECT count(*) FROM persons") + 1
        name = f"测试甲{number:04d}"
        with self.season.signing_in() as session:
            id_number = simulated(number, date(1980, 5, 6), Sex.MALE)
            return claim_person(session, id_number=id_number, name=name, phone=None, keys=KEYS), name

    @act("applications", f"t.state IN {_LEFT} OR t.year < extract(year FROM :now::timestamptz)")
    def person_drafts_again(self, case: Any) -> None:
        """A person with an earlier application begins another."""
        self.draft(case.person_id, case.person_name, case.unit_id, Grade(case.grade or Grade.FIVE))

    def draft(self, person_id: UUID, name: str, unit_id: UUID, grade: Grade, *, unfiled: bool | None = None) -> UUID:
        """A draft of the season of the day with its papers."""
        deferred = grade == Grade.FOUR and (self.chance(2) if unfiled is None else unfiled)
        form = ApplicationDraft.model_validate(answers(self.this_year, grade, unfiled=deferred))
        with self.person(Applied(person_id, name)) as session:
            made = applications.open_draft(
                session, Applicant(person_id, name, "0000"), year=self.this_year, unit_id=unit_id, draft=form
            )
            self.upload_required(session, made)
        return made.id

    def upload_required(self, session: PersonSession, application: Application) -> None:
        """Made-up scans of the papers without which the form as it is could not be submitted."""
        judged = foreseen(session, application, offices=self.offices, rules=self.season.rules)
        for paper in lacking_papers(judged):
            self.upload(session, application.id, paper.code)

    def upload(self, session: Any, case_id: UUID, material: str) -> UUID:
        """A made-up scan as a paper of a case."""
        return upload(
            session,
            case_id,
            material=material,
            file_name=f"{material}.png",
            content=io.BytesIO(scan(material)),
            store=self.season.store,
            keys=KEYS,
            limits=self.config("linshui/qinghe").documents,
            scan=lambda _document: (),
        ).id

    @act("applications", "t.state IN ('draft', 'returned')")
    def person_changes_the_form(self, case: Any) -> None:
        """The form is saved with another grade's answers."""
        grade = self.luck.choice((Grade.FIVE, Grade.FOUR, Grade.THREE))
        with self.person(case) as session:
            edition = edition_of(session.get_one(Application, case.id))
            filled = ApplicationDraft.model_validate(answers(case.year, grade, unfiled=self.chance(3)))
            applications.save_draft(session, case.id, filled, edition=edition)

    @act("applications", "t.state IN ('draft', 'returned')")
    def person_submits(self, case: Any) -> None:
        with self.person(case) as session:
            # Once in a while a paper is lacking, because the form has changed since; then nothing is submitted.
            if not self.chance(6):
                self.upload_required(session, session.get_one(Application, case.id))
            submit(session, case.id, offices=self.offices, rules=self.season.rules)

    @act("applications", "t.state NOT IN ('qualified', 'rejected', 'withdrawn', 'expired', 'disqualified')")
    def person_withdraws(self, case: Any) -> None:
        with self.person(case) as session:
            applications.withdraw(session, case.id, offices=self.offices)

    @act("applications", "t.state = 'provisional'")
    def person_supplies_the_paper(self, case: Any) -> None:
        with self.person(case) as session:
            paper = self.upload(session, case.id, "annual_assessments")
            applications.supplement(
                session, case.id, material="annual_assessments", document_id=paper, offices=self.offices
            )

    @act("applications", "t.state IN ('draft', 'returned', 'unit_review', 'qualified')")
    def person_uploads_another_photo(self, case: Any) -> None:
        with self.person(case) as session:
            self.upload(session, case.id, "photo")

    # Units and departments

    @act(
        "applications",
        "t.state = 'unit_review' AND t.grade = 4"
        " AND NOT EXISTS (SELECT FROM deferrals d WHERE d.application_id = t.id)",
    )
    def unit_commits_to_a_paper(self, case: Any) -> None:
        due = self.now + timedelta(days=self.luck.choice((3, 30)))
        with self.unit(case.unit_id) as session:
            applications.commit_to_deferral(
                session,
                case.id,
                material="annual_assessments",
                commitment="测试承诺",
                due_at=due,
                exam_begins=moment(case.year, 7, 13),
            )

    @act("applications", "t.state = 'unit_review'")
    def unit_approves(self, case: Any) -> None:
        with self.unit(case.unit_id) as session:
            reviews.approve(session, case.id, offices=self.offices, items=each_item(session, case.id))

    @act("applications", "t.state = 'unit_review'")
    def unit_returns(self, case: Any) -> None:
        with self.unit(case.unit_id) as session:
            reviews.return_for_correction(
                session, case.id, offices=self.offices, reason=_REASON, items=each_item(session, case.id, but=_FAULTY)
            )

    @act("applications", "t.state = 'unit_review'")
    def unit_rejects(self, case: Any) -> None:
        with self.unit(case.unit_id) as session:
            reviews.reject(session, case.id, offices=self.offices, reason=_REASON)

    @act("applications", "t.state = 'department_review'")
    def department_approves(self, case: Any) -> None:
        with self.department(case) as session:
            reviews.approve(session, case.id, offices=self.offices, items=each_item(session, case.id))

    @act("applications", "t.state = 'department_review'")
    def department_returns(self, case: Any) -> None:
        with self.department(case) as session:
            reviews.return_for_correction(
                session, case.id, offices=self.offices, reason=_REASON, items=each_item(session, case.id, but=_FAULTY)
            )

    @act("applications", "t.state = 'department_review'")
    def department_rejects(self, case: Any) -> None:
        with self.department(case) as session:
            reviews.reject(session, case.id, offices=self.offices, reason=_REASON)

    # The office in charge

    @act("applications", "t.state IN ('qualification_review', 'onsite_confirmation')")
    def officer_claims(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            claims.claim(session, case.id, take_over=self.chance(2))

    @act("applications", "t.state = 'qualification_review'")
    def office_approves(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            self.settle(session, case.id)
            reviews.approve(session, case.id, offices=self.offices, items=each_item(session, case.id))

    def settle(self, session: OfficeSession, case_id: UUID) -> None:
        """Answer every finding that asks, once in a while with no."""
        found = session.get(Application, case_id)
        if found is None:
            # Another's case, out of turn: the decision itself has to refuse it.
            return
        asked = [one for one in findings(session, case_id, found.round) if one.severity == Severity.ASKS]
        settle_findings(session, case_id, [Answer(one.id, not self.chance(12), "已核对人事档案") for one in asked])

    @act("applications", "t.state IN ('qualification_review', 'onsite_confirmation')")
    def office_returns(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            reviews.return_for_correction(
                session, case.id, offices=self.offices, reason=_REASON, items=each_item(session, case.id, but=_FAULTY)
            )

    @act("applications", "t.state IN ('qualification_review', 'onsite_confirmation', 'provisional')")
    def office_rejects(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            reviews.reject(session, case.id, offices=self.offices, reason=_REASON)

    @act("applications", "t.state = 'onsite_confirmation'")
    def office_confirms(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            reviews.confirm(session, case.id, offices=self.offices, items=each_item(session, case.id))

    @act("applications", "t.state = 'provisional'")
    def office_clears(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            reviews.clear(session, case.id, offices=self.offices)

    @act("applications", "t.state IN ('rejected', 'provisional', 'qualified')")
    def supervisor_reopens(self, case: Any) -> None:
        """The city over its county, or the center over everybody."""
        if case.handler_office_id != case.office_id and self.chance(2):
            with self.supervisor(case.office_id) as session:
                reviews.reopen(session, case.id, offices=self.offices, reason=_REASON)
            return
        with self.province() as session:
            reviews.reopen(session, case.id, offices=self.offices, reason=_REASON)

    @act("applications", _JUST_DECIDED)
    def maker_takes_a_decision_back(self, case: Any) -> None:
        """The last decision on a case, by the session that made it."""
        last = self.any_of(
            "moves", "t.application_id = :case AND t.version = :version", case=case.id, version=case.version
        )
        if last.capacity == "office":
            begun = self.office(last.acting_office_id, who=last.actor_name.removeprefix("测试"))
        else:
            begun = self.unit(case.unit_id) if last.capacity == "unit" else self.department(case)
        with begun as session:
            undo(session, case.id, offices=self.offices, version=case.version)

    @act("applications", "t.state IN ('unit_review', 'qualification_review')")
    def plain_case_is_approved_in_bulk(self, case: Any) -> None:
        at_unit = case.state == "unit_review"
        with self.unit(case.unit_id) if at_unit else self.office(case.handler_office_id) as session:
            reviews.approve(session, case.id, offices=self.offices, bulk=True)

    @act("offices")
    def office_looks_at_its_desk(self, office: Any) -> None:
        """The desk's counts are those of the cases that the office has in hand, and all of them are seen."""
        for year in self.years:
            with self.office(office.id) as session:
                counted = {str(state): count for state, count in counts(session, year).items() if state in SHOWN}
            there = dict(
                tuple(row)
                for row in self.look(
                    "SELECT state, count(*) FROM applications WHERE handler_office_id = :office AND year = :year"
                    " AND state = ANY (:shown) GROUP BY state",
                    office=office.id,
                    year=year,
                    shown=[str(state) for state in SHOWN],
                )
            )
            assert counted == there, (office.id, counted, there)

    @act("offices", "t.id <> 'linshui'")
    def office_lets_somebody_in_late(self, office: Any) -> None:
        case = self.any_of("applications", "t.office_id = :office AND t.state = 'draft'", office=office.id)
        with self.office(office.id) as session:
            let_in_late(
                session,
                year=case.year,
                person_id=case.person_id,
                reason=_REASON,
                opens=self.now,
                closes=self.now + timedelta(days=2),
            )

    # Papers on the office's desk

    @act("applications", "t.state IN ('qualification_review', 'onsite_confirmation')")
    def office_takes_an_original(self, case: Any) -> None:
        with self.office(case.handler_office_id) as session:
            originals.receive_original(session, case.id, title="测试原件", received_from="测试经办")

    @act("originals", "t.returned_at IS NULL")
    def office_gives_an_original_back(self, original: Any) -> None:
        with self.office(original.office_id) as session:
            originals.return_original(session, original.id, returned_to="测试经办")

    @act("applications", "t.state = 'onsite_confirmation'")
    def unit_hands_in_a_batch(self, case: Any) -> None:
        with self.unit(case.unit_id) as session:
            roster = rosters.make_roster(session, rosters.RosterKind.ONSITE, case.year)
            onsite.hand_in_batch(
                session, roster.id, stamped_scan_sha256="0" * 64, office_id=self.luck.choice((None, case.office_id))
            )

    @act("onsite_batches", "t.state = 'handed_in'")
    def office_receives_a_batch(self, batch: Any) -> None:
        with self.office(batch.office_id) as session:
            onsite.receive_batch(session, batch.id)

    @act("onsite_batches", "t.state IN ('handed_in', 'received')")
    def office_returns_a_batch(self, batch: Any) -> None:
        with self.office(batch.office_id) as session:
            onsite.return_batch(session, batch.id, remark=_REASON)

    @act("onsite_batches", "t.state = 'received'")
    def office_closes_a_batch(self, batch: Any) -> None:
        with self.office(batch.office_id) as session:
            onsite.close_batch(session, batch.id)

    # The season's clock

    @act("offices")
    def worker_carries_out_what_is_due(self, office: Any) -> None:
        for year in self.years:
            with self.system(office.id) as session:
                carry_out_due(session, year=year, offices=self.offices)

    # Units change

    @act("units", "t.ended_at IS NULL AND NOT EXISTS (SELECT FROM units below WHERE below.parent_id = t.id)")
    def units_merge(self, unit: Any) -> None:
        other = self.any_of(
            "units",
            "t.ended_at IS NULL AND t.office_id = :office AND t.id <> :unit",
            office=unit.office_id,
            unit=unit.id,
        )
        name = f"测试合并单位{self.one('SELECT count(*) FROM units')}"
        with self.supervisor(unit.office_id) as session:
            organizations.merge(
                session, [unit.id, other.id], name=name, valid_from=self.now.date(), instrument="测试〔2024〕8号"
            )

    @act("units", "t.ended_at IS NULL AND NOT EXISTS (SELECT FROM units below WHERE below.parent_id = t.id)")
    def unit_splits(self, unit: Any) -> None:
        count = self.one("SELECT count(*) FROM units")
        with self.supervisor(unit.office_id) as session:
            organizations.split(
                session,
                unit.id,
                names_of_parts=[f"测试分立单位{count}", f"测试分立单位{count + 1}"],
                valid_from=self.now.date(),
                instrument="测试〔2024〕8号",
            )


class Applied:
    """Somebody who begins an application: a person's id and name."""

    def __init__(self, person_id: UUID, name: str) -> None:
        self.person_id, self.person_name = person_id, name


OPEN_STATES = tuple(str(state) for state in STAGES)
