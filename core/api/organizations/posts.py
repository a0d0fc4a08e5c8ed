"""What units state of their vacant posts (岗位空缺) and their policy of appointment (聘用政策), as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Router
from litestar.params import FromPath, JSONBody
from pydantic import Field

from core.errors import NotFound
from core.organizations.models import PostStatement
from core.plugin_api import Grade
from core.seasons.posts import MOST_POSTS, state_posts, statement_of, vacant_by_grade
from core.seasons.queries import season
from core.web.dependencies import AnySession, OfUnit
from core.web.guards import APPLICANTS, OFFICE_STAFF, UNITS
from core.web.routes import declared_in, read, replace
from core.web.schemas import Input, Output, Text, Year, YearAsked


class VacantPosts(Input):
    """The vacant posts of a grade."""

    grade: Grade
    posts: Annotated[int, Field(ge=0, le=MOST_POSTS)]


class PostsIn(Input):
    """The vacant posts of each grade that is stated, and the policy; in place of what was stated before."""

    year: Year
    vacant: list[VacantPosts] = Field(default_factory=list, max_length=len(Grade))
    policy: Text = ""


class VacantPostsOut(Output):
    """The vacant posts of a grade."""

    grade: int
    posts: int


class PostsOut(Output):
    """What a unit has stated for a season; a grade that is not named is not stated."""

    unit_id: UUID
    year: int
    vacant: list[VacantPostsOut]
    policy: str
    stated_at: datetime
    stated_by_name: str


@read("/units/{unit_id:uuid}/posts", roles=APPLICANTS | UNITS | OFFICE_STAFF)
def show_posts(session: AnySession, unit_id: FromPath[UUID], year: YearAsked) -> PostsOut:
    """What a unit has stated for a season: for the unit, its applicants of that season and its office."""
    stated = statement_of(session, unit_id, year)
    if stated is None:
        raise NotFound("posts_unknown", "该单位本年度没有填报岗位空缺和聘用政策，或不由您查看。请核对单位和年度。")
    return _out(stated)


@replace("/units/{unit_id:uuid}/posts", roles=UNITS)
def keep_posts(session: OfUnit, unit_id: FromPath[UUID], data: JSONBody[PostsIn]) -> PostsOut:
    """State the posts and the policy of one's unit, or of one below it."""
    vacant = {stated.grade: stated.posts for stated in data.vacant}
    year = season(session, data.year).year
    return _out(state_posts(session, unit_id, year, vacant=vacant, policy=data.policy))


def _out(stated: PostStatement) -> PostsOut:
    vacant = [VacantPostsOut(grade=int(grade), posts=posts) for grade, posts in vacant_by_grade(stated).items()]
    return PostsOut.of(stated, vacant=vacant)


router = Router("/", route_handlers=declared_in(__name__), tags=["岗位空缺"])
