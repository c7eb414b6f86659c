-- Few messages wait in doubt; a start asks for them, for others wait behind them.
CREATE INDEX messages_doubtful ON messages (message) WHERE status = 'ready' AND doubts > 0;
