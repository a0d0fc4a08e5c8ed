"""A change of an office's files is on its record from the next start on."""

import shutil
from pathlib import Path

from sqlalchemy import create_engine, select

from core.audit.models import RecordEntry
from core.db.database import Databases
from core.db.session import AuditorSession, system_actor
from core.settings import ROOT
from core.tenancy.catalogue import load_catalogue
from core.tenancy.file_changes import note_configuration
from tests.cases import CITY, PROVINCE, at


def test_only_the_office_whose_file_says_something_else_is_noted_and_only_once(
    linshui_database: Databases, tmp_path: Path
) -> None:
    engine = create_engine(linshui_database.app_url)
    folder = tmp_path / "offices"
    shutil.copytree(ROOT / "tests" / "offices", folder)
    assert note_configuration(engine, load_catalogue(folder), now=at(3, 19)) == 0
    file = folder / CITY / "tenant.toml"
    file.write_text(f"# A remark changes nothing.\n{file.read_text()}")
    assert note_configuration(engine, load_catalogue(folder), now=at(3, 19)) == 0
    file.write_text(f"{file.read_text()}\n[documents]\nmax_count = 30\n")
    changed = load_catalogue(folder)
    assert [note_configuration(engine, changed, now=at(3, 20)) for _ in range(2)] == [1, 0]
    with AuditorSession(engine, actor=system_actor(PROVINCE), now=at(3, 20)) as session:
        wanted = select(RecordEntry).where(RecordEntry.kind == "configuration.changed", RecordEntry.office_id == CITY)
        first, second = session.scalars(wanted.order_by(RecordEntry.at))
        assert (first.payload["before"], second.payload["before"]) == (None, first.payload["digest"])
    engine.dispose()
