"""Pure: the papers of an exam that an office prints, and what each of them is about."""

from collections.abc import Mapping
from typing import Final

from core.text.labels import Labelled


class PaperKind(Labelled):
    """What can be printed of a plan: of each candidate, of each room of a sitting, or of a site in a sitting."""

    TICKETS = "tickets", "准考证"
    DOOR_LISTS = "door_lists", "考场门贴"
    SEAT_CHARTS = "seat_charts", "考场座次表"
    DESK_LABELS = "desk_labels", "考生桌贴"
    SIGN_IN_SHEETS = "sign_in_sheets", "考生签到表"
    PHOTO_SHEETS = "photo_sheets", "考生照片对照签到表"
    ROOM_RECORDS = "room_records", "考场情况记录单"
    INCIDENT_FORMS = "incident_forms", "缺考、违纪违规情况登记表"
    RECEIPTS = "receipts", "考务资料交接单"
    INVIGILATORS = "invigilators", "监考人员安排表"
    DUTY_LIST = "duty_list", "监考人员安排及签到表"
    HANDBOOK = "handbook", "考务手册"
    CUSTODY_LIST = "custody_list", "考务资料移交清单"
    WHOLE_SITE = "whole_site", "考点全套资料"


KIND_NAMES: Mapping[PaperKind, str] = {kind: kind.label for kind in PaperKind}
ON_THE_SITE: Final = (PaperKind.HANDBOOK, PaperKind.DUTY_LIST, PaperKind.CUSTODY_LIST)
"""The papers of a site in one sitting."""
OF_A_SITE: Final = frozenset({*ON_THE_SITE, PaperKind.WHOLE_SITE})
"""The papers that are asked for with a site and a sitting."""
IN_THE_ROOM: Final = (
    PaperKind.DOOR_LISTS,
    PaperKind.SEAT_CHARTS,
    PaperKind.DESK_LABELS,
    PaperKind.PHOTO_SHEETS,
    PaperKind.ROOM_RECORDS,
    PaperKind.INCIDENT_FORMS,
    PaperKind.RECEIPTS,
    PaperKind.INVIGILATORS,
)
"""The papers that lie in the envelope of a room, in this order."""
WITH_PHOTOS: Final = frozenset({PaperKind.PHOTO_SHEETS, PaperKind.WHOLE_SITE})


def of_room(kind: PaperKind) -> tuple[PaperKind, ...]:
    """The papers of each room that a kind comes to."""
    if kind is PaperKind.WHOLE_SITE:
        return IN_THE_ROOM
    return () if kind in ON_THE_SITE else (kind,)


def of_site(kind: PaperKind) -> tuple[PaperKind, ...]:
    """The papers of the site that a kind comes to."""
    if kind is PaperKind.WHOLE_SITE:
        return ON_THE_SITE
    return (kind,) if kind in ON_THE_SITE else ()
