/*
 * referee.mjs  SIP.js over UDP: answers calls, executes REFERs
 *
 *   node referee.mjs NAME ADDRESS
 *
 * For the benchmark: there is one other side, who speaks first.
 */
import dgram from 'node:dgram';
import {TransportState, UserAgent} from 'sip.js';
import {EmitterImpl} from 'sip.js/lib/api/emitter.js';
import {Description} from './description.mjs';

const [name, address] = process.argv.slice(2);


class Udp {
	protocol = 'UDP';
	state = TransportState.Disconnected;
	stateChange = new EmitterImpl();
	#socket = dgram.createSocket('udp4');
	#remote;

	async connect() {
		await new Promise(done =>
			this.#socket.bind(5060, address, done));
		this.#socket.on('message', (data, remote) => {
			this.#remote = remote;
			this.onMessage?.(data.toString());
		});
		this.#become(TransportState.Connected);
		this.onConnect?.();
	}

	async disconnect() {
		this.#socket.close();
		this.#become(TransportState.Disconnected);
		this.onDisconnect?.();
	}

	dispose() {
		return this.disconnect();
	}

	isConnected() {
		return this.state === TransportState.Connected;
	}

	async send(message) {
		this.#socket.send(message, this.#remote.port,
				  this.#remote.address);
	}

	#become(state) {
		this.state = state;
		this.stateChange.emit(state);
	}
}


function watch(session) {
	session.delegate = {
		onRefer: async referral => {
			await referral.accept();
			watch(referral.makeInviter()).invite();
		},
	};

	return session;
}

await new UserAgent({
	uri: UserAgent.makeURI(`sip:${name}@${address}`),
	viaHost: address,
	contactName: name,
	contactParams: {transport: 'udp'},
	transportConstructor: Udp,
	sessionDescriptionHandlerFactory: () => new Description(),
	logLevel: 'error',
	logBuiltinEnabled: false,
	delegate: {
		onInvite: invitation => watch(invitation).accept(),
	},
}).start();
