"""The pages of offices: which offices a reader sees, and where each value was set."""

import re

from core.db.session import Role
from tests.callers import Web
from tests.cases import CITY, COUNTY, OTHER_CITY, PROVINCE


def test_an_office_sees_the_offices_above_and_below_it_and_no_neighbour(web: Web) -> None:
    officer = web.staff(Role.CITY_SUPERVISOR, CITY)
    seen = {code: web.look(officer, f"/offices/{code}").status_code for code in (PROVINCE, CITY, COUNTY, OTHER_CITY)}
    assert seen == {PROVINCE: 200, CITY: 200, COUNTY: 200, OTHER_CITY: 404}
    assert web.look(web.staff(Role.OPERATOR, PROVINCE), f"/offices/{OTHER_CITY}").status_code == 200


def test_every_value_of_an_office_names_the_file_and_line_that_set_it(web: Web) -> None:
    text = web.look(web.staff(Role.OPERATOR, PROVINCE), f"/offices/{CITY}?table=policy").text
    assert "policy.county_dates" in text
    assert re.search(r"qinghe/tenant\.toml:\d+", text)
