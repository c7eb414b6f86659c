#!/usr/bin/env python3
"""Verifies every DKIM signature of a mail with dkimpy, another implementation than ours.

verify_dkim.py RECORDS < mail      RECORDS: a JSON object of TXT values by name, without a final dot

Prints the word for each signature, in the mail's order: good or bad. Lines of the mail may end in
bare line feeds."""
import json
import sys

import dkim

records = json.loads(sys.argv[1])
mail = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def txt(name, timeout=5):
    return records[name.decode().rstrip(".")].encode()


count = sum(line.lower().startswith(b"dkim-signature:") for line in mail.split(b"\r\n\r\n")[0].split(b"\r\n"))
for place in range(count):
    try:
        good = dkim.DKIM(mail, minkey=1024).verify(idx=place, dnsfunc=txt)
    except dkim.DKIMException as error:
        print(error, file=sys.stderr)
        good = False
    print("good" if good else "bad")
