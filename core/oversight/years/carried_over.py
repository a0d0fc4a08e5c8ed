"""What goes on from one year into the next by itself: units, accounts, delegations, bans, passes and certificates."""

from sqlalchemy import func, select

from core.db.session import ProvinceSession
from core.delegation.models import Delegation
from core.identity.models import RoleGrant
from core.organizations.models import Unit
from core.results.models.awards import Certificate
from core.sanctions.models import Ban


def carried_over(session: ProvinceSession, *, carry_over_years: int) -> tuple[tuple[str, str], ...]:
    """What holds in every year, in words, and how much of it there is in the province now.

    ``carry_over_years`` is the number of years for which a subject once passed counts; 0 for not at all.
    """
    held = (Ban.case_id.is_not(None) | Ban.confirmed_at.is_not(None)) & Ban.lifted_at.is_(None)
    at_work = (
        RoleGrant.office_id.is_not(None)
        & (RoleGrant.valid_from <= session.now)
        & (RoleGrant.valid_until.is_(None) | (RoleGrant.valid_until > session.now))
    )
    counted = (
        ("单位", select(func.count()).select_from(Unit).where(Unit.ended_at.is_(None))),
        ("各机构工作人员账号", select(func.count(RoleGrant.account_id.distinct())).where(at_work)),
        ("生效的委托与下放", select(func.count()).select_from(Delegation).where(Delegation.state == "in_force")),
        ("未期满的不得申报决定", select(func.count()).select_from(Ban).where(held, Ban.ends > session.now)),
        (
            "有效的证书",
            select(func.count())
            .select_from(Certificate)
            .where(Certificate.revoked_at.is_(None), Certificate.superseded_at.is_(None)),
        ),
    )
    passes = f"以后{carry_over_years}个年度内有效" if carry_over_years else "不带入以后年度"
    return *((label, str(session.scalar(count) or 0)) for label, count in counted), ("单科合格成绩", passes)
