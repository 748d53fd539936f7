#include "yaml/tree.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/limits.h"

bool yaml_error(const struct yaml_tree *t, const yaml_node_t *node, struct err *e,
		enum err_code code, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return err_set(e, code, "%s:%zu: %s", t->name, node->start_mark.line + 1, text);
}

static struct str scalar(const yaml_node_t *node)
{
	return (struct str){(const char *)node->data.scalar.value, node->data.scalar.length};
}

static bool is_plain(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* YAML 1.1's null: nothing, "~", "null", unquoted. */
bool yaml_is_null(const yaml_node_t *node)
{
	if (!is_plain(node))
		return false;
	struct str s = scalar(node);
	return s.n == 0 || str_eq(s, STR("~")) || str_eq(s, STR("null")) ||
	       str_eq(s, STR("Null")) || str_eq(s, STR("NULL"));
}

static bool visit(struct yaml_tree *t, const yaml_node_t *node, struct err *e)
{
	return ++t->visited <= LIMIT_YAML_NODES ||
	       yaml_error(t, node, e, ERR_LIMIT, "more than %u values", LIMIT_YAML_NODES);
}

bool yaml_string(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	if (!visit(t, node, e))
		return false;
	if (node->type != YAML_SCALAR_NODE)
		return yaml_error(t, node, e, ERR_INPUT, "a text is wanted here");
	struct str s = yaml_is_null(node) ? STR_NONE : scalar(node);
	if (s.n > 0 && memchr(s.p, 0, s.n))
		return yaml_error(t, node, e, ERR_INPUT, "a text that holds a NUL");
	*(struct str *)into = arena_str(t->arena, s);
	return true;
}

bool yaml_bool(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	static const char *const words[] = {"false", "False", "FALSE", "no",  "No",  "NO",  "off",
					    "true",  "True",  "TRUE",  "yes", "Yes", "YES", "on"};
	if (!visit(t, node, e))
		return false;
	for (size_t i = 0; is_plain(node) && i < sizeof words / sizeof *words; i++)
		if (str_eq(scalar(node), str_of(words[i]))) {
			*(bool *)into = i >= 7;
			return true;
		}
	return yaml_error(t, node, e, ERR_INPUT, "true or false is wanted here");
}

bool yaml_int(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	uint64_t v;
	if (!visit(t, node, e))
		return false;
	if (!is_plain(node) || !str_to_u64(scalar(node), &v) || v > INT32_MAX)
		return yaml_error(t, node, e, ERR_INPUT, "a whole number is wanted here");
	*(int *)into = (int)v;
	return true;
}

static bool append_string(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	struct str_vec *list = into;
	return yaml_string(t, node, vec_push(list, t->arena), e);
}

bool yaml_strings(struct yaml_tree *t, yaml_node_t *node, void *into, struct err *e)
{
	return yaml_sequence(t, node, append_string, into, e);
}

bool yaml_sequence(struct yaml_tree *t, yaml_node_t *node, yaml_reader *read, void *into,
		   struct err *e)
{
	if (!visit(t, node, e))
		return false;
	if (yaml_is_null(node))
		return true;
	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_error(t, node, e, ERR_INPUT, "a list is wanted here");
	for (yaml_node_item_t *i = node->data.sequence.items.start;
	     i < node->data.sequence.items.top; i++)
		if (!read(t, yaml_document_get_node(t->doc, *i), into, e))
			return false;
	return true;
}

static bool unknown_key(struct yaml_tree *t, const yaml_node_t *key, const char *what,
			const struct yaml_field *field, size_t fields, struct err *e)
{
	char known[384] = "";
	size_t n = 0;
	for (size_t i = 0; i < fields && n < sizeof known; i++)
		n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", i ? ", " : "",
				      field[i].key);
	return yaml_error(t, key, e, ERR_INPUT, "%s has no '%.*s'; it has: %s", what,
			  STR_ARG(scalar(key)), known);
}

bool yaml_mapping(struct yaml_tree *t, yaml_node_t *node, const char *what,
		  const struct yaml_field *field, size_t fields, void *into, struct err *e)
{
	uint64_t seen = 0;
	if (!visit(t, node, e))
		return false;
	if (node->type != YAML_MAPPING_NODE)
		return yaml_error(t, node, e, ERR_INPUT, "%s is a mapping (key: value)", what);
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top;
	     p++) {
		yaml_node_t *key = yaml_document_get_node(t->doc, p->key);
		yaml_node_t *value = yaml_document_get_node(t->doc, p->value);
		size_t i = 0;
		if (key->type != YAML_SCALAR_NODE)
			return yaml_error(t, key, e, ERR_INPUT, "a key is a text");
		while (i < fields && !str_eq(scalar(key), str_of(field[i].key)))
			i++;
		if (i == fields)
			return unknown_key(t, key, what, field, fields, e);
		if (seen >> i & 1)
			return yaml_error(t, key, e, ERR_INPUT, "'%s' stands here twice",
					  field[i].key);
		seen |= 1ull << i;
		if (!field[i].read(t, value, (char *)into + field[i].offset, e))
			return false;
	}
	for (size_t i = 0; i < fields; i++)
		if (field[i].required && !(seen >> i & 1))
			return yaml_error(t, node, e, ERR_INPUT, "%s wants '%s'", what,
					  field[i].key);
	return true;
}

/* ---- The document ---- */

static bool syntax_error(const yaml_parser_t *p, const char *name, struct err *e)
{
	if (p->error == YAML_MEMORY_ERROR)
		out_of_memory();
	size_t line = p->error == YAML_READER_ERROR ? 0 : p->problem_mark.line + 1;
	return err_set(e, ERR_INPUT, "%s:%zu: %s%s%s", name, line ? line : 1,
		       p->context ? p->context : "", p->context ? ", " : "",
		       p->problem ? p->problem : "not YAML");
}

/* Behind the first document: nothing may stand there. */
static bool end_reached(yaml_parser_t *parser, const char *name, struct err *e)
{
	yaml_document_t more;
	if (!yaml_parser_load(parser, &more))
		return syntax_error(parser, name, e);
	bool end = !yaml_document_get_root_node(&more);
	yaml_document_delete(&more);
	return end || err_set(e, ERR_INPUT, "%s: more than one document", name);
}

bool yaml_read(struct str text, const char *name, yaml_reader *read, void *into, struct arena *a,
	       struct err *e)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	if (text.n > LIMIT_TEXT_FILE_BYTES)
		return err_set(e, ERR_LIMIT, "%s: larger than %u bytes", name,
			       LIMIT_TEXT_FILE_BYTES);
	if (!yaml_parser_initialize(&parser))
		out_of_memory();
	yaml_parser_set_input_string(&parser, (const unsigned char *)(text.p ? text.p : ""),
				     text.n);
	bool ok = yaml_parser_load(&parser, &doc) || syntax_error(&parser, name, e);
	if (ok) {
		struct yaml_tree t = {.doc = &doc, .name = name, .arena = a};
		yaml_node_t *root = yaml_document_get_root_node(&doc);
		ok = root ? read(&t, root, into, e) : err_set(e, ERR_INPUT, "%s: empty", name);
		ok = ok && end_reached(&parser, name, e);
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	return ok;
}
