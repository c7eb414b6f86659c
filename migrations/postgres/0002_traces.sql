-- The trace that a message belongs to, and in which a timer was set: the `traceparent` of
-- having decided it (W3C Trace Context). NULL of what follows from a command without one.
ALTER TABLE messages ADD COLUMN traceparent text;
ALTER TABLE timers ADD COLUMN traceparent text;
