-- One language is one key: texts of a tenant's own that were set for `pt-br` and for `pt-BR` were
-- two. Letter case of RFC 5646 §2.1.1: regions in capitals, scripts with one, all else small, and
-- all small behind a single letter.
UPDATE OR REPLACE records SET id = (
    SELECT (body->>'$.key.kind') || '/' || (body->>'$.key.channel') || '/' || group_concat(
        CASE
            WHEN part.key = 0 OR part.key > (
                SELECT coalesce(min(single.key), 99)
                FROM json_each('["' || replace(body->>'$.key.locale', '-', '","') || '"]') AS single
                WHERE length(single.value) = 1
            ) THEN lower(part.value)
            WHEN length(part.value) = 2 THEN upper(part.value)
            WHEN length(part.value) = 4
                THEN upper(substr(part.value, 1, 1)) || lower(substr(part.value, 2))
            ELSE lower(part.value)
        END, '-' ORDER BY part.key)
    FROM json_each('["' || replace(body->>'$.key.locale', '-', '","') || '"]') AS part
)
WHERE kind = 'template';
