"""What goes on from one year into the next by itself: units, delegations, bans, certificates, and who works where."""

from sqlalchemy import func, select

from core.db.session import ProvinceSession
from core.delegation.models import Delegation
from core.organizations.models import Unit
from core.results.models.awards import Certificate
from core.sanctions.models import Ban


def carried_over(session: ProvinceSession) -> tuple[tuple[str, int], ...]:
    """What holds in every year, in words, and how many there are in the province now."""
    held = (Ban.case_id.is_not(None) | Ban.confirmed_at.is_not(None)) & Ban.lifted_at.is_(None)
    counted = (
        ("单位", select(func.count()).select_from(Unit).where(Unit.ended_at.is_(None))),
        ("生效的委托与下放", select(func.count()).select_from(Delegation).where(Delegation.state == "in_force")),
        ("未期满的不得申报决定", select(func.count()).select_from(Ban).where(held, Ban.ends > session.now)),
        (
            "有效的证书",
            select(func.count())
            .select_from(Certificate)
            .where(Certificate.revoked_at.is_(None), Certificate.superseded_at.is_(None)),
        ),
    )
    return tuple((label, session.scalar(count) or 0) for label, count in counted)
