"""Ten thousand admission tickets with photos in one job: until the first part can be fetched, and until all are there.

Run it from the repository root: ``python -m bench.tickets``. An embedded PostgreSQL of its own; candidates are copies
of one who went through the real services, each with a photo of its own, encrypted where it lies as an upload leaves it.
Measured are the issue of the tickets, which is set-based, and the job as the worker runs it, every part committed.
"""

import contextlib
import io
import resource
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from PIL import Image
from sqlalchemy import Engine, create_engine, insert, select, text, update
from sqlalchemy.orm import Session

from core.applications.models import Application
from core.db import migrate, roles
from core.db.base import new_id
from core.db.database import Databases
from core.db.server.embedded import SUPERUSER, EmbeddedServer
from core.db.session import Actor, OfficeSession, Role, SystemSession, system_actor
from core.documents import vault
from core.documents.models import Document
from core.documents.storage import DocumentStore
from core.plugin_api import Grade
from core.scheduling.models.plans import Plan, Seat
from core.scheduling.models.tickets import PaperJob, PaperPart
from core.scheduling.sites import service as sites
from core.scheduling.sites.service import RoomForm, SiteForm, SiteItem
from core.scheduling.sittings import service as sittings
from core.scheduling.sittings.service import SittingForm
from core.scheduling.tickets import paper_jobs, service as tickets
from core.scheduling.tickets.paper_kinds import PaperKind
from core.scheduling.tickets.pdf import PdfPrinter
from core.tenancy.config.exams import TicketsTable
from tests.cases import CITY, KEYS, PAPER_KEYS, YEAR, Season, at, linshui_offices, load_linshui

OFFICES, RULES = linshui_offices()
SCHEDULER = Actor(new_id(), "测试考务员", Role.SCHEDULER, office_id=CITY)
SEATS = 100
NOW = at(5, 20)

_COPY_PEOPLE = text(
    "INSERT INTO persons (id, id_hash, id_number, id_tail, name, birth_date, sex, phone, created_at) "
    "SELECT gen_random_uuid(), sha256(n::text::bytea), id_number, id_tail, '测试乙' || lpad(n::text, 5, '0'), "
    "birth_date, sex, phone, created_at FROM persons, generate_series(1, :people) n WHERE persons.id = :person"
)
_COPY_CASES = text(
    "INSERT INTO applications SELECT (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), "
    "'person_id', p.id, 'person_name', p.name, 'reference', 'B' || substr(p.name, 4)))).* "
    "FROM applications a, persons p WHERE a.id = :case AND p.name LIKE '测试乙%'"
)


@click.command()
@click.option("--people", default=10_000, show_default=True, help="How many candidates.")
def main(people: int) -> None:
    """Print what it took."""
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (app, owner):
        store = DocumentStore(Path(folder) / "documents")
        _candidates(app, owner, store, people)
        plan_id = _plan(app)
        started = time.perf_counter()
        with _office(app) as session:
            issued = tickets.issue_tickets(session, plan_id, rules=TicketsTable())
        click.echo(f"{issued.issued} tickets issued, everybody told: {time.perf_counter() - started:.1f} s")
        with _office(app) as session:
            job_id = paper_jobs.ask_for_papers(session, plan_id, PaperKind.TICKETS).id
        _make(app, job_id, store)


def _make(app: Engine, job_id: UUID, store: DocumentStore) -> None:
    started, spent = time.perf_counter(), time.process_time()
    moments: list[float] = []

    @contextlib.contextmanager
    def begin() -> Iterator[SystemSession]:
        with SystemSession(app, actor=system_actor(CITY), now=NOW) as session, session.begin():
            before = len(moments)
            yield session
            if session.scalar(
                select(PaperPart.part).where(PaperPart.job_id == job_id, PaperPart.part > before).limit(1)
            ):
                moments.append(time.perf_counter() - started)

    printer = PdfPrinter(PAPER_KEYS, TicketsTable().notes)
    paper_jobs.make_papers(begin, job_id, printer=printer, store=store, keys=KEYS)
    took, processor = time.perf_counter() - started, time.process_time() - spent
    with _office(app) as session:
        job = session.get_one(PaperJob, job_id)
        size = sum(part.size for part in paper_jobs.parts_of(session, [job_id])[job_id])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    click.echo(f"first part: {moments[0]:.1f} s; all {job.done} in {len(moments)} parts: {took:.1f} s")
    click.echo(f"processor: {processor:.1f} s; {size / 1e6:.0f} MB of PDF; at most {peak:.0f} MB of memory")
    click.echo("Aim: the first part within 5 s, ten thousand within 60 s.")


def _candidates(app: Engine, owner: Engine, store: DocumentStore, people: int) -> None:
    """One real candidate, copied past the policies, and a photo for each copy."""
    with app.connect() as connection, connection.begin():
        season = Season(connection, OFFICES, RULES, store, now=at(3, 25))
        case = season.at_office(CITY)
        season.approve_at_office(case)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(_COPY_PEOPLE, {"people": people, "person": case.person.person_id})
        connection.execute(_COPY_CASES, {"case": case.id})
        cases = connection.scalars(select(Application.id).where(Application.person_name.startswith("测试乙"))).all()
        photo = _photo()
        with Session(connection) as session:
            session.add_all([_paper(case_id, photo, store) for case_id in cases])
            session.flush()


def _paper(case_id: UUID, photo: bytes, store: DocumentStore) -> Document:
    made = Document(id=new_id(), application_id=case_id, material="photo", file_name="photo.jpg")
    made.media_type, made.size, made.sha256 = "image/jpeg", len(photo), sha256(photo).hexdigest()
    made.uploaded_at, made.uploaded_by, made.scan_verdict = NOW, SCHEDULER.account_id, "clean"
    vault.seal_new_key(made, KEYS)
    vault.write(made, [photo], store=store, keys=KEYS)
    return made


def _photo() -> bytes:
    """A picture of the usual size (413 by 579) that does not compress away."""
    written = io.BytesIO()
    Image.effect_noise((413, 579), 30).convert("RGB").save(written, "JPEG", quality=85)
    return written.getvalue()


def _plan(app: Engine) -> UUID:
    """A published plan in which everybody has a seat: one sitting after the other in the same rooms."""
    plan_id = new_id()
    with _office(app) as session:
        form = SiteForm("K01", "测试职业技术学院考点", "测试市测试大道100号", at(6, 1).date(), at(9, 30).date())
        site = sites.register_site(session, YEAR, form, [RoomForm(f"第{n}考场", SEATS + 2, 2) for n in range(1, 51)])
        for item in SiteItem:
            sites.sign_off(session, site.id, item, passed=True)
        rooms = [room.id for room in sites.rooms_of(session, [site.id])]
        everybody = session.scalars(select(Application.id).where(Application.state == "qualified")).all()
        _open_plan(session, plan_id)
        for begin in range(0, len(everybody), len(rooms) * SEATS):
            day = at(6, 3 + begin // (len(rooms) * SEATS))
            times = (day, day.replace(hour=11))
            wanted = SittingForm(*times, ("岗位技能", "职业道德", "职业能力"), frozenset({Grade.FIVE}))
            sitting = sittings.set_sitting(session, YEAR, wanted, rooms).id
            these = everybody[begin : begin + len(rooms) * SEATS]
            of_plan = {"office_id": CITY, "plan_id": plan_id, "sitting_id": sitting, "by_hand": ""}
            seats = [
                {**of_plan, "id": new_id(), "application_id": case, "room_id": rooms[n // SEATS], "seat": n % SEATS + 1}
                for n, case in enumerate(these)
            ]
            session.execute(insert(Seat), seats)
        session.execute(update(Seat).where(Seat.plan_id == plan_id).values(published_at=NOW))
        published = {"state": "published", "published_at": NOW, "published_by": SCHEDULER.account_id}
        session.execute(update(Plan).where(Plan.id == plan_id).values(**published))
    return plan_id


def _open_plan(session: OfficeSession, plan_id: UUID) -> None:
    what: dict[str, Any] = {"sittings": {}, "figures": {}, "shortages": [], "seed": 7, "step": "ready", "done": 100}
    who = {"made_at": NOW, "made_by": SCHEDULER.account_id}
    session.add(Plan(id=plan_id, office_id=CITY, year=YEAR, exam="computer_exam", **what, **who))
    session.flush()


@contextlib.contextmanager
def _office(app: Engine) -> Iterator[OfficeSession]:
    with OfficeSession(app, actor=SCHEDULER, now=NOW) as session, session.begin():
        yield session


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[tuple[Engine, Engine]]:
    """An embedded server with the usual durability and the invented province in it; the owner's engine may do all."""
    server = EmbeddedServer(data_dir=folder / "data")
    with server.in_use():
        written = partial(_written, server)
        migrate.upgrade(written(roles.OWNER))
        load_linshui(Databases(written(roles.APP), written(roles.OWNER)), OFFICES)
        engines = create_engine(written(roles.APP)), create_engine(written(SUPERUSER))
        yield engines
        for engine in engines:
            engine.dispose()


def _written(server: EmbeddedServer, role: str) -> str:
    return server.address(role).render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
