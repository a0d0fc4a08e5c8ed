"""Shangqiu ends its certificate numbers with a check character, so that a slip in typing one is noticed.

Illustrative: how Shangqiu numbers its certificates is not known. The character is that of ISO 7064, MOD 37,36.
"""

from stdnum.iso7064 import mod_37_36

from core.plugin_api import AwardView, hookimpl


@hookimpl
def certificate_number(award: AwardView) -> str:
    """The province's number and one character more, which no pattern can work out."""
    return f"{award.standard}{mod_37_36.calc_check_digit(award.standard.replace('-', ''))}"
