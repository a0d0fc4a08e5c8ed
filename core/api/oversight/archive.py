"""The archive of an office's season, as JSON."""

from datetime import datetime
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.oversight.archive import season as archive
from core.web.dependencies import OfOffice, ThePlatform
from core.web.guards import OFFICERS, SUPERVISORS
from core.web.routes import create, declared_in, read
from core.web.schemas import Input, Output


class ArchiveIn(Input):
    """Why a supplement is made; nothing is needed for the first package."""

    reason: str = Field(default="", max_length=1000)


class SeasonPackageOut(Output):
    """A package of a season, and its progress."""

    id: UUID
    year: int
    serial: int
    reason: str
    state: str
    done: int
    total: int
    requested_at: datetime
    sha256: str | None


@create("/seasons/{year:int}/archive", roles=SUPERVISORS)
def order_archive(
    session: OfOffice, platform: ThePlatform, year: FromPath[int], data: JSONBody[ArchiveIn]
) -> SeasonPackageOut:
    """Order the archive of the office's season, or a supplement for a reason."""
    return SeasonPackageOut.model_validate(archive.request(session, year, reason=data.reason, keys=platform.keys))


@read("/seasons/{year:int}/archive", roles=SUPERVISORS | OFFICERS)
def list_archive(session: OfOffice, year: FromPath[int]) -> list[SeasonPackageOut]:
    """The packages of the office's season, the newest first."""
    return [SeasonPackageOut.model_validate(package) for package in archive.packages_of(session, year)]


router = Router("/", route_handlers=declared_in(__name__), tags=["备案与监管"])
