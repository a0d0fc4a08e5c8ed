"""The table ``[attachments]`` of an office's file."""

from core.tenancy.config.types import Count, Table


class AttachmentsTable(Table):
    """Limits of files that belong to other records than an application; ``documents`` has the accepted types.

    ``max_count`` is for one record in one capacity, such as the evidence of one incident, without superseded files.
    """

    max_bytes: Count = 10 * 1024 * 1024
    max_count: Count = 10
