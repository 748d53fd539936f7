#include "predict/process.h"

struct str target_env(const struct predict_target *t, struct str name)
{
	/* The last one wins, as in an image's configuration. */
	for (size_t i = t->env.n; i-- > 0;) {
		struct str e = t->env.p[i];
		if (str_starts(e, name) && e.n > name.n && e.p[name.n] == '=')
			return str_skip(e, name.n + 1);
	}
	return STR("");
}

bool object_in(const struct object_vec *v, const struct object *o)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->p[i] == o)
			return true;
	return false;
}

bool process_has_started_with(const struct process *p, const struct object *o)
{
	for (size_t i = 0; i < p->global_count; i++)
		if (p->scope.p[i] == o)
			return true;
	return false;
}

bool str_in(const struct str_vec *v, struct str s)
{
	for (size_t i = 0; i < v->n; i++)
		if (str_eq(v->p[i], s))
			return true;
	return false;
}

void str_add_once(struct str_vec *v, struct str s, struct arena *a)
{
	if (!str_in(v, s))
		*vec_push(v, a) = s;
}

struct object *process_new(struct process *p, const struct node *node, const struct elf_object *elf,
                           struct str path, struct object *loader, struct str name, struct str rule)
{
	struct object *o = ARENA_NEW(p->arena, struct object);
	*o = (struct object){.node = node,
	                     .elf = elf,
	                     .path = path,
	                     .loader = loader,
	                     .asked = name,
	                     .rule = rule,
	                     .depth = loader ? loader->depth + 1 : 0};
	return o;
}

struct object *process_add(struct process *p, const struct node *node, const struct elf_object *elf,
                           struct str path, struct object *loader, struct str name, struct str rule)
{
	struct object *o = process_new(p, node, elf, path, loader, name, rule);
	*vec_push(&p->objects, p->arena) = o;
	return o;
}

struct finding *process_finding(struct process *p, enum finding_severity s, enum finding_kind k,
                                const struct object *object, struct str name)
{
	struct finding *f = vec_push(&p->out->findings, p->arena);
	*f = (struct finding){.severity = s, .kind = k, .name = name};
	if (!object)
		return f;
	f->object = object->path;
	for (const struct object *by = object->loader; by && by->node; by = by->loader)
		*vec_push(&f->needed_by, p->arena) = by->path;
	return f;
}

enum tree_miss target_open(const struct predict_target *t, struct str path, struct node **node)
{
	*node = NULL;
	if (path.n && path.p[0] == '/')
		return tree_lookup(t->tree, NULL, path, true, node);
	const struct node *cwd = tree_find(t->tree, t->working_dir);
	return tree_lookup(t->tree, cwd ? cwd : t->tree->root, path, true, node);
}

enum tree_miss process_open(const struct process *p, struct str path, struct node **node)
{
	return target_open(p->target, path, node);
}

struct node *target_in_path(const struct predict_target *t, struct str name, struct arena *a)
{
	struct str path = target_env(t, STR("PATH")), folder;
	if (!path.n)
		path = STR("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	while (str_next(&path, ':', &folder)) {
		struct node *n;
		struct str full = arena_printf(a, "%.*s/%.*s",
		                               STR_ARG(folder.n ? folder : STR(".")), STR_ARG(name));
		if (target_open(t, full, &n) == TREE_FOUND && node_type(n) == ENTRY_FILE &&
		    (node_mode(n) & 0111))
			return n;
	}
	return NULL;
}

bool process_is_blocked(const struct process *p)
{
	for (size_t i = 0; i < p->out->findings.n; i++)
		if (p->out->findings.p[i].severity == SEVERITY_BLOCKS)
			return true;
	return false;
}

void process_library_missing(struct process *p, struct object *needed_by, struct str name,
                             const char *why)
{
	p->missing_libraries++;
	struct finding *f =
		process_finding(p, SEVERITY_BLOCKS, FINDING_LIBRARY, needed_by, name);
	f->searched = p->searched;
	f->message = why ? arena_printf(p->arena, "%.*s cannot be loaded: %s", STR_ARG(name), why)
	                 : arena_printf(p->arena, "%.*s is not there", STR_ARG(name));
	*vec_push(&p->out->loaded, p->arena) = (struct loaded){
		.name = name,
		.needed_by = needed_by ? needed_by->path : STR(""),
		.depth = needed_by ? needed_by->depth + 1 : 0,
	};
}

/* What has a version comes from a library: hosts give theirs without. */
bool process_host_provides(struct process *p, struct object *o, const struct elf_import *want)
{
	const char *host;
	if (!p->module || want->version.n || !host_provides(p->module->elf, want->name, &host))
		return false;
	if (o->host == host)
		return true;
	o->host = host;
	struct finding *f = process_finding(p, SEVERITY_NOTE, FINDING_RUNTIME, o, str_of(host));
	f->message = arena_printf(p->arena, "%s provides %.*s and others to its modules", host,
	                          STR_ARG(want->name));
	return true;
}
