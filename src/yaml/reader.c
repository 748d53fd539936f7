/* libyaml tells places in code points, from the beginning of the text; bytes are counted here as
 * the reading goes on. It tells nothing of comments: those stand between the nodes, behind a
 * blank or at a line's beginning (YAML 1.1, 4.2.2), and are looked for there. */
#include "core/limits.h"
#include "yaml/parts.h"

void yaml_reader_open(struct yaml_reader *r, struct str text, struct str name,
                      struct yaml_images *out, struct arena *a)
{
	*r = (struct yaml_reader){.text = text, .name = name, .out = out, .arena = a, .line = 1};
	if (!yaml_parser_initialize(&r->parser))
		out_of_memory();
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)(text.p ? text.p : ""), text.n);
	/* Not to be guessed: what is said of places holds for UTF-8 alone. A byte order mark counts
	 * as a code point then. */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
}

void yaml_reader_close(struct yaml_reader *r)
{
	yaml_parser_delete(&r->parser);
}

/* ---- Places ---- */

static bool begins_code_point(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* The byte at which the code point `index` begins. Places mostly grow; the way back from the end
 * of a node to its beginning is walked, too. */
static size_t byte_at(struct yaml_reader *r, size_t index)
{
	while (r->index < index && r->off < r->text.n) {
		do
			r->off++;
		while (r->off < r->text.n && !begins_code_point(r->text.p[r->off]));
		r->index++;
	}
	while (r->index > index && r->off > 0) {
		do
			r->off--;
		while (r->off > 0 && !begins_code_point(r->text.p[r->off]));
		r->index--;
	}
	return r->off;
}

static struct span span_of(struct yaml_reader *r, const yaml_event_t *event)
{
	size_t from = byte_at(r, event->start_mark.index);
	return (struct span){from, byte_at(r, event->end_mark.index) - from};
}

static bool fail_at(const struct yaml_reader *r, yaml_mark_t mark, enum err_code code,
                    const char *what, struct err *e)
{
	return err_set(e, code, "%.*s:%zu:%zu: %s", STR_ARG(r->name), mark.line + 1, mark.column + 1,
	               what);
}

/* ---- Comments ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Is nothing but blanks before it on its line? */
static bool stands_alone(struct str text, size_t off)
{
	while (off && is_blank(text.p[off - 1]))
		off--;
	return off == 0 || text.p[off - 1] == '\n' || text.p[off - 1] == '\r' ||
	       (off == 3 && str_starts(text, STR("\xef\xbb\xbf")));
}

static bool begins_comment(struct str text, size_t off)
{
	return text.p[off] == '#' &&
	       (stands_alone(text, off) || is_blank(text.p[off - 1]));
}

/* Those up to `to`, where the next node begins. */
static void find_comments(struct yaml_reader *r, size_t to)
{
	for (size_t at = r->comments_to; at < to; at++) {
		r->line += r->text.p[at] == '\n';
		if (!begins_comment(r->text, at))
			continue;
		struct str rest = str_skip(r->text, at);
		size_t n = str_index(str_slice(rest, 0, str_index(rest, '\n')), '\r');
		*vec_push(&r->out->comments, r->arena) =
			(struct yaml_comment){{at, n}, r->line, stands_alone(r->text, at)};
		at += n - 1;
	}
	r->comments_to = to > r->comments_to ? to : r->comments_to;
}

static void pass_node(struct yaml_reader *r, struct span at)
{
	find_comments(r, at.off);
	for (; r->comments_to < span_end(at); r->comments_to++)
		r->line += r->text.p[r->comments_to] == '\n';
}

/* ---- Scalars ---- */

/* Where the value stands as it is. Tag and anchor come before it, so it is looked for from the
 * end; the one kind that does not end with its value is a block (| and >). */
static struct span place_value(struct str text, struct span whole, struct str value,
                               yaml_scalar_style_t style)
{
	bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	bool block = style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE;
	struct str written = span_text(text, whole);
	struct span at = {0, 0};
	if (block) {
		size_t header = str_index(written, '\n');
		size_t off = header + str_find(str_skip(written, header), value);
		at = (struct span){whole.off + off, value.n};
	} else if (written.n >= value.n + quoted) {
		at = (struct span){span_end(whole) - quoted - value.n, value.n};
	}
	bool found = value.n && span_end(at) <= span_end(whole) && str_eq(span_text(text, at), value);
	return found ? at : (struct span){0, 0};
}

static void take_scalar(struct yaml_reader *r, const yaml_event_t *event)
{
	struct str value = {(const char *)event->data.scalar.value, event->data.scalar.length};
	yaml_scalar_style_t style = event->data.scalar.style;
	/* Folds and last newlines of a block are not part of a name. */
	value = arena_str(r->arena, str_trim(value));
	r->scalar = (struct yaml_scalar){.value = value, .whole = span_of(r, event),
	                                 .plain = style == YAML_PLAIN_SCALAR_STYLE};
	r->scalar.at = place_value(r->text, r->scalar.whole, value, style);
	r->scalar.anchor = arena_str(r->arena, str_of((const char *)event->data.scalar.anchor));
	pass_node(r, r->scalar.whole);
}

static void take_alias(struct yaml_reader *r, const yaml_event_t *event)
{
	r->scalar = (struct yaml_scalar){.whole = span_of(r, event)};
	r->scalar.anchor = arena_str(r->arena, str_of((const char *)event->data.alias.anchor));
	pass_node(r, r->scalar.whole);
}

/* ---- Events ---- */

static bool open_node(struct yaml_reader *r, const yaml_event_t *event, enum yaml_node node,
                      struct err *e)
{
	r->node = node;
	if (++r->depth > LIMIT_YAML_DEPTH)
		return fail_at(r, event->start_mark, ERR_LIMIT, "nested too deeply", e);
	find_comments(r, span_of(r, event).off);
	const unsigned char *anchor = node == YAML_NODE_OPEN_MAPPING ? event->data.mapping_start.anchor
	                                                             : event->data.sequence_start.anchor;
	r->scalar = (struct yaml_scalar){.anchor = arena_str(r->arena, str_of((const char *)anchor))};
	return true;
}

static bool take_event(struct yaml_reader *r, const yaml_event_t *event, bool *taken, struct err *e)
{
	*taken = true;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		r->node = YAML_NODE_SCALAR;
		take_scalar(r, event);
		return true;
	case YAML_ALIAS_EVENT:
		r->node = YAML_NODE_ALIAS;
		take_alias(r, event);
		return true;
	case YAML_MAPPING_START_EVENT:
		return open_node(r, event, YAML_NODE_OPEN_MAPPING, e);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(r, event, YAML_NODE_OPEN_SEQUENCE, e);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		r->node = YAML_NODE_CLOSE;
		r->depth--;
		return true;
	case YAML_DOCUMENT_START_EVENT:
		r->node = YAML_NODE_NEW_DOCUMENT;
		return true;
	case YAML_STREAM_END_EVENT:
		r->node = YAML_NODE_END;
		find_comments(r, r->text.n);
		return true;
	default:
		*taken = false;
		return true;
	}
}

static bool fail_parser(const struct yaml_reader *r, struct err *e)
{
	const yaml_parser_t *p = &r->parser;
	if (p->error == YAML_MEMORY_ERROR)
		out_of_memory();
	if (p->error == YAML_READER_ERROR)
		return err_set(e, ERR_INPUT, "%.*s: byte %zu: not YAML in UTF-8: %s", STR_ARG(r->name),
		               p->problem_offset, p->problem ? p->problem : "cannot be read");
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct str what = arena_printf(&scratch, "not YAML: %s", p->problem ? p->problem : "no reason");
	return fail_at(r, p->problem_mark, ERR_INPUT, what.p, e);
}

bool yaml_reader_next(struct yaml_reader *r, struct err *e)
{
	for (bool taken = false; !taken;) {
		yaml_event_t event;
		if (!yaml_parser_parse(&r->parser, &event))
			return fail_parser(r, e);
		bool ok = take_event(r, &event, &taken, e);
		yaml_event_delete(&event);
		if (!ok)
			return false;
	}
	return true;
}
