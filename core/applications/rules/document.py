"""A rule document: one year's conditions and materials as versioned data, read from TOML.

Its version is its name with a digest of its text, so that a case can be judged again years later by the same
document. The text of every version that judged a case is kept (``core.applications.models.RuleText``).
"""

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from core.applications.rules.clauses import AcknowledgedClause, Clause, Counting, RetiringThisYearClause
from core.applications.rules.conditions import (
    AnyClause,
    AnyOfClause,
    AssessmentsClause,
    HeldGradeClause,
    ServiceClause,
    WaivableClause,
)
from core.applications.rules.retirement import Certainty, FrozenModel, RetirementTable
from core.errors import ConfigurationError
from core.plugin_api import ApplicationPath, Grade, StaffCategory

ANNUAL_ASSESSMENTS = "annual_assessments"
"""The one material that may follow later. Source: 2024 notice §2(4)."""

_Text = Annotated[str, Field(min_length=1)]


class NoticeDateCutOff(FrozenModel):
    """Staff who have left before the notice is issued are excluded. Source: 2024 notice §1(2)."""

    style: Literal["notice_date"]

    def first_day_inside(self, notice_date: date) -> date:
        """The first day on which leaving no longer excludes."""
        return notice_date


class FixedDateCutOff(FrozenModel):
    """Staff who have left up to and including ``on`` are excluded, as in older documents (31 December before)."""

    style: Literal["fixed_date"]
    on: date

    def first_day_inside(self, notice_date: date) -> date:  # noqa: ARG002 - one of two styles
        """The first day on which leaving no longer excludes."""
        return self.on + timedelta(days=1)


class Award(FrozenModel):
    """An award or achievement that an applicant can declare."""

    code: str = Field(pattern=r"^[a-z_]+$")
    name: _Text


class GradePaths(FrozenModel):
    """For one grade, the clauses of each path, by their ids and in the order in which they are shown."""

    ladder: tuple[str, ...] = Field(min_length=1)
    direct: tuple[str, ...] = Field(min_length=1)
    trade_change: tuple[str, ...] = Field(min_length=1)
    frontline: tuple[str, ...] = Field(min_length=1)


class Paths(FrozenModel):
    """The paths of all five grades: none may be left out, so that no combination is without a rule."""

    five: GradePaths
    four: GradePaths
    three: GradePaths
    two: GradePaths
    one: GradePaths

    def of(self, grade: Grade, path: ApplicationPath) -> tuple[str, ...]:
        """The ids of the clauses for ``grade`` by ``path``."""
        by_path: GradePaths = getattr(self, grade.name.lower())
        ids: tuple[str, ...] = getattr(by_path, path.value)
        return ids


class MaterialCondition(StrEnum):
    """The declaration in the form without which a material is not asked for."""

    UNFILED_ASSESSMENTS = "unfiled_assessments"
    AWARDS = "awards"


class MaterialRule(FrozenModel):
    """A material with its conditions. ``deferrable`` holds while an annual assessment is not filed yet.

    ``shows`` is what must be legible on it, in words for applicants; ``remark`` is for officers, as in a clause. A
    ``lasting`` paper stays valid in later seasons, and may be taken over from an earlier application.
    """

    code: str = Field(pattern=r"^[a-z_]+$")
    name: _Text
    shows: str = ""
    source: _Text
    certainty: Certainty
    remark: str = ""
    grades: frozenset[Grade] = Field(default=frozenset(Grade), min_length=1)
    paths: frozenset[ApplicationPath] = Field(default=frozenset(ApplicationPath), min_length=1)
    categories: frozenset[StaffCategory] = Field(default=frozenset(StaffCategory), min_length=1)
    only_if: MaterialCondition | None = None
    required: bool = True
    deferrable: bool = False
    lasting: bool = False

    @property
    def cited(self) -> str:
        """The source as officers see it."""
        return f"{self.source}（{self.remark}）" if self.remark else self.source

    def concerns(self, grade: Grade, path: ApplicationPath, category: StaffCategory) -> bool:
        """Whether the material concerns this grade, path and category."""
        return grade in self.grades and path in self.paths and category in self.categories

    @model_validator(mode="after")
    def _only_assessments_follow_later(self) -> Self:
        if self.deferrable and self.code != ANNUAL_ASSESSMENTS:
            raise ValueError(
                f"material {self.code!r} cannot be deferrable: only {ANNUAL_ASSESSMENTS!r} may follow later"
            )
        return self


class RuleDocument(FrozenModel):
    """One year's rules. ``everybody`` names the clauses that come first on every path; ``content`` is the text."""

    name: str = Field(pattern=r"^[a-z]+-\d{4}(-[a-z0-9]+)*$")
    title: _Text
    number: _Text
    year: int = Field(ge=2000, le=2100)
    digest: str
    content: str = Field(repr=False)
    everybody: tuple[str, ...]
    counting: Counting
    cut_off: Annotated[NoticeDateCutOff | FixedDateCutOff, Field(discriminator="style")]
    retirement: RetirementTable
    paths: Paths
    awards: tuple[Award, ...] = ()
    clauses: tuple[AnyClause, ...] = Field(alias="clause", min_length=1)
    materials: tuple[MaterialRule, ...] = Field(default=(), alias="material")

    @property
    def version(self) -> str:
        """The version that a case pins: the name and the beginning of the digest of the text."""
        return f"{self.name}@{self.digest[:12]}"

    @cached_property
    def clause_by_id(self) -> Mapping[str, Clause]:
        """Every clause by its id."""
        return MappingProxyType({clause.id: clause for clause in self.clauses})

    @cached_property
    def award_names(self) -> Mapping[str, str]:
        """The name of each award, by its code."""
        return MappingProxyType({award.code: award.name for award in self.awards})

    @cached_property
    def acknowledgements(self) -> frozenset[str]:
        """Every acknowledgement that some clause asks for."""
        asking = (AcknowledgedClause, RetiringThisYearClause)
        return frozenset(clause.acknowledgement for clause in self.clauses if isinstance(clause, asking))

    def clauses_for(self, grade: Grade, path: ApplicationPath) -> tuple[Clause, ...]:
        """The clauses that an application meets, in the order in which they are shown."""
        return tuple(self.clause_by_id[clause] for clause in (*self.everybody, *self.paths.of(grade, path)))

    def rule(self, item: str) -> str:
        """The stable id of a finding, such as ``henan-2024.four.ladder``."""
        return f"{self.name}.{item}"

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if faults := [*self._doubled(), *self._dangling(), *self._overconfident()]:
            raise ValueError("; ".join(dict.fromkeys(faults)))
        return self

    def _doubled(self) -> Iterator[str]:
        """Errors for duplicates."""
        yield from _twice("clause", (clause.id for clause in self.clauses))
        yield from _twice("award", (award.code for award in self.awards))
        for grade in Grade:
            for path in ApplicationPath:
                listed = (*self.everybody, *self.paths.of(grade, path))
                yield from _twice(f"on path {grade.name.lower()}.{path}, clause", listed)
                for category in StaffCategory:
                    codes = (material.code for material in self.materials if material.concerns(grade, path, category))
                    yield from _twice(f"on path {grade.name.lower()}.{path}, material", codes)

    def _dangling(self) -> Iterator[str]:
        """Errors for undefined names, and for definitions that nothing names."""
        known = {clause.id for clause in self.clauses}
        chosen = {clause for grade in Grade for path in ApplicationPath for clause in self.paths.of(grade, path)}
        chosen |= {*self.everybody, *(part for clause in self.clauses for part in _parts(clause))}
        alternatives = {clause.alternative for clause in self.clauses if clause.alternative is not None}
        for missing in sorted((chosen | alternatives) - known):
            yield f"clause {missing!r} is named but not defined: add a [[clause]] with this id or correct the name"
        for unused in sorted(known - chosen):
            yield f"clause {unused!r} is on no path: name it under [paths] or remove it"
        codes = {award.code for award in self.awards}
        for missing in sorted({award for clause in self.clauses for award in _awards_named(clause)} - codes):
            yield f"award {missing!r} is named but not defined: add it to awards or correct the name"

    def _overconfident(self) -> Iterator[str]:
        """Errors for clauses that claim to be known and depend on an uncertain part."""
        certainties = {clause.id: clause.certainty for clause in self.clauses}
        for clause in self.clauses:
            if clause.certainty is not Certainty.KNOWN:
                continue
            if isinstance(clause, ServiceClause | HeldGradeClause) and self.counting.certainty is not Certainty.KNOWN:
                yield f"clause {clause.id!r} cannot be 'known' while the counting of years is not"
            if any(certainties.get(part) is not Certainty.KNOWN for part in _parts(clause)):
                yield f"clause {clause.id!r} cannot be 'known' while one of its alternatives is not"
        nested = {clause.id for clause in self.clauses if isinstance(clause, AnyOfClause)}
        for clause in self.clauses:
            for part in nested.intersection(_parts(clause)):
                yield f"clause {clause.id!r} must not hold {part!r}, which itself has alternatives"


def load_rule_document(path: Path) -> RuleDocument:
    """Read a rule document from its file. Raises ConfigurationError naming the file, the key and the remedy."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read as a rule document: {error}") from error
    return parse_rule_document(text, origin=str(path))


def parse_rule_document(text: str, *, origin: str) -> RuleDocument:
    """Read a rule document from its text, also a kept one; errors name ``origin``."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{origin}: is not valid TOML: {error}") from error
    for derived in {"digest", "content"} & set(content):
        raise ConfigurationError(f"{origin}: {derived}: is worked out from the text; remove it")
    text = text.replace("\r\n", "\n")
    digest = hashlib.sha256(text.encode()).hexdigest()
    try:
        return RuleDocument.model_validate({**content, "digest": digest, "content": text})
    except ValidationError as error:
        faults = "; ".join(_fault(fault, content) for fault in error.errors())
        raise ConfigurationError(f"{origin}: {faults}") from error


def _fault(error: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """One error of pydantic, with the key, and for a list the id of the entry, that it concerns."""
    location = error["loc"]
    where = ".".join(str(part) for part in location)
    if len(location) > 1 and isinstance(location[1], int) and isinstance(content.get(location[0]), list):
        entry = content[location[0]][location[1]]
        label = entry.get("id") or entry.get("code") if isinstance(entry, dict) else None
        where += f" ({label})" if label else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} {name!r} stands {count} times: keep one"


def _parts(clause: Clause) -> tuple[str, ...]:
    return clause.clauses if isinstance(clause, AnyOfClause) else ()


def _awards_named(clause: Clause) -> tuple[str, ...]:
    named = clause.waived_by if isinstance(clause, WaivableClause) else ()
    return (*named, *clause.instead_of_excellent) if isinstance(clause, AssessmentsClause) else named
