#include "package/license.h"

#include "core/limits.h"
#include "core/vec.h"
#include "package/license_list.h"
#include "package/version_parts.h"

/* As the list writes it; NULL where it is not there. */
static const struct str *listed(const struct str *list, size_t n, struct str wanted)
{
	size_t from = 0;
	while (from < n) {
		size_t middle = from + (n - from) / 2;
		int c = small_cmp(wanted, list[middle]);
		if (c == 0)
			return &list[middle];
		if (c < 0)
			n = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

static const struct str *listed_license(struct str id)
{
	return listed(ids, sizeof ids / sizeof *ids, id);
}

/* ---- Words ---- */

enum kind { KIND_END, KIND_OPEN, KIND_CLOSE, KIND_AND, KIND_OR, KIND_WITH, KIND_ID, KIND_WRONG };

static bool is_id_char(char c)
{
	return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '+';
}

static enum kind take_word(struct str *rest, struct str *word)
{
	static const struct str operators[] = {STR_INIT("and"), STR_INIT("or"), STR_INIT("with")};
	take_while(rest, is_blank);
	*word = str_slice(*rest, 0, 1);
	if (!rest->n)
		return KIND_END;
	if (rest->p[0] == '(' || rest->p[0] == ')') {
		*rest = str_skip(*rest, 1);
		return word->p[0] == '(' ? KIND_OPEN : KIND_CLOSE;
	}
	*word = take_while(rest, is_id_char);
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
		if (small_cmp(*word, operators[i]) == 0)
			return KIND_AND + i;
	return word->n ? KIND_ID : KIND_WRONG;
}

/* ---- The grammar ---- */

/* A licence or an exception in the list's own writing; empty where it is not on the list. Licences
 * may have a "+" behind them, which some identifiers have themselves. */
static struct str canonical(struct str id, bool exception, struct arena *a)
{
	const struct str *found =
		exception ? listed(exceptions, sizeof exceptions / sizeof *exceptions, id)
			  : listed_license(id);
	if (found)
		return *found;
	if (exception || !str_ends(id, STR("+")))
		return STR("");
	found = listed_license(str_slice(id, 0, id.n - 1));
	return found ? arena_printf(a, "%.*s+", STR_ARG(*found)) : STR("");
}

/* Of the words so far: what the next one may be. */
enum state { WANTS_LICENSE, BEHIND_LICENSE, WANTS_EXCEPTION, BEHIND_EXCEPTION };

struct expression {
	enum state state;
	unsigned depth; /* of parentheses */
	struct str text;
};

static bool add_word(struct expression *x, enum kind kind, struct str word, struct arena *a)
{
	static const struct str operators[] = {STR_INIT(" AND "), STR_INIT(" OR "),
					       STR_INIT(" WITH ")};
	bool wants = x->state == WANTS_LICENSE || x->state == WANTS_EXCEPTION;
	switch (kind) {
	case KIND_OPEN:
		if (x->state != WANTS_LICENSE || x->depth++ == LIMIT_JSON_DEPTH)
			return false;
		break;
	case KIND_CLOSE:
		if (wants || x->depth-- == 0)
			return false;
		x->state = BEHIND_EXCEPTION;
		break;
	case KIND_ID:
		if (!wants)
			return false;
		word = canonical(word, x->state == WANTS_EXCEPTION, a);
		x->state++;
		break;
	case KIND_WITH:
	case KIND_AND:
	case KIND_OR:
		if (wants || (kind == KIND_WITH && x->state != BEHIND_LICENSE))
			return false;
		word = operators[kind - KIND_AND];
		x->state = kind == KIND_WITH ? WANTS_EXCEPTION : WANTS_LICENSE;
		break;
	default:
		return false;
	}
	x->text = arena_printf(a, "%.*s%.*s", STR_ARG(x->text), STR_ARG(word));
	return word.n > 0;
}

struct str license_expression(struct str declared, struct arena *a)
{
	struct expression x = {.state = WANTS_LICENSE, .text = STR("")};
	struct str word;
	enum kind kind;
	if (declared.n > LIMIT_LICENSE_BYTES)
		return STR("");
	while ((kind = take_word(&declared, &word)) != KIND_END)
		if (!add_word(&x, kind, word, a))
			return STR("");
	bool ends = x.state == BEHIND_LICENSE || x.state == BEHIND_EXCEPTION;
	return ends && x.depth == 0 ? x.text : STR("");
}

bool license_is_id(struct str expression)
{
	const struct str *found = listed_license(expression);
	return found && str_eq(*found, expression);
}
