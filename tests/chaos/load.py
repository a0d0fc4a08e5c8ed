"""Invented people who apply, and who try again whatever happens to the server, as a browser's script would."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

import httpx

from core.simulate.scans import scan
from tests.callers import API, as_json
from tests.cases import YEAR, answers

_PAUSE = 0.05
_THINKING = 0.25
"""Seconds between one person and the next."""
_MATERIALS = ("identity_card", "photo", "regularisation")


class StoppedError(Exception):
    """The load is over; requests under way stay as they are."""


@dataclass
class Load:
    """People who apply one after the other, several at once. ``acknowledged``: the applications they were told of."""

    address: str
    unit_id: UUID
    tokens: list[str]
    """Of the people who have not applied yet."""
    acknowledged: list[str] = field(default_factory=list)
    retries: int = 0
    surprises: list[str] = field(default_factory=list)
    """Answers that no retry explains."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, people_at_once: int) -> None:
        """Let them come."""
        self._threads = [threading.Thread(target=self._apply_on_and_on) for _ in range(people_at_once)]
        for thread in self._threads:
            thread.start()

    def goes_on(self, *, within: float) -> bool:
        """Wait until one more is confirmed; False where nobody gets through for so many seconds."""
        before, deadline = len(self.acknowledged), time.monotonic() + within
        while len(self.acknowledged) == before and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        return len(self.acknowledged) > before

    def end(self) -> None:
        """Begin nothing new, and give up the requests under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _apply_on_and_on(self) -> None:
        with httpx.Client(base_url=self.address + API, timeout=30) as client:
            while not self._stop.wait(_THINKING):
                try:
                    self._apply(client, self.tokens.pop())
                except StoppedError:
                    return
                except IndexError:
                    self.surprises.append("everybody had applied before the end")
                    return

    def _apply(self, client: httpx.Client, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        draft = {"year": YEAR, "unit_id": str(self.unit_id), "form": as_json(answers())}
        made = self._once(client, "/applications", headers, json=draft).json()
        path = f"/applications/{made['id']}"
        for material in _MATERIALS:
            named = {"material": material, "file_name": f"{material}.png"}
            self._once(client, f"{path}/documents", headers, content=scan(material), params=named)
        self._once(client, f"{path}/submit", headers, json={"version": made["version"]})
        self.acknowledged.append(made["id"])

    def _once(self, client: httpx.Client, path: str, headers: dict[str, str], **content: object) -> httpx.Response:
        """Send under one key until it is answered."""
        keyed = headers | {"Idempotency-Key": uuid4().hex}
        return self._insist(lambda: client.post(path, headers=keyed, **content))  # type: ignore[arg-type]

    def _insist(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Try until the server has done it. Raises StoppedError, also for an answer that no retry mends."""
        while not self._stop.is_set():
            try:
                answer = send()
            except httpx.TransportError:
                self._wait()
                continue
            if answer.is_success:
                return answer
            if answer.status_code != 503 and answer.json().get("error") != "idempotency_key_in_use":
                self.surprises.append(f"{answer.request.url.path} {answer.status_code} {answer.text[:500]}")
                break
            self._wait()
        raise StoppedError

    def _wait(self) -> None:
        self.retries += 1
        time.sleep(_PAUSE)
