#include "cmd/settings.h"

#include <yaml.h>

#include "core/limits.h"
#include "core/vec.h"
#include "os/file.h"

static bool wrong(struct err *e, const char *path, const yaml_event_t *event, const char *what)
{
	return err_set(e, ERR_INPUT, "%s:%zu: %s", path, event->start_mark.line + 1, what);
}

/* Where the parser is: the flat grammar needs no more. */
struct reading {
	const char *path;
	struct arena *arena;
	struct settings *out;
	bool in_mapping, in_list, has_key;
	struct str key;
};

static bool scalar(struct reading *r, const yaml_event_t *event, struct err *e)
{
	struct str text = arena_str(r->arena, (struct str){(const char *)event->data.scalar.value,
	                                                   event->data.scalar.length});
	if (!r->in_mapping)
		return wrong(e, r->path, event, "a mapping of option names to values is expected");
	if (!r->has_key) {
		r->key = text;
		r->has_key = true;
		return true;
	}
	*vec_push(r->out, r->arena) = (struct setting){
		.key = r->key, .value = text, .line = (unsigned)event->start_mark.line + 1};
	r->has_key = r->in_list;
	return true;
}

static bool take(struct reading *r, const yaml_event_t *event, struct err *e)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return scalar(r, event, e);
	case YAML_MAPPING_START_EVENT:
		if (r->in_mapping)
			return wrong(e, r->path, event, "a value or a list is expected, not a mapping");
		r->in_mapping = true;
		return true;
	case YAML_SEQUENCE_START_EVENT:
		if (!r->has_key || r->in_list)
			return wrong(e, r->path, event, "a list stands where an option is expected");
		r->in_list = true;
		return true;
	case YAML_SEQUENCE_END_EVENT:
		r->in_list = r->has_key = false;
		return true;
	case YAML_ALIAS_EVENT:
		return wrong(e, r->path, event, "aliases are not taken here");
	default:
		return true;
	}
}

bool settings_parse(struct settings *out, const char *path, struct str text, struct arena *a,
                    struct err *e)
{
	yaml_parser_t parser;
	*out = (struct settings){0};
	struct reading r = {.path = path, .arena = a, .out = out};
	if (!yaml_parser_initialize(&parser))
		out_of_memory();
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);

	bool ok = true, end = false;
	while (ok && !end) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			ok = err_set(e, ERR_INPUT, "%s:%zu: %s", path, parser.problem_mark.line + 1,
			             parser.problem ? parser.problem : "no YAML");
			break;
		}
		ok = take(&r, &event, e);
		end = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ok;
}

bool settings_read(struct settings *out, const char *path, struct arena *a, struct err *e)
{
	struct str text;
	return file_read(path, LIMIT_TEXT_FILE_BYTES, a, &text, e) &&
	       settings_parse(out, path, text, a, e);
}
