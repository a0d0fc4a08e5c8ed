-- What is settled stays as it is. The keeper changes keys and erases texts whose term is over: it decides nothing, and
-- no guard is meant for it.
CREATE FUNCTION guard_settled() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    RAISE EXCEPTION 'what is settled in % stays as it is', TG_TABLE_NAME USING ERRCODE = 'KW028';
END
$$;

CREATE TRIGGER guard_settled BEFORE UPDATE ON accommodation_requests
    FOR EACH ROW WHEN (current_user <> 'kaowu_keeper' AND (OLD.state <> 'asked')) EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON admission_tickets
    FOR EACH ROW
    WHEN (current_user <> 'kaowu_keeper' AND (OLD.voided_at IS NOT NULL))
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON certificate_reissues
    FOR EACH ROW
    WHEN (current_user <> 'kaowu_keeper' AND OLD.state IN ('granted', 'refused'))
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON certificates
    FOR EACH ROW
    WHEN (
        current_user <> 'kaowu_keeper'
        AND (
            OLD.revoked_at IS NOT NULL
            AND (NEW.revoked_by, NEW.revoked_reason) IS DISTINCT FROM (OLD.revoked_by, OLD.revoked_reason)
        )
    )
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON custody_entries
    FOR EACH ROW
    WHEN (current_user <> 'kaowu_keeper' AND (OLD.ended_at IS NOT NULL OR NEW.keep_until < OLD.keep_until))
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON identity_corrections
    FOR EACH ROW
    WHEN (
        current_user NOT IN ('kaowu_keeper', 'kaowu_transfer')
        AND OLD.state IN ('granted', 'refused')
    )
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON plans
    FOR EACH ROW
    WHEN (
        current_user <> 'kaowu_keeper'
        AND (
            OLD.state <> 'draft'
            AND (
                (
                    NEW.sittings, NEW.figures, NEW.published_at, NEW.published_by
                ) IS DISTINCT FROM (OLD.sittings, OLD.figures, OLD.published_at, OLD.published_by)
                OR (NEW.state <> OLD.state AND (OLD.state, NEW.state) <> ('published', 'superseded'))
            )
        )
    )
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON publications
    FOR EACH ROW
    WHEN (
        current_user <> 'kaowu_keeper'
        AND (
            OLD.state IN ('corrected', 'withdrawn')
            OR (
                OLD.state = 'closed'
                AND (
                    NEW.state <> 'withdrawn'
                    OR (NEW.closed_by, NEW.notice_number) IS DISTINCT FROM (OLD.closed_by, OLD.notice_number)
                )
            )
            OR (
                OLD.state = 'published'
                AND (
                    NEW.state NOT IN ('closed', 'corrected', 'withdrawn')
                    OR (NEW.published_at, NEW.published_by) IS DISTINCT FROM (OLD.published_at, OLD.published_by)
                )
            )
        )
    )
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON strikings
    FOR EACH ROW
    WHEN (
        current_user <> 'kaowu_keeper'
        AND OLD.state <> 'proposed'
        AND (OLD.kind, OLD.state, NEW.state) <> ('strike', 'granted', 'proposed')
    )
    EXECUTE FUNCTION guard_settled();
CREATE TRIGGER guard_settled BEFORE UPDATE ON seats
    FOR EACH ROW
    WHEN (
        current_user <> 'kaowu_keeper'
        AND (
            OLD.published_at IS NOT NULL
            AND (
                OLD.voided_at IS NOT NULL
                OR NEW.voided_at IS NULL
                OR (
                    NEW.sitting_id, NEW.room_id, NEW.seat, NEW.by_hand, NEW.published_at
                ) IS DISTINCT FROM (OLD.sitting_id, OLD.room_id, OLD.seat, OLD.by_hand, OLD.published_at)
            )
        )
    )
    EXECUTE FUNCTION guard_settled();
