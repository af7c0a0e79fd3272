/*
 * browser.mjs  A person at Chromium
 *
 *   node browser.mjs PROFILE
 *
 * Commands come on standard input, one a line. Things are named as a screen
 * reader names them: by role and name; a name may be cut short. Whatever is
 * looked for is waited for.
 *
 *   open URL
 *   size WIDTH HEIGHT [dark]
 *   click ROLE NAME    with the mouse, where it is shown
 *   tab ROLE NAME      press Tab until it has the focus
 *   key NAME           press Enter, Escape, Space, Tab, ArrowDown, ..
 *   type TEXT          into what has the focus
 *   see TEXT           it is on the page
 *   gone TEXT          it is not, or no longer
 *   hear TEXT          a live region says it
 *   fits               nothing is wider than the window
 *   clean              no dialog of a script, no error, no breach of the
 *                      Content-Security-Policy so far
 *   shot FILE          a picture of the window, as PNG
 *
 * Each prints a line, `N ok` or `N error: TEXT`, N counts commands from 1.
 */
import {execFileSync, spawn} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import readline from 'node:readline';

const WAIT = 15000;       /* ms */
const KEYS = {Space: ' '};
const CODES = {Enter: 13, Escape: 27, Tab: 9, Space: 32, ArrowDown: 40,
	       ArrowUp: 38};
const TEXTS = {Enter: '\r', Space: ' '};

const chromium = spawn('chromium', [
	'--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
	'--disable-dev-shm-usage', '--disable-background-networking',
	'--force-color-profile=srgb', '--hide-scrollbars',
	`--user-data-dir=${process.argv[2]}`, '--remote-debugging-pipe',
	'about:blank',
], {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']});
const [, , , to, from] = chromium.stdio;

/* The DevTools protocol: JSON, each message with a NUL behind it */
const pending = new Map(), faults = [];
let count = 0, session;

function send(method, params = {}) {
	const id = ++count;

	to.write(`${JSON.stringify({id, method, params, sessionId: session})}\0`);
	return new Promise((resolve, reject) =>
		pending.set(id, {resolve, reject}));
}

const NEWS = {
	'Page.javascriptDialogOpening': p => {
		faults.push(`dialog: ${p.message}`);
		send('Page.handleJavaScriptDialog', {accept: true});
	},
	'Runtime.exceptionThrown': p =>
		faults.push(p.exceptionDetails.exception?.description
			    ?? p.exceptionDetails.text),
	'Log.entryAdded': ({entry}) => {
		if (entry.level === 'error' && entry.source !== 'network')
			faults.push(`${entry.source}: ${entry.text}`);
	},
};

function take(message) {
	const waiting = pending.get(message.id);

	pending.delete(message.id);
	if (message.error)
		waiting?.reject(new Error(message.error.message));
	else if (waiting)
		waiting.resolve(message.result);
	else
		NEWS[message.method]?.(message.params);
}

let rest = '';

from.setEncoding('utf8').on('data', data => {
	const messages = (rest + data).split('\0');

	rest = messages.pop();
	messages.forEach(message => take(JSON.parse(message)));
});
chromium.on('exit', () => process.exit(1));
process.on('exit', () => chromium.kill('SIGKILL'));

async function evaluate(expression) {
	const {result} = await send('Runtime.evaluate',
				    {expression, returnByValue: true});

	return result.value;
}

/* Until it is so */
async function until(what, test) {
	const end = Date.now() + WAIT;

	for (;;) {
		const value = await test().catch(() => null);

		if (value)
			return value;
		if (Date.now() > end)
			throw new Error(`no ${what}, but: `
				+ await evaluate('document.body.innerText'));
		await new Promise(resolve => setTimeout(resolve, 50));
	}
}

async function find(role, name) {
	const {nodes} = await send('Accessibility.getFullAXTree');

	return nodes.find(node => !node.ignored && node.role?.value === role
			  && node.name?.value.startsWith(name));
}

const focused = node => node?.properties?.some(p =>
	p.name === 'focused' && p.value.value);

async function press(key) {
	const event = {key: KEYS[key] ?? key, code: key,
		       windowsVirtualKeyCode: CODES[key], text: TEXTS[key]};

	await send('Input.dispatchKeyEvent', {type: 'keyDown', ...event});
	await send('Input.dispatchKeyEvent', {type: 'keyUp', ...event});
}

async function click(role, ...words) {
	const name = words.join(' ');
	const node = await until(`${role} ${name}`, () => find(role, name));
	const where = {backendNodeId: node.backendDOMNodeId};

	await send('DOM.scrollIntoViewIfNeeded', where);

	const {quads: [quad]} = await send('DOM.getContentQuads', where);
	const mouse = {x: (quad[0] + quad[4]) / 2, y: (quad[1] + quad[5]) / 2,
		       button: 'left', clickCount: 1};

	await send('Input.dispatchMouseEvent', {type: 'mouseMoved', ...mouse});
	await send('Input.dispatchMouseEvent', {type: 'mousePressed', ...mouse});
	await send('Input.dispatchMouseEvent', {type: 'mouseReleased', ...mouse});
}

const LIVE = `[...document.querySelectorAll('[role=status], [role=alert]')]
	.map(node => node.textContent).join('\\n')`;

const has = async (expression, text) =>
	(await evaluate(expression)).includes(text);

const commands = {
	click,
	key: press,
	open: url => send('Page.navigate', {url}),
	type: (...words) => send('Input.insertText', {text: words.join(' ')}),

	async size(width, height, dark) {
		await send('Emulation.setDeviceMetricsOverride', {
			width: Number(width), height: Number(height),
			deviceScaleFactor: 1, mobile: false,
		});
		await send('Emulation.setEmulatedMedia', {features: [
			{name: 'prefers-color-scheme', value: dark ?? 'light'},
			{name: 'prefers-reduced-motion', value: 'reduce'},
		]});
	},
	async tab(role, ...words) {
		const name = words.join(' ');

		await until(`${role} ${name}`, () => find(role, name));
		for (let i = 0; i < 60; ++i) {
			if (focused(await find(role, name)))
				return;
			await press('Tab');
		}
		throw new Error(`Tab does not reach ${role} ${name}`);
	},
	see: (...words) => until(words.join(' '), () =>
		has('document.body.innerText', words.join(' '))),
	gone: (...words) => until(`end of ${words.join(' ')}`, async () =>
		!await has('document.body.innerText', words.join(' '))),
	hear: (...words) => until(`${words.join(' ')} in a live region`, () =>
		has(LIVE, words.join(' '))),

	async fits() {
		const [wide, room] = await evaluate(
			'[document.documentElement.scrollWidth, innerWidth]');

		if (wide > room)
			throw new Error(`${wide} px in a window of ${room} px`);
	},
	async clean() {
		if (faults.length)
			throw new Error(faults.join('; '));
	},
	async shot(file) {
		const {data} = await send('Page.captureScreenshot',
					  {format: 'png'});

		writeFileSync(file, Buffer.from(data, 'base64'));
		execFileSync('pngquant', ['--force', '--strip', '--nofs',
					  '--output', file, '64', file]);
	},
};

const {targetInfos: [target]} = await send('Target.getTargets',
					   {filter: [{type: 'page'}]});

({sessionId: session} = await send('Target.attachToTarget',
				   {targetId: target.targetId, flatten: true}));
for (const domain of ['Page', 'Runtime', 'Log', 'DOM', 'Accessibility'])
	await send(`${domain}.enable`);
process.stdout.write('ready\n');

let number = 0;

for await (const line of readline.createInterface({input: process.stdin})) {
	const [command, ...words] = line.split(' ');
	let answer = 'ok';

	try {
		await commands[command](...words);
	}
	catch (error) {
		answer = `error: ${error.message.replaceAll('\n', ' | ')}`;
	}
	process.stdout.write(`${++number} ${answer}\n`);
}
process.exit(0);
