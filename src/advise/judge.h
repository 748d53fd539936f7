/* judge: one application on one base: predicted, and what was found. */
#pragma once

#include "advise/app.h"
#include "advise/base.h"

struct judgement {
	const struct base *base;
	struct prediction prediction; /* without what was loaded */
	bool promising; /* no facts, but the description names all that the application asks for */
};

struct judge_options {
	unsigned x86_level;   /* of the processor that it shall run on */
	bool x86_intel;       /* see struct predict_target */
	struct str_vec env;   /* given by the person, over the image's */
};

/* An entry that the kernel starts is judged as predict does; one that a runtime takes (main.py) as
 * that runtime's program, found in the base. ERR_USAGE where an entry is not in the application;
 * layers that contradict themselves are ERR_INPUT. */
MUST_USE bool judge(struct judgement *j, const struct app *app, const struct base *base,
                    const struct judge_options *options, struct arena *a, struct err *e);

/* The level of this machine's processor: 1 to 4 for x86-64, else 0. */
unsigned processor_level(void);
bool processor_is_intel(void);
