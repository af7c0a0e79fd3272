/*
 * sipjs.mjs  A peer that runs SIP.js, see peer.mjs
 */
import {Inviter, Registerer, Session, SessionState, UserAgent} from 'sip.js';
import {Description} from './description.mjs';
import {add, number, print, serve, server, uri} from './peer.mjs';


function watch(session) {
	add(session);
	session.delegate = {
		onRefer: async referral => {
			await referral.accept();
			watch(referral.makeInviter()).invite();
		},
	};
	session.stateChange.addListener(state => {
		if (state === SessionState.Established)
			print(`call ${number(session)} up`);
		if (state === SessionState.Terminated)
			print(`call ${number(session)} over`);
	});

	return session;
}


/* SIP.js leaves it to the application to hang up after a transfer */
function notified(session, notification) {
	const {request} = notification;
	const code = request.body.split(' ')[1];

	notification.accept();
	print(`notify ${number(session)} ${code}`);
	if (code >= 200 && code < 300)
		session.bye();
}


let busy = false;

const agent = new UserAgent({
	uri: UserAgent.makeURI(uri),
	transportOptions: {server},
	sessionDescriptionHandlerFactory: () => new Description(),
	sipExtensionReplaces: 'Supported',
	logLevel: 'warn',
	delegate: {
		onInvite: invitation => {
			if (busy)
				invitation.reject({statusCode: 486});
			else
				watch(invitation).accept();
		},
	},
});

await agent.start();
await new Promise((resolve, reject) =>
	new Registerer(agent).register({
		requestDelegate: {onAccept: resolve, onReject: reject},
	}));

serve({
	call(target) {
		watch(new Inviter(agent, UserAgent.makeURI(target))).invite();
	},

	hold(session) {
		const {holdModifier} = session.sessionDescriptionHandler;

		session.invite({
			sessionDescriptionHandlerModifiers: [holdModifier],
			requestDelegate: {
				onAccept: () =>
					print(`call ${number(session)} held`),
			},
		});
	},

	bye(session) {
		session.bye();
	},

	refer(session, target) {
		const answered = ({message}) =>
			print(`refer ${number(session)} ` +
			      message.statusCode);

		session.refer(target instanceof Session ? target
			      : UserAgent.makeURI(target), {
			requestDelegate: {onAccept: answered,
					  onReject: answered},
			onNotify: n => notified(session, n),
		});
	},

	busy() {
		busy = true;
		print('busy');
	},
});
