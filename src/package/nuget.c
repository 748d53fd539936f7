/* What a .NET program was published with: NAME.deps.json beside it, and beside the shared frameworks
 * (dotnet/sdk, documentation/specs/runtime-configuration-file.md):
 *
 *     "runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64"},
 *     "targets":   {".NETCoreApp,Version=v8.0/linux-x64": {
 *                      "Newtonsoft.Json/13.0.3": {"runtime": {"lib/net6.0/Newtonsoft.Json.dll": {}}}}},
 *     "libraries": {"Newtonsoft.Json/13.0.3": {"type": "package"}}
 *
 * A library of which the target takes no file was needed to compile at most, and is not there. */
#include "package/formats.h"

static const char *const file_kinds[] = {"runtime", "runtimeTargets", "native", "resources"};
enum { FILE_KINDS = sizeof file_kinds / sizeof *file_kinds };

bool is_nuget_record(const struct node *n)
{
	return str_ends(n->name, STR(".deps.json"));
}

/* What the target takes of each library. */
static struct map libraries_of_target(const struct jnode *json, struct arena *a)
{
	struct str wanted = jnode_get_str(jnode_get(json, "runtimeTarget"), "name", a);
	const struct jnode *all = jnode_get(json, "targets"), *target = NULL;
	struct map taken = {0};
	if (!jnode_is(all, JNODE_OBJECT))
		return taken;
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		if (str_eq(jnode_str(jnode_name(n), a), wanted))
			target = n;
	if (!jnode_is(target, JNODE_OBJECT))
		return taken;
	for (const struct jnode *n = jnode_first(target); n; n = jnode_next(target, n))
		*map_put(&taken, a, jnode_str(jnode_name(n), a), NULL) = (uintptr_t)n;
	return taken;
}

static bool has_files(const struct jnode *library)
{
	for (size_t i = 0; i < FILE_KINDS; i++)
		if (jnode_first(jnode_get(library, file_kinds[i])))
			return true;
	return library == NULL; /* the target does not tell */
}

/* "runtimepack" is the framework itself, in a program that brings it along; NuGet has it without
 * that word before its name. */
static bool is_package(const struct jnode *library, struct str *name, struct arena *a)
{
	struct str type = jnode_get_str(library, "type", a);
	if (str_eq(type, STR("runtimepack")) && str_starts(*name, STR("runtimepack.")))
		*name = str_skip(*name, sizeof "runtimepack." - 1);
	else if (!str_eq(type, STR("package")))
		return false;
	return true;
}

void nuget_read(struct packages *out, const struct node *n, struct arena *a)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	const struct jnode *json = record_json(n, &scratch);
	struct str path = tree_path(n, a);
	const struct jnode *all = jnode_get(json, "libraries");
	struct map taken = libraries_of_target(json, &scratch);
	if (!json)
		*vec_push(&out->unread, a) = path;
	if (!jnode_is(all, JNODE_OBJECT))
		return;
	for (const struct jnode *one = jnode_first(all); one; one = jnode_next(all, one)) {
		struct str key = jnode_str(jnode_name(one), a);
		size_t slash = str_index(key, '/');
		struct str name = str_slice(key, 0, slash), version = str_skip(key, slash + 1);
		if (!name.n || !is_package(one, &name, a) || !has_files(map_get(&taken, key)))
			continue;
		struct package *p = packages_add(out, PACKAGE_NUGET, n, path, a);
		p->name = p->source = name;
		p->version = version;
	}
}

/* "lib/net8.0/de/A.resources.dll" lies there, as A.resources.dll, or as de/A.resources.dll, by how the
 * program was published. */
static void cover_files(struct cover *c, const struct node *record, const struct jnode *files,
                        struct arena *a)
{
	if (!jnode_is(files, JNODE_OBJECT))
		return;
	for (const struct jnode *n = jnode_first(files); n; n = jnode_next(files, n)) {
		struct str path = jnode_str(jnode_name(n), a), folder = str_dirname(path);
		size_t last_two = folder.n ? str_rindex(folder, '/') : 0;
		cover_path(c, record, 1, path);
		cover_path(c, record, 1, str_basename(path));
		cover_path(c, record, 1, last_two < folder.n ? str_skip(path, last_two + 1) : path);
	}
}

void nuget_cover(struct cover *c, const struct node *record)
{
	CLEANUP_ARENA struct arena scratch = ARENA_INIT;
	struct map taken = libraries_of_target(record_json(record, &scratch), &scratch);
	for (size_t i = 0; i < taken.cap; i++) {
		if (!taken.slot[i].used)
			continue;
		const struct jnode *library = (const struct jnode *)taken.slot[i].value;
		for (size_t k = 0; k < FILE_KINDS; k++)
			cover_files(c, record, jnode_get(library, file_kinds[k]), &scratch);
	}
}
