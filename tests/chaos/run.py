"""`make chaos`: the server and the database are killed at random moments under a load of submissions with retries.

Afterwards every submission whose receipt was confirmed is there once, no other is there twice, every row has its file,
the record verifies, and no job is lost.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from sqlalchemy import func, select, text

from core import logs
from core.applications.models import Application, Move
from core.audit.agreement import disagreements
from core.audit.verification import Verifier
from core.clock import system_clock
from core.db.database import embedded_server
from core.db.session import AuditorSession, ProvinceSession, system_actor
from core.documents import store_check
from core.platform import Platform
from core.worker import ASKED_FOR_EVERY_MINUTE
from tests import live
from tests.cases import PROVINCE
from tests.chaos.load import Load
from tests.serving import free_port

SERVER, DATABASE = "server", "database"
_BACK_SECONDS = 60.0
_CALM_SECONDS = 60.0
_PEOPLE_A_KILL = 20


@dataclass
class Outcome:
    """The counts of a run, and its faults: none, if all is well."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    submitted: int = 0
    retries: int = 0
    files_left_behind: int = 0
    entries: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Scene:
    """One server, killed and started again at its address."""

    def __init__(self, place: live.Place) -> None:
        self.place = place
        self.port = free_port()
        self._process = live.start(place, self.port)

    @property
    def address(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self, what: str) -> None:
        """End a process as a power failure would, and wait until requests can be worked on again."""
        if what == SERVER:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = live.start(self.place, self.port)
        else:
            running = embedded_server(self.place.settings).status()
            if running is not None:
                os.kill(running.pid, signal.SIGKILL)
        self.await_answers()

    def await_answers(self) -> None:
        """Wait until the server reaches its database. Raises RuntimeError where that takes too long."""
        deadline = time.monotonic() + _BACK_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended: {live.last_words(self.place)}")
            try:
                if httpx.get(f"{self.address}/api/v1/seasons", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"nothing answers after {_BACK_SECONDS:.0f} s: {live.last_words(self.place)}")

    def end(self) -> None:
        """Let the server go as an operator would."""
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def wreak(folder: Path, *, kills: int, seed: int, people: int = 4, longest_pause: float = 2.0) -> Outcome:
    """Make a server, kill it or its database ``kills`` times under load, look at what is left, and take it away."""
    rng, outcome, began = random.Random(seed), Outcome(seed), time.monotonic()  # noqa: S311 - no secret
    place = live.make_place(folder)
    try:
        with place.platform() as platform, live.people_at_work(platform) as web:
            unit_id = web.unit()
            tokens = [web.applicant().token for _ in range(_PEOPLE_A_KILL * kills)]
        scene = Scene(place)
        try:
            load = Load(scene.address, unit_id, tokens)
            load.begin(people)
            try:
                for what in _targets(kills, rng):
                    time.sleep(rng.uniform(0.1, longest_pause))
                    scene.kill(what)
                    outcome.kills[what] += 1
                if not load.goes_on(within=_BACK_SECONDS):
                    outcome.faults.append("after the last kill nobody gets through any more")
            finally:
                load.end()
            with place.platform() as platform:
                outcome.faults += _await_calm(platform)
        finally:
            scene.end()
        outcome.acknowledged, outcome.retries = len(load.acknowledged), load.retries
        outcome.faults += [f"{surprise}\n{_said_in_the_log(place, surprise)}" for surprise in load.surprises]
        with place.platform() as platform:
            _look(platform, load.acknowledged, outcome)
    finally:
        live.remove(place)
    outcome.seconds = time.monotonic() - began
    return outcome


def _said_in_the_log(place: live.Place, surprise: str) -> str:
    """What the server wrote down about an answer, found by the number that the answer carries."""
    number = re.search(r'"reference":"([0-9a-f]{32})"', surprise)
    if number is None:
        return ""
    lines = (place.folder / "log.jsonl").read_text().splitlines()
    return "\n".join(line for line in lines if number[1] in line and '"level": "error"' in line)


def _targets(kills: int, rng: random.Random) -> list[str]:
    """Server and database equally often, in random order."""
    targets = [SERVER if number % 2 else DATABASE for number in range(kills)]
    rng.shuffle(targets)
    return targets


def _await_calm(platform: Platform) -> Iterator[str]:
    """Let the worker take up what died under its predecessors; a job that nobody takes up is a fault."""
    left = text(
        "SELECT task_name, status::text FROM procrastinate_jobs "
        "WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now()) "
        # What every minute puts into the queue is never at an end.
        "AND task_name <> ALL(:every_minute) ORDER BY id"
    ).bindparams(every_minute=sorted(ASKED_FOR_EVERY_MINUTE))
    deadline = time.monotonic() + _CALM_SECONDS
    while True:
        with platform.engine.connect() as connection:
            waiting = connection.execute(left).all()
        if not waiting:
            break
        if time.monotonic() > deadline:
            yield f"jobs that nobody does: {[tuple(job) for job in waiting[:5]]}"
            break
        time.sleep(0.2)
    with platform.engine.connect() as connection:
        failed = connection.execute(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'failed'")).all()
    yield from (f"a job failed: {job.task_name}" for job in failed if job.task_name not in ASKED_FOR_EVERY_MINUTE)


def _look(platform: Platform, acknowledged: list[str], outcome: Outcome) -> None:
    """Compare the rows with the confirmed submissions."""
    now, actor = platform.clock(), system_actor(PROVINCE)
    with AuditorSession(platform.engine, actor=actor, now=now) as session:
        submissions = Counter(
            {
                str(row.application_id): row.times
                for row in session.execute(
                    select(Move.application_id, func.count().label("times"))
                    .where(Move.action == "submit")
                    .group_by(Move.application_id)
                )
            }
        )
        states = {str(row.id): row.state for row in session.execute(select(Application.id, Application.state))}
        owners = session.execute(
            select(Application.person_id, func.count()).group_by(Application.person_id).having(func.count() > 1)
        ).all()
        outcome.submitted = len(submissions)
        outcome.faults += [
            f"confirmed, but not there: {case}" for case in acknowledged if states.get(case, "draft") == "draft"
        ]
        outcome.faults += [f"submitted {times} times: {case}" for case, times in submissions.items() if times != 1]
        outcome.faults += [f"confirmed twice: {case}" for case, times in Counter(acknowledged).items() if times != 1]
        outcome.faults += [f"{count} applications of one person: {person}" for person, count in owners]
        verified = Verifier(session, platform.record_keys, exported=[], unsealed_for=timedelta(minutes=10)).verify()
        outcome.entries = verified.entries
        outcome.faults += [f"record: {fault}" for fault in (*verified.faults, *disagreements(session))]
    outcome.faults += _faults_of_papers(platform, outcome)


def _faults_of_papers(platform: Platform, outcome: Outcome) -> list[str]:
    # Files carry the machine's time; the season's is another.
    with ProvinceSession(platform.engine, actor=system_actor(PROVINCE), now=system_clock()) as session:
        checked = store_check.verify(session, store=platform.documents, keys=platform.keys)
        faults = [f"document {paper.document_id}: {paper.fault}" for paper in checked if paper.fault]
        swept = store_check.sweep(session, platform.documents, older_than=timedelta(0))
        outcome.files_left_behind = sum(1 for _ in swept)
        session.commit()
    return faults


def show(outcome: Outcome) -> None:
    """Print the table."""
    rows = {
        "seed": outcome.seed,
        "kills of the server": outcome.kills[SERVER],
        "kills of the database": outcome.kills[DATABASE],
        "submissions confirmed": outcome.acknowledged,
        "submissions there": outcome.submitted,
        "retries": outcome.retries,
        "entries of the record, verified": outcome.entries,
        "files that no row names, swept": outcome.files_left_behind,
        "faults": len(outcome.faults),
        "seconds": round(outcome.seconds),
    }
    for name, value in rows.items():
        print(f"{name:<34}{value:>12}")  # noqa: T201 - a program for the terminal
    for fault in outcome.faults[:50]:
        print(fault)  # noqa: T201


def main() -> None:
    """Kill as often as asked, print what came of it, and exit with 1 for any fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="printed, to be given again")  # noqa: S311
    given = parser.parse_args()
    logs.configure("ERROR")
    print(f"seed {given.seed}", flush=True)  # noqa: T201
    outcome = wreak(Path(tempfile.mkdtemp(prefix="kaowu-chaos-")), kills=given.kills, seed=given.seed)
    show(outcome)
    sys.exit(bool(outcome.faults) or outcome.acknowledged == 0)


if __name__ == "__main__":
    main()
