-- A digest of what papers of a plan tell, of one sitting or of all: who sits where and when under which ticket, and, but
-- for tickets, who invigilates.
CREATE FUNCTION papers_told(p_plan uuid, p_sitting uuid, p_kind text) RETURNS text
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', (
        SELECT string_agg(concat_ws('/', extract(epoch FROM t.starts_at), extract(epoch FROM t.ends_at), t.subjects::text,
            e.code, e.name, CASE WHEN p_kind = 'tickets' THEN e.address END, r.name, s.seat, a.person_name, a.id_tail,
            a.unit_name, x.number), ',' ORDER BY s.sitting_id, s.room_id, s.seat)
        FROM seats s
        JOIN applications a ON a.id = s.application_id
        JOIN sittings t ON t.id = s.sitting_id
        JOIN exam_rooms r ON r.id = s.room_id
        JOIN exam_sites e ON e.id = r.site_id
        LEFT JOIN admission_tickets x ON x.application_id = s.application_id AND x.voided_at IS NULL
        WHERE s.plan_id = p_plan AND s.published_at IS NOT NULL AND s.voided_at IS NULL
        AND (p_sitting IS NULL OR s.sitting_id = p_sitting)
    ), (
        SELECT string_agg(concat_ws('/', d.sitting_id, d.room_id, i.name, i.unit_name, d.chief), ','
            ORDER BY d.sitting_id, d.room_id, i.number)
        FROM invigilations d JOIN invigilators i ON i.id = d.invigilator_id
        WHERE p_kind <> 'tickets' AND d.plan_id = p_plan AND (p_sitting IS NULL OR d.sitting_id = p_sitting)
    )), 'UTF8')), 'hex')
$$;
