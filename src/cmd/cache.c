/* socle cache: what is kept on this machine, and throwing it away. */
#include "cmd/commands.h"
#include "report/store_report.h"

/* "30d", "12h", "90m", "45s" in seconds. */
static bool read_age(const struct session *s, uint64_t *age_s, struct err *e)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
	struct str text = session_value(s, "older-than");
	*age_s = 30 * 86400ull;
	if (!text.n)
		return true;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_ends(text, str_of(units[i].unit)) &&
		    str_to_u64(str_slice(text, 0, text.n - 1), age_s) &&
		    !__builtin_mul_overflow(*age_s, units[i].seconds, age_s))
			return true;
	return err_set(e, ERR_USAGE, "--older-than wants an age, 30d, 12h, 90m or 45s, not %.*s",
	               STR_ARG(text));
}

static int show(struct session *s, struct cache_result *result)
{
	struct err e = ERR_INIT;
	if (!session_render(s, cache_render, result, &e))
		return session_fail(&e);
	return EXIT_YES;
}

static int df(struct session *s)
{
	struct err e = ERR_INIT;
	struct cache_result result = {0};
	if (session_flag(s, "all") || session_value(s, "older-than").n)
		return session_usage(s, "--all and --older-than go with cache prune");
	if (!cache_measure(&result.report, s->arena, &e))
		return session_fail(&e);
	return show(s, &result);
}

static int prune(struct session *s)
{
	struct err e = ERR_INIT;
	struct cache_result result = {.pruned = true};
	uint64_t age_s;
	bool all = session_flag(s, "all");
	if (all && session_value(s, "older-than").n)
		return session_usage(s, "--all and --older-than exclude each other");
	if (!read_age(s, &age_s, &e) ||
	    !cache_prune(&result.report, age_s, all, s->arena, &e))
		return session_fail(&e);
	if (result.report.in_use)
		session_say(s, "%llu of the roots are in use and stay",
		            (unsigned long long)result.report.in_use);
	return show(s, &result);
}

int cmd_cache(struct session *s)
{
	if (s->args.n != 1)
		return session_usage(s, "cache wants df or prune");
	if (str_eq(s->args.p[0], STR("df")))
		return df(s);
	if (str_eq(s->args.p[0], STR("prune")))
		return prune(s);
	return session_usage(s, "%.*s: cache takes df or prune", STR_ARG(s->args.p[0]));
}
