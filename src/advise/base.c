#include "advise/base.h"

#include "core/limits.h"
#include "image/platform.h"
#include "os/file.h"
#include "package/package.h"

const char *provenance_name(enum provenance p)
{
	static const char *const name[] = {"measured", "assembled", "documented"};
	return name[p];
}

/* ---- From layers ---- */

/* By the loader that dynamic programs would ask for. */
static enum catalogue_libc tree_libc(const struct tree *t)
{
	static const struct {
		struct str prefix;
		enum catalogue_libc libc;
	} loaders[] = {
		{STR_INIT("ld-musl-"), CATALOGUE_LIBC_MUSL},    {STR_INIT("ld-linux"), CATALOGUE_LIBC_GLIBC},
		{STR_INIT("ld64.so."), CATALOGUE_LIBC_GLIBC},   {STR_INIT("ld.so.1"), CATALOGUE_LIBC_GLIBC},
		{STR_INIT("ld-uClibc"), CATALOGUE_LIBC_UCLIBC}, {STR_INIT("ld64-uClibc"), CATALOGUE_LIBC_UCLIBC},
	};
	static const struct str folders[] = {STR_INIT("/lib"), STR_INIT("/lib64")};
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		const struct node *d = tree_find(t, folders[i]);
		for (const struct node *n = d ? d->child : NULL; n; n = n->next)
			for (size_t k = 0; k < sizeof loaders / sizeof *loaders; k++)
				if (str_starts(n->name, loaders[k].prefix))
					return loaders[k].libc;
	}
	return CATALOGUE_LIBC_NONE;
}

static bool find_architecture(const struct node *n, void *context)
{
	struct str *architecture = context;
	const struct elf_object *elf = node_elf(n);
	if (elf && !str_eq(str_of(elf_architecture(elf)), STR("unknown")))
		*architecture = str_of(elf_architecture(elf));
	return architecture->n == 0;
}

struct str tree_architecture(const struct tree *t, struct arena *a)
{
	struct str architecture = STR("");
	tree_walk(t, t->root, a, find_architecture, &architecture);
	return architecture;
}

struct unread {
	struct str_vec paths;
	struct arena *arena;
};

/* Other files (/etc/shadow) decide nothing. */
static bool collect_unread(const struct node *n, void *context)
{
	struct unread *u = context;
	bool matters = node_type(n) == ENTRY_DIR || (node_mode(n) & 0111) ||
	               str_contains(n->name, STR(".so"));
	if (matters && str_starts(node_elf_error(n), STR("cannot be read")))
		*vec_push(&u->paths, u->arena) = tree_path(n, u->arena);
	return true;
}

struct str_vec tree_unread(const struct tree *t, struct arena *a)
{
	struct unread u = {.arena = a};
	tree_walk(t, t->root, a, collect_unread, &u);
	return u.paths;
}

struct str unread_text(struct str name, const struct str_vec *unread, struct arena *a)
{
	struct str more = unread->n > 1 ? arena_printf(a, " (and %zu more)", unread->n - 1) : STR("");
	return arena_printf(a, "%.*s: %.*s cannot be read%.*s: what is in it is not known",
	                    STR_ARG(name), STR_ARG(unread->p[0]), STR_ARG(more));
}

bool base_tree(const struct base *b, struct tree *t, struct arena *a, struct err *e)
{
	tree_init(t, a);
	return image_merge(&b->image, STR(""), t, e);
}

static bool measure(struct base *b, const struct base_context *c, struct err *e)
{
	struct tree t;
	if (!base_tree(b, &t, c->arena, e))
		return false;
	b->has_facts = true;
	b->size_bytes = tree_size_bytes(&t, &b->file_count);
	b->package_count = packages_of(&t, c->arena).n;
	b->libc = tree_libc(&t);
	struct str shown = b->image.config.architecture.n ? b->image.config.architecture
	                                                  : tree_architecture(&t, c->arena);
	if (shown.n)
		b->architecture = shown;
	struct str_vec unread = b->image.folder.n ? tree_unread(&t, c->arena) : (struct str_vec){0};
	if (unread.n && c->remark)
		c->remark(unread_text(b->name, &unread, c->arena), c->remark_context);
	return true;
}

static bool open_image(struct base *b, const struct base_context *c, struct err *e)
{
	b->at_hand = true;
	return image_open(&b->image, &b->reference, c->store, c->image_options, c->arena, e) &&
	       measure(b, c, e);
}

static bool open_record(struct base *b, struct str record, const struct base_context *c,
                        struct err *e)
{
	struct facts *f = ARENA_NEW(c->arena, struct facts);
	const struct facts **layers = ARENA_NEW(c->arena, const struct facts *);
	if (!facts_open(f, record, c->arena, e))
		return err_wrap(e, "facts of %.*s", STR_ARG(b->name));
	layers[0] = f;
	b->image = (struct image){
		.name = b->name, .digest = f->diff_id, .layers = layers, .layer_count = 1};
	if (b->entry) {
		b->image.config.env = b->entry->env;
		b->image.config.user = b->entry->user;
	}
	return measure(b, c, e);
}

/* ---- By a catalogue name ---- */

bool machine_runs(struct str architecture)
{
	struct platform machine;
	struct err ignored;
	if (!platform_parse(&machine, STR(""), &ignored) || str_eq(architecture, machine.architecture))
		return true;
	/* arch/x86/entry/entry_64_compat.S: IA32_EMULATION, which distributions turn on. */
	return str_eq(machine.architecture, STR("amd64")) && str_eq(architecture, STR("386"));
}

struct str base_cache_file(const struct base_context *c, const char *folder,
                           struct str architecture, struct str name, const char *suffix)
{
	char *safe = arena_cstr(c->arena, name);
	for (char *p = safe; *p; p++)
		if (*p == ':')
			*p = '/';
	return arena_printf(c->arena, "%.*s/%s/%.*s/%s%s", STR_ARG(c->cache), folder,
	                    STR_ARG(architecture), safe, suffix);
}

/* Variants of one base (nonroot) are the same files: what they are assembled as names them. */
static struct str files_name(const struct base *b)
{
	return b->entry->assemble.n ? b->entry->assemble : b->name;
}

static bool open_assembled(struct base *b, const struct base_context *c, struct err *e)
{
	b->provenance = PROVENANCE_ASSEMBLED;
	b->source = base_cache_file(c, "bases", b->architecture, files_name(b), ".tar");
	b->reference = (struct reference){
		.kind = REFERENCE_FILE, .text = b->source, .path = b->source};
	if (!open_image(b, c, e))
		return false;
	/* A root file system has no configuration: the publisher's description stands in. */
	b->image.config.env = b->entry->env;
	b->image.config.user = b->entry->user;
	return true;
}

/* Debian slim is installed by its own programs, Distroless is only unpacked (tools/assemble). */
static void how_to_get(struct base *b, const struct base_context *c)
{
	struct str pull = catalogue_reference(b->entry, c->arena);
	bool own = machine_runs(b->architecture);
	if (b->entry->assemble.n && own)
		b->how_to_get = arena_printf(c->arena, "tools/assemble --cache %.*s",
		                             STR_ARG(b->entry->assemble));
	else if (b->entry->assemble.n && str_eq(b->entry->family, STR("distroless")))
		b->how_to_get = arena_printf(c->arena, "tools/assemble --arch %.*s --cache %.*s",
		                             STR_ARG(b->architecture), STR_ARG(b->entry->assemble));
	else if (pull.n)
		b->how_to_get = arena_printf(c->arena, "name it docker://%.*s%s%.*s: it is fetched",
		                             STR_ARG(pull), own ? "" : ", with --platform linux/",
		                             STR_ARG(own ? STR("") : b->architecture));
}

static bool take_shipped(struct base *b, const struct shipped_facts *s,
                         const struct base_context *c, struct err *e)
{
	b->provenance = s->provenance;
	b->source = arena_printf(c->arena, "shipped, %.*s: %.*s", STR_ARG(s->date),
	                         STR_ARG(s->source));
	return open_record(b, (struct str){s->record, (size_t)(s->record_end - s->record)}, c, e);
}

bool base_open_shipped(struct base *b, const struct shipped_facts *s, const struct base_context *c,
                       struct err *e)
{
	*b = (struct base){.name = s->name, .architecture = s->architecture,
	                   .entry = catalogue_find(c->catalogue, s->name, c->arena)};
	b->image.name = b->name;
	return take_shipped(b, s, c, e);
}

/* What was learned before. A record that cannot be read (another version of socle may have made
 * it) is as good as none: the next best is taken. */
static bool open_learned(struct base *b, const struct base_context *c)
{
	struct str record;
	struct err e = ERR_INIT;
	struct base blank = *b;
	if (!c->cache.n)
		return false;
	struct str path = base_cache_file(c, "learned", b->architecture, b->name, ".facts");
	if (!path_exists(path.p))
		return false;
	b->source = path;
	b->provenance = PROVENANCE_MEASURED;
	if (file_read(path.p, LIMIT_RECORD_BYTES, c->arena, &record, &e) && open_record(b, record, c, &e))
		return true;
	*b = blank;
	if (c->remark)
		c->remark(arena_printf(c->arena, "%.*s cannot be read (%s): measure %.*s again with socle "
		                       "bases learn", STR_ARG(path), e.message, STR_ARG(b->name)),
		          c->remark_context);
	return false;
}

/* ---- From an engine or a registry ---- */

static bool may_ask_registry(const struct base_context *c)
{
	return c->image_options->registry && !registry_is_offline(c->image_options->registry);
}

/* What was measured is what will be unpacked. */
static bool open_remote(struct base *b, const struct base_context *c, struct err *e)
{
	if (!open_image(b, c, e))
		return false;
	struct registry_name name = registry_name_of(&b->reference, c->arena);
	const struct engine *engine = b->image.engine;
	if (engine)
		b->source = arena_printf(c->arena, "%s, image %.*s", engine_name(engine->kind),
		                         STR_ARG(b->image.engine_id));
	else
		b->source = arena_printf(c->arena, "%.*s, %.*s",
		                         STR_ARG(registry_name_str(&name, c->arena)),
		                         STR_ARG(b->image.digest));
	image_fix(&b->reference, &b->image, c->arena);
	return true;
}

static bool may_ask_engine(struct str name, const struct base_context *c)
{
	return c->image_options->engines && engines_find(c->image_options->engines, name);
}

/* *done is false where no engine has it. One that has, and cannot give it, stops nothing. */
static void take_from_engine(struct base *b, const struct base_context *c, bool *done)
{
	struct base taken = *b;
	struct err e = ERR_INIT;
	struct str name = catalogue_reference(b->entry, c->arena);
	*done = false;
	if (name.n == 0 || !may_ask_engine(name, c))
		return;
	taken.provenance = PROVENANCE_MEASURED;
	*done = reference_parse(&taken.reference, name, path_exists, c->arena, &e) &&
	        open_remote(&taken, c, &e);
	if (*done)
		*b = taken;
	else if (c->remark)
		c->remark(arena_printf(c->arena, "%s; what else is known of %.*s is used instead",
		                       e.message, STR_ARG(b->name)),
		          c->remark_context);
}

/* The publisher's own image, where it was pulled: its bytes are here, and nobody is asked. */
static bool open_pulled(struct base *b, const struct base_context *c)
{
	struct base pulled = *b;
	struct image_options kept = *c->image_options;
	struct base_context here = *c;
	struct err ignored = ERR_INIT;
	struct str name = catalogue_reference(b->entry, c->arena);
	kept.kept_alone = true;
	here.image_options = &kept;
	name = arena_printf(c->arena, "docker://%.*s", STR_ARG(name));
	if (!b->entry->repository.n ||
	    !reference_parse(&pulled.reference, name, path_exists, c->arena, &ignored) ||
	    !open_remote(&pulled, &here, &ignored))
		return false;
	*b = pulled;
	return true;
}

/* *done is false where the registry cannot be asked: then what is known has to do. What comes
 * damaged is an error all the same. */
static bool pull_described(struct base *b, const struct base_context *c, bool *done, struct err *e)
{
	struct base pulled = *b;
	struct str name = catalogue_reference(b->entry, c->arena);
	*done = false;
	if (!c->pull || name.n == 0 || !may_ask_registry(c))
		return true;
	pulled.provenance = PROVENANCE_MEASURED;
	name = arena_printf(c->arena, "docker://%.*s", STR_ARG(name));
	if (!reference_parse(&pulled.reference, name, path_exists, c->arena, e))
		return false;
	if (open_remote(&pulled, c, e)) {
		*b = pulled;
		*done = true;
		return true;
	}
	if (e->code != ERR_IO)
		return false;
	if (c->remark)
		c->remark(arena_printf(c->arena, "%s; what its publisher says of %.*s is used instead",
		                       e->message, STR_ARG(b->name)),
		          c->remark_context);
	*e = (struct err)ERR_INIT;
	return true;
}

/* Nothing is known as well as nothing. */
static void open_scratch(struct base *b)
{
	b->name = b->image.name = STR("scratch");
	b->libc = CATALOGUE_LIBC_NONE;
	b->has_facts = b->at_hand = true;
	b->reference.kind = REFERENCE_SCRATCH;
}

static bool open_entry(struct base *b, const struct base_context *c, struct err *e)
{
	bool pulled;
	b->name = b->entry->name;
	b->image.name = b->name;
	b->libc = b->entry->libc;
	how_to_get(b, c);
	if (open_pulled(b, c))
		return true;
	if (c->cache.n &&
	    path_exists(base_cache_file(c, "bases", b->architecture, files_name(b), ".tar").p))
		return open_assembled(b, c, e);

	bool taken;
	take_from_engine(b, c, &taken);
	if (taken || open_learned(b, c))
		return true;
	const struct shipped_facts *s = shipped_find(files_name(b), b->architecture);
	if (s)
		return take_shipped(b, s, c, e);
	if (!pull_described(b, c, &pulled, e) || pulled)
		return pulled;
	b->provenance = PROVENANCE_DOCUMENTED;
	b->size_bytes = b->entry->size_bytes;
	return true;
}

bool base_open(struct base *b, struct str text, const struct base_context *c, struct err *e)
{
	struct platform platform;
	*b = (struct base){.name = text, .provenance = PROVENANCE_MEASURED};
	if (!platform_parse(&platform, c->image_options->platform, e))
		return false;
	b->architecture = platform.architecture;
	if (!reference_parse(&b->reference, text, path_exists, c->arena, e))
		return false;
	if (b->reference.kind == REFERENCE_NAME || b->reference.kind == REFERENCE_SCRATCH) {
		b->entry = catalogue_find(c->catalogue, text, c->arena);
		if (b->reference.kind == REFERENCE_SCRATCH ||
		    (b->entry && str_eq(b->entry->name, STR("scratch")))) {
			open_scratch(b);
			return true;
		}
		if (b->entry)
			return open_entry(b, c, e);
		if (open_remote(b, c, e))
			return true;
		return !may_ask_engine(text, c) && !may_ask_registry(c) &&
		       err_set(e, ERR_USAGE, "%.*s is neither a path nor in the catalogue (socle bases "
		               "lists it) nor in an engine nor pulled, and no registry is asked (--offline)",
		               STR_ARG(text));
	}
	if (b->reference.kind == REFERENCE_REGISTRY || b->reference.kind == REFERENCE_DOCKER ||
	    b->reference.kind == REFERENCE_PODMAN)
		return open_remote(b, c, e);
	b->source = b->reference.path;
	return open_image(b, c, e);
}
