"""Packages for the archive (归档材料), as JSON."""

from uuid import UUID

from litestar import Router
from litestar.params import FromPath

from core.api.results.awards import READERS
from core.results.archive import package as archive
from core.results.awards import queries
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import SUPERVISORS
from core.web.routes import create, declared_in, read
from core.web.schemas import Output


class PackageOut(Output):
    """A package for the archive, and its progress."""

    id: UUID
    state: str
    done: int
    total: int
    sha256: str | None


@create("/awards/{publication_id:uuid}/packages", roles=SUPERVISORS)
def request_package(session: OfOffice, platform: ThePlatform, publication_id: FromPath[UUID]) -> PackageOut:
    """Order a package for the archive."""
    return PackageOut.model_validate(archive.request_package(session, publication_id, keys=platform.keys))


@read("/awards/{publication_id:uuid}/packages", roles=READERS)
def list_packages(session: OfOffice, publication_id: FromPath[UUID]) -> list[PackageOut]:
    """The packages of a list, the newest first."""
    return [PackageOut.model_validate(package) for package in queries.packages(session, publication_id)]


router = Router("/", route_handlers=declared_in(__name__), tags=["公示与证书"])
