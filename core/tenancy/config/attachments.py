"""The table ``[attachments]``."""

from __future__ import annotations

from core.tenancy.config.types import Count, Table


class AttachmentsTable(Table):
    """Limits of files that belong to anything but an application; what is accepted otherwise, ``documents`` says.

    ``max_count`` is for one thing in one capacity, as the evidence of one incident; superseded files do not count.
    """

    max_bytes: Count = 10 * 1024 * 1024
    max_count: Count = 10
