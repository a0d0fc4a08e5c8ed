"""The electronic certificate that a holder opens is signed while it holds, and says so to another program."""

import hashlib
from pathlib import Path

from sqlalchemy import select

from core.audit.models import RecordEntry
from core.db.session import AuditorSession, Role, system_actor
from tests.browser.town import Town
from tests.callers import Web
from tests.cases import CITY, PROVINCE, pdf_certificates
from tests.pages.results.test_awards import _send
from tests.pages.results.test_reissues import certified, cookie
from tests.reading import pages_of, seen_by_pdfsig


def _opened(web: Web, town: Town, certificate: str) -> bytes:
    address = f"/certificates/own/{certificate}/pdf"
    answer = web.client.get(address, headers={"Cookie": cookie(web, town.person("listed"))})
    assert answer.status_code == 200, answer.text
    return bytes(answer.content)


def test_a_holder_opens_a_signed_certificate_and_after_its_exchange_the_new_one(
    web: Web, town: Town, tmp_path: Path
) -> None:
    made = certified(town)
    holder = town.person("listed")
    shown = web.look(holder, "/certificates/own").text
    assert "/verify/pdf-ca.pem" in shown
    assert web.client.get("/verify/pdf-ca.pem").content == (pdf_certificates() / "pdf-ca.pem").read_bytes()
    signed = _opened(web, town, made["id"])
    assert "Signature is Valid." in seen_by_pdfsig(signed, tmp_path)
    assert made["number"] in pages_of(signed)[0]

    reviewer, supervisor = web.staff(Role.CITY_REVIEWER, CITY), web.staff(Role.CITY_SUPERVISOR, CITY)
    form = f"/certificates/own/{made['id']}/reissue"
    assert _send(web, form, cookie=cookie(web, holder), ground="lost", reason="搬家遗失").status_code == 303
    listed = reviewer.get("/certificate-reissues").json()
    case = next(f"/certificates/reissues/{one['id']}" for one in listed if one["certificate_id"] == made["id"])
    assert _send(web, f"{case}/support", page=case, cookie=cookie(web, reviewer)).status_code == 303
    assert _send(web, f"{case}/decide", page=case, cookie=cookie(web, supervisor), verdict="granted").status_code == 303
    new = next(paper for paper in holder.get("/certificates").json() if paper["replaces"] == made["number"])
    assert "Signature is Valid." in seen_by_pdfsig(_opened(web, town, new["id"]), tmp_path)
    former = _opened(web, town, made["id"])
    assert "does not contain any signatures" in seen_by_pdfsig(former, tmp_path)
    assert "换发" in pages_of(former)[0]


def test_the_record_has_the_digest_of_what_was_signed(web: Web, town: Town) -> None:
    made = certified(town)
    digest = hashlib.sha256(_opened(web, town, made["id"])).hexdigest()
    with AuditorSession(web.platform.engine, actor=system_actor(PROVINCE), now=web.clock()) as session:
        told = session.scalars(select(RecordEntry.payload).where(RecordEntry.kind == "certificate.opened")).all()
    assert [one["sha256"] for one in told if one.get("number") == made["number"]] == [digest]
