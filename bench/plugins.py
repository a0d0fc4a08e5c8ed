"""How much a healthy office notices of a neighbour with a broken plugin: 10,000 calls beside each way to break.

Run it from the repository root: ``python -m bench.plugins``. Two threads ask one hook, each of its own office: Yunshan,
whose latencies are reported, runs a plugin that is in order; Qinghe one of the zoo of the tests, called as often as
a thousand requests a second would. The first line is the measure: there Qinghe's plugin is in order as well.
"""

import logging
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from core.errors import PluginError
from core.hooks.calls import CallLimits, Surroundings
from core.tenancy.catalogue import Catalogue, load_catalogue
from core.tenancy.plugins import OfficeHooksRegistry, build_hooks
from tests.plugins.questions import QINGHE, YUNSHAN, ask

ROOT = Path(__file__).resolve().parents[1]

NEIGHBOURS = ("steady", "raises", "exits", "recurses", "hungry", "orm_row", "rule_of_the_document", "sleeps", "spins")
CALLS = 10_000
PAUSE = 0.001
LIMITS = CallLimits()


def main() -> None:
    """Print a line for each neighbour, the first of them in order itself."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    sys.path.insert(0, str(ROOT / "tests" / "plugins"))
    table = Table("Qinghe's plugin", "its failures", "p50 ms", "p95 ms", "p99 ms", "worst ms", "wrong answers")
    for neighbour in NEIGHBOURS:
        failures, wrong, latencies = measure(neighbour)
        share = (f"{latencies[int(len(latencies) * part)] * 1000:.2f}" for part in (0.5, 0.95, 0.99, 0.9999))
        table.add_row(neighbour, str(failures), *share, str(wrong))
    Console(width=110).print(table)


def measure(neighbour: str) -> tuple[int, int, list[float]]:
    """Failures of Qinghe, wrong answers in Yunshan, and the sorted latencies of Yunshan in seconds."""
    with offices(neighbour) as (catalogue, registry):
        failures: list[str] = []
        done = threading.Event()
        beside = threading.Thread(target=_fail_until, args=(registry, catalogue, failures, done))
        right = ask("eligibility_findings", registry.for_office(YUNSHAN), catalogue)
        beside.start()
        latencies, wrong = [], 0
        for _ in range(CALLS):
            started = time.perf_counter()
            wrong += ask("eligibility_findings", registry.for_office(YUNSHAN), catalogue) != right
            latencies.append(time.perf_counter() - started)
        done.set()
        beside.join()
    return len(failures), wrong, sorted(latencies)


def _fail_until(
    registry: OfficeHooksRegistry, catalogue: Catalogue, failures: list[str], done: threading.Event
) -> None:
    while not done.wait(PAUSE):
        try:
            ask("eligibility_findings", registry.for_office(QINGHE), catalogue)
        except PluginError as error:
            failures.append(error.reason)


@contextmanager
def offices(neighbour: str) -> Iterator[tuple[Catalogue, OfficeHooksRegistry]]:
    """The invented province, Yunshan with a plugin in order and Qinghe with ``neighbour``."""
    with tempfile.TemporaryDirectory() as folder:
        tenants = Path(folder) / "offices"
        shutil.copytree(ROOT / "tests" / "offices", tenants)
        for code, name in ((YUNSHAN, "steady"), (QINGHE, neighbour)):
            file = tenants / code / "tenant.toml"
            file.write_text(f'plugins = ["{name}"]\n{file.read_text("utf-8")}', "utf-8")
        catalogue = load_catalogue(tenants)
        yield catalogue, build_hooks(catalogue, surroundings=Surroundings(LIMITS), package="zoo")


if __name__ == "__main__":
    main()
