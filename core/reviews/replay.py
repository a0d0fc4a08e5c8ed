"""Judging cases again, by the rule text that judged them or by a new text before it takes effect.

A verdict must be reproducible years later, and a changed rule is tried on last season's cases before it takes effect.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.applications.models import Application, FindingRecord, RuleText, Submission
from core.applications.rules.document import RuleDocument, parse_rule_document
from core.db.session import ProvinceSession
from core.errors import NotFound
from core.plugin_api import Finding, Severity
from core.reviews.submission import judge_again

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A submission with other findings than before: the findings that are gone and the new ones."""

    reference: str
    round: int
    gone: tuple[Finding, ...]
    new: tuple[Finding, ...]


def keep_texts(connection: Connection, documents: Iterable[RuleDocument], now: datetime) -> None:
    """Keep the text of every document that may judge from now on; a version that is already kept stays unchanged."""
    rows = [
        {"version": document.version, "name": document.name, "content": document.content, "kept_at": now}
        for document in {document.version: document for document in documents}.values()
    ]
    connection.execute(insert(RuleText).on_conflict_do_nothing(), rows)


def kept_document(session: ProvinceSession, version: str) -> RuleDocument:
    """The rule document of a version that has judged cases; NotFound for any other version."""
    kept = session.get(RuleText, version)
    if kept is None:
        raise NotFound("no_such_rules", f"没有保存过版本为“{version}”的规则文本。请核对版本号。")
    return parse_rule_document(kept.content, origin=version)


def submissions_of(session: ProvinceSession, year: int) -> int:
    """How many submissions a replay of the year will judge."""
    wanted = select(func.count()).select_from(Submission).join(Application).where(Application.year == year)
    return session.scalar(wanted) or 0


def replay(session: ProvinceSession, year: int, *, rules: RuleDocument | None = None) -> Iterator[Difference | None]:
    """Judge every submission of a year again, in the order of their ids; None where nothing differs.

    By the text that each pins, or by ``rules``. Only the rule document's findings are compared, not those of plugins.
    With other ``rules``, findings are compared by rule, severity and text, not by source.
    """
    documents: dict[str, RuleDocument] = {}
    after: UUID | None = None
    while batch := _batch(session, year, after):
        findings = _findings(session, [submission.application_id for _, submission in batch])
        for reference, pinned in batch:
            if pinned.rule_version not in documents:
                documents[pinned.rule_version] = kept_document(session, pinned.rule_version)
            held = documents[pinned.rule_version]
            before = tuple(
                _as_finding(finding)
                for finding in findings
                if (finding.application_id, finding.round) == (pinned.application_id, pinned.round)
                and finding.origin == held.name
            )
            yield _difference(reference, pinned, before, judge_again(pinned, rules or held))
        after = batch[-1][1].id
        session.expunge_all()


def _batch(session: ProvinceSession, year: int, after: UUID | None) -> Sequence[tuple[str, Submission]]:
    wanted = select(Application.reference, Submission).join(Application).where(Application.year == year)
    if after is not None:
        wanted = wanted.where(Submission.id > after)
    return [(reference, pinned) for reference, pinned in session.execute(wanted.order_by(Submission.id).limit(_BATCH))]


def _findings(session: ProvinceSession, applications: list[UUID]) -> Sequence[FindingRecord]:
    wanted = select(FindingRecord).where(FindingRecord.application_id.in_(applications))
    return session.scalars(wanted.order_by(FindingRecord.position)).all()


def _difference(
    reference: str, pinned: Submission, before: tuple[Finding, ...], now: tuple[Finding, ...]
) -> Difference | None:
    said, says = {_comparable(finding) for finding in before}, {_comparable(finding) for finding in now}
    gone = tuple(finding for finding in before if _comparable(finding) not in says)
    new = tuple(finding for finding in now if _comparable(finding) not in said)
    return Difference(reference, pinned.round, gone, new) if gone or new else None


def _comparable(finding: Finding) -> tuple[str, Severity, str, str]:
    """A finding without the document's name, so that two versions of a document can be compared."""
    return finding.rule.split(".", 1)[-1], finding.severity, finding.text, finding.missing


def _as_finding(kept: FindingRecord) -> Finding:
    return Finding(kept.rule, kept.source, Severity(kept.severity), kept.text, kept.missing)
