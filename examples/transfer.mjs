#!/usr/bin/env node
// Transfer the current call over mqtt, and print the outcome: transfer.mjs TARGET
// Without TARGET: those of all transfers, as after a restart of this program
import net from "node:net";

const [host, port] = (process.env.MQTT ?? "127.0.0.1:1883").split(":");
const topic = `/${process.env.TOPIC ?? "baresip"}`;
const token = `node${process.pid}`;
const socket = net.connect(port, host);
let wake = () => {}, answered, events = 0, input = Buffer.alloc(0);

// MQTT 3.1.1: a byte of type and flags, the length by 7 bits a byte, the rest
function text(s)
{
	const size = Buffer.alloc(2);
	size.writeUInt16BE(Buffer.byteLength(s));
	return Buffer.concat([size, Buffer.from(s)]);
}

function send(type, ...parts)
{
	const body = Buffer.concat(parts.map((p) => Buffer.from(p))), head = [type];
	let n = body.length;
	for (; n > 127; n >>= 7)
		head.push(128 | n & 127);
	socket.write(Buffer.concat([Buffer.from([...head, n]), body]));
}

function receive(type, body)
{
	if (type === 2)          // CONNACK
		send(0x82, [0, 1], text(`${topic}/event`), [0],
		     text(`${topic}/command_resp/${token}`), [0]);
	if (type === 9)          // SUBACK
		main().then(() => socket.end());
	if (type !== 3)          // PUBLISH
		return;

	const size = 2 + body.readUInt16BE(), message = body.subarray(size);
	if (body.toString("utf8", 2, size).endsWith("/event"))
		wake(++events);
	else
		answered(JSON.parse(JSON.parse(message).data));
}

socket.on("data", (data) => {
	input = Buffer.concat([input, data]);
	for (;;) {
		let n = 0, i = 0;
		do {
			if (++i >= input.length)
				return;
			n += (input[i] & 127) << 7 * (i - 1);
		} while (input[i] & 128);
		if (input.length <= i + n)
			return;
		const packet = input.subarray(0, ++i + n);
		input = input.subarray(i + n);
		receive(packet[0] >> 4, packet.subarray(i));
	}
});

function command(name, params)
{
	send(0x30, text(`${topic}/command/${token}`),
	     JSON.stringify({command: name, params: `${params} json`, token}));
	return new Promise((resolve) => answered = resolve);
}

// Asks again whenever something has happened
async function outcome(t)
{
	let seen = -1;
	while (t.ok !== false && t.state !== "ENDED") {
		while (events === seen)
			await new Promise((resolve) => wake = resolve);
		seen = events;
		t = await command("referinfo", t.id);
	}
	console.log(t.error ?? `#${t.id} ${t.outcome} ${t.code} ${t.reason ?? ""}`);
}

async function main()
{
	if (process.argv[2])
		await outcome(await command("transfer", process.argv[2]));
	else
		for (const t of (await command("referlist", "all")).transfers)
			await outcome(t);
}

send(0x10, text("MQTT"), [4, 2, 0, 0], text(""));
