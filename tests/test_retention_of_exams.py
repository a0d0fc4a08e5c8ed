"""Words about people around exams, results and sanctions go after their time; the acts themselves stay."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.db.base import new_id
from core.db.retention import ERASED
from core.db.session import KeeperSession
from core.documents.attachment_subjects import Subject
from core.documents.models import Attachment, Document
from core.errors import NotFound
from core.identity import reveals
from core.plugin_api import MarkStatus
from core.results.awards import list_queries, objections
from core.results.awards.objections import Objector
from core.results.corrections import score_checks
from core.results.corrections.score_checks import Ground
from core.results.corrections.service import Corrected, ask_for_correction, grant_correction
from core.results.marks.service import confirm_import
from core.results.models.awards import PublicationEntry, Striking
from core.results.models.corrections import MarkCorrection, ScoreCheck
from core.results.models.evaluation import EvaluationPanel, PanelMember
from core.results.models.marks import MarkImport
from core.sanctions import cases
from core.sanctions.models import Ban, SanctionCase, SanctionEvidence, SanctionStep
from core.scheduling.accommodations import service as accommodations
from core.scheduling.allocation.problem import SeatNeed
from core.scheduling.emergencies import service as emergencies
from core.scheduling.emergencies.kinds import EmergencyKind, EntryKind, Severity
from core.scheduling.emergencies.service import EmergencyForm
from core.scheduling.exam_day import door, opening, opening_alarms, safekeeping
from core.scheduling.exam_day.door import IncidentForm, IncidentKind
from core.scheduling.exam_day.opening import Step, StepForm
from core.scheduling.exam_day.safekeeping import CustodyForm, Kept
from core.scheduling.invigilation import register as invigilators
from core.scheduling.invigilation.register import InvigilatorForm
from core.scheduling.models.accommodations import AccommodationRequest
from core.scheduling.models.emergencies import Emergency, EmergencyEntry
from core.scheduling.models.exam_day import CustodyEntry, CustodyHandover, Incident
from core.scheduling.models.invigilation import Invigilator
from core.scheduling.models.openings import OpeningAlarm, SiteOpening
from core.scheduling.models.tickets import PaperJob, PaperPart
from core.tenancy.config.results import ResultsTable
from tests.cases import CITY, KEYS, YEAR, at
from tests.documents import things
from tests.results.awards.awarded import passed, published, struck
from tests.results.conftest import Office
from tests.results.evaluation.panel_at_work import MEMBERS, Panel, begun, candidates, formed
from tests.results.marks.test_absences import FULL, Held
from tests.sanctions.test_cases import decided
from tests.scheduling.conftest import NINE, Exams
from tests.scheduling.exam_day.test_door import exam
from tests.scheduling.tickets.test_paper_jobs import Notebook, ask, make, plan_of
from tests.test_retention import Archive, archive

__all__ = ["archive"]

OF_EXAMS = frozenset(
    {
        "objectors",
        "accommodations",
        "invigilators",
        "custody_keepers",
        "incidents",
        "openings",
        "evaluations",
        "result_cases",
        "sanctions",
        "paper_parts",
    }
)


def gone(held: Archive, days: int) -> dict[str, int]:
    """The counts erased of these classes when the worker runs so many days later."""
    held.season.connection.commit()
    return {name: count for name, count in held.later(days=days).items() if name in OF_EXAMS}


def rows(held: Archive, *columns: Any) -> Sequence[tuple[Any, ...]]:
    """The rows that the center finds, in the order of the first column."""
    with held.season.as_province() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(columns[0]))]


def test_an_objector_is_forgotten_a_year_after_the_decision(archive: Archive) -> None:
    season = archive.season
    passed(season)
    listed = published(season)
    with season.as_public() as session:
        for _ in range(2):
            objector = Objector("测试来信人", "19900000000")
            objections.object_to(session, listed.id, grounds="不在岗", objector=objector, keys=KEYS, position=1)
    with season.as_office(CITY, "supervisor") as session:
        [first, _] = list_queries.objections_of(session, listed)
        objections.dismiss(session, first.id, reason="经核查在岗", keys=KEYS)
    assert gone(archive, 365) == {}
    assert gone(archive, 366) == {"objectors": 1}
    with season.as_office(CITY, "supervisor") as session:
        old, waiting = list_queries.objections_of(session, listed)
        why = reveals.Why(reveals.Ground.COMPLAINT)
        with pytest.raises(NotFound, match="已按保存期限删除"):
            objections.reveal_objector(session, old.id, why=why, most=9, keys=KEYS)
        shown = objections.reveal_objector(session, waiting.id, why=why, most=9, keys=KEYS)
        assert shown == Objector("测试来信人", "19900000000")
        assert (old.state, old.grounds, old.reason) == ("dismissed", "不在岗", "经核查在岗")
    with season.as_public() as session:
        asked = {
            raised.id: objections.asked(session, receipt=raised.receipt, mobile="19900000000", keys=KEYS)
            for raised in (old, waiting)
        }
    assert [answer is None for answer in (asked[old.id], asked[waiting.id])] == [True, False]


def test_what_was_said_about_a_striking_goes_and_the_line_stays_struck(archive: Archive) -> None:
    season = archive.season
    passed(season)
    listed = published(season)
    struck(season, listed.id, reason="不在岗")
    assert gone(archive, 1095) == {}
    assert gone(archive, 1096) == {"result_cases": 1}
    kept = rows(archive, Striking.reason, Striking.statement, Striking.remark, Striking.state)
    assert kept == [(ERASED, "", ERASED, "granted")]
    assert rows(archive, PublicationEntry.struck_reason) == [("不在岗",)]


def test_evidence_of_an_accommodation_goes_from_the_disk_with_its_reason(archive: Archive) -> None:
    season = archive.season
    case = season.submitted()
    document = season.upload(case, "accommodation.evidence")
    with season.as_person(case.person) as session:
        accommodations.ask(session, case.id, needs=[SeatNeed.ASSISTANCE], reason="右手骨折")
    files = sum(path.is_file() for path in season.store.folder.rglob("*"))
    assert gone(archive, 365) == {}
    assert gone(archive, 366) == {"accommodations": 1}
    assert rows(archive, AccommodationRequest.reason, AccommodationRequest.needs) == [(ERASED, ["assistance"])]
    names = {row[0]: row[1] for row in rows(archive, Document.id, Document.file_name)}
    assert {document_id for document_id, name in names.items() if name == ERASED} == {document}
    assert sum(path.is_file() for path in season.store.folder.rglob("*")) == files - 1


def test_who_opened_a_site_and_settled_an_alarm_is_forgotten_after_a_year(archive: Archive) -> None:
    season = archive.season
    season.now = at(5, 20)
    exams = Exams(season)
    sitting, _, _ = exam(exams)
    season.now = NINE - timedelta(minutes=20)
    with season.as_system(CITY) as session:
        opening_alarms.watch_openings(session, YEAR, minutes_before=30)
        [site] = opening.sites_used(session, YEAR)
    with exams.at_work() as session:
        opening.note_step(session, sitting.id, site.site_id, StepForm(Step.ARRIVED, remark="测试甲0001到岗"))
        [ringing] = opening_alarms.alarms_of(session, YEAR)
        opening_alarms.settle_alarm(session, ringing.alarm.id, reason="测试甲0001称已就绪")
    assert gone(archive, 365) == {}
    assert gone(archive, 366) == {"openings": 2}
    assert rows(archive, SiteOpening.step, SiteOpening.remark, SiteOpening.noted_name) == [("arrived", ERASED, ERASED)]
    assert rows(archive, OpeningAlarm.settled_how, OpeningAlarm.reason, OpeningAlarm.settled_name) == [
        ("reason", ERASED, ERASED)
    ]


def test_what_was_said_of_an_emergency_is_forgotten_with_its_incident(archive: Archive) -> None:
    season = archive.season
    exams = Exams(season)
    form = EmergencyForm(EmergencyKind.ILLNESS, Severity.COMMON, "测试甲0001晕倒", season.now, new_id(), "测试医生到场")
    with exams.at_work() as session:
        emergency = emergencies.report_emergency(session, YEAR, form).id
        emergencies.add_report(session, emergency, EntryKind.FINAL, "测试甲0001已恢复", client_id=new_id())
    assert gone(archive, 1095) == {}
    assert gone(archive, 1096) == {"incidents": 2}
    assert rows(archive, Emergency.kind, Emergency.facts, Emergency.measures, Emergency.reported_name) == [
        ("illness", ERASED, "", ERASED)
    ]
    assert rows(archive, EmergencyEntry.kind, EmergencyEntry.text, EmergencyEntry.by_name) == [
        ("final", ERASED, ERASED)
    ]


def test_invigilators_keepers_and_incidents_lose_their_names_each_after_its_time(archive: Archive) -> None:
    season = archive.season
    exams = Exams(season)
    kept = CustodyForm(Kept.PAPER, "签到表一册", "测试甲0001", "2号柜", season.now.date())
    with exams.at_work() as session:
        entry, _ = (safekeeping.take_into_custody(session, YEAR, kept) for _ in range(2))
        safekeeping.hand_over(session, entry.id, to_keeper="测试甲0002", to_place="档案室", reason="移交")
    season.now = at(3, 26)
    with exams.at_work() as session:
        safekeeping.end_custody(session, entry.id, how="到期销毁")
        invigilators.add_invigilators(session, YEAR, [InvigilatorForm("001", "测试监考甲", "测试学校")])
        facts = IncidentForm(IncidentKind.EMERGENCY, "测试考生突发疾病", season.now, new_id(), evidence="录像")
        incident = door.report_incident(session, YEAR, facts).id
        things.attach(session, season, Subject.INCIDENT, incident, "evidence")
    assert gone(archive, 730) == {}
    assert gone(archive, 731) == {"invigilators": 1}
    assert gone(archive, 1095) == {}
    assert gone(archive, 1096) == {"custody_keepers": 1, "incidents": 1}
    assert rows(archive, Invigilator.number, Invigilator.name, Invigilator.unit_name) == [("001", ERASED, ERASED)]
    assert {row[0] for row in rows(archive, CustodyEntry.keeper)} == {ERASED, "测试甲0001"}
    assert rows(archive, CustodyHandover.from_keeper, CustodyHandover.to_keeper, CustodyHandover.to_place) == [
        (ERASED, ERASED, "档案室")
    ]
    assert rows(archive, Incident.kind, Incident.facts, Incident.evidence, Incident.reported_name) == [
        ("emergency", ERASED, "", ERASED)
    ]
    # What was blotted out must not be read in a scan either.
    assert [
        (title, key) for _, title, key in rows(archive, Attachment.id, Attachment.title, Attachment.sealed_key)
    ] == [(ERASED, b"")]
    assert not [path for path in (season.store.folder / "attachments").rglob("*") if path.is_file()]


def test_words_of_checks_corrections_and_settled_contradictions_go_and_marks_stay(archive: Archive) -> None:
    season = archive.season
    office = Office(season)
    missed = office.candidate()
    Held(office, [], [missed])
    made = office.propose(office.table([[office.reference(missed), *FULL]]))
    with office.at_work("乙") as session:
        confirm_import(session, made.id, digest=made.digest, rules=ResultsTable(), reasons={missed.id: "签到表有签名"})
    with season.as_person(missed.person) as session:
        check = score_checks.ask_for_check(
            session, missed.id, "岗位技能", ground=Ground.OWN_RESULT, reason="请核对", rules=ResultsTable()
        )
    with office.at_work() as session:
        score_checks.dismiss_check(session, check.id, answer="核查无误")
        case = ask_for_correction(
            session, missed.id, "职业道德", Corrected(None, MarkStatus.VIOLATION), reason="替考", evidence="录像"
        )
    with office.at_work("supervisor") as session:
        grant_correction(session, case.id, offices=season.offices, remark="同意")
    assert gone(archive, 1095) == {}
    assert gone(archive, 1096) == {"result_cases": 3}
    assert rows(archive, ScoreCheck.state, ScoreCheck.reason, ScoreCheck.answer) == [("dismissed", ERASED, ERASED)]
    corrected = rows(
        archive, MarkCorrection.state, MarkCorrection.reason, MarkCorrection.evidence, MarkCorrection.remark
    )
    assert corrected == [("granted", ERASED, ERASED, "")]
    [(settled,)] = rows(archive, MarkImport.contradictions)
    assert {(line["how"], line["reason"]) for line in settled} == {("mark_of_absent", ERASED)}


def test_minutes_and_members_of_a_panel_go_and_scores_stay(archive: Archive) -> None:
    season = archive.season
    season.now = at(10, 8)
    office = Office(season)
    judged = candidates(office, 140)
    panel_id = formed(office)
    begun(office, panel_id)
    panel = Panel(office, panel_id, judged)
    panel.score_all({judged[0].id: 80})
    panel.close()
    assert gone(archive, 1825) == {}
    assert gone(archive, 1826) == {"evaluations": 1}
    assert rows(archive, EvaluationPanel.name, EvaluationPanel.minutes) == [("第一评审组", ERASED)]
    assert rows(archive, PanelMember.name) == [(ERASED,)] * len(MEMBERS)


def test_a_case_of_sanctions_keeps_its_steps_and_loses_its_words_after_the_ban(archive: Archive) -> None:
    season = archive.season
    case = passed(season)
    case_id = decided(season, case)
    season.now = at(12, 2)
    with season.as_province() as session:
        cases.carry_out(session, case_id, offices=season.offices)
    [(ends,)] = rows(archive, Ban.ends)
    until = (ends - season.now).days + 1825
    assert gone(archive, until - 1) == {}
    assert gone(archive, until) == {"sanctions": 1}
    assert rows(archive, SanctionCase.state, SanctionCase.facts) == [("final", ERASED)]
    said = rows(archive, SanctionStep.version, SanctionStep.action, SanctionStep.words, SanctionStep.actor_name)
    taken = ("hear", "serve", "decide", "serve", "carry_out")
    assert said == [(version, action, ERASED, ERASED) for version, action in enumerate(taken, 1)]
    assert rows(archive, SanctionEvidence.title) == [(ERASED,)]


def test_papers_of_a_plan_go_after_a_week_whether_or_not_anybody_asks_for_more(archive: Archive) -> None:
    season = archive.season
    exams = Exams(season)
    job = _papers(exams)
    assert gone(archive, 7) == {}
    assert gone(archive, 8) == {"paper_parts": 1}
    assert rows(archive, PaperPart.id) == []
    assert rows(archive, PaperJob.id, PaperJob.state) == [(job, "ready")]


def _papers(exams: Exams) -> UUID:
    plan_id, _ = plan_of(exams, 1)
    job = ask(exams, plan_id)
    make(exams, job, Notebook())
    return job.id


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sanction_cases SET state = 'dropped'",
        "UPDATE sanction_steps SET action = 'drop'",
        "UPDATE marks SET mark = 100",
        "UPDATE score_checks SET state = 'upheld'",
        "UPDATE evaluation_scores SET score = 100",
        "UPDATE objections SET state = 'sustained'",
        "DELETE FROM objections",
    ],
)
def test_who_erases_changes_no_decision(archive: Archive, statement: str) -> None:
    with (
        KeeperSession(archive.season.connection, now=archive.season.now) as session,
        pytest.raises(DBAPIError, match="permission denied"),
    ):
        session.execute(text(statement))
