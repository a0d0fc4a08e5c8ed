"""What a plugin's failure leaves behind: a line on its office's health page, and an entry of the record."""

from __future__ import annotations

from core.audit import service as audit
from core.db.session import ScopedSession
from core.errors import PluginError
from core.tenancy.models import PluginFailure


def record_failure(session: ScopedSession, error: PluginError) -> None:
    """Keep a failure, in a transaction that comes after the one that it rolled back.

    What the plugin said stays with the office alone; the record has its digest.
    """
    session.add(
        PluginFailure(office_id=error.office, plugin=error.plugin, hook=error.hook, reason=error.reason, at=session.now)
    )
    audit.record(
        session,
        "plugin.failed",
        office_id=error.office,
        subject_type="plugin",
        subject_id=error.plugin,
        payload={"hook": error.hook, "reason": audit.digest_of(error.reason).hex()},
    )
