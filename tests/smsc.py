#!/usr/bin/env python3
"""An SMSC by smpp34, another implementation of SMPP than ours.

smsc.py PORT [silent]

Takes every message and tells that it was delivered, unless it is silent. Each line of its standard
input, FROM TO TEXT, is a text that a phone writes; receipt NAME tells of the message that it calls
so. What happens is printed, a JSON object a line."""
import asyncio
import json
import sys

import smpp34


def say(**what):
    print(json.dumps(what), flush=True)


async def deliver(esme, **pdu):
    answer = await esme.deliver_sm(source_addr_ton=1, source_addr_npi=1, **pdu)
    say(answered=answer.command_status)


async def tell(esme, name, sender, to):
    """That a message was delivered."""
    await deliver(
        esme,
        source_addr=to,
        destination_addr=sender,
        esm_class=4,
        short_message=f"id:{name} sub:001 dlvrd:001 stat:DELIVRD err:000 text:".encode(),
        tlvs=[
            smpp34.Tlv(smpp34.TLV_RECEIPTED_MESSAGE_ID, name.encode() + b"\0"),
            smpp34.Tlv(smpp34.TLV_MESSAGE_STATE, b"\x02"),
        ],
    )


async def write(sessions):
    """What phones write, as the standard input says."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := (await reader.readline()).decode().strip():
        esme = list(sessions.values())[-1]
        if line.startswith("receipt "):
            await tell(esme, line.split(" ")[1], "4455", "393331234567")
            continue
        sender, to, text = line.split(" ", 2)
        await deliver(esme, source_addr=sender, destination_addr=to, short_message=text.encode())


async def main():
    server = smpp34.Server(host="127.0.0.1", port=int(sys.argv[1]), system_id="smsc")
    await server.start()
    sessions, count, tasks = {}, 0, set()
    tasks.add(asyncio.create_task(write(sessions)))
    say(listening=True)
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            sessions[event.session_id] = event
            say(bound=event.system_id)
        elif isinstance(event, smpp34.SubmitSmEvent):
            count += 1
            say(
                to=event.destination_addr,
                sender=event.source_addr,
                esm_class=event.esm_class,
                data_coding=event.data_coding,
                receipt=event.registered_delivery,
                octets=event.short_message.hex(),
            )
            name = f"py-{count}"
            event.accept(message_id=name)
            if "silent" in sys.argv[2:]:
                continue
            esme = sessions[event.session_id]
            receipt = tell(esme, name, event.source_addr, event.destination_addr)
            tasks.add(asyncio.create_task(receipt))
        elif isinstance(event, smpp34.Unbound):
            sessions.pop(event.session_id, None)
            say(unbound=True)


asyncio.run(main())
