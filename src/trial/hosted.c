#include "trial/hosted.h"

#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "image/engine/load.h"
#include "trial/hosted_parts.h"
#include "trial/judge.h"
#include "trial/sweeper.h"

#define LABEL_RUN "socle.run"
#define LABEL_UNTIL "socle.until"

/* Longer than any trial takes: what is still there afterwards belongs to nobody. */
static uint64_t time_of_all(const struct trial_setup *s, const struct trial_test *tests, size_t count)
{
	uint64_t one = (s->timeout_ms ? s->timeout_ms : 60000u) / 1000 + 60, seconds = 3600;
	for (size_t i = 0; i < count; i++)
		seconds += one * (1 + tests[i].before.n + tests[i].after.n);
	return seconds;
}

static struct str new_name(struct arena *a)
{
	unsigned char raw[8];
	struct str name = STR("");
	if (getrandom(raw, sizeof raw, 0) != sizeof raw)
		abort(); /* getrandom(2): up to 256 bytes always come */
	for (size_t i = 0; i < sizeof raw; i++)
		name = arena_printf(a, "%.*s%02x", STR_ARG(name), raw[i]);
	return name;
}

static bool find_image(struct hosted *h, const struct hosted_base *base, struct str name,
		       struct arena *a, struct err *e)
{
	h->image = base->id;
	return h->image.n || engine_load(h->engine, base->reference, base->store, base->options,
					 arena_printf(a, "socle-trial:%.*s", STR_ARG(name)),
					 &h->labels, &h->image, a, e);
}

static bool run_all(const struct hosted *h, const struct trial_test *tests, size_t count,
		    struct trial_result *results, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		struct report r = {0};
		if (tests[i].kind == TRIAL_METADATA) {
			judge_metadata(h->setup, &tests[i], &results[i], a);
			continue;
		}
		if (!hosted_one(h, &tests[i], &r, a, e))
			return false;
		judge_report(h->setup, &tests[i], &r, &results[i], a);
	}
	return true;
}

static void end_sweeper(struct sweeper *s)
{
	(void)sweeper_end(s);
}

bool hosted_run(const struct engine *engine, const struct hosted_base *base,
		const struct trial_setup *setup, const struct trial_test *tests, size_t count,
		struct trial_result *results, struct arena *a, struct err *e)
{
	struct hosted h = {.engine = engine, .setup = setup};
	struct err ignored = ERR_INIT;
	uint64_t now = (uint64_t)time(NULL);
	__attribute__((cleanup(end_sweeper))) struct sweeper sweeper = {0, -1};
	if (!trial_check(setup, tests, count, e))
		return false;
	struct str name = new_name(a);
	struct str run = arena_printf(a, LABEL_RUN "=%.*s", STR_ARG(name));
	*vec_push(&h.labels, a) = run;
	*vec_push(&h.labels, a) =
		arena_printf(a, LABEL_UNTIL "=%llu",
			     (unsigned long long)(now + time_of_all(setup, tests, count)));
	/* Of trials whose sweeper was killed as well; what cannot be removed stops nothing. */
	(void)!engine_clean(engine, STR(LABEL_UNTIL), now, &ignored);
	if (!sweeper_start(&sweeper, engine, run, e))
		return false;
	bool ok = find_image(&h, base, name, a, e) && run_all(&h, tests, count, results, a, e);
	if (!sweeper_end(&sweeper) && ok && count > 0)
		*vec_push(&results[count - 1].notes, a) =
			arena_printf(a, "what has the label %.*s could not be removed from %s",
				     STR_ARG(run), engine_name(engine->kind));
	return ok || err_wrap(e, "trial");
}
