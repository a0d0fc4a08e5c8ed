"""`make histories`: acts of all capabilities in random order, and after each a look at everything that must hold.

Histories are rolled back, so that many processes work on copies of one migrated database, on a server that is thrown
away with them. What is found is printed with its shortest history and the seed that finds it again.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test

from core import logs
from core.db.database import embedded_server
from core.db.server.embedded import EmbeddedServer
from core.settings import Settings
from tests.histories.machine import ACTS, Machine, settings_for
from tests.histories.stages import STAGES, built

BATCH = 20
"""How many histories one seed stands for: enough for the choices to vary, and few to repeat."""
_USUAL_SEED = 1


@dataclass
class Ended:
    """What the histories of some seeds came to."""

    seeds: list[int] = field(default_factory=list)
    runs: int = 0
    acts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each act ended how."""
    lengths: Counter[int] = field(default_factory=Counter)
    """How many histories there were of how many acts."""
    faults: list[str] = field(default_factory=list)
    """What was found, each with its seed and its shortest history."""

    def add(self, other: "Ended") -> None:
        """Take in the histories of other seeds."""
        self.seeds += other.seeds
        self.runs += other.runs
        self.acts += other.acts
        self.lengths += other.lengths
        self.faults += other.faults

    @property
    def never(self) -> list[str]:
        """The acts that never succeeded."""
        return sorted(name for name in ACTS if not self.acts[name, "done"])


def run_seeds(server: EmbeddedServer, seeds: Sequence[int], steps: int, *, shorten: bool) -> Ended:
    """The histories of these seeds, one after the other, in databases of their own."""
    logs.configure("ERROR")
    ended = Ended()
    folder = Path(tempfile.mkdtemp(prefix="kaowu-histories-"))
    try:
        with built(server, folder, STAGES) as stages:
            Machine.stages = stages
            for seed in seeds:
                ended.add(run_seed(seed, BATCH, steps, shorten=shorten))
                print(f"seed {seed}: {len(ended.faults)} faults so far", flush=True)  # noqa: T201 - it prints
    finally:
        shutil.rmtree(folder)
    return ended


def run_seed(seed: int, runs: int, steps: int, *, shorten: bool = True) -> Ended:
    """The histories of one seed, in the stages that the machine has."""
    before, before_lengths = Counter(Machine.ended), Counter(Machine.lengths)
    faults = []
    try:
        run_state_machine_as_test(seeded(seed)(Machine), settings=settings_for(runs, steps, shorten=shorten))
    except Exception as error:
        faults = [f"seed {seed}\n{text}" for text in _told(error)]
    lengths = Machine.lengths - before_lengths
    return Ended([seed], lengths.total(), Machine.ended - before, lengths, faults)


def _told(error: BaseException) -> Iterator[str]:
    """An exception with its history; each of a group by itself."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _told(one)
        return
    yield "".join(traceback.format_exception(error, limit=-5))


@contextmanager
def _server() -> Iterator[EmbeddedServer]:
    folder = Path(tempfile.mkdtemp(prefix="kaowu-histories-"))
    server = embedded_server(Settings.load(data_dir=folder, database_url=None), durable=False)
    try:
        with server.in_use():
            yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


def run_all(seeds: Sequence[int], steps: int, *, jobs: int, shorten: bool) -> Ended:
    """The histories of all seeds, ``jobs`` at a time."""
    ended = Ended()
    with _server() as server, ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        parts = [seeds[start::jobs] for start in range(min(jobs, len(seeds)))]
        waiting = [pool.submit(run_seeds, server, part, steps, shorten=shorten) for part in parts]
        for part in as_completed(waiting):
            ended.add(part.result())
    return ended


def table(acts: Mapping[tuple[str, str], int]) -> str:
    """How often each act was done, refused, or had nothing to do; with the refusals that it met most."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for (name, end), count in acts.items():
        ends[name][end] += count
    lines = [f"{'act':<40} {'done':>7} {'refused':>7}  by"]
    for name in sorted(ACTS):
        met = ends[name]
        refused = Counter({end: count for end, count in met.items() if end not in {"done", "nothing"}})
        by = ", ".join(f"{end} {count}" for end, count in refused.most_common(3))
        lines.append(f"{name:<40} {met['done']:>7} {refused.total():>7}  {by}")
    return "\n".join(lines)


def main() -> None:
    """Run what was asked for, print what was found, and exit with 1 for a fault or an act that never succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=320, help=f"histories, in whole seeds of {BATCH}")
    parser.add_argument("--steps", type=int, default=60, help="acts of a history at most (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=2, help="histories at a time (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="the first seed; without it, acts that never succeed are a fault too")
    parser.add_argument("--quick", action="store_true", help="do not look for the shortest history of a fault")
    given = parser.parse_args()
    # Told to end, it still stops its server.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    first = _USUAL_SEED if given.seed is None else given.seed
    seeds = range(first, first + -(-given.runs // BATCH))
    ended = run_all(seeds, given.steps, jobs=given.jobs, shorten=not given.quick)
    print("\n\n".join([table(ended.acts), *ended.faults]))  # noqa: T201
    print(  # noqa: T201
        f"\n{ended.runs} histories, {ended.lengths[given.steps]} of them of {given.steps} acts, "
        f"{ended.acts.total()} acts, {len(ended.faults)} faults; {time.monotonic() - began:.0f} s"
    )
    never = ended.never if given.seed is None else []
    if never:
        print(f"never succeeded: {', '.join(never)}")  # noqa: T201
    sys.exit(bool(ended.faults or never))


if __name__ == "__main__":
    main()
