"""The archive of an office in the demonstration, made by the worker."""

import json
import zipfile
from pathlib import Path

import pytest

from core.db.session import SYSTEM_ACCOUNT, Actor, OfficeSession, Role
from core.jobs import MAKE_PACKAGE
from core.oversight.archive import season as archive
from core.platform import open_platform
from core.results.archive.file import MANIFEST, faults_of
from core.results.archive.package import open_package
from core.results.models.awards import ArchivePackage
from core.settings import Settings
from core.simulate.demo.season import AWARDING, YEAR
from core.worker import create_worker
from tests.reading import pages_of
from tests.simulate.conftest import copy_of


@pytest.fixture(scope="module")
def package(made_demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the office whose lists, panels and cases are furthest, made by the worker."""
    supervisor = Actor(SYSTEM_ACCOUNT, "演示", Role.CITY_SUPERVISOR, office_id=AWARDING)
    with open_platform(copy_of(made_demo, tmp_path_factory.mktemp("archived"))) as platform:
        now, file = platform.clock(), tmp_path_factory.mktemp("package") / "package.zip"
        with OfficeSession(platform.engine, actor=supervisor, now=now) as session, session.begin():
            [ordered] = [package.id for package in archive.packages_of(session, YEAR)]
        create_worker(platform).tasks[MAKE_PACKAGE](office_id=AWARDING, package_id=str(ordered))
        with OfficeSession(platform.engine, actor=supervisor, now=now) as session, session.begin():
            row = session.get_one(ArchivePackage, ordered)
            assert (row.state, row.done, row.failure) == ("made", row.total, "")
            _, chunks = open_package(session, ordered, store=platform.documents, keys=platform.keys)
            file.write_bytes(b"".join(chunks))
        assert faults_of(file, public_keys=platform.paper_keys.public) == []
    return file


def test_it_holds_what_each_capability_has_left(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        names = opened.namelist()
        folders = {name.partition("/")[0] for name in names if "/" in name}
        assert folders >= {"registers", "lists", "panels", "data"}
        about = json.loads(opened.read(MANIFEST))["about"]
        assert about["missing"] == []
        assert sum(about["unfinished"].values()) > 0
        papers = [name for name in names if name.endswith(".pdf")]
        for name in papers:
            assert "".join(pages_of(opened.read(name))).strip(), name
        rows = json.loads(opened.read("data/outcomes.json"))
        assert {row["passed"] for row in rows} == {True, False}
        assert {row["office_id"] for row in json.loads(opened.read("data/applications.json"))} == {AWARDING}
