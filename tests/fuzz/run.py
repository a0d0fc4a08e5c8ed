"""`make fuzz`: Schemathesis against the description of a running server, signed in as each role in turn.

No answer may be a 5xx, and none may lie outside what the description says: status, type of content, headers, schema.
The server itself says how many requests there were; fewer than asked for is a failure as well.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Uuid, select
from sqlalchemy.exc import DBAPIError

from core import logs
from core.db.base import Base
from core.db.session import AuditorSession, Role, system_actor
from core.platform import Platform
from core.settings import ROOT
from tests import live
from tests.callers import Web
from tests.cases import CITY, COUNTY, PROVINCE
from tests.fuzz.hooks import IDS_FILE
from tests.serving import free_port

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_PLACES = {
    Role.COUNTY_REVIEWER: COUNTY,
    Role.PROVINCIAL_OFFICER: PROVINCE,
    Role.PROVINCIAL_AUDITOR: PROVINCE,
    Role.OPERATOR: PROVINCE,
}
NOBODY = "nobody"
SYSTEMATIC = frozenset({Role.CITY_REVIEWER.value})
"""Roles that also try every boundary of the description: some five thousand requests."""


@dataclass(frozen=True)
class Outcome:
    """How one run ended."""

    requests: int
    failed: dict[str, str]
    """Role → the output of Schemathesis."""


def fuzz(
    folder: Path, *, roles: list[str], examples: int, seed: int, systematic: frozenset[str] = SYSTEMATIC
) -> Outcome:
    """Make a server with a season, let Schemathesis loose on it as each of ``roles``, and take everything away."""
    place = live.make_place(folder)
    try:
        with place.platform() as platform, live.people_at_work(platform) as web:
            tokens = {role: token for role, token in _prepare(web).items() if role in roles}
            ids = folder / "ids.json"
            ids.write_text(json.dumps(_existing(platform)))
        port = free_port()
        server = live.start(place, port)
        try:
            said = _let_all_loose(port, tokens, ids, examples=examples, seed=seed, systematic=systematic)
            failed = {role: what for role, what in said.items() if what is not None}
            if server.poll() is not None:
                failed["server"] = live.last_words(place)
            return Outcome(_requests(port), failed)
        finally:
            server.terminate()
            server.wait(30)
    finally:
        live.remove(place)


def all_roles() -> list[str]:
    """Every role that an account can have, and nobody."""
    return [NOBODY, *(role.value for role in Role if role is not Role.SYSTEM)]


def _prepare(web: Web) -> dict[str, str]:
    """Cases at several stages, and for each role the token of a person involved in them."""
    flows = [web.submitted() for _ in range(3)]
    unit_id = web.unit()
    flows[1].at_office()
    web.draft(web.applicant(), unit_id)
    tokens = {
        NOBODY: "",
        Role.APPLICANT.value: flows[0].applicant.token,
        Role.UNIT_MANAGER.value: flows[0].manager.token,
    }
    tokens[Role.DEPARTMENT_REVIEWER.value] = web.staff(Role.DEPARTMENT_REVIEWER, unit_id=unit_id).token
    for role in Role:
        if role is not Role.SYSTEM and role.value not in tokens:
            tokens[role.value] = web.staff(role, _PLACES.get(role, CITY)).token
    return tokens


def _existing(platform: Platform) -> dict[str, list[str]]:
    """A few ids of every table that the auditor may read."""
    found: dict[str, list[str]] = {}
    for table in Base.metadata.sorted_tables:
        key = table.columns.get("id")
        if key is None or not isinstance(key.type, Uuid):
            continue
        with AuditorSession(platform.engine, actor=system_actor(PROVINCE), now=platform.clock()) as session:
            try:
                found[table.name] = [str(row) for row in session.scalars(select(key).limit(12))]
            except DBAPIError:
                continue
    return found


def _let_all_loose(
    port: int, tokens: dict[str, str], ids: Path, *, examples: int, seed: int, systematic: frozenset[str]
) -> dict[str, str | None]:
    """Two roles at a time, each in a process of its own."""

    def let_loose(role: str) -> str | None:
        return _let_loose(port, tokens[role], ids, examples=examples, seed=seed, coverage=role in systematic)

    # The role that takes longest begins first.
    order = sorted(tokens, key=lambda role: role not in systematic)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(order, pool.map(let_loose, order), strict=True))


def _let_loose(port: int, token: str, ids: Path, *, examples: int, seed: int, coverage: bool) -> str | None:
    """One run as one role; returns its report, or None without findings."""
    arguments = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{port}/schema/openapi.json"),
        *("--phases", "coverage,fuzzing" if coverage else "fuzzing"),
        *("--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", str(seed)),
        *("--continue-on-failure", "--no-shrink", "--no-color", "--generation-database", "none"),
        *("--warnings", "off", "--request-timeout", "60", "--workers", "1"),
        *("--suppress-health-check", "all"),
        *(("-H", f"Authorization: Bearer {token}") if token else ()),
    ]
    environment = os.environ | {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", IDS_FILE: str(ids), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(arguments, cwd=ids.parent, env=environment, capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stdout + done.stderr


def _requests(port: int) -> int:
    """How many requests the server has answered below the API's address."""
    headers = {"Authorization": f"Bearer {live.MONITORING_TOKEN}"}
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", headers=headers, timeout=30).text
    return sum(
        int(sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "kaowu_requests_total" and re.match(r"/api/|none", sample.labels["route"])
    )


def main() -> None:
    """Fuzz as every role, print a line each, and exit with 1 for any finding or too few requests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-least", type=int, default=10_000, help="how many requests there must be")
    parser.add_argument("--examples", type=int, default=8, help="made up for each operation and role")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="printed, to be given again")  # noqa: S311
    parser.add_argument("--role", action="append", choices=all_roles(), help="this one only; may be given again")
    given = parser.parse_args()
    logs.configure("WARNING")
    print(f"seed {given.seed}", flush=True)  # noqa: T201 - a program for the terminal
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="kaowu-fuzz-"))
    outcome = fuzz(folder, roles=given.role or all_roles(), examples=given.examples, seed=given.seed)
    for role, said in outcome.failed.items():
        print(f"== {role}\n{said}")  # noqa: T201
    print(f"{outcome.requests} requests in {time.monotonic() - began:.0f} s; findings: {len(outcome.failed)} roles")  # noqa: T201
    sys.exit(bool(outcome.failed) or outcome.requests < given.at_least)


if __name__ == "__main__":
    main()
