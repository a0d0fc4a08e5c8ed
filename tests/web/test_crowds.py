"""Many requests for the same thing at once: they wait for one of them, and never for each other."""

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY


def test_who_wait_for_one_that_is_under_way_do_not_keep_it_from_ending(web: Web) -> None:
    supervisor = web.staff(Role.CITY_SUPERVISOR)
    body = {"login": f"crowd-{uuid.uuid4().hex}", "name": "测试新人", "role": "city_reviewer", "office_id": CITY}
    # More than there are threads for handlers.
    at_once = min(32, (os.cpu_count() or 1) + 4) + 2
    with ThreadPoolExecutor(at_once) as crowd:
        answers = list(crowd.map(lambda _: supervisor.post("/accounts", body).status_code, range(at_once)))
    # Where they kept it from ending, the database would give up on some of them: 503.
    assert sorted(answers) == [201, *[409] * (at_once - 1)]
