"""How often an examiner may be a member: panels of a year, and years in a row, as the office's configuration says."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from core.db.session import OfficeSession
from core.results.models.evaluation import EvaluationPanel, PanelMember
from core.tenancy.config.results import EvaluationTable


def limited(session: OfficeSession, accounts: Collection[UUID], year: int, rules: EvaluationTable) -> dict[UUID, str]:
    """Those of the accounts who may join no further panel of the year, and why. A limit of 0 is none.

    A dissolved panel does not count, and neither does one that somebody left.
    """
    wanted = (
        select(PanelMember.account_id, EvaluationPanel.year)
        .join(EvaluationPanel, EvaluationPanel.id == PanelMember.panel_id)
        .where(PanelMember.account_id.in_(accounts), PanelMember.left_at.is_(None))
        .where(EvaluationPanel.state != "dissolved", EvaluationPanel.year <= year)
    )
    sat: defaultdict[UUID, list[int]] = defaultdict(list)
    for row in session.execute(wanted):
        sat[row.account_id].append(row.year)
    found: dict[UUID, str] = {}
    for account_id, years in sat.items():
        if rules.panels_a_year and years.count(year) >= rules.panels_a_year:
            found[account_id] = f"本年度已在{years.count(year)}个评审组，达到上限"
        elif rules.years_in_row and _run(years, year) >= rules.years_in_row:
            found[account_id] = f"已连续{_run(years, year)}年担任评委，本年度应当轮换"
    return found


def _run(years: list[int], year: int) -> int:
    """How many years in a row before ``year``."""
    run = 0
    while year - run - 1 in years:
        run += 1
    return run
