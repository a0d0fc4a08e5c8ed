"""Where each role begins, and what stands in its menu: one line for each page that can be gone to from everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.db.session import Role


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a menu. ``exact`` where pages below the address have a line of their own."""

    label: str
    address: str
    exact: bool = False

    def is_current(self, path: str) -> bool:
        """Whether somebody who is at ``path`` is here."""
        return path == self.address or (not self.exact and path.startswith(f"{self.address}/"))


PUBLIC = (
    Item("首页", "/", exact=True),
    Item("各地日程", "/calendar"),
    Item("申报指南", "/help"),
)
_NOTICES = Item("通知", "/notices")
_ACCOUNT = Item("账号", "/account")

_APPLICANT = (Item("我的申报", "/my"), Item("申报条件", "/eligibility"), _NOTICES, _ACCOUNT)
_REVIEWER = (Item("审查台", "/desk"), _NOTICES, _ACCOUNT)
MENUS: Mapping[Role, tuple[Item, ...]] = {
    Role.COUNTY_REVIEWER: _REVIEWER,
    Role.CITY_REVIEWER: _REVIEWER,
    Role.APPLICANT: _APPLICANT,
}
_OTHERS = (_NOTICES, _ACCOUNT)


def menu(role: Role | None) -> tuple[Item, ...]:
    """The menu of a role; that of the public for nobody."""
    if role is None:
        return PUBLIC
    return MENUS.get(role, _OTHERS)


def home(role: Role) -> str:
    """Where somebody lands who acts in this role: the first line of its menu."""
    return menu(role)[0].address
