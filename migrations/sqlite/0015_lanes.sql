-- Messages wait by channel, by how urgent they are, and by whose they are: what is claimed is a fair
-- part of each, however much of one waits.
ALTER TABLE messages ADD COLUMN lane TEXT NOT NULL DEFAULT 'transactional';
UPDATE messages SET lane = CASE
        WHEN kind IN ('queue.offered', 'payment.requested', 'account.welcome',
            'account.password_reset', 'account.magic_link', 'account.verify_email') THEN 'urgent'
        WHEN kind = 'booking.reminder' THEN 'scheduled'
        WHEN kind IN ('review.requested', 'notice.manual', 'inbox.message', 'inbox.board',
            'client.win_back') THEN 'bulk'
        ELSE 'transactional' END
    WHERE status IN ('ready', 'sending', 'unreadable');
DROP INDEX messages_due;
CREATE INDEX messages_due ON messages (channel, lane, due_ms) WHERE status = 'ready';
CREATE INDEX messages_of_tenants ON messages (channel, lane, tenant, due_ms)
    WHERE status = 'ready';
