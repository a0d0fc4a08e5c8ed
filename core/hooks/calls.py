"""The call of one plugin of one office: within a time budget, behind a breaker, with the type of its answer checked.

Every failure of a plugin, ``SystemExit`` included, becomes a :class:`~core.errors.PluginError` that names office,
plugin and hook. A call runs in a thread of its own (about 70 µs), because nothing else lets a request go on while a
plugin hangs. This contains mistakes, not malice: a plugin can still kill the process or fill the memory.
"""

import ctypes
import functools
import inspect
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, cast

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.clock import Clock, system_clock
from core.errors import PluginError, PluginNotAskedError
from core.hooks.floors import AnswerRefused
from core.hooks.specs import HOOKS, OUTWARD, Hook, HookKind
from core.plugin_api import (
    ApplicationFacts,
    ApplicationView,
    Gateway,
    Need,
    SelfCheck,
    SelfCheckLevel,
    UndeclaredNeedError,
)

T = TypeVar("T")

LONGEST_ANSWER = 200
"""The longest list that a plugin may answer; a longer one is refused before its items are checked."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallLimits:
    """The time for one call, and the failures in a row that open the breaker for the ``cool_down``. Times in seconds.

    ``patience`` replaces ``budget`` for hooks that speak to other machines.
    """

    budget: float = 2.0
    patience: float = 20.0
    failures: int = 5
    cool_down: float = 30.0


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure of a plugin, to be recorded after the request has been rolled back."""

    office: str
    plugin: str
    hook: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The limits, the clocks and the listener to failures that all calls of plugins share."""

    limits: CallLimits = field(default_factory=CallLimits)
    on_failure: Callable[[Failure], None] | None = None
    clock: Clock = system_clock
    monotonic: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that has passed its examination: the same for every office that lists it.

    ``origin`` is its distribution and version, such as ``kaowu 0.1.0``; ``functions`` are its hooks; ``self_check`` is
    its own ``check``, ``gateway`` the channel by which it sends messages.
    """

    name: str
    origin: str
    needs: frozenset[Need]
    functions: Mapping[str, Callable[..., object]]
    settings_model: type[BaseModel] | None = None
    self_check: Callable[..., object] | None = None
    gateway: Gateway | None = None


@dataclass(frozen=True, slots=True)
class PluginAnswer(Generic[T]):
    """The answer of one plugin, and the seconds that it took."""

    plugin: str
    value: T
    seconds: float


@dataclass(frozen=True, slots=True)
class Told:
    """The result of notifying one plugin; ``reason`` is None where it did not fail."""

    plugin: str
    seconds: float
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HookHealth:
    """The calls and failures of one hook of one plugin in this process; ``slowest`` in seconds."""

    plugin: str
    hook: str
    calls: int
    failures: int
    slowest: float
    open: bool
    last_failure: Failure | None


class Run(threading.Thread):
    """One call in a thread of its own; the end of the process does not wait for it."""

    def __init__(self, call: Callable[[], object], name: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(name=name, daemon=True)
        self._call, self._monotonic = call, monotonic
        self._seconds = 0.0
        self._ending = threading.Lock()
        self._ended = False
        self.value: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Make the call and keep its value or its error, SystemExit included."""
        started = self._monotonic()
        try:
            self.value = self._call()
        except BaseException as error:
            self.error = error
        self._seconds = self._monotonic() - started
        with self._ending:
            self._ended = True

    def finishes_within(self, seconds: float) -> bool:
        """Start the call, wait ``seconds``, stop it if it has not ended, and return whether it ended in time.

        The call's own time is measured, since waiting alone is not enough: a call that lets no other thread run, such
        as one long search of a regular expression, delays the waiting as well and may have ended by then.
        """
        self.start()
        self.join(seconds)
        ended = not self.is_alive() or self._ended_before_it_was_stopped()
        return ended and self._seconds <= seconds

    def _ended_before_it_was_stopped(self) -> bool:
        # An endless loop would take its share of the processor for ever. The exception meets it at its next line of
        # Python; the lock keeps the thread alive until then, so that no other thread can have taken over its number.
        with self._ending:
            if not self._ended:
                number, stop = ctypes.c_ulong(self.ident or 0), ctypes.py_object(SystemExit)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(number, stop)
            return self._ended


class Breaker:
    """Stops the calls of a plugin's hook after some failures in a row, then tries it once per cool-down.

    There is no trial while a call that ran out of time still hangs, so that hanging threads do not pile up.
    """

    def __init__(self, limits: CallLimits) -> None:
        self._limits = limits
        self._in_a_row = 0
        self._open_until = 0.0
        self._hanging: list[Run] = []

    @property
    def is_open(self) -> bool:
        """Whether calls are refused, except one trial after each cool-down."""
        return self._in_a_row >= self._limits.failures

    def admits(self, now: float) -> bool:
        """Whether a call may be made at ``now``; an admitted trial delays the next one."""
        if not self.is_open:
            return True
        self._hanging = [run for run in self._hanging if run.is_alive()]
        if now < self._open_until or self._hanging:
            return False
        self._open_until = now + self._limits.cool_down
        return True

    def succeeded(self) -> None:
        """Close, and forget the failures."""
        self._in_a_row = 0

    def failed(self, now: float, hanging: Run | None = None) -> None:
        """Count a failure; the failure that reaches the limit opens the breaker."""
        self._in_a_row += 1
        self._open_until = now + self._limits.cool_down
        if hanging is not None:
            self._hanging.append(hanging)


class _Register:
    """Breaker and figures of one hook."""

    def __init__(self, limits: CallLimits) -> None:
        self.breaker = Breaker(limits)
        self.calls = self.failures = 0
        self.slowest = 0.0
        self.last_failure: Failure | None = None


class GuardedPlugin:
    """One plugin in one office, to be registered with its manager: every hook is an attribute that guards the call.

    A decide or collect hook gives a :class:`PluginAnswer`, None for no opinion, or raises PluginError; a notify hook
    always gives :class:`Told`. A hook sees of an application only the facts that this plugin declared.
    """

    def __init__(self, office: str, plugin: Plugin, *, settings: object, surroundings: Surroundings) -> None:
        self.office, self.plugin = office, plugin
        self._settings, self._around = settings, surroundings
        self._lock = threading.Lock()
        self._registers = {hook: _Register(surroundings.limits) for hook in plugin.functions}
        for hook, function in plugin.functions.items():
            setattr(self, hook, self._guard(HOOKS[hook], function))

    def succeeded(self, hook: str) -> None:
        """End the failures in a row: core has taken the answer."""
        with self._lock:
            self._registers[hook].breaker.succeeded()

    def fail(self, hook: str, reason: str, hanging: Run | None = None) -> PluginError:
        """Count, log and report a failure; return the error to raise."""
        failure = Failure(self.office, self.plugin.name, hook, reason, self._around.clock())
        with self._lock:
            register = self._registers[hook]
            register.failures += 1
            register.last_failure = failure
            register.breaker.failed(self._around.monotonic(), hanging)
        log.warning("plugin_failed", office=self.office, plugin=self.plugin.name, hook=hook, reason=reason)
        if self._around.on_failure is not None:
            self._around.on_failure(failure)
        return PluginError(self.office, self.plugin.name, hook, reason)

    def self_check(self) -> tuple[SelfCheck, ...]:
        """The result of the plugin's own ``check``; a check that fails or is late counts as broken."""
        check = self.plugin.self_check
        if check is None:
            return ()
        given = {"settings": self._settings} if inspect.signature(check).parameters else {}
        name, monotonic = f"{self.office} {self.plugin.name} check", self._around.monotonic
        run = Run(lambda: _SELF_CHECKS.validate_python(check(**given)), name, monotonic)
        if not run.finishes_within(self._around.limits.budget):
            return (SelfCheck(SelfCheckLevel.BROKEN, f"its check took longer than {self._around.limits.budget:g} s"),)
        if run.error is not None:
            return (SelfCheck(SelfCheckLevel.BROKEN, f"its check {described(run.error)}"),)
        return tuple(cast(list[SelfCheck], run.value))

    def health(self) -> tuple[HookHealth, ...]:
        """The figures of each hook since the start of the process."""
        with self._lock:
            return tuple(
                HookHealth(
                    self.plugin.name,
                    hook,
                    register.calls,
                    register.failures,
                    register.slowest,
                    register.breaker.is_open,
                    register.last_failure,
                )
                for hook, register in self._registers.items()
            )

    def _guard(self, hook: Hook, function: Callable[..., object]) -> Callable[..., object]:
        parameters = inspect.signature(function).parameters
        names = [name for name in parameters if name != "settings"]
        own = {"settings": self._settings} if "settings" in parameters else {}
        tell = hook.kind is HookKind.NOTIFY

        # pluggy reads the arguments to pass from the function underneath, which `wraps` leads it to.
        @functools.wraps(function)
        def guarded(*arguments: object) -> object:
            given = dict(zip(names, map(self._shown, arguments), strict=True)) | own
            call = functools.partial(function, **given)
            return self._tell(hook.name, call) if tell else self._ask(hook.name, lambda: checked(hook.name, call()))

        return guarded

    def _shown(self, argument: object) -> object:
        return ApplicationView(argument, self.plugin.needs) if isinstance(argument, ApplicationFacts) else argument

    def _ask(self, hook: str, call: Callable[[], object]) -> PluginAnswer[Any] | None:
        value, seconds = self._run(hook, call)
        if value is None:
            self.succeeded(hook)
            return None
        return PluginAnswer(self.plugin.name, value, seconds)

    def _tell(self, hook: str, call: Callable[[], object]) -> Told:
        started = self._around.monotonic()
        try:
            _, seconds = self._run(hook, call)
        except PluginError as error:
            return Told(self.plugin.name, self._around.monotonic() - started, error.reason)
        self.succeeded(hook)
        return Told(self.plugin.name, seconds)

    def _run(self, hook: str, call: Callable[[], object]) -> tuple[object, float]:
        limits, monotonic = self._around.limits, self._around.monotonic
        started = monotonic()
        self._admit(hook, started)
        run = Run(call, f"{self.office} {self.plugin.name} {hook}", monotonic)
        budget = limits.patience if hook in OUTWARD else limits.budget
        in_time = run.finishes_within(budget)
        seconds = monotonic() - started
        with self._lock:
            register = self._registers[hook]
            register.slowest = max(register.slowest, seconds)
        if not in_time:
            raise self.fail(hook, f"took longer than {budget:g} s", run)
        if run.error is not None:
            if hook in OUTWARD:
                # Not even as the cause: the plugin's error may name the person's number.
                raise self.fail(hook, described(run.error, in_words=False)) from None
            raise self.fail(hook, described(run.error)) from run.error
        return run.value, seconds

    def _admit(self, hook: str, now: float) -> None:
        with self._lock:
            register = self._registers[hook]
            if register.breaker.admits(now):
                register.calls += 1
                return
            last = register.last_failure.reason if register.last_failure else ""
        reason = f"left alone after {self._around.limits.failures} failures in a row, the last: {last}"
        raise PluginNotAskedError(self.office, self.plugin.name, hook, reason)


_ANSWERS_ARE_STRICT = ConfigDict(strict=True, revalidate_instances="always")


_SELF_CHECKS = TypeAdapter(list[SelfCheck], config=_ANSWERS_ARE_STRICT)


@functools.cache
def _answer_type(hook: str) -> TypeAdapter[Any]:
    answer = HOOKS[hook].answer
    if HOOKS[hook].kind is HookKind.COLLECT:
        answer = Annotated[answer, Field(max_length=LONGEST_ANSWER)]
    return TypeAdapter(answer, config=_ANSWERS_ARE_STRICT)


def checked(hook: str, answer: object) -> object:
    """A copy of ``answer`` in which every field has the type of the hook's specification."""
    try:
        return _answer_type(hook).validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        raise AnswerRefused(f"answer{place} is {_kind_of(first['input'])}: {first['msg']}") from error


def _kind_of(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def described(error: BaseException, *, in_words: bool = True) -> str:
    """One line for operators: a plugin's error with file and line, and with its own message only ``in_words``."""
    if isinstance(error, AnswerRefused):
        return str(error)
    if isinstance(error, UndeclaredNeedError):
        return f"{error}; add it to `needs` in the plugin"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<frozen")]
    place = f" ({_file_of(frames[-1])}:{frames[-1].lineno})" if frames else ""
    words = f": {error}" if in_words else ""
    return f"raised {type(error).__name__}{words}"[:300] + place


def _file_of(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    return f"{path.parent.name}/{path.name}" if path.name == "__init__.py" else path.name
