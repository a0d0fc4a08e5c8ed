"""Keeping a plugin's failure: a line on its office's health page, and an entry of the record."""

from core.audit import service as audit
from core.db.session import ScopedSession
from core.errors import PluginError
from core.tenancy.models import PluginFailure


def record_failure(session: ScopedSession, error: PluginError) -> None:
    """Keep a failure, in a transaction of its own after the rollback.

    The plugin's own words stay with the office; the record has their digest alone.
    """
    session.add(
        PluginFailure(office_id=error.office, plugin=error.plugin, hook=error.hook, reason=error.reason, at=session.now)
    )
    subject = audit.RecordSubject(error.office, "plugin", error.plugin)
    audit.record_on(session, subject, "plugin.failed", hook=error.hook, reason=audit.digest_of(error.reason).hex())
