"""`make seasons`: whole seasons of many seeds and sizes, each in a database of its own.

None may end with an error or leave a violation behind. All databases are clones of one that is migrated once, on a
server that is thrown away with them.
"""

import argparse
import json
import multiprocessing
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import logs
from core.clock import SettableClock, system_clock
from core.db.database import Databases, embedded_server
from core.db.server.embedded import EmbeddedServer
from core.platform import open_platform
from core.security.keys import create_keys
from core.security.signatures import create_signing_keys
from core.settings import Settings
from core.simulate.season import Plan, simulate
from tests.conftest import clone

YEAR = 2024


@dataclass(frozen=True)
class EndedSeason:
    """How one season ended."""

    applicants: int
    seed: int
    seconds: float
    violations: Sequence[str] = ()
    error: str = ""
    """The traceback of what ended the season before its time; empty where nothing did."""

    @property
    def good(self) -> bool:
        """Whether it came to its end and left nothing behind that must not be."""
        return not self.error and not self.violations

    def __str__(self) -> str:
        ended = "ERROR " + self.error.strip().splitlines()[-1] if self.error else f"{len(self.violations)} violations"
        return f"applicants {self.applicants:>4}  seed {self.seed:>4}  {self.seconds:>6.1f} s  {ended}"


def result_of_season(server: EmbeddedServer, plan: Plan) -> dict[str, Any]:
    """The result of a season in a clone of the migrated database, which is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kaowu-season-"))
    try:
        with clone(server, f"kaowu_season_{folder.name[-8:]}") as addresses:
            clock = SettableClock(system_clock())
            with open_platform(settings_of(folder, addresses), clock=clock, durable=False) as platform:
                *_, (_, result) = simulate(platform, clock, plan)
    finally:
        shutil.rmtree(folder)
    assert result is not None
    return result


def settings_of(folder: Path, addresses: Databases) -> Settings:
    """Those of a season in a database that is there already, with keys of its own in ``folder``."""
    settings = Settings.load(data_dir=folder, database_url=addresses.app_url, owner_database_url=addresses.owner_url)
    create_keys(settings.keys_dir)
    create_signing_keys(settings.keys_dir)
    return settings


def run_all(
    seeds: Collection[int], sizes: Collection[int], *, jobs: int, done: Collection[tuple[int, int]] = ()
) -> Iterator[EndedSeason]:
    """Every seed in every size, the small ones first, ``jobs`` at a time; yields each as it ends.

    Seasons that are ``done``, by size and seed, are left out.
    """
    left = [(size, seed) for size in sorted(sizes) for seed in sorted(seeds) if (size, seed) not in done]
    # Started by spawning: a season of many applicants starts a process itself, and inherits nothing of this one.
    context = multiprocessing.get_context("spawn")
    with _server() as server, ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting = [pool.submit(run_season, server, size, seed) for size, seed in left]
        try:
            for ended in as_completed(waiting):
                yield ended.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _server() -> Iterator[EmbeddedServer]:
    """A server for all seasons, removed with everything in it."""
    folder = Path(tempfile.mkdtemp(prefix="kaowu-seasons-"))
    server = embedded_server(Settings.load(data_dir=folder, database_url=None), durable=False)
    try:
        with server.in_use():
            yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def run_season(server: EmbeddedServer, size: int, seed: int) -> EndedSeason:
    """Run a season and tell how it ended, whatever happens in it."""
    logs.configure("ERROR")
    began = time.monotonic()
    violations: Sequence[str] = ()
    error = ""
    try:
        violations = result_of_season(server, Plan(YEAR, size, seed))["violations"]
    except Exception:
        error = traceback.format_exc()
    return EndedSeason(size, seed, round(time.monotonic() - began, 1), violations, error)


def numbers(text: str) -> list[int]:
    """Whole numbers in a list such as ``1-3,7``; ValueError for anything else, and for less than one."""
    found: list[int] = []
    for part in text.split(","):
        given = re.fullmatch(r"(\d+)(?:-(\d+))?", part.strip())
        if given is None or int(given[1]) < 1:
            raise ValueError(f"not whole numbers from 1: {part!r}")
        found += range(int(given[1]), int(given[2] or given[1]) + 1)
    return found


def _kept(file: Path | None) -> Iterator[EndedSeason]:
    """The seasons that earlier runs have written to a file."""
    if file is not None and file.exists():
        for line in file.read_text().splitlines():
            yield EndedSeason(**json.loads(line))


def show(ran: Sequence[EndedSeason]) -> None:
    """Print what was wrong with which season, and the counts."""
    for season in ran:
        if not season.good:
            print(f"\n== {season}\n{season.error}" + "\n".join(season.violations[:20]))  # noqa: T201 - it prints
    errors, violations = sum(bool(season.error) for season in ran), sum(len(season.violations) for season in ran)
    print(f"\n{len(ran)} seasons: {errors} errors, {violations} violations")  # noqa: T201


def main() -> None:
    """Run what was asked for, print a line for each season, and exit with 1 for any error or violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=numbers, default="1-60", help="such as 3,108 or 1-60 (default: %(default)s)")
    parser.add_argument("--sizes", type=numbers, default="1,7,60,200", help="applicants (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="seasons at a time (default: %(default)s)")
    parser.add_argument(
        "--resume",
        type=Path,
        metavar="FILE",
        help="write each season there, and leave out those that it says were good",
    )
    given = parser.parse_args()
    # Told to end, it still stops its server.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    good = {(season.applicants, season.seed) for season in _kept(given.resume) if season.good}
    ran: list[EndedSeason] = []
    for season in run_all(given.seeds, given.sizes, jobs=given.jobs, done=good):
        ran.append(season)
        print(season, flush=True)  # noqa: T201
        if given.resume is not None:
            with given.resume.open("a") as file:
                file.write(json.dumps(asdict(season)) + "\n")
    show(ran)
    print(f"{time.monotonic() - began:.0f} s")  # noqa: T201
    sys.exit(not all(season.good for season in ran))


if __name__ == "__main__":
    main()
