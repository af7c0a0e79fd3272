/*
 * jssip.mjs  A peer that runs JsSIP, see peer.mjs
 */
import JsSIP from 'jssip';
import {Media, add, number, print, serve, server, uri} from './peer.mjs';


/* WebRTC without media */
globalThis.window = globalThis;
globalThis.RTCSessionDescription = class {
	constructor({type, sdp}) {
		Object.assign(this, {type, sdp});
	}
};
globalThis.RTCPeerConnection = class extends EventTarget {
	#media = new Media();

	iceGatheringState = 'complete';
	iceConnectionState = 'connected';
	signalingState = 'stable';

	async createOffer() {
		return {type: 'offer', sdp: this.#media.offer()};
	}

	async createAnswer() {
		return {type: 'answer', sdp: this.#media.answer()};
	}

	async setLocalDescription(desc) {
		this.localDescription = desc;
		this.#change(desc, 'have-local-offer');
	}

	async setRemoteDescription(desc) {
		this.#media.take(desc.sdp);
		this.#change(desc, 'have-remote-offer');
	}

	#change({type}, state) {
		this.signalingState = type === 'offer' ? state : 'stable';
	}

	getSenders() {
		return [];
	}

	close() {
		this.signalingState = 'closed';
	}
};

/* Without a stream JsSIP asks the browser for one */
const mediaStream = {getTracks: () => []};


let busy = false;

function watch(session) {
	const over = () => print(`call ${number(session)} over`);

	add(session);
	session.on('confirmed', () => print(`call ${number(session)} up`));
	session.on('ended', over);
	session.on('failed', over);
	session.on('refer', e => e.accept(null, {mediaStream}));
	session.on('replaces', e => busy ? e.reject() : e.accept());
}

const agent = new JsSIP.UA({
	uri,
	sockets: [new JsSIP.WebSocketInterface(server)],
});

agent.on('newRTCSession', ({originator, session}) => {
	if (originator === 'remote' && busy) {
		session.terminate({status_code: 486});
		return;
	}

	watch(session);
	if (originator === 'remote')
		session.answer({mediaStream});
});

agent.start();
await new Promise((resolve, reject) => {
	agent.on('registered', resolve);
	agent.on('registrationFailed', reject);
});

serve({
	call(target) {
		agent.call(target, {mediaStream});
	},

	hold(session) {
		session.hold({}, () => print(`call ${number(session)} held`));
	},

	bye(session) {
		session.terminate();
	},

	refer(session, target) {
		const replaces = typeof target === 'string' ? null : target;
		const notified = ({status_line}) =>
			print(`notify ${number(session)} ` +
			      status_line.status_code);
		const answered = ({response}) =>
			print(`refer ${number(session)} ` +
			      response.status_code);

		if (replaces)
			target = replaces.remote_identity.uri;

		session.refer(target, {
			replaces,
			eventHandlers: {
				requestSucceeded: answered,
				requestFailed: answered,
				trying: notified,
				progress: notified,
				accepted: e => {
					notified(e);
					session.terminate();
				},
				failed: notified,
			},
		});
	},

	busy() {
		busy = true;
		print('busy');
	},
});
