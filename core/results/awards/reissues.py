"""Issuing a certificate again: exchanged (更换) for a changed or wrong name or a misprint, replaced (补办) when lost.

The holder asks, or an officer proposes; an officer proposes what was asked, and a second one decides. The new
certificate has a number of its own and names the former one, which is superseded and not revoked: it answers with its
successor. The notice has no rule for it: why two people, and why another row, ``docs/decisions/0034`` says.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, select

from core.applications.models import Application
from core.audit import service as audit
from core.audit.dependents import Foreseen, reached, rehearse
from core.db.base import new_id
from core.db.refusals import in_words
from core.db.session import OfficeSession, PersonSession
from core.domain.consequences import Effect, Issued
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.messages.service import Recipient, notify
from core.results.awards import certificates
from core.results.awards.certificate_life import GROUND_LABELS, Ground, Step, take
from core.results.ledger.service import paper_is_back
from core.results.models.awards import Certificate, CertificateReissue, Publication
from core.security.signatures import PaperKeys
from core.tenancy.offices import Offices
from core.text.form_texts import checked_text, required_text

STATE_LABELS = {"asked": "等待核对", "proposed": "已提出，等待决定", "granted": "已换发", "refused": "不予换发"}


def ground_of(text: str) -> Ground:
    """The ground by its code; Invalid for any other text."""
    if text not in frozenset(Ground):
        message = "请选择换发或补办的原因。"
        raise Invalid("ground_missing", message, fields={"ground": message})
    return Ground(text)


def ask(session: PersonSession, certificate_id: UUID, *, ground: Ground, reason: str) -> CertificateReissue:
    """Ask for another certificate in the place of one's own.

    Raises Conflict where it is not in force or a reissue is open, and where a changed name was not corrected before.
    """
    certificate = session.get(Certificate, certificate_id)
    case = None if certificate is None else session.get(Application, certificate.application_id)
    if certificate is None or case is None or case.person_id != session.person_id:
        raise NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    reissue = _request(session, certificate, case, ground=ground, reason=reason)
    _insert(session, reissue)
    audit.record_on(session, reissue, "certificate.reissue_asked")
    return reissue


def propose(session: OfficeSession, certificate_id: UUID, *, ground: Ground, reason: str) -> CertificateReissue:
    """Propose to issue a certificate of the office again; a second person decides. Raises what ``ask`` raises."""
    # Who proposes may not change the certificate, so it is not locked: the decision looks at it again.
    certificate = session.get(Certificate, certificate_id)
    if certificate is None or certificate.office_id != session.office_id:
        raise NotFound("certificate_unknown", "没有找到这本证书。请核对证书编号。")
    case = session.get_one(Application, certificate.application_id)
    reissue = _request(session, certificate, case, ground=ground, reason=reason)
    _sign(session, reissue)
    _insert(session, reissue)
    audit.record_on(session, reissue, "certificate.reissue_proposed")
    return reissue


def support(session: OfficeSession, reissue_id: UUID) -> CertificateReissue:
    """Propose what a holder has asked for, after a look at the reason."""
    reissue = _locked(session, reissue_id)
    if reissue.state != "asked":
        raise _elsewhere(reissue)
    _sign(session, reissue)
    session.flush()
    audit.record_on(session, reissue, "certificate.reissue_proposed")
    return reissue


def grant(session: OfficeSession, reissue_id: UUID, *, offices: Offices, paper_keys: PaperKeys) -> Certificate:
    """Issue the certificate again: by a supervisor who neither asked for it nor proposed it. The holder is told.

    Raises Forbidden for one of these, Conflict where the certificate is not in force or a case of sanctions is open.
    """
    reissue = _to_decide(session, reissue_id)
    former = certificates.open_certificate(session, reissue.certificate_id)
    certificates.number_one_by_one(session, former.year)
    take(certificates.life_of(former), Step.SUPERSEDE, now=session.now)
    line = _line(session, former)
    _check_named(former, line, Ground(reissue.ground))
    _decide(session, reissue, "granted", "")
    former.superseded_at, former.superseded_ground = session.now, reissue.ground
    session.flush()
    publication = session.get_one(Publication, former.publication_id)
    (row,) = certificates.drawn_up(session, publication, [line], offices=offices, paper_keys=paper_keys)
    row["replaces_id"] = former.id
    row["former_name"] = _former_name(former, line) if reissue.ground == Ground.CHANGED else former.former_name
    certificates.write(session, [row])
    audit.record_on(session, reissue, "certificate.reissued", number=row["number"], former=former.number)
    reached(session, Issued.CERTIFICATE, Effect.REPLACE)
    if reissue.ground == Ground.LOST:
        paper_is_back(session, former.id)
    back = "" if reissue.ground == Ground.LOST else "请将原纸质证书交回发证机构。"
    _tell(
        session,
        reissue,
        line.person_id,
        title=f"证书已换发，新证号{row['number']}",
        body=f"{GROUND_LABELS[Ground(reissue.ground)]}。原证号{former.number}不再使用，可登录下载新的电子证书。{back}",
    )
    return session.get_one(Certificate, row["id"])


def refuse(session: OfficeSession, reissue_id: UUID, *, remark: str) -> CertificateReissue:
    """Leave the certificate as it is, with a reason, which its holder reads."""
    why = required_text(remark, "请写明不予换发的理由，持证人将看到这段文字。", field="remark")
    reissue = _to_decide(session, reissue_id)
    _decide(session, reissue, "refused", why)
    audit.record_on(session, reissue, "certificate.reissue_refused")
    person_id = session.get_one(Application, reissue.application_id).person_id
    _tell(session, reissue, person_id, title="证书未予换发", body=f"理由：{why}")
    return reissue


def foresee(session: OfficeSession, reissue_id: UUID, *, offices: Offices, paper_keys: PaperKeys) -> Foreseen:
    """What granting it would cause, before it is confirmed. Raises what ``grant`` raises."""
    return rehearse(session, lambda: grant(session, reissue_id, offices=offices, paper_keys=paper_keys))


def reissues(session: OfficeSession) -> Sequence[Row[CertificateReissue, Certificate, Application]]:
    """The requests of the office with their certificates, the open ones first; two hundred at most."""
    is_settled = CertificateReissue.state.in_(["granted", "refused"])
    wanted = (
        select(CertificateReissue, Certificate, Application)
        .join(Certificate, Certificate.id == CertificateReissue.certificate_id)
        .join(Application, Application.id == CertificateReissue.application_id)
        .where(CertificateReissue.office_id == session.office_id)
        .order_by(is_settled, CertificateReissue.asked_at.desc())
        .limit(200)
    )
    return session.execute(wanted).all()


def reissue(session: OfficeSession, reissue_id: UUID) -> CertificateReissue:
    """One request of the office; NotFound for any other."""
    found = session.get(CertificateReissue, reissue_id)
    if found is None or found.office_id != session.office_id:
        raise NotFound("reissue_unknown", "没有找到这项换发申请，或不由您所在机构办理。请返回列表重新选择。")
    return found


def _request(
    session: PersonSession | OfficeSession, certificate: Certificate, case: Application, *, ground: Ground, reason: str
) -> CertificateReissue:
    take(certificates.life_of(certificate), Step.SUPERSEDE, now=session.now)
    _check_named(certificate, case, ground)
    actor = session.actor
    return CertificateReissue(
        id=new_id(),
        office_id=certificate.office_id,
        application_id=certificate.application_id,
        certificate_id=certificate.id,
        ground=ground.value,
        reason=required_text(reason, "请写明原因，例如“办公室搬迁时遗失”。"),
        state="asked",
        asked_at=session.now,
        asked_by=actor.account_id,
        asked_on_behalf=actor.on_behalf_of,
        asked_by_name=actor.name,
        proposed_by_name="",
        decided_by_name="",
        remark="",
    )


def _check_named(certificate: Certificate, case: Application | Row[object], ground: Ground) -> None:
    """Conflict where a name is to be exchanged that the case does not tell otherwise than the paper."""
    named = certificate.holder_name or case.person_name, certificate.holder_tail or case.id_tail
    if ground in {Ground.CHANGED, Ground.WRONG} and named == (case.person_name, case.id_tail):
        raise Conflict(
            "name_not_corrected",
            "登记的姓名、身份证号与证书相同。请先在“更正姓名、身份证号”页面更正，更正后再换发证书。",
        )


def _former_name(former: Certificate, line: Row[object]) -> str | None:
    earlier = former.holder_name or line.person_name
    return earlier if earlier != line.person_name else former.former_name


def _line(session: OfficeSession, former: Certificate) -> Row[object]:
    """What the case says now; Conflict while a case of sanctions is open, or where the pass is gone."""
    line = session.execute(certificates.people().where(Application.id == former.application_id)).one_or_none()
    if line is None or certificates.is_held(line):
        raise Conflict("award_held", "该人员有未办结的违规案件，或已不符合发证条件，暂不能换发证书。请先办结。")
    return line


def _insert(session: PersonSession | OfficeSession, reissue: CertificateReissue) -> None:
    open_one = Conflict("reissue_open", "这本证书已有一项换发申请正在办理。请等其办结。")
    with in_words(uq_certificate_reissues_one_open=open_one), session.begin_nested():
        session.add(reissue)
        session.flush()


def _sign(session: OfficeSession, reissue: CertificateReissue) -> None:
    reissue.state = "proposed"
    reissue.proposed_at, reissue.proposed_by = session.now, session.actor.account_id
    reissue.proposed_on_behalf, reissue.proposed_by_name = session.actor.on_behalf_of, session.actor.name


def _locked(session: OfficeSession, reissue_id: UUID) -> CertificateReissue:
    wanted = select(CertificateReissue).where(
        CertificateReissue.id == reissue_id, CertificateReissue.office_id == session.office_id
    )
    reissue = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if reissue is None:
        raise NotFound("reissue_unknown", "没有找到这项换发申请，或不由您所在机构办理。请返回列表重新选择。")
    return reissue


def _to_decide(session: OfficeSession, reissue_id: UUID) -> CertificateReissue:
    reissue = _locked(session, reissue_id)
    if reissue.state != "proposed":
        raise _elsewhere(reissue)
    first = {reissue.asked_by, reissue.asked_on_behalf, reissue.proposed_by, reissue.proposed_on_behalf} - {None}
    if {session.actor.account_id, session.actor.on_behalf_of} & first:
        raise Forbidden("second_person", "换发证书须由提出人以外的另一人决定。请由本机构其他监管人员办理。")
    return reissue


def _elsewhere(reissue: CertificateReissue) -> Conflict:
    label = STATE_LABELS[reissue.state]
    return Conflict("reissue_elsewhere", f"这项换发申请目前为“{label}”，不能进行此项操作。请刷新页面查看。")


def _decide(session: OfficeSession, reissue: CertificateReissue, state: str, remark: str) -> None:
    reissue.state, reissue.remark = state, checked_text(remark, field="remark")
    reissue.decided_at, reissue.decided_by = session.now, session.actor.account_id
    reissue.decided_by_name = session.actor.name
    session.flush()


def _tell(session: OfficeSession, reissue: CertificateReissue, person_id: UUID, *, title: str, body: str) -> None:
    kind = "certificate_reissued" if reissue.state == "granted" else "certificate_reissue_refused"
    recipients = [Recipient(person_id=person_id)]
    if reissue.state == "refused":
        # The officer who proposed it reads why on the pages of the office.
        recipients.append(Recipient(office_id=reissue.office_id))
    for recipient in recipients:
        notify(
            session,
            recipient,
            event_key=f"certificate.reissue:{reissue.id}",
            office_id=reissue.office_id,
            kind=kind,
            title=title,
            body=body,
            application_id=reissue.application_id,
        )
