"""The archive of a season: what is in it, that anybody can check it without Kaowu; supplements."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema_rs import Draft202012Validator

from core.db.base import Base
from core.documents.attachment_subjects import Subject
from core.errors import Conflict, Invalid
from core.oversight.archive import data, season as archive
from core.oversight.archive.registers import REGISTERS
from core.oversight.years.unfinished import Left, Unfinished, unfinished
from core.results.archive import package as packages
from core.results.archive.file import MANIFEST, SCRIPT, SIGNATURE, faults_of
from core.results.archive.package import Press
from core.results.awards import publication
from core.results.awards.pdf import certificates_pdf, notice_pdf, to_print
from core.security.signatures import PaperKeys
from core.settings import ROOT
from tests.cases import CITY, KEYS, PAPER_KEYS, YEAR, Season, linshui_offices
from tests.documents.things import attach
from tests.reading import pages_of
from tests.results.awards.awarded import CLOSING, closed, issue, passed, published
from tests.sanctions.test_cases import heard


def press(season: Season) -> Press:
    return Press(to_print, certificates_pdf, notice_pdf, season.store, KEYS, PAPER_KEYS)


def made(season: Season, folder: Path, reason: str = "") -> Path:
    """The archive of the season as a file."""
    with season.as_office(CITY, "supervisor") as session:
        package_id = archive.request(session, YEAR, reason=reason, keys=KEYS).id
    archive.make_season(
        package_id, begin=lambda: season.as_system(CITY), press=press(season), offices=linshui_offices()[0]
    )
    return downloaded(season, package_id, folder)


def downloaded(season: Season, package_id: UUID, folder: Path) -> Path:
    with season.as_office(CITY, "supervisor") as session:
        row, chunks = packages.open_package(session, package_id, store=season.store, keys=KEYS)
        file = folder / f"{package_id}.zip"
        file.write_bytes(b"".join(chunks))
        assert (row.state, row.size) == ("made", file.stat().st_size)
        assert row.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    return file


@pytest.fixture
def package(season: Season, tmp_path: Path) -> Path:
    case = passed(season)
    issue(season, closed(season).id)
    sanction = heard(season, case)
    with season.as_office(CITY, "supervisor") as session:
        attach(session, season, Subject.SANCTION, sanction, "evidence", title="学校复函（测试）")
    return made(season, tmp_path)


def test_every_table_is_archived_or_left_out_for_a_reason() -> None:
    assert data.unreachable() == []
    assert data.LEFT_OUT.keys() - Base.metadata.tables.keys() == set()
    assert all(reason.strip() for reason in data.LEFT_OUT.values())


def test_a_season_is_archived_with_registers_papers_rows_and_a_readable_index(package: Path) -> None:
    assert faults_of(package, public_keys=PAPER_KEYS.public) == []
    with zipfile.ZipFile(package) as opened:
        names = set(opened.namelist())
        numbered = {f"registers/{place:02d}-{name}.pdf" for place, name in enumerate(REGISTERS, 1)}
        assert names >= numbered | {"index.pdf", "index.html", "verify.py", "data/schema.json"}
        assert names >= {"lists/01-01/notice.pdf", "lists/01-01/certificates-00001.pdf"}
        assert names >= {"sanctions/001-filing.pdf", "sanctions/001-hearing.pdf"}
        [scan] = [name for name in names if name.startswith("scans/")]
        assert "学校复函（测试）" in opened.read("index.html").decode()
        assert hashlib.sha256(opened.read(scan)).hexdigest() in opened.read("data/attachments.json").decode()
        outcomes = "".join(pages_of(opened.read("registers/09-outcomes.pdf")))
        assert "测试甲0001" in outcomes
        assert "合格" in outcomes
        about = json.loads(opened.read(MANIFEST))["about"]
        assert (about["office"], about["year"], about["serial"], about["missing"]) == (CITY, YEAR, 1, [])
        index = "".join(pages_of(opened.read("index.pdf")))
        page = opened.read("index.html").decode()
        for name in names - {MANIFEST, SIGNATURE, "index.pdf", "index.html", "verify.py"}:
            assert f'<a href="{name}">' in page
            assert name.replace("/", "") in re.sub(r"[\s/]", "", index), name


def test_the_rows_agree_in_both_forms_and_keep_to_the_schema(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        schema = json.loads(opened.read("data/schema.json"))
        names = [name for name in opened.namelist() if name.startswith("data/") and name.endswith(".csv")]
        assert {name[5:-4] for name in names} == set(schema["$defs"])
        counted = 0
        for name in names:
            objects = json.loads(opened.read(name.replace(".csv", ".json")))
            Draft202012Validator({**schema, "$ref": f"#/$defs/{name[5:-4]}"}).validate(objects)
            rows = list(csv.reader(io.StringIO(opened.read(name).decode("utf-8-sig"))))
            assert len(rows) == len(objects) + 1, name
            counted += len(objects)
        assert counted > 10
        [application] = json.loads(opened.read("data/applications.json"))
        assert application["person_name"] == "测试甲0001"


def _check(package: Path, key: str, folder: Path) -> tuple[int, str]:
    """The script as it stands in the documentation, in a process that knows nothing of Kaowu."""
    told = (ROOT / "docs" / "archive.md").read_text("utf-8")
    [script] = re.findall(r"```python\n(.*?)```", told, re.DOTALL)
    file = folder / "verify.py"
    file.write_text(script, "utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", str(file), str(package), key], capture_output=True, text=True, cwd=folder, check=False
    )
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def test_the_documented_script_is_the_shipped_one_and_short(package: Path) -> None:
    told = (ROOT / "docs" / "archive.md").read_text("utf-8")
    assert f"```python\n{SCRIPT.read_text('utf-8')}```" in told
    with zipfile.ZipFile(package) as opened:
        assert opened.read("verify.py") == SCRIPT.read_bytes()


def test_anybody_tells_a_complete_archive_from_a_tampered_one(package: Path, tmp_path: Path) -> None:
    code, said = _check(package, PAPER_KEYS.current, tmp_path)
    assert (code, said.startswith("whole: ")) == (0, True)
    PaperKeys.create(tmp_path)
    other = PaperKeys.load(tmp_path)
    with zipfile.ZipFile(package) as opened:
        old = {name: opened.read(name) for name in opened.namelist()}
    register = "registers/01-applications.pdf"
    stranger = {**json.loads(old[MANIFEST]), "files": {"index.html": "00"}}
    forged = json.dumps(stranger).encode()
    for fault, change in (
        (f"{register}: changed", {register: old[register] + b"x"}),
        (f"{register}: missing", {register: None}),
        ("more.pdf: not in the manifest", {"more.pdf": b"%PDF"}),
        ("registers/1.pdf: not in the manifest", {register: None, "registers/1.pdf": old[register]}),
        ("index.html: changed", {"index.html": old["index.html"].replace(b"<td>1</td>", b"<td>9</td>")}),
        (f"{MANIFEST}: not signed by this key", {MANIFEST: old[MANIFEST].replace(b'"serial": 1', b'"serial": 2')}),
        (f"{MANIFEST}: not signed by this key", {MANIFEST: forged, SIGNATURE: other.sign(forged)}),
        (f"{MANIFEST}: not signed by this key", {SIGNATURE: None}),
    ):
        changed = tmp_path / "changed.zip"
        with zipfile.ZipFile(changed, "w") as new:
            for name, content in (old | change).items():
                if content is not None:
                    new.writestr(name, content)
        code, said = _check(changed, PAPER_KEYS.current, tmp_path)
        assert (code, fault in said) == (1, True), (fault, said)
        assert faults_of(changed, public_keys=PAPER_KEYS.public) != [], fault


def test_a_byte_on_the_disk_that_flips_is_noticed(package: Path, tmp_path: Path) -> None:
    content = bytearray(package.read_bytes())
    content[len(content) // 3] ^= 1
    flipped = tmp_path / "flipped.zip"
    flipped.write_bytes(content)
    code, said = _check(flipped, PAPER_KEYS.current, tmp_path)
    assert (code, ": changed" in said) == (1, True)
    assert faults_of(flipped, public_keys=PAPER_KEYS.public) != []


def test_what_comes_later_is_a_supplement_with_its_reason(season: Season, package: Path, tmp_path: Path) -> None:
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Invalid, match="补充归档的原因"):
        archive.request(session, YEAR, reason=" ", keys=KEYS)
    later = made(season, tmp_path, reason="更正一件（测试）")
    with zipfile.ZipFile(later) as opened:
        about = json.loads(opened.read(MANIFEST))["about"]
    assert (about["serial"], about["reason"]) == (2, "更正一件（测试）")
    assert about["supplements"] == [hashlib.sha256(package.read_bytes()).hexdigest()]
    assert faults_of(package, public_keys=PAPER_KEYS.public) == []


def test_the_archive_of_a_season_is_that_of_its_lists_until_another_is_closed(season: Season, tmp_path: Path) -> None:
    def left() -> list[Left]:
        with season.as_province() as session:
            return [one for one in unfinished(session, YEAR) if one.kind is Unfinished.NOT_ARCHIVED]

    passed(season)
    closed(season)
    assert left() == [Left(CITY, Unfinished.NOT_ARCHIVED, 1)]
    made(season, tmp_path)
    assert left() == []
    passed(season)
    another = published(season).id
    season.now = CLOSING + timedelta(days=1)
    with season.as_office(CITY, "supervisor") as session:
        publication.close(session, another, notice_number="清河测试〔2024〕19号")
    assert left() == [Left(CITY, Unfinished.NOT_ARCHIVED, 1)]
    made(season, tmp_path, reason="又公布一份名单（测试）")
    assert left() == []


def test_one_archive_is_made_at_a_time_and_of_the_office_alone(season: Season) -> None:
    with season.as_office(CITY, "supervisor") as session:
        archive.request(session, YEAR, reason="", keys=KEYS)
        with pytest.raises(Conflict, match="正在生成"):
            archive.request(session, YEAR, reason="再来一次", keys=KEYS)
