/* apk's order (apk-package(5)):
 *
 *     number{.number}…{letter}{_suffix{number}}…{~hash}{-r#}
 *
 * Versions are compared part by part. Where one of them has a part of another kind at the same
 * place, the one whose part stands further to the left in that form is the newer ("1.2.1" is newer
 * than "1.2a", "1.2a" than "1.2_p1", that than "1.2-r1" and that than "1.2"), but for the suffixes
 * that come before a release. */
#include "package/version.h"
#include "package/version_parts.h"

/* In the order of the form; what has no place in it counts as the newest, as apk has it. */
enum kind { WRONG = -1, FIRST, NUMBER, LETTER, SUFFIX, SUFFIX_NUMBER, HASH, REVISION, END };

struct part {
	enum kind kind;
	struct str text;
	int suffix; /* below 0: comes before the release */
};

static bool is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

/* 0 for no suffix that apk knows. */
static int suffix_rank(struct str word)
{
	static const struct {
		struct str word;
		int rank;
	} ranks[] = {{STR_INIT("alpha"), -4}, {STR_INIT("beta"), -3}, {STR_INIT("pre"), -2},
	             {STR_INIT("rc"), -1},    {STR_INIT("cvs"), 1},   {STR_INIT("svn"), 2},
	             {STR_INIT("git"), 3},    {STR_INIT("hg"), 4},    {STR_INIT("p"), 5}};
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		if (str_eq(word, ranks[i].word))
			return ranks[i].rank;
	return 0;
}

/* What the mark at the front, which is taken off, says of the rest. */
static struct part marked_part(struct str *rest, enum kind before)
{
	struct part p = {.kind = WRONG};
	char mark = rest->p[0];
	*rest = str_skip(*rest, 1);
	if (mark == '.' && before <= NUMBER) {
		p = (struct part){.kind = NUMBER, .text = take_while(rest, is_digit)};
	} else if (mark == '_' && before <= SUFFIX_NUMBER) {
		p = (struct part){.kind = SUFFIX, .text = take_while(rest, is_small)};
		p.suffix = suffix_rank(p.text);
		p.kind = p.suffix ? SUFFIX : WRONG;
	} else if (mark == '~' && before < HASH) {
		p = (struct part){.kind = HASH, .text = take_while(rest, is_hex)};
	} else if (mark == '-' && before < REVISION && str_starts(*rest, STR("r"))) {
		*rest = str_skip(*rest, 1);
		p = (struct part){.kind = REVISION, .text = take_while(rest, is_digit)};
	}
	if (!p.text.n)
		p.kind = WRONG;
	return p;
}

/* Takes the next part off the front. What fits nowhere is WRONG and ends the version. */
static struct part take_part(struct str *rest, enum kind before)
{
	if (!rest->n)
		return (struct part){.kind = END};
	if (is_small(rest->p[0]) && before <= NUMBER) {
		struct part letter = {.kind = LETTER, .text = str_slice(*rest, 0, 1)};
		*rest = str_skip(*rest, 1);
		return letter;
	}
	if (is_digit(rest->p[0]) && before == SUFFIX)
		return (struct part){.kind = SUFFIX_NUMBER, .text = take_while(rest, is_digit)};
	return marked_part(rest, before);
}

static struct part first_part(struct str *rest)
{
	struct part p = {.kind = FIRST, .text = take_while(rest, is_digit)};
	if (!p.text.n)
		p.kind = WRONG;
	return p;
}

/* Two parts of one kind. A number behind a point that begins with 0 is a fraction: "1.01" is older
 * than "1.1". */
static int same_kind_cmp(const struct part *x, const struct part *y)
{
	switch (x->kind) {
	case NUMBER:
		if (x->text.p[0] == '0' || y->text.p[0] == '0')
			return str_cmp(x->text, y->text);
		return number_cmp(x->text, y->text);
	case FIRST:
	case SUFFIX_NUMBER:
	case REVISION: return number_cmp(x->text, y->text);
	case SUFFIX: return x->suffix - y->suffix;
	default: return str_cmp(x->text, y->text);
	}
}

int version_apk_cmp(struct str left, struct str right)
{
	struct part x = first_part(&left), y = first_part(&right);
	int c = 0;
	while (x.kind == y.kind && x.kind != WRONG && x.kind != END &&
	       (c = same_kind_cmp(&x, &y)) == 0) {
		x = take_part(&left, x.kind);
		y = take_part(&right, y.kind);
	}
	if (x.kind == y.kind)
		return c;
	if (x.kind == SUFFIX && x.suffix < 0)
		return -1;
	if (y.kind == SUFFIX && y.suffix < 0)
		return 1;
	return (int)y.kind - (int)x.kind;
}
