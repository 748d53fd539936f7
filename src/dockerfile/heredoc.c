/* Which here-documents a line opens: parser/parser.go, heredocsFromLine and ParseHeredoc. */
#include "dockerfile/parts.h"

static struct expansion raw_lexer(struct arena *a, uint64_t *steps)
{
	/* The backslash escapes here, whatever the file's own escape is. */
	return (struct expansion){.escape = '\\', .raw_quotes = true, .raw_escapes = true,
	                          .skip_unset = true, .arena = a, .steps = steps};
}

/* The only word that `source` is; false where it is none or more, or no words at all. */
static bool only_word(const struct expansion *x, struct str source, struct str *word)
{
	struct traced ignored;
	struct expanded_words words = {0};
	struct err e = ERR_INIT;
	if (!expand(x, source, &ignored, &words, &e) || words.n != 1)
		return false;
	*word = words.p[0].text;
	return true;
}

/* [N]<<[-]NAME: the name's quotes are gone, and whether it had any. */
static bool read_word(struct str word, struct arena *a, uint64_t *steps, struct heredoc *h)
{
	struct expansion raw = raw_lexer(a, steps), plain = raw;
	struct str quoted;
	while (word.n && word.p[0] >= '0' && word.p[0] <= '9')
		word = str_skip(word, 1);
	if (!str_starts(word, STR("<<")))
		return false;
	word = str_skip(word, 2);
	h->chomp = word.n && word.p[0] == '-';
	if (h->chomp)
		word = str_skip(word, 1);
	plain.raw_quotes = plain.raw_escapes = false;
	if (!word.n || str_index(word, '<') < word.n || !only_word(&plain, word, &h->name) ||
	    !only_word(&raw, word, &quoted))
		return false;
	h->expand = str_eq(h->name, quoted);
	return true;
}

bool heredocs_open(struct instruction *i, struct arena *a, uint64_t *steps, struct err *e)
{
	struct expansion raw = raw_lexer(a, steps);
	struct expanded_words words = {0};
	struct traced ignored;
	struct err quiet = ERR_INIT;
	bool takes = i->kind == INSTRUCTION_RUN || i->kind == INSTRUCTION_COPY || i->kind == INSTRUCTION_ADD;
	if (!takes || i->json || !str_contains(i->joined, STR("<<")))
		return true;
	/* A line that cannot be lexed opens none; but steps that ran out are not the line's fault. */
	if (!expand(&raw, i->joined, &ignored, &words, &quiet)) {
		if (quiet.code == ERR_LIMIT)
			*e = quiet;
		return quiet.code != ERR_LIMIT;
	}
	for (size_t k = 0; k < words.n; k++) {
		struct heredoc h = {0};
		if (!read_word(words.p[k].text, a, steps, &h))
			continue;
		h.at = instruction_span(i, str_slice(i->joined, words.p[k].from, words.p[k].to));
		*vec_push(&i->heredocs, a) = h;
	}
	return true;
}
