"""One web application for all uploads of a module, and one draft that they go to."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from core.applications.rules.document import RuleDocument
from core.db.database import Databases
from core.db.server.embedded import EmbeddedServer
from core.db.session import ProvinceSession, system_actor
from core.documents.queries import every_document
from core.tenancy.offices import Offices
from tests.callers import Caller, Web
from tests.cases import PROVINCE, at, platform_at
from tests.conftest import clone
from tests.plugins.clamd import clamd
from tests.serving import client_of

__all__ = ["clamd"]


@dataclass
class Desk:
    """A web application, an applicant with a draft in it, and the folder where its papers lie."""

    web: Web
    folder: Path
    applicant: Caller
    draft: dict[str, Any]

    @property
    def path(self) -> str:
        """Where the draft's papers go."""
        return f"/applications/{self.draft['id']}/documents"

    def send(self, content: bytes, material: str = "diploma", file_name: str = "学历.pdf") -> Any:
        """Upload a file."""
        return self.applicant.upload(self.path, content, material=material, file_name=file_name)

    def kept(self) -> tuple[list[str], int]:
        """Every file in the store, and how many documents the database knows."""
        actor = system_actor(PROVINCE)
        with ProvinceSession(self.web.platform.engine, actor=actor, now=at(3, 25)) as session:
            rows = sum(1 for _ in every_document(session))
        return sorted(str(path) for path in self.folder.rglob("*") if path.is_file()), rows


@pytest.fixture(scope="session")
def _documents_databases(database_server: EmbeddedServer, worker_id: str, linshui_template: str) -> Iterator[Databases]:
    with clone(database_server, f"kaowu_documents_{worker_id}", template=linshui_template) as addresses:
        yield addresses


@pytest.fixture(scope="module")
def desk(
    _documents_databases: Databases,
    linshui_offices: tuple[Offices, RuleDocument],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """The application on a day on which people register."""
    folder = tmp_path_factory.mktemp("data")
    engine = create_engine(_documents_databases.app_url)
    platform = platform_at(at(3, 25), _documents_databases, engine, offices=linshui_offices, folder=folder)
    with client_of(platform) as client:
        web = Web(platform, client, platform.clock)
        applicant = web.applicant()
        yield Desk(web, folder / "documents", applicant, web.draft(applicant, web.unit()))
    engine.dispose()
