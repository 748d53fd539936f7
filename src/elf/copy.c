/* A deep copy of an object's facts. */
#include "elf/elf.h"
#include "elf/fields.h"

/* An absent string stays absent. */
static struct str copy_string(struct str s, struct arena *a)
{
	return s.p ? arena_str(a, s) : STR_NONE;
}

static struct str_vec copy_list(const struct str_vec *from, struct arena *a)
{
	struct str_vec to = {0};
	for (size_t i = 0; i < from->n; i++)
		*vec_push(&to, a) = copy_string(from->p[i], a);
	return to;
}

static void copy_imports(struct elf_object *to, const struct elf_object *from, struct arena *a)
{
	to->imports.p = arena_array(a, from->imports.n, sizeof *to->imports.p);
	to->imports.n = to->imports.cap = from->imports.n;
	for (size_t i = 0; i < from->imports.n; i++) {
		struct elf_import *import = &to->imports.p[i];
		*import = from->imports.p[i];
		import->name = copy_string(import->name, a);
		import->version = copy_string(import->version, a);
		import->file = copy_string(import->file, a);
	}
}

static void copy_exports(struct elf_object *to, const struct elf_object *from, struct arena *a)
{
	to->exports.p = arena_array(a, from->exports.n, sizeof *to->exports.p);
	to->exports.n = to->exports.cap = from->exports.n;
	for (size_t i = 0; i < from->exports.n; i++) {
		struct elf_export *export = &to->exports.p[i];
		*export = from->exports.p[i];
		export->name = copy_string(export->name, a);
		export->version = copy_string(export->version, a);
	}
}

static void copy_needs(struct elf_object *to, const struct elf_object *from, struct arena *a)
{
	to->version_needs.p = arena_array(a, from->version_needs.n, sizeof *to->version_needs.p);
	to->version_needs.n = to->version_needs.cap = from->version_needs.n;
	for (size_t i = 0; i < from->version_needs.n; i++) {
		struct elf_version_need *need = &to->version_needs.p[i];
		*need = from->version_needs.p[i];
		need->file = copy_string(need->file, a);
		need->name = copy_string(need->name, a);
	}
}

void elf_copy(struct elf_object *to, const struct elf_object *from, struct arena *a)
{
	*to = (struct elf_object){0};
#define COPY_NUMBER(field) to->field = from->field;
#define COPY_STRING(field) to->field = copy_string(from->field, a);
#define COPY_LIST(field) to->field = copy_list(&from->field, a);
	ELF_NUMBER_FIELDS(COPY_NUMBER)
	ELF_STRING_FIELDS(COPY_STRING)
	ELF_LIST_FIELDS(COPY_LIST)
#undef COPY_NUMBER
#undef COPY_STRING
#undef COPY_LIST
	copy_imports(to, from, a);
	copy_exports(to, from, a);
	copy_needs(to, from, a);
}
