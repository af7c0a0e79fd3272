/**
 * @file fuzz_replaces.c  Any value of a Replaces header
 *
 * The parts lie in the value, can be written again, and then mean the same.
 */
#include "fuzz.h"
#include "refer.h"


static void check_part(const struct pl *part, const struct pl *val)
{
	PROPERTY(part->p >= val->p);
	PROPERTY(part->l > 0);
	PROPERTY(part->p + part->l <= val->p + val->l);
	PROPERTY(!fuzz_has(part->p, part->l, " \t\r\n;", 6));
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct refer_replaces rep, again;
	struct pl val, pl;
	char *copy, *str;

	copy = fuzz_copy(&val, data, size);

	if (refer_replaces_decode(&rep, &val))
		goto out;

	check_part(&rep.callid, &val);
	check_part(&rep.to_tag, &val);
	check_part(&rep.from_tag, &val);

	PROPERTY(!re_sdprintf(&str, "%r;to-tag=%r;from-tag=%r%s", &rep.callid,
			      &rep.to_tag, &rep.from_tag,
			      rep.early_only ? ";early-only" : ""));
	pl_set_str(&pl, str);
	PROPERTY(!refer_replaces_decode(&again, &pl));
	PROPERTY(!pl_cmp(&rep.callid, &again.callid));
	PROPERTY(!pl_cmp(&rep.to_tag, &again.to_tag));
	PROPERTY(!pl_cmp(&rep.from_tag, &again.from_tag));
	PROPERTY(rep.early_only == again.early_only);
	mem_deref(str);

 out:
	free(copy);

	return 0;
}
