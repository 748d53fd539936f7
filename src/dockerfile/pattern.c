/* Shell patterns in ${x#…}, ${x%…}, ${x/…/…}: `*` any run, `?` one character, no brackets;
 * shell/lex.go, convertShellPatternToRegex. A pattern is run as an automaton over its parts,
 * so that no pattern takes more than pattern × value steps. */
#include "core/limits.h"
#include "dockerfile/parts.h"

enum part_kind { PART_CHARACTER, PART_ANY, PART_STAR };
struct part {
	enum part_kind kind;
	struct str character;
};
struct parts {
	struct part *p;
	size_t n, cap;
};

/* The first UTF-8 character; a stray byte is one of its own. */
static struct str character(struct str s)
{
	size_t n = 1;
	while (n < s.n && n < 4 && ((unsigned char)s.p[n] & 0xc0) == 0x80 &&
	       (unsigned char)s.p[0] >= 0xc0)
		n++;
	return str_slice(s, 0, n);
}

static bool read_pattern(struct str pattern, struct parts *parts, struct arena *a, struct err *e)
{
	while (pattern.n) {
		struct str c = character(pattern);
		struct part part = {.character = c};
		pattern = str_skip(pattern, c.n);
		if (c.p[0] == '*')
			part.kind = PART_STAR;
		else if (c.p[0] == '?')
			part.kind = PART_ANY;
		if (c.p[0] == '\\') {
			if (pattern.n && (pattern.p[0] == '}' || pattern.p[0] == '/'))
				continue;
			if (!pattern.n || !memchr("*?\\", pattern.p[0], 3))
				return err_set(e, ERR_INPUT, "a backslash escapes only *, ?, \\ in a pattern");
			part.character = str_slice(pattern, 0, 1);
			pattern = str_skip(pattern, 1);
		}
		if (parts->n >= LIMIT_DOCKERFILE_PATTERN)
			return err_set(e, ERR_LIMIT, "a pattern of more than %u characters",
			               LIMIT_DOCKERFILE_PATTERN);
		*vec_push(parts, a) = part;
	}
	return true;
}

static void turn(struct parts *parts)
{
	for (size_t i = 0; i < parts->n / 2; i++) {
		struct part kept = parts->p[i];
		parts->p[i] = parts->p[parts->n - 1 - i];
		parts->p[parts->n - 1 - i] = kept;
	}
}

/* A star may match nothing: what stands behind it is reached at once. */
static void spread(const struct parts *parts, bool *at)
{
	for (size_t i = 0; i < parts->n; i++)
		if (at[i] && parts->p[i].kind == PART_STAR)
			at[i + 1] = true;
}

static void step(const struct parts *parts, bool *at, struct str c)
{
	for (size_t i = parts->n + 1; i-- > 0;) {
		bool stays = i < parts->n && at[i] && parts->p[i].kind == PART_STAR;
		bool comes = i > 0 && at[i - 1] &&
		             (parts->p[i - 1].kind == PART_ANY ||
		              (parts->p[i - 1].kind == PART_CHARACTER &&
		               str_eq(parts->p[i - 1].character, c)));
		at[i] = stays || comes;
	}
	spread(parts, at);
}

/* How many of the characters match; false: none do. Shortest, or longest with `greedy`. */
static bool match(const struct parts *parts, const struct str *c, size_t count, bool back,
                  bool greedy, uint64_t *steps, size_t *length)
{
	bool at[LIMIT_DOCKERFILE_PATTERN + 1] = {true}, found = false;
	spread(parts, at);
	for (size_t i = 0;; i++) {
		if (at[parts->n]) {
			*length = i;
			found = true;
			if (!greedy)
				return true;
		}
		if (i == count || *steps < parts->n + 1)
			return found;
		*steps -= parts->n + 1;
		step(parts, at, back ? c[count - 1 - i] : c[i]);
	}
}

static struct str *characters(struct str value, size_t *count, struct arena *a)
{
	struct str *c = arena_array(a, value.n + 1, sizeof *c);
	for (*count = 0; value.n; ++*count) {
		c[*count] = character(value);
		value = str_skip(value, c[*count].n);
	}
	return c;
}

static bool spent(const uint64_t *steps, struct err *e)
{
	if (*steps > LIMIT_DOCKERFILE_PATTERN + 1)
		return true;
	return err_set(e, ERR_LIMIT, "patterns that take too many steps");
}

bool pattern_trim(struct str pattern, struct str value, enum pattern_end end, bool greedy,
                  uint64_t *steps, struct str *result, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct parts parts = {0};
	size_t count, length;
	bool back = end == PATTERN_BACK;
	if (!read_pattern(pattern, &parts, &scratch, e))
		return false;
	if (back)
		turn(&parts);
	struct str *c = characters(value, &count, &scratch);
	*result = value;
	if (!match(&parts, c, count, back, greedy, steps, &length))
		return spent(steps, e);
	for (size_t i = 0; i < length; i++)
		*result = back ? str_slice(*result, 0, result->n - c[count - 1 - i].n)
		               : str_skip(*result, c[i].n);
	return spent(steps, e);
}

struct replacement {
	char *p;
	size_t n;
};

static bool put(struct replacement *r, struct str s, struct err *e)
{
	if (r->n + s.n > LIMIT_DOCKERFILE_VALUE_BYTES)
		return err_set(e, ERR_LIMIT, "a value of more than %u bytes",
		               LIMIT_DOCKERFILE_VALUE_BYTES);
	if (s.n)
		memcpy(r->p + r->n, s.p, s.n);
	r->n += s.n;
	return true;
}

bool pattern_replace(struct str pattern, struct str value, struct str with, bool all,
                     struct arena *a, uint64_t *steps, struct str *result, struct err *e)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct replacement made = {.p = arena_alloc(&scratch, LIMIT_DOCKERFILE_VALUE_BYTES)};
	struct parts parts = {0};
	size_t count, length;
	bool done = false;
	if (!read_pattern(pattern, &parts, &scratch, e))
		return false;
	struct str *c = characters(value, &count, &scratch);
	for (size_t i = 0; i < count;) {
		bool hit = !done && match(&parts, c + i, count - i, false, true, steps, &length) && length;
		if (!spent(steps, e) || !put(&made, hit ? with : c[i], e))
			return false;
		i += hit ? length : 1;
		done |= hit && !all;
	}
	*result = arena_str(a, (struct str){made.p, made.n});
	return true;
}
