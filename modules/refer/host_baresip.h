/**
 * @file host_baresip.h  What the module asks of baresip beside host.h
 */
#ifndef REFER_HOST_BARESIP_H
#define REFER_HOST_BARESIP_H

/** How a call ended */
struct call_outcome {
	uint16_t scode;
	const char *reason;
};

void host_call_outcome(struct call_outcome *out, const struct call *call,
		       const char *prm);

int  host_calls_init(void);
void host_calls_close(void);
void host_call_add(struct call *call);
void host_call_remove(const struct call *call);

#endif
