#include "cmd/session.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd/settings.h"
#include "core/limits.h"
#include "os/file.h"

/* ---- Reading the command line ---- */

static bool takes(const struct command *c, const char *name)
{
	struct str rest = str_of(c->options), word;
	while (str_word(&rest, &word))
		if (str_eq(word, str_of(name)))
			return true;
	return false;
}

static const struct option *find_option(const struct session *s, struct str name, char letter)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &option_table[i];
		if ((letter ? o->letter == letter : str_eq(name, str_of(o->name))) &&
		    takes(s->command, o->name))
			return o;
	}
	return NULL;
}

static struct str_vec *values_of(struct session *s, const struct option *o)
{
	bool added;
	uintptr_t *slot = map_put(&s->values, s->arena, str_of(o->name), &added);
	if (added)
		*slot = (uintptr_t)ARENA_NEW(s->arena, struct str_vec);
	return (struct str_vec *)*slot;
}

static bool unknown_option(const struct session *s, struct str text, struct err *e)
{
	return err_set(e, ERR_USAGE, "%.*s is no option of %s; see: socle %s --help", STR_ARG(text),
	               s->command->name, s->command->name);
}

/* One "--name", "--name=value", "-x value" or "-xvalue"; *i moves over a value of its own. */
static bool read_option(struct session *s, int argc, char *const *argv, int *i, struct err *e)
{
	struct str text = str_of(argv[*i]), value = STR_NONE;
	const struct option *o;
	if (text.p[1] == '-') {
		struct str name = str_skip(text, 2);
		size_t equals = str_index(name, '=');
		if (equals < name.n)
			value = str_skip(name, equals + 1);
		o = find_option(s, str_slice(name, 0, equals), 0);
	} else {
		o = find_option(s, STR(""), text.p[1]);
		if (o && text.n > 2)
			value = str_skip(text, 2);
	}
	if (!o)
		return unknown_option(s, str_slice(text, 0, str_index(text, '=')), e);
	if (!o->value) {
		if (value.p)
			return err_set(e, ERR_USAGE, "--%s takes no value", o->name);
		*vec_push(values_of(s, o), s->arena) = STR("true");
		return true;
	}
	if (!value.p) {
		if (*i + 1 >= argc)
			return err_set(e, ERR_USAGE, "--%s wants a value: --%s %s", o->name, o->name,
			               o->value);
		value = str_of(argv[++*i]);
	}
	*vec_push(values_of(s, o), s->arena) = value;
	return true;
}

static bool read_arguments(struct session *s, int argc, char *const *argv, struct err *e)
{
	for (int i = 0; i < argc; i++) {
		struct str text = str_of(argv[i]);
		if (str_eq(text, STR("--"))) {
			while (++i < argc)
				*vec_push(&s->args, s->arena) = str_of(argv[i]);
			return true;
		}
		if (text.n > 1 && text.p[0] == '-') {
			if (!read_option(s, argc, argv, &i, e))
				return false;
		} else {
			*vec_push(&s->args, s->arena) = text;
		}
	}
	return true;
}

/* ---- Environment and file ---- */

/* SOCLE_MAX_SIZE for --max-size. */
static const char *variable_of(const struct option *o, struct arena *a)
{
	char *name = arena_cstr(a, arena_printf(a, "SOCLE_%s", o->name));
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c;
	return name;
}

/* A flag's word outside the command line. */
static bool read_flag(struct str text, bool *set)
{
	*set = str_eq(text, STR("1")) || str_eq(text, STR("true")) || str_eq(text, STR("yes"));
	return *set || str_eq(text, STR("0")) || str_eq(text, STR("false")) || str_eq(text, STR("no"));
}

static bool read_environment(struct session *s, struct err *e)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &option_table[i];
		const char *name = variable_of(o, s->arena);
		const char *value = takes(s->command, o->name) ? getenv(name) : NULL;
		bool set = true;
		if (!value || !*value || session_values(s, o->name)->n)
			continue;
		if (!o->value && !read_flag(str_of(value), &set))
			return err_set(e, ERR_USAGE, "%s wants true or false, not \"%s\"", name, value);
		if (set)
			*vec_push(values_of(s, o), s->arena) = str_of(value);
	}
	return true;
}

static bool read_settings(struct session *s, struct err *e)
{
	struct settings settings;
	if (!path_exists(".socle.yaml"))
		return true;
	if (!settings_read(&settings, ".socle.yaml", s->arena, e))
		return false;
	struct map given = {0}; /* what the command line or the environment has said */
	for (size_t i = 0; i < option_count; i++)
		if (session_values(s, option_table[i].name)->n)
			map_put(&given, s->arena, str_of(option_table[i].name), NULL);
	for (size_t i = 0; i < settings.n; i++) {
		const struct option *o = NULL;
		for (size_t k = 0; k < option_count && !o; k++)
			if (str_eq(settings.p[i].key, str_of(option_table[k].name)))
				o = &option_table[k];
		if (!o)
			return err_set(e, ERR_USAGE, ".socle.yaml:%u: %.*s is no option of socle",
			               settings.p[i].line, STR_ARG(settings.p[i].key));
		/* A setting for another command is none for this one. */
		if (!takes(s->command, o->name) || map_find(&given, str_of(o->name)))
			continue;
		bool set = settings.p[i].value.n > 0; /* "test:" alone says nothing */
		if (!o->value && !read_flag(settings.p[i].value, &set))
			return err_set(e, ERR_USAGE, ".socle.yaml:%u: %s wants true or false, not \"%.*s\"",
			               settings.p[i].line, o->name, STR_ARG(settings.p[i].value));
		if (set)
			*vec_push(values_of(s, o), s->arena) = settings.p[i].value;
	}
	return true;
}

/* ---- Where results go ---- */

static bool format_known(const struct command *c, struct str format)
{
	struct str rest = str_of(c->formats), word;
	while (str_word(&rest, &word))
		if (str_eq(word, format))
			return true;
	return false;
}

/* One -o. Looked at before the work is done: nobody wants to hear after a long trial that its
 * result cannot be written. */
static bool add_output(struct session *s, struct str format, struct str path, struct err *e)
{
	if (!format_known(s->command, format))
		return err_set(e, ERR_USAGE, "%s has no output format %.*s; it has: %s",
		               s->command->name, STR_ARG(format), s->command->formats);
	for (size_t i = 0; i < s->outputs.n; i++)
		if (str_eq(s->outputs.p[i].path, path))
			return err_set(e, ERR_USAGE, "two outputs go to %.*s: give one a file, -o %.*s=FILE",
			               STR_ARG(path.n ? path : STR("standard output")), STR_ARG(format));
	*vec_push(&s->outputs, s->arena) = (struct output){.format = format, .path = path};
	return !path.n || file_writable(arena_cstr(s->arena, path), e);
}

static bool read_outputs(struct session *s, struct err *e)
{
	const struct str_vec *asked = session_values(s, "output");
	for (size_t i = 0; i < asked->n; i++) {
		struct str text = asked->p[i];
		size_t equals = str_index(text, '=');
		if (equals + 1 == text.n)
			return err_set(e, ERR_USAGE, "-o %.*s names no file behind \"=\"", STR_ARG(text));
		if (!add_output(s, str_slice(text, 0, equals), str_skip(text, equals + 1), e))
			return false;
	}
	struct str standard = str_of(s->command->formats);
	if (!asked->n && standard.n &&
	    !add_output(s, str_slice(standard, 0, str_index(standard, ' ')), STR(""), e))
		return false;
	/* --evidence FILE is one more output. */
	struct str evidence = session_value(s, "evidence");
	return !evidence.n || add_output(s, STR("evidence"), evidence, e);
}

static bool choose_color(const struct session *s, struct err *e, bool *color)
{
	struct str when = session_value(s, "color");
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	if (!when.n || str_eq(when, STR("auto")))
		*color = isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
		         !(term && !strcmp(term, "dumb"));
	else if (str_eq(when, STR("always")) || str_eq(when, STR("never")))
		*color = str_eq(when, STR("always"));
	else
		return err_set(e, ERR_USAGE, "--color wants auto, always or never, not %.*s",
		               STR_ARG(when));
	return true;
}

static unsigned terminal_width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	uint64_t n;
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
		return size.ws_col;
	if (columns && str_to_u64(str_of(columns), &n) && n >= 20 && n <= 10000)
		return (unsigned)n;
	return 100;
}

bool session_parse(struct session *s, int argc, char *const *argv, struct err *e)
{
	if (!read_arguments(s, argc, argv, e))
		return false;
	if (session_flag(s, "help"))
		return true;
	if (!read_environment(s, e) || !read_settings(s, e) || !read_outputs(s, e) ||
	    !choose_color(s, e, &s->color))
		return false;
	s->quiet = session_flag(s, "quiet");
	s->verbose = session_flag(s, "verbose");
	s->width = terminal_width();
	return true;
}

/* ---- Asking ---- */

const struct str_vec *session_values(const struct session *s, const char *name)
{
	static const struct str_vec none;
	const struct str_vec *v = map_get(&s->values, str_of(name));
	return v ? v : &none;
}

bool session_flag(const struct session *s, const char *name)
{
	return session_values(s, name)->n > 0;
}

struct str session_value(const struct session *s, const char *name)
{
	const struct str_vec *v = session_values(s, name);
	return v->n ? v->p[v->n - 1] : STR("");
}

bool session_number(const struct session *s, const char *name, uint64_t fallback, uint64_t *value,
                    struct err *e)
{
	struct str text = session_value(s, name);
	*value = fallback;
	if (!text.n)
		return true;
	uint64_t unit = 1;
	size_t digits = 0;
	while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9')
		digits++;
	struct str suffix = str_skip(text, digits);
	if (str_eq(suffix, STR("k")) || str_eq(suffix, STR("kB")))
		unit = 1000;
	else if (str_eq(suffix, STR("M")) || str_eq(suffix, STR("MB")))
		unit = 1000 * 1000;
	else if (str_eq(suffix, STR("G")) || str_eq(suffix, STR("GB")))
		unit = 1000 * 1000 * 1000;
	else if (suffix.n && !str_eq(suffix, STR("B")))
		return err_set(e, ERR_USAGE, "--%s: %.*s is no number (units: k, M, G)", name,
		               STR_ARG(text));
	if (!str_to_u64(str_slice(text, 0, digits), value) ||
	    __builtin_mul_overflow(*value, unit, value))
		return err_set(e, ERR_USAGE, "--%s: %.*s is no number that fits", name, STR_ARG(text));
	return true;
}

bool session_limit(const struct session *s, bool *limited, enum severity_word *limit,
                   struct err *e)
{
	struct str word = session_value(s, "fail-on");
	*limited = word.n > 0;
	return !word.n || severity_parse(word, limit) ||
	       err_set(e, ERR_USAGE,
	               "--fail-on wants unknown, negligible, low, medium, high or critical, not %.*s",
	               STR_ARG(word));
}

static struct str utc_text(time_t at, struct arena *a)
{
	struct tm tm;
	gmtime_r(&at, &tm);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
	                    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* reproducible-builds.org: the time that a document may tell; false where none is set. */
static bool fixed_time(time_t *at)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds;
	if (!fixed || !str_to_u64(str_of(fixed), &seconds) || seconds > INT32_MAX)
		return false;
	*at = (time_t)seconds;
	return true;
}

struct str session_fixed_time(const struct session *s)
{
	time_t at;
	return fixed_time(&at) ? utc_text(at, s->arena) : STR("");
}

struct str session_now(const struct session *s)
{
	return utc_text(time(NULL), s->arena);
}

struct str session_today(const struct session *s)
{
	time_t at;
	if (!fixed_time(&at))
		at = time(NULL);
	return str_slice(utc_text(at, s->arena), 0, sizeof "2026-11-24" - 1);
}

/* ---- Speaking ---- */

static void complain(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
static void complain(const char *fmt, va_list ap)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	char message[1024];
	vsnprintf(message, sizeof message, fmt, ap);
	struct str clean = text_clean(str_of(message), &scratch);
	fprintf(stderr, "socle: %.*s\n", STR_ARG(clean));
}

void session_complain(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
}

void session_say(const struct session *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	if (!s->quiet)
		complain(fmt, ap);
	va_end(ap);
}

int session_fail(const struct err *e)
{
	session_complain("%s", e->message);
	return EXIT_TROUBLE;
}

int session_usage(const struct session *s, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	fprintf(stderr, "usage: socle %s %s\n       socle %s --help explains it\n", s->command->name,
	        s->command->synopsis, s->command->name);
	return EXIT_TROUBLE;
}

/* ---- Rendering ---- */

void session_stdout(void)
{
	signal(SIGPIPE, SIG_DFL);
}

/* A file is written whole or not at all: rendered into memory, then replaced. */
static bool render_file(struct session *s, const struct output *to, session_renderer *render,
                        const void *result, struct err *e)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);
	if (!f)
		out_of_memory();
	struct out out = {.file = f, .verbose = s->verbose, .width = 100};
	bool ok = render(&out, to->format, result, s->arena);
	ok = fclose(f) == 0 && ok;
	/* A result of nothing is no file: what lies there under that name stays. */
	if (ok && size == 0) {
		free(text);
		return true;
	}
	ok = ok ? file_replace(arena_cstr(s->arena, to->path), (struct str){text, size}, 0644, e)
	        : err_set(e, ERR_IO, "%.*s: could not be rendered", STR_ARG(to->path));
	free(text);
	return ok;
}

bool session_render(struct session *s, session_renderer *render, const void *result,
                    struct err *e)
{
	const struct output *standard = NULL;
	for (size_t i = 0; i < s->outputs.n; i++) {
		const struct output *to = &s->outputs.p[i];
		if (!to->path.n)
			standard = to;
		else if (!render_file(s, to, render, result, e))
			return false;
	}
	if (!standard)
		return true;
	session_stdout();
	struct out out = {.file = stdout, .color = s->color, .verbose = s->verbose,
	                  .width = s->width};
	if (!render(&out, standard->format, result, s->arena) || fflush(stdout) != 0 ||
	    ferror(stdout))
		return err_errno(e, "standard output");
	return true;
}
