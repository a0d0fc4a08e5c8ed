"""Packages for the archive: what is in one, that it can be checked by anybody, and that a changed one is told."""

import json
import zipfile
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from core.cli import main
from core.errors import Conflict, NotFound, Unavailable
from core.results.archive import package as archive
from core.results.archive.file import MANIFEST, SIGNATURE, faults_of
from core.results.archive.package import Press
from core.results.awards.pdf import certificates_pdf, notice_pdf, to_print
from core.results.models.awards import ArchivePackage
from core.security.signatures import PaperKeys
from tests.cases import CITY, KEYS, OTHER_CITY, PAPER_KEYS, Season
from tests.reading import pages_of
from tests.results.awards.awarded import closed, issue, passed, published


def press(season: Season) -> Press:
    return Press(to_print, certificates_pdf, notice_pdf, season.store, KEYS, PAPER_KEYS)


def requested(season: Season) -> UUID:
    passed(season)
    listed = closed(season)
    issue(season, listed.id)
    with season.as_office(CITY, "supervisor") as session:
        return archive.request_package(session, listed.id, keys=KEYS).id


@pytest.fixture
def package(season: Season, tmp_path: Path) -> Path:
    package_id = requested(season)
    archive.make_package(package_id, begin=lambda: season.as_system(CITY), press=press(season))
    with season.as_office(CITY, "supervisor") as session:
        row, chunks = archive.open_package(session, package_id, store=season.store, keys=KEYS)
        file = tmp_path / "package.zip"
        file.write_bytes(b"".join(chunks))
        assert (row.state, row.done, row.total, row.size) == ("made", 6, 6, file.stat().st_size)
    return file


def test_a_package_holds_the_list_with_its_marks_the_papers_and_a_signed_manifest(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        assert sorted(opened.namelist()) == [
            "certificates-00001.pdf",
            "editions.json",
            "index.html",
            "index.pdf",
            "list.json",
            MANIFEST,
            SIGNATURE,
            "notice.pdf",
            "objections.json",
            "strikings.json",
            "verify.py",
        ]
        (line,) = json.loads(opened.read("list.json"))
        assert (line["position"], line["outcome"], line["marks"]) == (1, "各科目合格", [])
        letter, names = pages_of(opened.read("notice.pdf"))
        assert "考核合格人员的通知" in letter
        assert "清河测试〔2024〕18号" in letter
        assert "1测试甲00010000测试单位" in names
        [certificate] = pages_of(opened.read("certificates-00001.pdf"))
        assert "机关事业单位工勤技能岗位等级证书" in certificate
        assert "测试甲0001" in certificate
        about = json.loads(opened.read(MANIFEST))["about"]
    assert (about["office"], about["notice_number"]) == (CITY, "清河测试〔2024〕18号")
    assert faults_of(package, public_keys=PAPER_KEYS.public) == []


def test_every_change_in_a_package_is_told(package: Path, tmp_path: Path) -> None:
    assert faults_of(package, public_keys=["00" * 32]) == [
        f"{MANIFEST}: not signed by any of the 1 public key(s) given"
    ]
    for fault, change in (
        ("list.json: is not what was packed", {"list.json": b"[]"}),
        ("notice.pdf: is missing", {"notice.pdf": None}),
        ("more.json: does not stand in the manifest", {"more.json": b"{}"}),
        (f"{MANIFEST}: missing or not a manifest", {MANIFEST: b"[]"}),
    ):
        changed = _changed(package, tmp_path / "changed.zip", change)
        (found,) = faults_of(changed, public_keys=PAPER_KEYS.public)
        assert found.startswith(fault)
    (tmp_path / "torn.zip").write_bytes(package.read_bytes()[:-200])
    (found,) = faults_of(tmp_path / "torn.zip", public_keys=PAPER_KEYS.public)
    assert "cannot be read as a package" in found


def test_the_command_says_whether_a_package_is_whole(package: Path, tmp_path: Path) -> None:
    key = ["--public-key", PAPER_KEYS.current]
    whole = CliRunner().invoke(main, ["archive", "verify", str(package), *key])
    assert (whole.exit_code, whole.output) == (0, "The package is whole, and signed by one of the keys.\n")
    changed = _changed(package, tmp_path / "changed.zip", {"list.json": b"[]"})
    told = CliRunner().invoke(main, ["archive", "verify", str(changed), *key])
    assert told.exit_code == 1
    assert told.output.startswith("list.json: is not what was packed")
    other = PaperKeys.create(tmp_path) or PaperKeys.load(tmp_path)
    assert CliRunner().invoke(main, ["archive", "verify", str(package), "--public-key", other.current]).exit_code == 1


def test_a_package_is_its_offices_alone_and_one_at_a_time(season: Season) -> None:
    package_id = requested(season)
    with season.as_office(CITY, "supervisor") as session:
        listed = session.get_one(ArchivePackage, package_id).publication_id
        with pytest.raises(Conflict, match="正在生成"):
            archive.request_package(session, listed, keys=KEYS)
        with pytest.raises(NotFound, match="尚未生成完毕"):
            archive.open_package(session, package_id, store=season.store, keys=KEYS)
    archive.make_package(package_id, begin=lambda: season.as_system(CITY), press=press(season))
    with season.as_office(OTHER_CITY, "supervisor") as session, pytest.raises(NotFound):
        archive.open_package(session, package_id, store=season.store, keys=KEYS)
    season.store.delete(f"packages/{package_id}")
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Unavailable, match="请重新生成"):
        archive.open_package(session, package_id, store=season.store, keys=KEYS)


def test_a_package_that_cannot_be_made_says_so_and_can_be_asked_for_again(season: Season) -> None:
    package_id = requested(season)

    def broken(_papers: object) -> bytes:
        raise RuntimeError("no ink")

    with pytest.raises(RuntimeError, match="no ink"):
        archive.make_package(
            package_id,
            begin=lambda: season.as_system(CITY),
            press=Press(to_print, broken, notice_pdf, season.store, KEYS, PAPER_KEYS),
        )
    with season.as_office(CITY, "supervisor") as session:
        row = session.get_one(ArchivePackage, package_id)
        assert (row.state, row.failure, row.done) == ("failed", "RuntimeError", 5)
        assert archive.request_package(session, row.publication_id, keys=KEYS).state == "waiting"


def test_only_a_closed_list_goes_to_the_archive(season: Season) -> None:
    passed(season)
    listed = published(season)
    with season.as_office(CITY, "supervisor") as session, pytest.raises(Conflict, match="不能归档"):
        archive.request_package(session, listed.id, keys=KEYS)


def _changed(package: Path, file: Path, change: dict[str, bytes | None]) -> Path:
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(file, "w") as new:
        contents = {name: old.read(name) for name in old.namelist()} | change
        for name, content in contents.items():
            if content is not None:
                new.writestr(name, content)
    return file
