"""The letters with the first passwords of registration managers, one a page, to be folded and handed over."""

from collections.abc import Sequence

from core.organizations.managers import AccessLetter
from core.printing.pdf import pdf


def letters_pdf(letters: Sequence[AccessLetter], *, office: str, address: str, on: str) -> bytes:
    """The letters as an A4 PDF. ``address`` is where a manager signs in; no page names another manager."""
    told = [
        {"unit": letter.unit, "name": letter.name, "login": letter.login, "password": letter.password}
        for letter in letters
    ]
    data = {"title": "网上报名管理人员账号密码函", "footer": "", "digest": "", "code": ""}
    return pdf("access_letters", {**data, "letters": told, "office": office, "address": address, "day": on})
