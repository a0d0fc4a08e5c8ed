"""Missing and altered files are found, and those that nobody names are cleared away: the functions and the commands."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.cli import main
from core.db.session import ProvinceSession, system_actor
from core.documents.models import Document
from core.documents.storage import name_of
from core.documents.store_check import Checked, sweep, verify
from tests.cases import KEYS, PROVINCE, Case, Season

DAY = timedelta(hours=24)


@pytest.fixture
def everybody(season: Season) -> Iterator[ProvinceSession]:
    with ProvinceSession(season.connection, actor=system_actor(PROVINCE), now=season.now) as session:
        yield session


def _paths(season: Season, case: Case) -> dict[str, Path]:
    with season.as_person(case.person) as session:
        found = session.scalars(select(Document).where(Document.application_id == case.id)).all()
        return {document.material: season.folder / name_of(document) for document in found}


def _faults(everybody: ProvinceSession, season: Season, reference: str) -> list[tuple[str, str]]:
    found: list[Checked] = list(verify(everybody, store=season.store, keys=KEYS))
    return sorted((checked.material, checked.fault) for checked in found if checked.reference == reference)


def test_whole_files_have_no_fault_drafts_and_superseded_ones_included(
    season: Season, everybody: ProvinceSession
) -> None:
    case = season.draft()
    season.upload(case, "photo")
    assert _faults(everybody, season, season.look(case).reference) == [
        ("identity_card", ""),
        ("photo", ""),
        ("photo", ""),
        ("regularisation", ""),
    ]


def test_a_missing_and_an_altered_file_are_named_and_recorded(season: Season, everybody: ProvinceSession) -> None:
    case = season.submitted()
    paths = _paths(season, case)
    paths["photo"].unlink()
    altered = bytearray(paths["identity_card"].read_bytes())
    altered[0] ^= 1
    paths["identity_card"].write_bytes(altered)
    assert _faults(everybody, season, season.look(case).reference) == [
        ("identity_card", "altered: chunk 0 does not open"),
        ("photo", "missing"),
        ("regularisation", ""),
    ]
    found = everybody.scalars(select(RecordEntry).where(RecordEntry.kind == "document.fault_found")).all()
    mine = [entry.payload for entry in found if entry.subject_id == str(case.id)]
    assert sorted((payload["material"], payload["fault"]) for payload in mine) == [
        ("identity_card", "altered"),
        ("photo", "missing"),
    ]


def test_a_sweep_takes_what_no_row_names_once_it_is_old(season: Season, everybody: ProvinceSession) -> None:
    case = season.draft()
    kept = set(_paths(season, case).values())
    folder = season.folder / str(case.id)
    left_behind = [folder / ".writing-abc", folder / f"{'0' * 64}-01890000-0000-7000-8000-000000000000"]
    young = folder / ".writing-young"
    for path in (*left_behind, young):
        path.write_bytes(b"x")
    now = season.now.timestamp()
    for path in (*left_behind, *kept):
        os.utime(path, (now - 90_000, now - 90_000))
    os.utime(young, (now - 60, now - 60))
    removed = {season.folder / file.name for file in sweep(everybody, season.store, older_than=DAY)}
    assert removed == set(left_behind)
    assert set(folder.iterdir()) == kept | {young}


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty installation of its own."""
    monkeypatch.setenv("KAOWU_DATA_DIR", str(tmp_path))
    return tmp_path


def test_the_commands_say_what_they_find(installation: Path) -> None:
    stray = installation / "documents" / "somebody" / ".writing-x"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    two_days_ago = time.time() - 2 * 86_400
    os.utime(stray, (two_days_ago, two_days_ago))
    checked = CliRunner().invoke(main, ["documents", "verify"])
    swept = CliRunner().invoke(main, ["documents", "sweep"])
    assert (checked.exit_code, checked.stdout) == (0, "0 documents, 0 at fault\n")
    assert swept.exit_code == 0
    assert swept.stdout.splitlines()[-1] == "1 files removed"
    assert not stray.exists()
