/* One ELF object: its interpreter, its libraries, and what it may open by name. */
#include "needs/collect.h"

static struct str how(struct collector *c, const char *text, struct str detail)
{
	return arena_printf(c->arena, "%s%.*s", text, STR_ARG(detail));
}

/* ---- Which libc ---- */

static enum needs_libc family_of_name(struct str name)
{
	struct str base = str_basename(name);
	if (str_starts(base, STR("ld-musl-")) || str_starts(base, STR("libc.musl-")) ||
	    str_eq(base, STR("libc.so")))
		return NEEDS_LIBC_MUSL;
	if (str_starts(base, STR("ld-linux")) || str_starts(base, STR("ld64.so.")) ||
	    str_starts(base, STR("ld.so.")) || str_starts(base, STR("libc.so.6")))
		return NEEDS_LIBC_GLIBC;
	return NEEDS_LIBC_NONE;
}

static void note_family(struct collector *c, const struct visit *v, struct str name)
{
	enum needs_libc family = family_of_name(name);
	if (family == NEEDS_LIBC_NONE)
		return;
	if (v->aside) {
		c->libc_aside |= 1u << family;
		return;
	}
	if (!c->libc_reached)
		c->libc_first = family;
	c->libc_reached |= 1u << family;
}

static bool wants_glibc(const struct elf_object *elf)
{
	if (family_of_name(elf->interp) != NEEDS_LIBC_NONE)
		return family_of_name(elf->interp) == NEEDS_LIBC_GLIBC;
	for (size_t i = 0; i < elf->needed.n; i++)
		if (family_of_name(elf->needed.p[i]) == NEEDS_LIBC_GLIBC)
			return true;
	return false;
}

/* ---- What a loader opens ---- */

static void library(struct collector *c, const struct visit *v, struct str name,
                    enum certainty certainty, struct str why)
{
	const struct node *own = files_library(c, name, v->node);
	if (own)
		files_enqueue(c, own, v->aside);
	else
		collect_need(c, v, NEED_LIBRARY, name, certainty, why);
}

static void loaded_libraries(struct collector *c, const struct visit *v,
                             const struct elf_object *elf)
{
	for (size_t i = 0; i < elf->needed.n; i++) {
		struct str name = elf->needed.p[i];
		if (!files_library(c, name, v->node))
			note_family(c, v, name);
		library(c, v, name, CERTAINTY_CERTAIN, STR("DT_NEEDED"));
	}
	for (size_t i = 0; i < elf->filters.n; i++)
		library(c, v, elf->filters.p[i], CERTAINTY_CERTAIN, STR("DT_FILTER"));
	for (size_t i = 0; i < elf->auxiliaries.n; i++)
		library(c, v, elf->auxiliaries.p[i], CERTAINTY_POSSIBLE, STR("DT_AUXILIARY"));
}

static void interpreter(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	if (!elf->has_interp || !elf_is_program(elf))
		return;
	const struct node *own = tree_find(c->app, elf->interp);
	if (own) {
		files_enqueue(c, own, v->aside);
		return;
	}
	note_family(c, v, elf->interp);
	collect_need(c, v, NEED_INTERPRETER, elf->interp, CERTAINTY_CERTAIN, STR("PT_INTERP"));
}

/* ---- What a program opens by itself ---- */

/* "libx.so" beside "libx.so.1": the second is what is opened where no headers are installed. */
static bool has_versioned_twin(const struct elf_object *elf, struct str name)
{
	for (size_t i = 0; i < elf->name_strings.n; i++) {
		struct str other = elf->name_strings.p[i];
		if (other.n > name.n && str_starts(other, name) && other.p[name.n] == '.')
			return true;
	}
	return false;
}

static void named_libraries(struct collector *c, const struct visit *v,
                            const struct elf_object *elf)
{
	for (size_t i = 0; i < elf->name_strings.n; i++) {
		struct str name = elf->name_strings.p[i];
		bool libc = family_of_name(name) != NEEDS_LIBC_NONE; /* named by static glibc */
		if (!libc && !has_versioned_twin(elf, name))
			library(c, v, name, CERTAINTY_POSSIBLE,
			        STR("its name stands in the data"));
	}
}

/* glibc's pthread_cancel() and pthread_exit() unwind the stack with libgcc, which they open
 * by name, and abort without it (nptl/unwind.c, sysdeps/…/unwind-resume.c). */
static void unwinder(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	static const struct str callers[] = {STR_INIT("pthread_exit"), STR_INIT("pthread_cancel")};
	if (!wants_glibc(elf))
		return;
	for (size_t i = 0; i < elf->imports.n; i++)
		for (size_t k = 0; k < sizeof callers / sizeof *callers; k++)
			if (elf->imports.p[i].use && str_eq(elf->imports.p[i].name, callers[k]))
				library(c, v, STR("libgcc_s.so.1"), CERTAINTY_LIKELY,
				        how(c, "calls ", callers[k]));
}

/* Without an interpreter nobody reads a program's DT_NEEDED. */
static bool is_loaded_dynamically(const struct elf_object *elf)
{
	return elf->has_dynamic && (elf->has_interp || !elf_is_program(elf));
}

void object_needs(struct collector *c, const struct visit *v, const struct elf_object *elf)
{
	if (elf->is_glibc_loader || elf->is_musl || elf->libc_banner.n || elf->packer.n)
		return; /* a libc brought along; a packed program shows nothing */
	if (!v->aside && !c->machine) {
		c->machine = elf->machine;
		c->class_bits = elf->class_bits;
	}
	if (is_loaded_dynamically(elf)) {
		interpreter(c, v, elf);
		loaded_libraries(c, v, elf);
		versions_add(c, v, elf);
	}
	for (size_t i = 0; i < elf->dlopen.n; i++)
		dlopen_note_needs(c, v, elf->dlopen.p[i]);
	runtime_of_module(c, v, elf);
	unwinder(c, v, elf);
	if (v->aside)
		return; /* what else it might do, it does only if somebody uses it */
	named_libraries(c, v, elf);
	call_needs(c, v, elf);
	path_needs(c, v, elf);
}
