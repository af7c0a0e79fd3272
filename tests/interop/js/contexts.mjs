/*
 * contexts.mjs  A peer that runs SIP.js 0.15, see peer.mjs
 *
 * It is the last release with ReferClientContext and ReferServerContext. The
 * former hangs up after a transfer.
 */
import SIP from 'sip.js-0.15';
import {Description} from './description.mjs';
import {add, number, print, serve, server, uri} from './peer.mjs';


const tell = (session, what) => () =>
	print(`call ${number(session)} ${what}`);

function watch(session) {
	add(session);
	session.once('accepted', tell(session, 'up'));
	session.once('terminated', tell(session, 'over'));
	session.on('referRequested', context => {
		if (context instanceof SIP.ReferServerContext) {
			context.accept({followRefer: true});
			watch(context.targetSession);
		}
	});

	return session;
}


let busy = false;

const agent = new SIP.UA({
	uri,
	transportOptions: {wsServers: server, traceSip: false},
	sessionDescriptionHandlerFactory: () => new Description(),
	replaces: SIP.C.supported.SUPPORTED,
	log: {level: 'warn'},
});

agent.on('invite', session => {
	if (busy)
		session.reject({statusCode: 486});
	else
		watch(session).accept();
});

await new Promise((resolve, reject) => {
	agent.on('registered', resolve);
	agent.on('registrationFailed', reject);
});

serve({
	call(target) {
		watch(agent.invite(target));
	},

	hold(session) {
		session.once('reinviteAccepted', tell(session, 'held'));
		session.hold();
	},

	bye(session) {
		session.terminate();
	},

	refer(session, target) {
		const n = number(session);

		session.refer(target, {
			receiveResponse: ({statusCode}) =>
				print(`refer ${n} ${statusCode}`),
		}).on('notify', ({body}) =>
			print(`notify ${n} ${body.split(' ')[1]}`));
	},

	busy() {
		busy = true;
		print('busy');
	},
});
