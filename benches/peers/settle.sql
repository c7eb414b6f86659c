-- What became of the mail.
update messages set state = $3, reply = $4, settled_at = now() where tenant = $1 and command = $2
