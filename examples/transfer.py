#!/usr/bin/env python3
"""Call someone, transfer them, print the outcome: transfer.py WHOM TARGET"""
import json, os, socket, sys
host = os.environ.get("CTRL", "127.0.0.1:4444").split(":")
stream = socket.create_connection((host[0], int(host[1]))).makefile("rwb")

def message():                                   # a netstring: "length:JSON,"
    size = b""
    while not size.endswith(b":"):
        size += stream.read(1)
    return json.loads(stream.read(int(size[:-1]) + 1)[:-1])

def command(name, params):
    text = json.dumps({"command": name, "params": params}).encode()
    stream.write(b"%d:%s," % (len(text), text))
    stream.flush()
    while "response" not in (msg := message()):
        pass
    return msg["data"]

command("dial", sys.argv[1])
while (call := message()).get("type") not in ("CALL_ESTABLISHED", "CALL_CLOSED"):
    pass
if call["type"] == "CALL_CLOSED":
    sys.exit(f"no call with {sys.argv[1]}: {call['param']}")
t = json.loads(command("transfer", f"call={call['id']} {sys.argv[2]} json"))
while t["ok"] and t["state"] != "ENDED":
    message()                                    # until something happens
    t = json.loads(command("referinfo", f"{t['id']} json"))
print(f"{t['outcome']} {t['code']} {t.get('reason', '')}" if t["ok"] else t["error"])
