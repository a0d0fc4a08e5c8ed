"""A plugin that fails during a request: the asker is told, nothing is saved, and the operators find it written down."""

import dataclasses
import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.base import new_id
from core.db.session import Actor, AuditorSession, Role
from core.tenancy.catalogue import load_catalogue
from core.tenancy.models import PluginFailure
from core.tenancy.offices import Offices
from core.tenancy.plugins import build_hooks
from tests.callers import Caller, Web
from tests.cases import CITY, PROVINCE
from tests.serving import client_of

TESTS = Path(__file__).parents[1]


def offices_with(plugin: str, folder: Path) -> Offices:
    """The invented province, whose city lists one more plugin of the zoo."""
    shutil.copytree(TESTS / "offices", folder)
    file = folder / CITY / "tenant.toml"
    file.write_text(f'plugins = ["{plugin}"]\n{file.read_text("utf-8")}', "utf-8")
    catalogue = load_catalogue(folder)
    assert catalogue.faults == ()
    return Offices(catalogue, build_hooks(catalogue, package="zoo"))


def test_a_failing_plugin_is_a_503_saves_nothing_and_is_written_down(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(TESTS / "plugins")
    applicant = web.applicant()
    draft = web.draft(applicant, web.unit())
    platform = dataclasses.replace(web.platform, offices=offices_with("raises", tmp_path / "offices"))
    with client_of(platform) as client:
        caller = Caller(client, applicant.token)
        refused = caller.post(f"/applications/{draft['id']}/submit", {})

    assert (refused.status_code, refused.json()["error"]) == (503, "plugin_error")
    assert applicant.get(f"/applications/{draft['id']}").json()["state"] == "draft"
    auditor = Actor(new_id(), "测试审计员", Role.PROVINCIAL_AUDITOR, office_id=PROVINCE)
    with AuditorSession(web.platform.engine, actor=auditor, now=web.clock()) as session:
        failures = session.scalars(select(PluginFailure).where(PluginFailure.plugin == "raises")).all()
        recorded = session.scalars(select(RecordEntry).where(RecordEntry.kind == "plugin.failed")).all()
    assert [failure.office_id for failure in failures] == [CITY]
    assert failures[0].reason not in refused.text
    assert [(entry.office_id, entry.subject_id) for entry in recorded] == [(CITY, "raises")]
