/*
 * peer.mjs  The part of a peer that is the same for each SIP stack
 *
 *   node STACK.mjs NAME ADDRESS PROXY
 *
 * NAME registers at PROXY over a WebSocket from ADDRESS, the address of its
 * media too. There are session descriptions, but no media. Incoming calls are
 * answered, REFERs executed. Commands come on standard input, one a line; N
 * and M are numbers of calls, the first one is 1:
 *
 *   call URI       make a call
 *   hold N         put call N on hold
 *   bye N          end call N
 *   refer N URI    blind transfer of call N
 *   refer N M      attended transfer of call N to the remote party of call M
 *   busy           from now on answer INVITEs with 486
 *
 * Each event prints a line:
 *
 *   ready          registered
 *   call N up, call N held, call N over
 *   refer N CODE   response to the REFER in call N
 *   notify N CODE  NOTIFY in call N
 *   busy           the next INVITE gets 486
 */
import readline from 'node:readline';
import WebSocket from 'ws';

const [name, address, proxy] = process.argv.slice(2);

export const server = `ws://${proxy}:5060`;
export const uri = `sip:${name}@${proxy}`;

globalThis.WebSocket = class extends WebSocket {
	constructor(url, protocol) {
		super(url, protocol, {localAddress: address});
	}
};

export const print = line => process.stdout.write(`${line}\n`);


/* The media of one call as session descriptions */
export class Media {
	#version = 0;
	#remote = 'sendrecv';

	offer(direction = 'sendrecv') {
		return [
			'v=0',
			`o=- 1 ${++this.#version} IN IP4 ${address}`,
			's=-',
			`c=IN IP4 ${address}`,
			't=0 0',
			'm=audio 7000 RTP/AVP 0',
			`a=${direction}`,
			'',
		].join('\r\n');
	}

	/* RFC 3264 section 6.1 */
	answer() {
		const answers = {sendonly: 'recvonly', recvonly: 'sendonly',
				 inactive: 'inactive'};

		return this.offer(answers[this.#remote]);
	}

	take(sdp) {
		const direction = /^a=(send|recv|inactive)\w*/m.exec(sdp);

		this.#remote = direction ? direction[0].slice(2) : 'sendrecv';
	}
}


const calls = [];

export const number = call => calls.indexOf(call) + 1;

/* Number a call */
export function add(call) {
	calls.push(call);
	return call;
}


/* Execute commands; a number becomes the call of that number */
export function serve(commands) {
	readline.createInterface({input: process.stdin}).on('line', line => {
		const [command, ...words] = line.split(' ');
		const args = words.map(w => /^\d+$/.test(w) ? calls[w - 1]
							    : w);

		commands[command](...args);
	});
	print('ready');
}
