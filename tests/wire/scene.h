/**
 * @file scene.h  The scene that most tests begin with
 *
 * alice refers, bob is the baresip under test, carol is the target; alice
 * and carol are scripted peers.
 */
#ifndef SCENE_H
#define SCENE_H

/** Who plays */
struct scene {
	struct peer *alice;
	struct peer *carol;
	struct sut *bob;
	struct dlg *call;     /**< alice's call with bob */
};

extern struct scene t;

void scene_call(const struct sut_opts *opts);
struct msg *call_unacked(const char *config);
struct msg *refer(const char *refer_to, const char *more);
struct msg *refer_carol(const char *more);
void cancel_refer(const struct msg *req);
void notify_status(struct dlg *d, const struct msg *req, const char *state,
		   const char *frag);
struct msg *answer_hold(struct dlg *d);
void answer_resume(struct dlg *d);
struct msg *transfer(const char *target);
struct msg *menu_refer(struct dlg *d);
struct msg *await_refer(struct dlg *d);
const char *replaces(const struct dlg *old);
struct dlg *call_replacing(struct peer *p, const struct dlg *old);
struct dlg *consulting(void);
struct msg *joining(struct dlg **target);
void mend(const char *from, const char *to);
void check_alive(struct dlg *d);
void check_notify(struct msg *n, const struct msg *req, const char *state,
		  const char *frag);

/** alice calls bob: scene(.no_menu = true) */
#define scene(...)							\
	scene_call(&(const struct sut_opts){.name = "bob", ##__VA_ARGS__})

#endif
