#!/usr/bin/env python3
"""Call transfer for asyncio, with a baresip that has refer.so and ctrl_tcp.so

    async with Baresip(on_refer=decide) as phone:
        call = await phone.call("sip:bob@example.org")
        outcome = await phone.transfer(call, "sip:carol@example.org")

Each transfer ends with one Outcome, so that await always comes back. With
`refer_policy ask` on_refer decides on each REFER that comes. A command that
fails raises Error, and everything that waits does when baresip goes away.

    refer.py transfer WHOM TARGET   call, then blind transfer
    refer.py join WHOM TARGET       call both, then attended transfer
    refer.py decide HOST            accept each REFER to HOST, reject the rest
"""
import asyncio
import json
import os
import sys
from collections import deque, namedtuple

Outcome = namedtuple("Outcome", "name code reason")     # "accepted", 200, "OK"
Refer = namedtuple("Refer", "id peer target")


class Error(Exception):
    pass

def settle(future, result):
    if not future.done():           # who waited may have been cancelled
        future.set_result(result)


class Baresip:
    def __init__(self, host="127.0.0.1", port=4444, on_refer=None):
        self.address, self.on_refer = (host, port), on_refer
        self.answers = deque()      # futures of commands, in their order
        self.ended = {}             # futures by the number of a transfer
        self.calls = {}             # futures by the peer that is called
        self.tasks = {}             # decisions under way, by number

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection(*self.address)
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.create_task(self._read())
        for t in (await self.refer("referlist", ""))["transfers"]:
            if t["state"] in ("WAITING", "PENDING"):
                self._ask(t["id"])  # it came before us
        return self

    async def __aexit__(self, *_):
        self.writer.close()
        for task in (self.task, *self.tasks.values()):
            task.cancel()

    async def command(self, name, params=""):
        """Any command: its answer as text"""
        if self.task.done():
            raise Error("baresip is gone")
        answer = self.loop.create_future()
        self.answers.append(answer)
        text = json.dumps({"command": name, "params": params}).encode()
        self.writer.write(b"%d:%s," % (len(text), text))
        return await answer

    async def refer(self, name, params):
        """A command of refer.so: its answer as a dict"""
        answer = json.loads(await self.command(name, params + " json"))
        if not answer["ok"]:
            raise Error(answer["error"])
        return answer

    async def call(self, uri):
        """Call somebody: the id of the call, once it is established"""
        self.calls[uri] = self.loop.create_future()
        try:
            await self.command("dial", uri)
            return await self.calls[uri]
        finally:
            del self.calls[uri]

    async def transfer(self, call, target, options=""):
        """Blind transfer; the options are those of /transfer"""
        return await self._outcome("transfer", f"call={call} {target} {options}")

    async def join(self, call, other, options=""):
        """Attended transfer: the two parties talk to each other"""
        return await self._outcome("atransfer", f"{call} {other} {options}")

    async def _outcome(self, name, params):
        number = (await self.refer(name, params))["id"]
        try:
            await self._end(number)
        finally:
            del self.ended[number]
        t = await self.refer("referinfo", str(number))
        return Outcome(t["outcome"], t["code"], t.get("reason", ""))

    def _end(self, number):         # the end may come before its number
        return self.ended.setdefault(number, self.loop.create_future())

    async def _read(self):
        try:
            while True:             # a netstring: "length:JSON,"
                size = int((await self.reader.readuntil(b":"))[:-1])
                text = await self.reader.readexactly(size + 1)
                msg = json.loads(text[:-1].decode(errors="replace"))
                if "response" in msg:
                    settle(self.answers.popleft(), msg["data"])
                else:
                    self._event(msg)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            for future in (*self.answers, *self.ended.values(), *self.calls.values()):
                if not future.done():
                    future.set_exception(Error("baresip is gone"))

    def _event(self, msg):
        kind, _, rest = msg.get("param", "").partition(",")
        if kind == "refer":
            name, _, fields = rest.partition(",")
            number = int(fields.partition(" ")[0].partition("=")[2] or 0)
            if name == "referEnded" and " role=client " in fields:
                settle(self._end(number), None)
            elif name == "referRequested":
                self._ask(number)
            return
        future = self.calls.get(msg.get("peeruri"))
        if not future or msg.get("direction") != "outgoing":
            return
        if msg["type"] == "CALL_ESTABLISHED":
            settle(future, msg["id"])
        elif msg["type"] == "CALL_CLOSED" and not future.done():
            future.set_exception(Error(msg["param"]))

    def _ask(self, number):
        if self.on_refer and number not in self.tasks:
            self.tasks[number] = asyncio.create_task(self._decide(number))
            self.tasks[number].add_done_callback(lambda _: self.tasks.pop(number))

    async def _decide(self, number):
        t = await self.refer("referinfo", str(number))
        yes = await self.on_refer(Refer(number, t["peer"], t["target"]))
        await self.refer("referaccept" if yes else "referreject", str(number))


async def main(what, *args):
    async def decide(refer):
        yes = refer.target.endswith("@" + args[0])
        print(refer.peer, "->", refer.target, "yes" if yes else "no", flush=True)
        return yes

    host, port = os.environ.get("CTRL", "127.0.0.1:4444").split(":")
    async with Baresip(host, int(port), decide) as phone:
        if what == "decide":
            return await phone.task
        call = await phone.call(args[0])
        if what == "transfer":
            outcome = await phone.transfer(call, args[1])
        else:
            outcome = await phone.join(call, await phone.call(args[1]))
        print(*outcome)

if __name__ == "__main__":
    try:
        asyncio.run(main(*sys.argv[1:]))
    except (Error, OSError) as error:
        sys.exit(str(error))
