"""Tickets and room papers as PDFs: made in memory by typst, with signed codes and photos."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from core.applications.printed_numbers import masked
from core.applications.queries import application
from core.clock import SHANGHAI
from core.db.session import CaseSession, OfficeSession, PersonSession
from core.documents.receiving import Keeping
from core.plugin_api import Grade
from core.printing import qr_codes
from core.printing.fonts import compiled
from core.printing.pdf import TEMPLATES, PrintedPaper, picture
from core.scheduling.plans.room_sheets import RoomSheet
from core.scheduling.plans.site_facts import SiteFacts
from core.scheduling.tickets import paper_jobs, service as tickets
from core.scheduling.tickets.paper_jobs import Heading, heading_of
from core.scheduling.tickets.paper_kinds import KIND_NAMES, PaperKind
from core.scheduling.tickets.photos import photo_papers, printable
from core.scheduling.tickets.room_papers import papers
from core.scheduling.tickets.service import SeatLine, Ticket, code_fields
from core.security.keys import KeyProvider
from core.security.signatures import PaperKeys
from core.tenancy.config.exams import TicketsTable
from core.tenancy.offices import Offices
from core.text.filters import day


class PdfPrinter:
    """Prints with the installation's keys for papers, the office's notes to candidates, and its telephone."""

    def __init__(self, keys: PaperKeys, notes: Sequence[str], telephone: str = "") -> None:
        self._keys, self._notes, self._telephone = keys, notes, telephone

    def tickets(self, heading: Heading, entries: Sequence[Ticket], photos: Mapping[UUID, bytes]) -> bytes:
        """One page for each ticket, with its photo where there is one."""
        files: dict[str, bytes] = {}
        told = []
        for place, ticket in enumerate(entries):
            code = qr_codes.png(self._keys.code(*code_fields(ticket)))
            files[f"code/{place}.svg"] = picture(code, "png", 100, 100).encode()
            photo = photos.get(ticket.application_id)
            if photo is not None:
                files[f"photo/{place}.svg"] = picture(photo, "jpeg", 240, 336).encode()
            told.append(
                {
                    "facts": _facts(ticket, heading),
                    "seats": [_seat(line) for line in ticket.seats],
                    "ways": _ways(ticket.seats),
                    "photo": "" if photo is None else f"photo/{place}.svg",
                    "code": f"code/{place}.svg",
                    "issued": day(ticket.issued_at),
                }
            )
        data = {
            "title": "准考证",
            "heading": f"{heading.year}年度机关事业单位工勤技能岗位等级考核",
            "office": heading.office_name,
            "notes": list(self._notes),
            "telephone": self._telephone,
            "tickets": told,
        }
        return _compiled("ticket", data, files)

    def rooms(
        self,
        heading: Heading,
        kind: PaperKind,
        entries: Sequence[RoomSheet],
        *,
        site: SiteFacts | None = None,
        photos: Mapping[UUID, bytes] | None = None,
    ) -> bytes:
        """The papers of a site where one is given, and those of each room: a page or more for each."""
        pictures = {application_id: f"photo/{application_id}.svg" for application_id in photos or {}}
        files = {
            pictures[application_id]: picture(photo, "jpeg", 240, 336).encode()
            for application_id, photo in (photos or {}).items()
        }
        data = {
            "title": KIND_NAMES[kind],
            "heading": f"{heading.year}年度机关事业单位工勤技能岗位等级考核",
            "footer": f"{heading.office_name}　内部资料，用后按规定保管",
            "papers": papers(kind, entries, site=site, office=(heading, self._telephone), photos=pictures),
        }
        return _compiled("room", data, files)


def rules_for(session: CaseSession, offices: Offices, application_id: UUID) -> TicketsTable:
    """The rules for tickets of an application's office; NotFound for an application that the session cannot see."""
    return offices.config(application(session, application_id).office_id).tickets


def ticket_pdf(
    session: PersonSession, application_id: UUID, keeping: Keeping, *, paper_keys: PaperKeys
) -> PrintedPaper:
    """The applicant's own ticket, after every check for printing."""
    rules = rules_for(session, keeping.offices, application_id)
    ticket = tickets.ticket_to_print(session, application_id, rules=rules)
    with ThreadPoolExecutor(max_workers=1) as photo_pool:
        found = photo_papers(session, [application_id])
        photos = printable(found, store=keeping.store, keys=keeping.keys, executor=photo_pool)
    office_id = application(session, application_id).office_id
    heading = heading_of(session, office_id, ticket.year)
    told = tickets.with_numbers(session, [ticket], keys=keeping.keys)
    telephone = keeping.offices.config(office_id).office.contact.telephone or ""
    content = PdfPrinter(paper_keys, rules.notes, telephone).tickets(heading, told, photos)
    return PrintedPaper(content, f"准考证-{ticket.number}.pdf")


def part_pdf(session: OfficeSession, part_id: UUID, *, keys: KeyProvider) -> PrintedPaper:
    """A part of the office's papers, whose file name says where it is out of date; the download is recorded."""
    job, part, content = paper_jobs.fetch_part(session, part_id, keys=keys)
    mark = "已过期-" if paper_jobs.outdated(session, [job.id]) else ""
    return PrintedPaper(content, f"{mark}{KIND_NAMES[PaperKind(job.kind)]}-{part.first}-{part.last}.pdf")


def _compiled(form: str, data: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """A PDF; data and pictures are files in memory only, and nothing in them is read as markup."""
    given = {
        f"{form}.typ": (TEMPLATES / f"{form}.typ").read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False).encode(),
        **files,
    }
    # Typst starts with the file called main.
    given["main.typ"] = given.pop(f"{form}.typ")
    return compiled(given, pictures=len(files))


def _facts(ticket: Ticket, heading: Heading) -> list[tuple[str, str]]:
    return [
        ("准考证号", ticket.number),
        ("姓　　名", ticket.person_name),
        ("身份证号", ticket.identity or masked(ticket.id_tail)),
        ("单　　位", ticket.unit_name),
        ("等　　级", Grade(ticket.grade).label),
        ("工　　种", heading.trades.get(ticket.trade, ticket.trade)),
    ]


def _ways(lines: Sequence[SeatLine]) -> list[str]:
    """The way to each site of a ticket, each once."""
    return list(dict.fromkeys(f"{line.site_name}：{line.directions}" for line in lines if line.directions))


def _seat(line: SeatLine) -> list[str]:
    begins, ends = line.starts_at.astimezone(SHANGHAI), line.ends_at.astimezone(SHANGHAI)
    return [
        "\n".join(line.subjects),
        f"{begins.month}月{begins.day}日\n{begins:%H:%M}—{ends:%H:%M}",
        f"{line.site_name}\n{line.address}",
        line.room_name,
        str(line.seat),
    ]
