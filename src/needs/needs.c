/* The order in which an application is looked through. */
#include "needs/needs.h"

#include "needs/collect.h"

const char *need_kind_name(enum need_kind k)
{
	static const char *const names[] = {"interpreter", "library", "version", "executable",
	                                    "runtime",     "data",    "user",    "locale"};
	return names[k];
}

const char *certainty_name(enum certainty c)
{
	static const char *const names[] = {"certain", "likely", "possible"};
	return names[c];
}

const char *needs_libc_name(enum needs_libc l)
{
	static const char *const names[] = {"none", "glibc", "musl"};
	return names[l];
}

static void look_at(struct collector *c, const struct visit *v)
{
	const struct elf_object *elf = node_elf(v->node);
	if (elf)
		object_needs(c, v, elf);
	else if (node_shebang(v->node).n)
		script_needs(c, v, node_shebang(v->node));
}

/* What is looked at may bring more into the queue. */
static void drain(struct collector *c)
{
	while (c->done < c->queue.n) {
		struct visit v = c->queue.p[c->done++];
		look_at(c, &v);
	}
}

/* Objects that no entry leads to: plugins, extension modules, helpers. Those for another
 * machine than the entries' belong to another build of the application. */
static bool add_aside(const struct node *n, void *context)
{
	struct collector *c = context;
	runtime_of_file(c, n);
	if (node_type(n) != ENTRY_FILE)
		return true;
	const struct elf_object *elf = node_elf(n);
	bool same = !c->machine ||
	            (elf && elf->machine == c->machine && elf->class_bits == c->class_bits);
	if (elf && same && (elf->has_dynamic || elf->has_interp))
		files_enqueue(c, n, true);
	return true;
}

/* Builds for both families lying side by side (prebuilt modules) need neither by themselves. */
static enum needs_libc decide_libc(const struct collector *c)
{
	const unsigned glibc = 1u << NEEDS_LIBC_GLIBC, musl = 1u << NEEDS_LIBC_MUSL;
	if (c->libc_reached)
		return c->libc_first;
	if (c->libc_aside == glibc)
		return NEEDS_LIBC_GLIBC;
	return c->libc_aside == musl ? NEEDS_LIBC_MUSL : NEEDS_LIBC_NONE;
}

/* Where nobody named entries, all that can be started are: also what dependencies bring
 * (node_modules/.bin), which the application may never use. Those come later, as other
 * objects that no entry leads to. */
static void look_at_entries(struct collector *c, const struct node *const *entries, size_t count)
{
	bool own = false;
	for (size_t i = 0; i < count; i++)
		own |= !files_is_dependency(entries[i]);
	for (size_t i = 0; i < count; i++) {
		if (own && files_is_dependency(entries[i]))
			continue;
		files_enqueue(c, entries[i], false);
		runtime_of_entry(c, &(struct visit){.node = entries[i]});
	}
	drain(c);
	for (size_t i = 0; i < count; i++)
		files_enqueue(c, entries[i], true);
}

void needs_collect(struct needs *out, const struct tree *app, const struct needs_entries *entries,
                   struct arena *a)
{
	struct collector c = {.out = out, .arena = a, .app = app, .dotnet_invariant = true};
	*out = (struct needs){0};
	files_index(&c);
	for (size_t i = 0; i < entries->command_count; i++)
		command_needs(&c, &entries->commands[i], entries->working_dir);
	look_at_entries(&c, entries->p, entries->n);
	tree_walk(app, app->root, a, add_aside, &c);
	drain(&c);
	versions_finish(&c);
	runtime_finish(&c);
	out->libc = decide_libc(&c);
	if (out->libc != NEEDS_LIBC_GLIBC)
		out->libc_min_version = STR_NONE;
	ledger_finish(&c);
}
