"""A server that really runs: Kaowu in a process of its own, with its own data, in the middle of the invented season.

``python -m tests.live FOLDER PORT SECONDS`` is that process: `kaowu serve`, its clock so many seconds behind.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from core.cli import serve
from core.clock import SettableClock, system_clock
from core.db.database import embedded_server
from core.platform import Platform, open_platform
from core.settings import ROOT, Settings
from tests.callers import Web
from tests.cases import at, load_linshui
from tests.serving import client_of, without_settings

MONITORING_TOKEN = "of the server under test"
_START_SECONDS = 60.0
_MUCH = 10**6


@dataclass(frozen=True)
class Place:
    """The data of one server. Its season stands at 25 March when it is made, and goes on from there."""

    folder: Path
    behind: timedelta

    @property
    def settings(self) -> Settings:
        """The settings of the server: invented people may register without limits."""
        return Settings.load(
            data_dir=self.folder / "data",
            tenants_dir=self.folder / "tenants",
            simulation=True,
            registrations_per_minute=_MUCH,
            sign_ins_per_minute=_MUCH,
            uploads_per_minute=_MUCH,
            monitoring_token=MONITORING_TOKEN,
            log_file=self.folder / "log.jsonl",
        )

    @contextmanager
    def platform(self) -> Iterator[Platform]:
        """The same data opened in this process, at the moment at which the server's clock stands."""
        with open_platform(self.settings, clock=lambda: system_clock() - self.behind) as platform:
            yield platform


def make_place(folder: Path) -> Place:
    """Lay out the invented offices, start the database and load them into it; it stays until :func:`remove`."""
    shutil.copytree(ROOT / "tests" / "offices", folder / "tenants")
    shutil.copytree(ROOT / "tenants" / "henan" / "rules", folder / "tenants" / "linshui" / "rules")
    place = Place(folder, system_clock() - at(3, 25))
    embedded_server(place.settings).start(keep=True)
    with place.platform() as platform:
        load_linshui(platform.databases, platform.offices)
    return place


@contextmanager
def people_at_work(platform: Platform) -> Iterator[Web]:
    """The application in this process, for preparing people and their acts before the server starts."""
    with client_of(platform) as client:
        yield Web(platform, client, SettableClock(platform.clock()))


def remove(place: Place) -> None:
    """Stop the database and take everything away."""
    embedded_server(place.settings).stop()
    shutil.rmtree(place.folder)


def start(place: Place, port: int) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    arguments = [str(place.folder), str(port), str(place.behind.total_seconds())]
    # Its output goes into a file; a pipe that nobody reads would hold it up.
    with (place.folder / "output").open("ab") as output:
        command = [sys.executable, "-m", "tests.live", *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=without_settings(), stdout=output, stderr=output)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: {last_words(place)}")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                return process
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    raise RuntimeError(f"the server does not answer: {last_words(place)}")


def last_words(place: Place) -> str:
    """The end of what the server printed."""
    return (place.folder / "output").read_text(errors="replace")[-2000:]


def main() -> None:
    """Serve until ended."""
    folder, port, seconds = sys.argv[1:]
    with Place(Path(folder), timedelta(seconds=float(seconds))).platform() as platform:
        serve.run(platform, int(port))


if __name__ == "__main__":
    main()
