"""The job that makes a package for the archive: of one list, or of an office's whole season."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from core.db.session import SystemSession, system_actor
from core.oversight.archive.season import make_season
from core.platform import Platform
from core.plugin_api import OfficeCode
from core.results.archive import package as lists
from core.results.awards.pdf import certificates_pdf, notice_pdf, to_print
from core.results.models.awards import ArchivePackage


def make_package(platform: Platform, *, office_id: str, package_id: str) -> None:
    """Make one package; its row has its progress and the reason of a failure."""

    @contextmanager
    def begin() -> Iterator[SystemSession]:
        actor = system_actor(OfficeCode(office_id))
        with SystemSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
            yield session

    address = platform.offices.config(office_id).awards.verification_address
    press = lists.Press(
        to_print=to_print,
        draw_certificates=partial(certificates_pdf, address=address),
        draw_notice=notice_pdf,
        store=platform.documents,
        keys=platform.keys,
        paper_keys=platform.paper_keys,
    )
    package = UUID(package_id)
    with begin() as session:
        of_season = session.get_one(ArchivePackage, package).publication_id is None
    if of_season:
        make_season(package, begin=begin, press=press, offices=platform.offices)
    else:
        lists.make_package(package, begin=begin, press=press)
