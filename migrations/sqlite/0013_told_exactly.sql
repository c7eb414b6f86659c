-- Of messages that an older version told of it was not known on which pages; now it is. Whoever
-- erases a client reads those pages, not all that there are.
CREATE TEMP TABLE told AS
    SELECT event.value->>'$[3].data.message' AS message,
        min(page.last_seq) AS first, max(page.last_seq) AS last
    FROM event_pages AS page,
        json_each(iif(json_valid(page.events), page.events, '[]')) AS event
    WHERE event.value->>'$[3].data.reply' IS NOT NULL
        AND EXISTS (SELECT 1 FROM messages WHERE told_from = 1)
    GROUP BY 1;
CREATE INDEX temp.told_message ON told (message);
UPDATE messages SET (told_from, told_to) = (
        SELECT first, last FROM told WHERE told.message = messages.message)
    WHERE told_from = 1;
DROP TABLE told;
