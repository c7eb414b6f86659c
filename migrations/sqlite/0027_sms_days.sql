-- SMS segments that were counted on a day of UTC (days since 1970-01-01), without those that came
-- back: one row a day. What was counted today so far is taken over from the messages, whose ids
-- begin with the instant of their decision.
CREATE TABLE sms_days (
    day      INTEGER PRIMARY KEY,
    segments INTEGER NOT NULL
);
INSERT INTO sms_days (day, segments)
    SELECT unixepoch() / 86400, coalesce(sum(segments), 0) FROM messages
    WHERE channel = 'sms' AND NOT (status IN ('dead', 'expired', 'withdrawn') AND doubts = 0)
        AND message >= printf('%08x-%04x', (unixepoch() / 86400 * 86400000) >> 16,
            (unixepoch() / 86400 * 86400000) & 65535);
