/*
 * description.mjs  A SessionDescriptionHandler of SIP.js without WebRTC
 *
 * SIP.js does not tell it offers from answers, so that it has to keep count.
 */
import {Media} from './peer.mjs';

export class Description {
	#media = new Media();
	#state = 'stable';

	async getDescription(options, modifiers = []) {
		const type = this.#state === 'offered' ? 'answer' : 'offer';
		let desc = {type, sdp: this.#media[type]()};

		this.#state = type === 'offer' ? 'offering' : 'stable';
		for (const modify of modifiers)
			desc = await modify(desc);

		return {body: desc.sdp, contentType: 'application/sdp'};
	}

	async setDescription(sdp) {
		this.#media.take(sdp);
		this.#state = this.#state === 'offering' ? 'stable'
							 : 'offered';
	}

	async rollbackDescription() {
		this.#state = 'stable';
	}

	async holdModifier({type, sdp}) {
		return {type, sdp: sdp.replace('sendrecv', 'sendonly')};
	}

	hasDescription(type) {
		return type === 'application/sdp';
	}

	close() {}
}
