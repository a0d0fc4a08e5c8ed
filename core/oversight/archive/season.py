"""The archive of a season (归档): ordered by a supervisor, made by a job, never rewritten.

A package of a season holds the registers and papers of an office's year as PDF/A (ISO 19005-2), the scans that belong
to its acts, and every row as CSV and JSON with a schema. What changes afterwards, a correction by case for one, goes
into a supplement: a further package with its reason, that says which files differ. Source: 2024 notice §3(6), 归档材料.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.clock import SHANGHAI
from core.db.base import new_id
from core.db.session import OfficeSession, SystemSession
from core.documents.models import Attachment
from core.documents.receiving import take_out
from core.errors import Conflict, KaowuError
from core.jobs import make_package_soon
from core.oversight.archive import data
from core.oversight.archive.papers import drawn, papers
from core.oversight.archive.registers import REGISTERS, pages_of
from core.oversight.years.unfinished import unfinished
from core.results.archive import storage as packages
from core.results.archive.file import Item, PackageFile
from core.results.archive.package import Begin, Press, counted, list_items, make
from core.results.models.awards import ArchivePackage, Publication
from core.seasons.queries import season, trades_of
from core.security.keys import KeyProvider
from core.tenancy.models import Office
from core.tenancy.offices import Offices
from core.text.form_texts import required_text


def packages_of(session: OfficeSession, year: int) -> Sequence[ArchivePackage]:
    """The packages of the office's season, the newest first."""
    wanted = select(ArchivePackage).where(
        ArchivePackage.office_id == session.office_id,
        ArchivePackage.year == year,
        ArchivePackage.publication_id.is_(None),
    )
    return session.scalars(wanted.order_by(ArchivePackage.serial.desc())).all()


def request(session: OfficeSession, year: int, *, reason: str, keys: KeyProvider) -> ArchivePackage:
    """Order the archive of the office's season, or a supplement to it for a ``reason``.

    Conflict while one is being made; Invalid for a supplement without a reason.
    """
    found = packages_of(session, season(session, year).year)
    if any(package.state in {"waiting", "making"} for package in found):
        raise Conflict("package_under_way", "归档材料正在生成，请稍候。生成后可在本页下载。")
    if found:
        reason = required_text(reason, "请写明补充归档的原因，例如归档后更正了哪一件。")
    package_id = new_id()
    package = ArchivePackage(
        id=package_id,
        office_id=session.office_id,
        year=year,
        serial=(found[0].serial or 0) + 1 if found else 1,
        reason=reason.strip() if found else "",
        state="waiting",
        done=0,
        total=len(REGISTERS) + 2 * len(data.packed(session.office_id, year)),
        requested_at=session.now,
        requested_by=session.actor.account_id,
        sealed_key=packages.new_package_key(package_id, keys),
    )
    session.add(package)
    session.flush()
    audit.record_on(session, package, "archive.requested")
    make_package_soon(session, session.office_id, package.id)
    return package


def make_season(package_id: UUID, *, begin: Begin, press: Press, offices: Offices) -> None:
    """Make the ordered package of a season, file by file, in constant memory."""
    write = partial(_write, begin=begin, press=press, offices=offices)
    make(package_id, write, begin=begin, press=press)


def _write(file: IO[bytes], package_id: UUID, *, begin: Begin, press: Press, offices: Offices) -> None:
    with begin() as session:
        package = session.get_one(ArchivePackage, package_id)
        package.state, package.done = "making", 0
        office, year = session.get_one(Office, session.office_id).name, package.year
        about = _about(session, package)
    missing = list[str]()
    title = f"{year}年度工勤技能岗位等级考核归档目录"
    footer = office if about["serial"] == 1 else f"{office}　第{about['serial'] - 1}次补充归档：{about['reason']}"
    items = _items(year, office, begin=begin, press=press, offices=offices, missing=missing)
    with PackageFile(file) as made:
        for item in counted(items, package_id, begin=begin):
            made.add(item)
        made.finish(about | {"missing": missing}, title=title, footer=footer, keys=press.paper_keys)


def _about(session: SystemSession, package: ArchivePackage) -> dict[str, Any]:
    """What the manifest says of the whole: the office, the year, what was open, and the package it supplements."""
    earlier = [other for other in packages_of(session, package.year) if other.state == "made"]
    return {
        "package": str(package.id),
        "office": package.office_id,
        "year": package.year,
        "serial": package.serial,
        "reason": package.reason,
        "supplements": [other.sha256 for other in earlier],
        "made_at": session.now.astimezone(SHANGHAI).isoformat(),
        "unfinished": {
            left.kind.label: left.count
            for left in unfinished(session, package.year)
            if left.office_id == session.office_id
        },
    }


def _items(
    year: int, office: str, *, begin: Begin, press: Press, offices: Offices, missing: list[str]
) -> Iterator[Item]:
    yield from _registers(year, office, begin=begin)
    yield from _lists(year, begin=begin, press=press)
    yield from _papers(year, begin=begin, offices=offices)
    yield from _scans(year, begin=begin, press=press, missing=missing)
    yield from _rows(year, begin=begin)


def _registers(year: int, office: str, *, begin: Begin) -> Iterator[Item]:
    for place, (name, register) in enumerate(REGISTERS.items(), 1):
        with begin() as session:
            trades = dict(trades_of(session, year))
            for part, (lines, content) in enumerate(pages_of(session, register, year, office=office, trades=trades), 1):
                more = f"-{part:03d}" if part > 1 else ""
                yield Item(f"registers/{place:02d}-{name}{more}.pdf", register.title, f"{lines}行", content)


def _lists(year: int, *, begin: Begin, press: Press) -> Iterator[Item]:
    with begin() as session:
        wanted = select(Publication.id, Publication.version, Publication.edition).where(
            Publication.office_id == session.office_id, Publication.year == year, Publication.state == "closed"
        )
        closed = session.execute(wanted.order_by(Publication.version, Publication.edition)).all()
    for publication_id, version, edition in closed:
        folder = f"lists/{version:02d}-{edition:02d}/"
        yield from list_items(publication_id, begin=begin, press=press, folder=folder)


def _papers(year: int, *, begin: Begin, offices: Offices) -> Iterator[Item]:
    with begin() as session:
        for paper in papers(session, year, offices):
            content = drawn(session, paper)
            if content is not None:
                yield Item(paper.name, paper.title, "1份", content)


def _scans(year: int, *, begin: Begin, press: Press, missing: list[str]) -> Iterator[Item]:
    """The files that belong to the season's acts; one that the store no longer has is named in the manifest."""
    with begin() as session:
        of_season = next(of for of in data.packed(session.office_id, year) if of.name == Attachment.__tablename__)
        ids = [row.id for row in session.execute(of_season.rows)]
    for number, attachment_id in enumerate(ids, 1):
        with begin() as session, tempfile.NamedTemporaryFile() as copy:
            file = session.get_one(Attachment, attachment_id)
            title = f"{file.capacity}：{file.title}"
            try:
                opened = take_out(file, store=press.store, keys=press.keys)
            except KaowuError:
                missing.append(str(attachment_id))
                continue
            for chunk in opened.chunks():
                copy.write(chunk)
            copy.flush()
            suffix = Path(opened.file_name).suffix.lower()
            yield Item(f"scans/{number:05d}{suffix}", title, "1件", Path(copy.name))


def _rows(year: int, *, begin: Begin) -> Iterator[Item]:
    with begin() as session:
        tables = data.packed(session.office_id, year)
    for of in tables:
        with tempfile.TemporaryDirectory() as folder:
            as_csv, as_json = Path(folder) / "rows.csv", Path(folder) / "rows.json"
            with begin() as session:
                count = data.write(session, of, as_csv, as_json)
            for kind, file in (("csv", as_csv), ("json", as_json)):
                yield Item(f"data/{of.name}.{kind}", f"数据表{of.name}（{kind.upper()}）", f"{count}行", file)
    schema = json.dumps(data.schema(tables), ensure_ascii=False, indent=1).encode()
    yield Item("data/schema.json", "数据的JSON Schema", f"{len(tables)}表", schema)
    reasons = json.dumps(dict(data.LEFT_OUT), ensure_ascii=False, indent=1).encode()
    yield Item("data/left-out.json", "未归档的数据表和原因", f"{len(data.LEFT_OUT)}表", reasons)
