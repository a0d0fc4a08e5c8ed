-- What stands in the way of a move that would take back what was published or certified; null for nothing. Publishing
-- results holds the same lock alone, so that no move slips behind a list that is just going out. A disqualification
-- carries a final decision out, and is nobody's act without one; so does the review that begins again by an annulment.
CREATE FUNCTION bars_move(p_application uuid, p_action text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF NOT (
        SELECT pg_try_advisory_xact_lock_shared(hashtextextended('outcomes/' || office_id || '/' || year, 0))
        FROM applications WHERE id = p_application
    ) THEN
        RETURN 'publishing';
    ELSIF p_action = 'reopen' AND is_annulled(p_application) THEN
        RETURN NULL;
    ELSIF p_action = 'disqualify' AND loses_certificate(p_application) THEN
        RETURN CASE WHEN is_disqualified(p_application) THEN NULL ELSE 'undecided' END;
    ELSIF EXISTS (
        SELECT FROM certificates
        WHERE application_id = p_application AND revoked_at IS NULL AND superseded_at IS NULL
    ) THEN
        RETURN 'certificate';
    ELSIF EXISTS (
        SELECT FROM publication_entries e JOIN publications p ON p.id = e.publication_id
        WHERE e.application_id = p_application AND e.struck_at IS NULL AND e.released_at IS NULL AND p.state <> 'draft'
    ) THEN
        RETURN 'listed';
    ELSIF p_action = 'disqualify' THEN
        RETURN CASE WHEN is_disqualified(p_application) THEN NULL ELSE 'undecided' END;
    ELSIF EXISTS (
        SELECT FROM outcomes WHERE application_id = p_application AND published_at IS NOT NULL AND annulled_at IS NULL
    ) THEN
        RETURN 'published';
    END IF;
    RETURN NULL;
END
$$;

REVOKE ALL ON FUNCTION bars_move(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bars_move(uuid, text) TO kaowu_app, kaowu_province;
ALTER FUNCTION bars_move(uuid, text) OWNER TO kaowu_transfer;
