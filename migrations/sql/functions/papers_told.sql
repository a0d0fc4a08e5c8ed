-- A digest of what papers of a plan tell, of one sitting or of all, of one site or of all: who sits where and when under
-- which ticket, and, but for tickets, who invigilates; of the papers of a site also its way, its telephones and photos.
CREATE FUNCTION papers_told(p_plan uuid, p_sitting uuid, p_kind text, p_site uuid DEFAULT NULL) RETURNS text
LANGUAGE sql STABLE SET search_path = public AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n', (
        SELECT string_agg(concat_ws('/', extract(epoch FROM t.starts_at), extract(epoch FROM t.ends_at), t.subjects::text,
            e.code, e.name, CASE WHEN p_kind = 'tickets' THEN e.address END, r.name, s.seat, a.person_name, a.id_tail,
            a.unit_name, x.number, CASE WHEN p_kind IN ('photo_sheets', 'whole_site') THEN (SELECT d.sha256
                FROM documents d WHERE d.application_id = a.id AND d.material = 'photo' AND d.superseded_at IS NULL) END),
            ',' ORDER BY s.sitting_id, s.room_id, s.seat)
        FROM seats s
        JOIN applications a ON a.id = s.application_id
        JOIN sittings t ON t.id = s.sitting_id
        JOIN exam_rooms r ON r.id = s.room_id
        JOIN exam_sites e ON e.id = r.site_id
        LEFT JOIN admission_tickets x ON x.application_id = s.application_id AND x.voided_at IS NULL
        WHERE s.plan_id = p_plan AND s.published_at IS NOT NULL AND s.voided_at IS NULL
        AND (p_sitting IS NULL OR s.sitting_id = p_sitting) AND (p_site IS NULL OR r.site_id = p_site)
    ), (
        SELECT string_agg(concat_ws('/', d.sitting_id, d.room_id, i.name, i.unit_name, d.chief), ','
            ORDER BY d.sitting_id, d.room_id, i.number)
        FROM invigilations d JOIN invigilators i ON i.id = d.invigilator_id JOIN exam_rooms r ON r.id = d.room_id
        WHERE p_kind <> 'tickets' AND d.plan_id = p_plan AND (p_sitting IS NULL OR d.sitting_id = p_sitting)
        AND (p_site IS NULL OR r.site_id = p_site)
    ), (
        SELECT concat_ws('/', e.address, e.directions, e.contacts::text) FROM exam_sites e WHERE e.id = p_site
    )), 'UTF8')), 'hex')
$$;
