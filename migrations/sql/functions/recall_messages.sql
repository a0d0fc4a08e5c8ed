-- Drops the messages of a decision that its maker takes back, unless they have gone out. The asker is the maker.
CREATE FUNCTION recall_messages(p_event text, p_at timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    UPDATE outbox o SET state = 'dropped', last_error = 'its decision was taken back', due_at = NULL, ended_at = p_at
    WHERE o.event_key = p_event AND o.state IN ('queued', 'failed') AND EXISTS (
        SELECT FROM moves m WHERE 'move:' || m.id = p_event
        AND m.account_id = nullif(current_setting('kaowu.account_id', true), '')::uuid)
$$;

REVOKE ALL ON FUNCTION recall_messages(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION recall_messages(text, timestamptz) TO kaowu_app;
ALTER FUNCTION recall_messages(text, timestamptz) OWNER TO kaowu_transfer;
