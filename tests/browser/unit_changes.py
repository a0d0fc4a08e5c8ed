"""Units with long names of which two look alike, and an act that is planned for a later day."""

from collections.abc import Mapping
from datetime import date

from core.db.base import new_id
from core.db.session import Actor, OfficeSession, Role
from core.organizations import service, unit_acts
from core.organizations.unit_acts import Kind, Terms
from tests.callers import Web
from tests.cases import CITY, YEAR

LONG = (
    "清河市测试人力资源和社会保障事业发展服务中心（清河市测试劳动保障监察支队、清河市测试公共就业和人才服务中心、"
    "清河市测试职业技能鉴定指导中心、清河市测试社会保险事务所）"
)
"""A name of 83 characters."""


def plan_changes(web: Web) -> Mapping[str, str]:
    """The values of ``{…}`` for the pages of units."""
    actor, platform = Actor(new_id(), "测试经办员", Role.CITY_REVIEWER, office_id=CITY), web.platform
    with OfficeSession(platform.engine, actor=actor, now=platform.clock()) as session, session.begin():
        made = [
            service.register_unit(session, name=name, affiliation="local", office_id=CITY, local_office_id=CITY)
            for name in (LONG, f"{LONG}局")
        ]
        terms = Terms(
            Kind.RENAME, (made[0].id,), date(YEAR, 12, 1), "清编〔2024〕3号", names=("清河市测试社会保障服务中心",)
        )
        unit_acts.order(session, terms)
    return {"planned_unit": str(made[0].id)}
