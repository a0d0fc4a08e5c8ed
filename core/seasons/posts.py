"""What a unit states of its vacant posts (岗位空缺) and its policy of appointment (聘用政策), for its applicants.

A person decides knowing them, and the unit nominates by what its posts need. Source: 2024 notice §1(2), §2(1).
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import select

from core.audit import service as audit
from core.db.base import new_id
from core.db.locks import one_at_a_time
from core.db.session import ScopedSession, UnitSession
from core.errors import Invalid
from core.organizations.models import PostStatement
from core.organizations.queries import unit_in_charge_of
from core.plugin_api import Grade
from core.seasons.queries import check_takes_in
from core.text.form_texts import checked_text

MOST_POSTS: Final = 9999


def statement_of(session: ScopedSession, unit_id: UUID, year: int) -> PostStatement | None:
    """What the unit has stated for a season; None where it has stated nothing, or the session may not read it."""
    return session.scalar(select(PostStatement).where(PostStatement.unit_id == unit_id, PostStatement.year == year))


def vacant_by_grade(statement: PostStatement) -> dict[Grade, int]:
    """The vacant posts of each grade that was stated, from grade five upwards."""
    return {grade: int(statement.vacant[str(int(grade))]) for grade in _UPWARDS if str(int(grade)) in statement.vacant}


def state_posts(
    session: UnitSession, unit_id: UUID, year: int, *, vacant: Mapping[Grade, int], policy: str
) -> PostStatement:
    """State the vacant posts and the policy of a unit for a season, in place of what was stated before; recorded.

    Invalid for a number that cannot be, a policy that is too long, or a statement that says nothing; Conflict in a
    season that has ended.
    """
    check_takes_in(session, year)
    unit = unit_in_charge_of(session, unit_id)
    wrong = {
        f"vacant_{int(grade)}": "请填写0到9999之间的整数" for grade, n in vacant.items() if not 0 <= n <= MOST_POSTS
    }
    if wrong:
        raise Invalid("vacant_posts", f"空缺岗位数应为0到{MOST_POSTS}之间的整数，请改正。", fields=wrong)
    text = checked_text(policy, field="policy")
    if not vacant and not text:
        raise Invalid("posts_empty", "请至少填写一个等级的空缺岗位数，或聘用政策。", at="policy")
    one_at_a_time(session, f"posts:{unit_id}:{year}")
    made = statement_of(session, unit_id, year)
    if made is None:
        made = PostStatement(id=new_id(), office_id=unit.office_id, unit_id=unit_id, year=year)
        session.add(made)
    made.vacant = {str(int(grade)): count for grade, count in sorted(vacant.items())}
    made.policy = text
    made.stated_at, made.stated_by, made.stated_by_name = session.now, session.actor.account_id, session.actor.name
    session.flush()
    audit.record_on(session, made, "unit.posts_stated", vacant=made.vacant)
    return made


_UPWARDS: Final = tuple(sorted(Grade, reverse=True))
