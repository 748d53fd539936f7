/* Lines into instructions, as frontend/dockerfile/parser/parser.go does it:
 *
 *     physical lines --(comments out, continuations joined)--> joined lines
 *     joined line    --(words.c)--> keyword, flags, tokens
 *     RUN, COPY, ADD --(heredoc.c)--> the lines that follow are their here-documents
 *
 * Directives stand before everything else: a blank line, another comment or an
 * instruction ends them (parser/directives.go). */
#include "core/limits.h"
#include "dockerfile/parts.h"

struct parser {
	struct dockerfile *d;
	struct str name;
	struct arena *arena;
	size_t pos;            /* of the next line */
	uint32_t line;         /* lines taken so far */
	bool directives_done, shebang;
	unsigned directives_seen;
	VEC(struct line_piece) pieces; /* of the line that is being joined */
	size_t joined_bytes;
	uint32_t comments_from; /* the first comment right above what follows */
	struct cutting cutting;
	uint64_t steps;
};

struct physical { /* one line, without the newline and the CRs before it */
	struct str text;
	size_t off;
};

static bool fail_at(const struct parser *p, size_t off, struct err *e)
{
	unsigned line, column;
	dockerfile_position(p->d, off, &line, &column);
	return err_wrap(e, "%.*s:%u:%u", STR_ARG(p->name), line, column);
}

/* ---- Physical lines ---- */

static bool take_line(struct parser *p, struct physical *line)
{
	struct str text = p->d->text;
	if (p->pos >= text.n)
		return false;
	size_t start = p->pos, length = str_index(str_skip(text, start), '\n');
	size_t end = start + length;
	p->pos = end < text.n ? end + 1 : end;
	p->line++;
	while (end > start && (text.p[end - 1] == '\r' || text.p[end - 1] == '\n'))
		end--;
	*line = (struct physical){str_slice(text, start, end), start};
	return true;
}

static void index_lines(struct dockerfile *d, struct arena *a)
{
	*vec_push(&d->lines, a) = 0;
	for (size_t at = 0; at < d->text.n;) {
		at += str_index(str_skip(d->text, at), '\n') + 1;
		if (at < d->text.n)
			*vec_push(&d->lines, a) = at;
	}
}

static bool check_text(struct parser *p, struct err *e)
{
	struct str text = p->d->text;
	if (text.n > LIMIT_DOCKERFILE_BYTES)
		return err_set(e, ERR_LIMIT, "%.*s: has more than %u bytes", STR_ARG(p->name),
		               LIMIT_DOCKERFILE_BYTES);
	index_lines(p->d, p->arena);
	size_t nul = str_index(text, 0);
	if (nul == text.n)
		return true;
	err_set(e, ERR_INPUT, "a NUL byte; a Dockerfile is text");
	return fail_at(p, nul, e);
}

/* ---- Directives ---- */

static size_t letters(struct str s)
{
	size_t n = 0;
	while (n < s.n && (((s.p[n] | 0x20) >= 'a' && (s.p[n] | 0x20) <= 'z') ||
	                   (n && s.p[n] >= '0' && s.p[n] <= '9')))
		n++;
	return n;
}

static bool is_word(struct str s, const char *lower)
{
	size_t n = strlen(lower);
	if (s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]) != lower[i])
			return false;
	return true;
}

static bool add_directive(struct parser *p, enum directive_kind kind, struct str name,
                          struct str value, struct err *e)
{
	const char *base = p->d->text.p;
	struct directive d = {.kind = kind, .line = p->line,
	                      .name = {(size_t)(name.p - base), name.n},
	                      .value = {(size_t)(value.p - base), value.n}};
	if (p->directives_seen & 1u << kind) {
		err_set(e, ERR_INPUT, "a second %.*s directive", STR_ARG(name));
		return fail_at(p, d.name.off, e);
	}
	p->directives_seen |= 1u << kind;
	*vec_push(&p->d->directives, p->arena) = d;
	if (kind != DIRECTIVE_ESCAPE)
		return true;
	if (!str_eq(value, STR("\\")) && !str_eq(value, STR("`"))) {
		err_set(e, ERR_INPUT, "escape is \\ or `, not %.*s", STR_ARG(value));
		return fail_at(p, d.value.off, e);
	}
	p->d->escape = value.p[0];
	return true;
}

/* `# name = value`. `comment` begins with "#". The syntax is looked for by other code than the
 * rest (DetectSyntax): behind a "#!" line too, but never indented. */
static bool read_directive(struct parser *p, struct str comment, bool indented, struct err *e)
{
	static const char *const names[] = {"syntax", "escape", "check"};
	if (p->line == 1 && str_starts(comment, STR("#!"))) {
		p->shebang = true;
		return true;
	}
	struct str rest = space_trim_left(str_skip(comment, 1));
	struct str name = str_slice(rest, 0, letters(rest));
	rest = space_trim_left(str_skip(rest, name.n));
	bool known = name.n && rest.n && rest.p[0] == '=';
	struct str value = space_trim(str_skip(rest, 1));
	for (unsigned k = 0; known && value.n && k < 3; k++) {
		if (!is_word(name, names[k]))
			continue;
		if (k == DIRECTIVE_SYNTAX ? indented : p->shebang)
			return true;
		return add_directive(p, k, name, value, e);
	}
	p->directives_done = true;
	return true;
}

/* ---- Joining ---- */

static bool add_comment(struct parser *p, struct physical line, struct str text, struct err *e)
{
	if (p->d->comments.n >= LIMIT_DOCKERFILE_TOKENS)
		return err_set(e, ERR_LIMIT, "%.*s: more than %u comments", STR_ARG(p->name),
		               LIMIT_DOCKERFILE_TOKENS);
	size_t off = line.off + (size_t)(text.p - line.text.p);
	*vec_push(&p->d->comments, p->arena) = (struct comment){{off, text.n}, p->line};
	return true;
}

/* Takes `\` and blanks off the end of a line that goes on. Two of them are no continuation:
 * parser.go, lineContinuationRegex. */
static bool goes_on(const struct parser *p, struct str *text)
{
	size_t n = text->n;
	while (n && (text->p[n - 1] == ' ' || text->p[n - 1] == '\t'))
		n--;
	if (!n || text->p[n - 1] != p->d->escape || (n > 1 && text->p[n - 2] == p->d->escape))
		return false;
	text->n = n - 1;
	return true;
}

static void add_piece(struct parser *p, struct str text)
{
	if (!text.n)
		return;
	*vec_push(&p->pieces, p->arena) = (struct line_piece){
		p->joined_bytes, (size_t)(text.p - p->d->text.p), text.n};
	p->joined_bytes += text.n;
}

static bool join_rest(struct parser *p, struct err *e)
{
	struct physical line;
	bool more = true;
	while (more && take_line(p, &line)) {
		struct str text = space_trim_left(line.text);
		if (text.n && text.p[0] == '#') {
			if (!add_comment(p, line, text, e))
				return false;
			continue;
		}
		if (!text.n) /* allowed, though BuildKit warns */
			continue;
		text = line.text;
		more = goes_on(p, &text);
		add_piece(p, text);
	}
	return true;
}

static struct str joined_line(struct parser *p)
{
	if (p->pieces.n == 1)
		return str_slice(p->d->text, p->pieces.p[0].text_off,
		                 p->pieces.p[0].text_off + p->pieces.p[0].n);
	char *line = arena_alloc(p->arena, p->joined_bytes + 1);
	for (size_t i = 0; i < p->pieces.n; i++) {
		const struct line_piece *piece = &p->pieces.p[i];
		memcpy(line + piece->line_off, p->d->text.p + piece->text_off, piece->n);
	}
	return (struct str){line, p->joined_bytes};
}

/* ---- Here-documents ---- */

static bool read_heredoc(struct parser *p, struct heredoc *h, struct err *e)
{
	struct physical line;
	size_t start = p->pos;
	while (take_line(p, &line)) {
		struct str text = line.text;
		while (h->chomp && text.n && text.p[0] == '\t')
			text = str_skip(text, 1);
		if (!str_eq(text, h->name))
			continue;
		h->content = (struct span){start, line.off - start};
		h->terminator = (struct span){line.off, line.text.n};
		return true;
	}
	err_set(e, ERR_INPUT, "the here-document %.*s has no end", STR_ARG(h->name));
	return fail_at(p, h->at.off, e);
}

static bool read_heredocs(struct parser *p, struct instruction *i, struct err *e)
{
	struct instruction *holder = i->trigger ? i->trigger : i;
	if (!heredocs_open(holder, p->arena, &p->steps, e))
		return fail_at(p, i->at.off, e);
	for (size_t k = 0; k < holder->heredocs.n; k++) {
		if (!read_heredoc(p, &holder->heredocs.p[k], e))
			return false;
		i->at.n = span_end(holder->heredocs.p[k].terminator) - i->at.off;
		holder->at.n = span_end(i->at) - holder->at.off;
	}
	return true;
}

/* ---- Instructions ---- */

static bool add_instruction(struct parser *p, uint32_t comments_first, struct err *e)
{
	struct instruction i = {.stage = NO_STAGE, .joined = joined_line(p),
	                        .pieces = p->pieces.p, .piece_count = p->pieces.n,
	                        .comment_first = comments_first,
	                        .comment_count = (uint32_t)p->d->comments.n - comments_first};
	struct str whole = space_trim(i.joined);
	if (!whole.n)
		return true;
	i.at = instruction_span(&i, whole);
	unsigned column;
	dockerfile_position(p->d, i.at.off, &i.line, &column);
	if (!instruction_cut(&p->cutting, &i, whole, e)) {
		struct span at = instruction_span(&i, p->cutting.wrong.p ? p->cutting.wrong : whole);
		return fail_at(p, at.off, e);
	}
	if (!read_heredocs(p, &i, e))
		return false;
	*vec_push(&p->d->instructions, p->arena) = i;
	return true;
}

static bool read_instruction(struct parser *p, struct str text, struct err *e)
{
	uint32_t first = p->comments_from;
	p->directives_done = true;
	p->pieces.p = NULL;
	p->pieces.n = p->pieces.cap = 0;
	p->joined_bytes = 0;
	bool more = goes_on(p, &text);
	add_piece(p, text);
	if (more && !join_rest(p, e))
		return false;
	if (!add_instruction(p, first, e))
		return false;
	p->comments_from = (uint32_t)p->d->comments.n;
	return true;
}

static bool read_line(struct parser *p, struct physical line, struct err *e)
{
	if (p->line == 1 && str_starts(line.text, STR("\xef\xbb\xbf"))) {
		p->d->bom = true;
		line.text = str_skip(line.text, 3);
		line.off += 3;
	}
	struct str text = space_trim_left(line.text);
	if (!text.n) {
		p->directives_done = true;
		p->comments_from = (uint32_t)p->d->comments.n;
		return true;
	}
	if (text.p[0] != '#')
		return read_instruction(p, text, e);
	if (!add_comment(p, line, text, e))
		return false;
	return p->directives_done || read_directive(p, text, text.n != line.text.n, e);
}

bool dockerfile_parse(struct dockerfile *d, struct str text, struct str name, struct arena *a,
                      struct err *e)
{
	*d = (struct dockerfile){.text = text, .escape = '\\'};
	struct parser p = {.d = d, .name = name, .arena = a, .steps = LIMIT_DOCKERFILE_STEPS,
	                   .cutting = {.file = d, .arena = a}};
	struct physical line;
	if (!check_text(&p, e))
		return false;
	while (take_line(&p, &line))
		if (!read_line(&p, line, e))
			return false;
	struct str wrong = STR_NONE;
	const struct instruction *at = NULL;
	if (!stages_find(d, a, &wrong, &at, e))
		return fail_at(&p, wrong.p ? instruction_span(at, wrong).off : at->at.off, e);
	images_find(d, &p.steps, a);
	return true;
}

/* ---- Places ---- */

void dockerfile_position(const struct dockerfile *d, size_t off, unsigned *line, unsigned *column)
{
	size_t low = 0, high = d->lines.n;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (d->lines.p[middle] <= off)
			low = middle;
		else
			high = middle;
	}
	*line = (unsigned)low + 1;
	*column = 1;
	size_t start = d->lines.n ? d->lines.p[low] : 0;
	if (start == 0 && d->bom && off >= 3)
		start = 3;
	for (size_t i = start; i < off && i < d->text.n; i++)
		*column += ((unsigned char)d->text.p[i] & 0xc0) != 0x80;
}

/* The file's offset of byte `off` of the joined line; `last` asks for the byte's own place where
 * a piece ends there, not for the next piece's first. */
static size_t text_off(const struct instruction *i, size_t off, bool last)
{
	size_t low = 0, high = i->piece_count;
	if (!high)
		return 0;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (i->pieces[middle].line_off < off + !last)
			low = middle;
		else
			high = middle;
	}
	return i->pieces[low].text_off + (off - i->pieces[low].line_off);
}

struct span instruction_span(const struct instruction *i, struct str part)
{
	size_t from = (size_t)(part.p - i->joined.p);
	size_t start = text_off(i, from, part.n == 0);
	return (struct span){start, part.n ? text_off(i, from + part.n, true) - start : 0};
}
