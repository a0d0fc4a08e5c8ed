"""Acts on lists and certificates."""

from typing import Any
from uuid import UUID

from core.db.session import OfficeSession
from core.plugin_api import Grade
from core.results.awards import certificates, editions, list_queries, objections, publication, reissues, striking
from core.results.awards.certificate_life import Ground
from core.results.awards.objections import Objector, Remedy
from core.results.ledger import queries as ledger, service as handouts
from core.results.models.awards import Objection, Publication
from tests.cases import KEYS, PAPER_KEYS
from tests.histories.acts import NothingToDo, World, act

_REASON = "测试理由"
_PASSED = (
    "EXISTS (SELECT FROM outcomes o WHERE o.office_id = t.id AND o.passed AND NOT EXISTS"
    " (SELECT FROM publication_entries e WHERE e.application_id = o.application_id))"
)

_IN_FORCE = "t.revoked_at IS NULL AND t.superseded_at IS NULL"


class Awards(World):
    """From the list of those who passed to the certificate, and its revocation."""

    @act("offices", _PASSED)
    def list_is_drafted(self, office: Any) -> None:
        latest = "SELECT year FROM outcomes WHERE office_id = :office ORDER BY year DESC LIMIT 1"
        year = self.one(latest, office=office.id)
        with self.supervisor(office.id) as session:
            publication.draft_list(session, year, grades=tuple(Grade), awards=self.config(office.id).awards)

    @act("publications", "t.state = 'draft'")
    def list_is_discarded(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            publication.discard(session, made.id)

    @act("publications", "t.state = 'draft'")
    def list_is_published(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            publication.publish(session, made.id)

    @act("publications", "t.state = 'published' AND t.ends_at > :now")
    def somebody_objects(self, made: Any) -> None:
        position = self.luck.choice((None, *range(1, made.entry_count + 1)))
        with self.season.as_public() as session:
            objections.object_to(
                session,
                made.id,
                grounds="该人员不在申报岗位工作",
                objector=Objector("测试来信人", "19900000000"),
                keys=KEYS,
                position=position,
            )

    @act("objections", "t.state = 'open'")
    def objection_is_sustained(self, objection: Any) -> None:
        remedy = self.luck.choice(list(Remedy))
        with self.supervisor(objection.office_id) as session:
            objections.sustain(session, objection.id, reason=_REASON, keys=KEYS, remedy=remedy)

    @act("publications", "t.state = 'published'")
    def list_is_corrected(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            seen = editions.difference(session, session.get_one(Publication, made.id)).digest
            awards = self.config(made.office_id).awards.model_copy(update={"correction_restarts": self.chance(2)})
            editions.correct(session, made.id, reason=_REASON, seen=seen, awards=awards)

    @act("publications", "t.state IN ('published', 'closed')")
    def list_is_withdrawn(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            editions.withdraw(session, made.id, reason=_REASON, keys=KEYS)

    @act("objections", "t.state = 'open' AND t.position IS NOT NULL")
    def objection_leads_to_a_hearing(self, objection: Any) -> None:
        with self.office(objection.office_id) as session:
            raised = session.get_one(Objection, objection.id)
            listed = list_queries.current_edition(session, session.get_one(Publication, objection.publication_id))
            row = list_queries.places_of(session, listed, [raised]).get(objection.id, 1)
            awards = self.config(objection.office_id).awards
            striking.propose(session, listed.id, row, reason=_REASON, awards=awards, objection_id=objection.id)

    @act("objections", "t.state = 'open'")
    def objection_is_dismissed(self, objection: Any) -> None:
        with self.supervisor(objection.office_id) as session:
            objections.dismiss(session, objection.id, reason=_REASON, keys=KEYS)

    @act("publications", "t.state = 'published'")
    def striking_is_proposed(self, made: Any) -> None:
        with self.office(made.office_id) as session:
            row, awards = self.luck.randint(1, made.entry_count), self.config(made.office_id).awards
            striking.propose(session, made.id, row, reason=_REASON, awards=awards)

    @act("strikings", "t.state = 'proposed' AND t.kind = 'strike' AND t.heard_until > :now")
    def person_speaks_on_a_striking(self, made: Any) -> None:
        [case] = self.rows_for("applications", "t.id = :case", case=made.application_id)
        with self.person(case) as session:
            striking.state(session, made.id, words=_REASON)

    @act("strikings", "t.state = 'proposed' AND t.kind = 'strike'")
    def line_is_struck(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            striking.strike(session, made.id, remark=_REASON, keys=KEYS)

    @act("strikings", "t.state = 'proposed'")
    def striking_or_restoring_is_refused(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            striking.refuse(session, made.id, remark=_REASON, keys=KEYS)

    @act("strikings", "t.state = 'granted' AND t.kind = 'strike'")
    def striking_is_taken_back(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            striking.undo(session, made.id, keys=KEYS)

    @act("publication_entries", "t.struck_at IS NOT NULL AND t.released_at IS NULL")
    def somebody_struck_asks_to_come_back(self, line: Any) -> None:
        [case] = self.rows_for("applications", "t.id = :case", case=line.application_id)
        with self.person(case) as session:
            striking.ask_back(session, case.id, reason=_REASON)

    @act("publication_entries", "t.struck_at IS NOT NULL AND t.released_at IS NULL")
    def office_proposes_to_restore_somebody(self, line: Any) -> None:
        with self.office(line.office_id) as session:
            striking.propose_back(session, line.publication_id, line.position, reason=_REASON)

    @act("strikings", "t.state = 'proposed' AND t.kind = 'restore'")
    def somebody_is_restored(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            striking.restore(session, made.id, remark=_REASON)

    @act("publications", "t.state = 'published' AND t.ends_at <= :now")
    def list_is_closed(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            publication.close(session, made.id, notice_number=f"测试〔{made.year}〕{made.version}号")

    @act("offices", "EXISTS (SELECT FROM certificates c WHERE c.office_id = t.id)")
    def papers_are_batched(self, office: Any) -> None:
        year = self.any_of("certificates", "t.office_id = :office", office=office.id).year
        with self.office(office.id) as session:
            units = [of.unit_id for of in ledger.in_stock(session, year)]
            handouts.make_batches(session, year, units)

    @act("certificate_batches", "t.state = 'made'")
    def papers_are_handed_over(self, handout: Any) -> None:
        with self.office(handout.office_id) as session:
            handouts.hand_over(session, handout.id, receiver="测试经办人")

    @act("certificate_batches", "t.state = 'made'")
    def batch_is_cancelled(self, handout: Any) -> None:
        with self.office(handout.office_id) as session:
            handouts.cancel(session, handout.id)

    @act("certificate_batches", "t.state = 'handed_over'")
    def holders_sign(self, handout: Any) -> None:
        with self.office(handout.office_id) as session:
            handouts.note_received(session, handout.id, self._waiting(session, handout))

    @act("certificate_batches", "t.state = 'handed_over'")
    def papers_come_back(self, handout: Any) -> None:
        with self.office(handout.office_id) as session:
            handouts.note_returned(session, handout.id, self._waiting(session, handout)[:1], reason=_REASON)

    @act("certificate_batches", "t.state = 'settled'")
    def signature_is_taken_back(self, handout: Any) -> None:
        with self.office(handout.office_id) as session:
            signed = [entry for entry in ledger.batch_entries(session, handout.id) if entry.item_state == "received"]
            if not signed:
                raise NothingToDo
            handouts.reopen(session, handout.id, signed[0].certificate_id, reason=_REASON)

    def _waiting(self, session: OfficeSession, handout: Any) -> list[UUID]:
        papers = ledger.batch_entries(session, handout.id)
        return [entry.certificate_id for entry in papers if entry.item_state == "waiting"]

    @act("certificates", _IN_FORCE)
    def holder_collects_at_the_office(self, paper: Any) -> None:
        with self.office(paper.office_id) as session:
            handouts.give_to_holder(session, paper.id, receiver="测试代领人", note=_REASON)

    @act("publications", "t.state = 'closed'")
    def certificates_are_issued(self, made: Any) -> None:
        with self.supervisor(made.office_id) as session:
            certificates.issue(session, made.id, offices=self.offices, paper_keys=PAPER_KEYS)

    @act(
        "certificates",
        "t.revoked_at IS NULL AND EXISTS (SELECT FROM outcomes o"
        " WHERE o.application_id = t.application_id AND NOT o.passed)",
    )
    def certificate_is_revoked(self, certificate: Any) -> None:
        with self.supervisor(certificate.office_id) as session:
            certificates.revoke(session, certificate.id, reason=_REASON)

    @act("certificates", "t.revoked_at IS NOT NULL AND t.returned_at IS NULL")
    def paper_comes_back(self, certificate: Any) -> None:
        with self.supervisor(certificate.office_id) as session:
            certificates.return_paper(session, certificate.id)

    @act("certificates", _IN_FORCE)
    def holder_asks_for_another_certificate(self, certificate: Any) -> None:
        [case] = self.rows_for("applications", "t.id = :case", case=certificate.application_id)
        with self.person(case) as session:
            reissues.ask(session, certificate.id, ground=self.luck.choice(list(Ground)), reason=_REASON)

    @act("certificates", _IN_FORCE)
    def office_proposes_another_certificate(self, certificate: Any) -> None:
        with self.office(certificate.office_id) as session:
            reissues.propose(session, certificate.id, ground=self.luck.choice(list(Ground)), reason=_REASON)

    @act("certificate_reissues", "t.state = 'asked'")
    def office_supports_a_reissue(self, reissue: Any) -> None:
        with self.office(reissue.office_id) as session:
            reissues.support(session, reissue.id)

    @act("certificate_reissues", "t.state = 'proposed'")
    def certificate_is_issued_again(self, reissue: Any) -> None:
        with self.supervisor(reissue.office_id) as session:
            reissues.grant(session, reissue.id, offices=self.offices, paper_keys=PAPER_KEYS)

    @act("certificate_reissues", "t.state = 'proposed'")
    def reissue_is_refused(self, reissue: Any) -> None:
        with self.supervisor(reissue.office_id) as session:
            reissues.refuse(session, reissue.id, remark=_REASON)
