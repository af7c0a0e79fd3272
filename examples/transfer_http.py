#!/usr/bin/env python3
"""Call someone, transfer them, print the outcome: transfer_http.py WHOM TARGET"""
import json, os, sys, time
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen
base = os.environ.get("REST", "http://127.0.0.1:8090") + "/v1/"

def ask(method, path, **body):
    data = json.dumps(body).encode() if method == "POST" else None
    header = {"Content-Type": "application/json"}
    with urlopen(Request(base + path, data, header, method=method)) as answer:
        return json.loads(answer.read() or "null")

whom, target = sys.argv[1:]
try:
    call = ask("POST", "calls", target=whom)
    path = "calls/" + quote(call["id"], safe="")
    while call["state"] != "established":
        time.sleep(0.2)
        call = ask("GET", path)                  # 404 when it is over
    t = ask("POST", "transfers", call=call["id"], target=target)
    while t["state"] != "ENDED":
        t = ask("GET", f"transfers/{t['id']}?wait=60")
    print(t["outcome"], t["code"], t.get("reason", ""))
    if t["outcome"] != "accepted":               # the call goes on
        ask("DELETE", path)
except HTTPError as e:
    sys.exit(json.load(e)["detail"])
