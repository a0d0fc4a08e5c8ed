"""The season's work, the board and supervised cases by pages."""

from core.pages.oversight import board, season_work, supervised_cases

PAGES = [*board.PAGES, *season_work.PAGES, *supervised_cases.PAGES]
