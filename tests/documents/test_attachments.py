"""Attachments: added by the right parties, opened by readers of their thing, corrected, kept."""

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.audit.models import RecordEntry
from core.db.resealing import reseal
from core.db.session import KeeperSession
from core.delegation.models import Delegation
from core.documents import attachments
from core.documents.attachment_queries import files_of, latest_files
from core.documents.attachment_subjects import KINDS, THINGS, Subject, kinds_of
from core.documents.models import Attachment
from core.documents.storage import name_of
from core.documents.store_check import sweep, verify
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.organizations.models import ManagerForm
from core.sanctions import cases as sanctions
from core.security.keys import FileKeys
from tests import sanctioned
from tests.cases import CITY, COUNTY, KEYS, OTHER_CITY, Season
from tests.documents import things
from tests.documents.files import pdf, photo, picture

SANCTION, FORM, DELEGATION = Subject.SANCTION, Subject.MANAGER_FORM, Subject.DELEGATION


def _files(season: Season) -> set[Path]:
    return {path for path in (season.folder / "attachments").rglob("*") if path.is_file()}


def test_every_kind_of_thing_has_a_capacity_and_every_capacity_somebody_who_adds() -> None:
    assert {kind.subject for kind in KINDS} == set(Subject) == set(THINGS)
    assert all(kind.adding for kind in KINDS)
    assert len({(kind.subject, kind.code) for kind in KINDS}) == len(KINDS)
    assert [kind.code for kind in kinds_of(SANCTION)] == ["evidence", "lead", "receipt", "statement", "appeal"]


def test_a_file_is_encrypted_opens_as_it_was_and_every_step_is_recorded(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session:
        made = things.attach(session, season, FORM, form_id, "annex")
        (path,) = _files(season)
        assert path == season.folder / "attachments" / str(form_id) / f"{made.sha256}-{made.id}"
        assert b"%PDF" not in path.read_bytes()
        assert things.opened(session, season, made.id) == pdf()
        told = session.scalars(
            select(RecordEntry).where(RecordEntry.subject_id == str(form_id)).order_by(RecordEntry.id)
        )
        entries = [entry for entry in told if entry.kind.startswith("attachment")]
    assert [entry.kind for entry in entries] == ["attachment.added", "attachment.opened"]
    assert entries[0].subject_type == "manager_form"
    assert entries[0].payload == {
        "attachment": str(made.id),
        "subject": "manager_form",
        "subject_id": str(form_id),
        "kind": "annex",
        "sha256": hashlib.sha256(pdf()).hexdigest(),
    }


def test_a_photo_is_redrawn_and_the_received_file_is_known_by_its_digest(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    came = photo()
    with season.as_office(CITY) as session:
        made = things.attach(session, season, FORM, form_id, "annex", content=came, title="登记表照片")
        kept = things.opened(session, season, made.id)
    assert (made.media_type, made.title) == ("image/jpeg", "登记表照片")
    assert (made.received_sha256, made.sha256) == (hashlib.sha256(came).hexdigest(), hashlib.sha256(kept).hexdigest())
    assert "测试甲0001".encode() not in kept


def test_the_digest_of_a_paper_follows_its_first_file_and_the_corrections(season: Season) -> None:
    delegation_id = things.delegation(season)

    def digest() -> str:
        with season.as_office(CITY) as session:
            return session.get_one(Delegation, delegation_id).scan_sha256

    with season.as_office(CITY, "supervisor") as session:
        first = things.attach(session, season, DELEGATION, delegation_id, "instrument")
    assert digest() == first.sha256
    with season.as_office(CITY, "supervisor") as session:
        things.attach(session, season, DELEGATION, delegation_id, "instrument", content=pdf(2), title="附件")
    assert digest() == first.sha256
    with season.as_office(CITY, "supervisor") as session:
        more = {"supersedes": first.id, "reason": "漏盖公章"}
        right = things.attach(session, season, DELEGATION, delegation_id, "instrument", content=pdf(3), **more)
    assert digest() == right.sha256


def test_a_digest_that_was_declared_is_kept_by_the_first_file(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit(), digest=hashlib.sha256(pdf()).hexdigest())
    with pytest.raises(Conflict, match="与登记的校验值不一致"), season.as_office(CITY) as session:
        things.attach(session, season, FORM, form_id, "annex", content=pdf(2))
    assert _files(season) == set()
    with season.as_office(CITY) as session:
        things.attach(session, season, FORM, form_id, "annex")


def test_a_wrong_file_is_superseded_once_for_a_reason_and_stays(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session:
        wrong = things.attach(session, season, FORM, form_id, "annex")
        with pytest.raises(Invalid, match="请写明更正的原因"):
            things.attach(session, season, FORM, form_id, "annex", content=pdf(2), supersedes=wrong.id, reason=" ")
        right = things.attach(
            session, season, FORM, form_id, "annex", content=pdf(2), supersedes=wrong.id, reason="拍照不清"
        )
        with pytest.raises(Conflict, match="已被更正过"):
            things.attach(session, season, FORM, form_id, "annex", content=pdf(3), supersedes=wrong.id, reason="又")
        with pytest.raises(Invalid, match="没有找到要更正的文件"):
            things.attach(session, season, FORM, form_id, "annex", supersedes=form_id, reason="又")
        listed = files_of(session, FORM, [form_id])[form_id]
        assert [(file.file.id, file.superseded) for file in listed] == [(wrong.id, True), (right.id, False)]
        assert things.opened(session, season, wrong.id) == pdf()
        assert [file.file.id for file in latest_files(session, CITY, before=None, limit=10)] == [right.id]
        told = session.scalars(select(RecordEntry).where(RecordEntry.kind == "attachment.superseded")).one()
    assert told.payload["supersedes"] == str(wrong.id)
    assert "拍照不清" not in str(told.payload)


def test_there_are_so_many_of_a_kind_and_corrected_ones_do_not_count(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    most = season.offices.config(CITY).attachments.max_count
    with season.as_office(CITY) as session:
        for number in range(1, most + 1):
            last = things.attach(session, season, FORM, form_id, "annex", content=pdf(number))
        with pytest.raises(Invalid, match=f"最多{most}个文件"):
            things.attach(session, season, FORM, form_id, "annex", content=pdf(most + 1))
        things.attach(session, season, FORM, form_id, "annex", content=pdf(90), supersedes=last.id, reason="漏页")


def test_a_file_may_be_larger_than_a_paper_and_no_larger_than_the_office_says(season: Season) -> None:
    limits = attachments.limits_of(season.offices.config(CITY))
    assert limits.max_bytes == 10 * 1024 * 1024 > season.offices.config(CITY).documents.max_bytes
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session, pytest.raises(Invalid, match="10MB"):
        things.attach(session, season, FORM, form_id, "annex", content=b"%PDF-1.7" + b"\0" * limits.max_bytes)


def test_evidence_is_shown_to_the_person_from_the_hearing_on_and_leads_never(season: Season) -> None:
    case = season.submitted()
    case_id = things.sanction(season, case, hear=False)
    with season.as_office(CITY, "supervisor") as session:
        evidence = things.attach(session, season, SANCTION, case_id, "evidence", title="学校复函")
        lead = things.attach(session, season, SANCTION, case_id, "lead", content=picture(), title="举报信")
    with season.as_person(case.person) as session, pytest.raises(NotFound):
        things.opened(session, season, evidence.id)
    sanctioned.heard(season, case_id)
    with season.as_person(case.person) as session:
        assert things.opened(session, season, evidence.id) == pdf()
        assert [file.file.title for file in files_of(session, SANCTION, [case_id])[case_id]] == ["学校复函"]
        with pytest.raises(NotFound):
            things.opened(session, season, lead.id)
        told = session.scalars(select(RecordEntry).where(RecordEntry.kind.startswith("attachment"))).all()
    # Of the lead the story of the case, which the person may be shown, says nothing either.
    assert str(lead.id) not in str([entry.payload for entry in told])


def test_the_person_adds_to_what_they_say_while_they_may_and_to_nothing_else(season: Season) -> None:
    case = season.submitted()
    case_id = things.sanction(season, case)
    with season.as_person(case.person) as session:
        sanctions.state(session, case_id, words="学历属实（测试）")
        made = things.attach(session, season, SANCTION, case_id, "statement", title="毕业证")
        for kind in ("evidence", "appeal", "lead"):
            with pytest.raises(Forbidden, match="现在不能由您添加"):
                things.attach(session, season, SANCTION, case_id, kind)
        with pytest.raises(Invalid, match="没有这类材料"):
            things.attach(session, season, SANCTION, case_id, "minutes")
    with season.as_office(CITY, "supervisor") as session:
        assert things.opened(session, season, made.id) == pdf()
        sanctions.clear(session, case_id, words="属实")
    with season.as_person(case.person) as session, pytest.raises(Forbidden, match="已进入下一环节"):
        things.attach(session, season, SANCTION, case_id, "statement", content=pdf(2))


def test_an_appeal_is_filed_with_its_papers_and_read_by_the_level_above(season: Season) -> None:
    case = season.submitted()
    case_id = things.sanction(season, case)
    season.now += timedelta(days=10)
    sanctioned.decided(season, case_id, sanctions.Measures())
    with season.as_person(case.person) as session:
        sanctions.appeal(session, case_id, words="不服（测试）")
        made = things.attach(session, season, SANCTION, case_id, "appeal")
    with season.as_province() as session:
        assert things.opened(session, season, made.id) == pdf()
        things.attach(session, season, SANCTION, case_id, "evidence", content=pdf(2), title="省中心核查函")


def test_an_instrument_is_for_both_offices_though_the_delegation_is_known_to_all(season: Season) -> None:
    delegation_id = things.delegation(season)
    with season.as_office(CITY, "supervisor") as session:
        made = things.attach(session, season, DELEGATION, delegation_id, "instrument")
    with season.as_office(COUNTY) as session:
        assert things.opened(session, season, made.id) == pdf()
        with pytest.raises(Forbidden):
            things.attach(session, season, DELEGATION, delegation_id, "instrument", content=pdf(2))
    for stranger in (season.as_office(OTHER_CITY), season.as_person(season.add_person()), season.as_public()):
        with stranger as session, pytest.raises(NotFound):
            things.opened(session, season, made.id)


def _attach_twice_the_second_broken(season: Season, form_id: UUID) -> None:
    with season.as_office(CITY) as session:
        things.attach(session, season, FORM, form_id, "annex")
        assert len(_files(season)) == 1
        things.attach(session, season, FORM, form_id, "annex", content=b"no paper")


def test_a_file_of_a_transaction_that_ends_badly_is_gone(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with pytest.raises(Invalid):
        _attach_twice_the_second_broken(season, form_id)
    assert _files(season) == set()


def test_missing_and_altered_files_are_found_and_strays_swept(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session:
        kept, lost, altered = (
            things.attach(session, season, FORM, form_id, "annex", content=pdf(number)) for number in (1, 2, 3)
        )
    paths = {file.id: season.folder / name_of(file) for file in (kept, lost, altered)}
    paths[lost.id].unlink()
    content = bytearray(paths[altered.id].read_bytes())
    content[0] ^= 1
    paths[altered.id].write_bytes(content)
    stray = paths[kept.id].with_name(f"{'0' * 64}-01890000-0000-7000-8000-000000000000")
    stray.write_bytes(b"x")
    season.now += timedelta(days=1000)
    with season.as_province() as session:
        found = {checked.document_id: checked for checked in verify(session, store=season.store, keys=KEYS)}
        assert {file.id: found[file.id].fault.partition(":")[0] for file in (kept, lost, altered)} == {
            kept.id: "",
            lost.id: "missing",
            altered.id: "altered",
        }
        assert (found[lost.id].reference, found[lost.id].material) == (str(form_id), "manager_form.annex")
        faults = session.scalars(select(RecordEntry).where(RecordEntry.kind == "attachment.fault_found")).all()
        assert sorted(fault.payload["fault"] for fault in faults) == ["altered", "missing"]
        names = {file.name for file in sweep(session, season.store, older_than=timedelta(0))}
    assert names == {str(stray.relative_to(season.folder))}


def test_a_change_of_keys_seals_the_small_keys_again_and_touches_no_file(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session:
        made = things.attach(session, season, FORM, form_id, "annex")
        before = made.sealed_key
    both = FileKeys(2, {1: bytes(range(32)), 2: bytes(range(64, 96))}, bytes(range(32, 64)))
    (path,) = _files(season)
    content = path.read_bytes()
    with KeeperSession(season.connection, now=season.now) as keeper, keeper.begin():
        column = Attachment.__table__.c.sealed_key
        done, _ = reseal(keeper, column, both, current=2, after=UUID(int=0), limit=100)
    assert (done, path.read_bytes() == content) == (1, True)
    with season.as_office(CITY) as session:
        assert session.get_one(Attachment, made.id).sealed_key != before
        keeping = attachments.Keeping(season.store, both, season.offices)
        assert b"".join(attachments.open_file(session, made.id, keeping).chunks()) == pdf()


def test_the_row_of_a_form_is_the_units_and_its_digest_the_files(season: Season) -> None:
    unit = season.add_unit()
    form_id = things.manager_form(season, unit)
    with season.as_unit(unit) as session:
        made = things.attach(session, season, FORM, form_id, "annex")
    with season.as_unit(unit) as session:
        assert session.get_one(ManagerForm, form_id).stamped_scan_sha256 == made.sha256
    with season.as_unit(season.add_unit()) as session, pytest.raises(NotFound):
        things.attach(session, season, FORM, form_id, "annex")


def test_what_a_session_may_not_see_it_cannot_correct_either(season: Season) -> None:
    form_id = things.manager_form(season, season.add_unit())
    with season.as_office(CITY) as session:
        made = things.attach(session, season, FORM, form_id, "annex")
    with season.as_office(OTHER_CITY) as session:
        assert session.execute(text("SELECT count(*) FROM attachments")).scalar_one() == 0
        with pytest.raises(NotFound):
            things.attach(session, season, FORM, form_id, "annex", supersedes=made.id, reason="测试")
