#include "predict/supply.h"

#include "predict/process.h"

/* ---- Data that lies in different places on different distributions ---- */

/* OpenSSL's and GnuTLS' compiled-in names on Debian, Alpine, Red Hat, SUSE and BSD-like
 * layouts; Go's crypto/x509/root_linux.go tries the same. */
static const struct str certificate_files[] = {
	STR_INIT("/etc/ssl/certs/ca-certificates.crt"),
	STR_INIT("/etc/ssl/cert.pem"),
	STR_INIT("/etc/pki/tls/certs/ca-bundle.crt"),
	STR_INIT("/etc/ssl/ca-bundle.pem"),
	STR_INIT("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
	STR_INIT("/usr/lib/ssl/cert.pem"),
	STR_INIT("/usr/share/ca-certificates"),
};

/* glibc's C.UTF-8 is a folder or part of the archive (Debian), or built in since 2.35, which
 * works for character types alone. */
static const struct str locale_places[] = {
	STR_INIT("/usr/lib/locale/C.utf8"),
	STR_INIT("/usr/lib/locale/C.UTF-8"),
	STR_INIT("/usr/lib/locale/locale-archive"),
};

static const struct str library_folders[] = {
	STR_INIT("/lib"),   STR_INIT("/usr/lib"), STR_INIT("/usr/local/lib"),
	STR_INIT("/lib64"), STR_INIT("/usr/lib64"),
};

static bool any_of(const struct tree *t, const struct str *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (tree_find(t, paths[i]))
			return true;
	return false;
}

#define ANY_OF(tree, paths) any_of((tree), (paths), sizeof(paths) / sizeof *(paths))

/* musl has its locales and its character set conversions inside. */
static bool is_musl(const struct tree *t)
{
	const struct node *lib = tree_find(t, STR("/lib"));
	for (const struct node *n = lib ? lib->child : NULL; n; n = n->next)
		if (str_starts(n->name, STR("ld-musl-")))
			return true;
	return false;
}

/* ---- Folders of libraries ---- */

/* In the folder itself: `name`, or with `any_version` what begins with it and a dot. */
static bool folder_has(const struct tree *t, const struct node *folder, struct str name,
                       bool any_version)
{
	struct node *found;
	if (tree_lookup(t, folder, name, true, &found) == TREE_FOUND)
		return true;
	for (const struct node *n = any_version ? folder->child : NULL; n; n = n->next)
		if (str_starts(n->name, name) && n->name.n > name.n && n->name.p[name.n] == '.')
			return true;
	return false;
}

/* The folders above and Debian's below them, one for each architecture: /usr/lib/<cpu>-linux-<abi>
 * (wiki.debian.org/Multiarch/Tuples). */
static bool library_folder_has(const struct tree *t, struct str name, bool any_version)
{
	for (size_t i = 0; i < sizeof library_folders / sizeof *library_folders; i++) {
		const struct node *folder = tree_find(t, library_folders[i]);
		if (!folder)
			continue;
		if (folder_has(t, folder, name, any_version))
			return true;
		for (const struct node *n = folder->child; n; n = n->next)
			if (node_type(n) == ENTRY_DIR && str_contains(n->name, STR("-linux-")) &&
			    folder_has(t, n, name, any_version))
				return true;
	}
	return false;
}

static bool has_data(const struct tree *t, struct str name)
{
	if (str_eq(name, STR("/etc/ssl/certs/ca-certificates.crt")))
		return ANY_OF(t, certificate_files);
	if (str_eq(name, STR("gconv")))
		return is_musl(t) || library_folder_has(t, STR("gconv"), false);
	/* Without it glibc and musl ask files, then DNS: nsswitch.conf(5), "Files". */
	if (str_eq(name, STR("/etc/nsswitch.conf")))
		return true;
	return name.n == 0 || name.p[0] != '/' || tree_find(t, name);
}

/* ---- Programs and libraries ---- */

static const struct node *program_at(const struct tree *t, struct str path)
{
	const struct node *n = tree_find(t, path);
	return n && node_type(n) == ENTRY_FILE && (node_mode(n) & 0111) ? n : NULL;
}

const struct node *supply_program(const struct predict_target *target, struct str name,
                                  struct arena *a)
{
	if (str_index(name, '/') == name.n)
		return target_in_path(target, name, a);
	if (name.p[0] != '/')
		name = arena_printf(a, "%.*s/%.*s", STR_ARG(target->working_dir), STR_ARG(name));
	return program_at(target->tree, name);
}

/* "python3.11" is also served by a python3 that is it; the version is another check's matter. */
const struct node *supply_runtime(const struct predict_target *target, struct str name,
                                  struct arena *a)
{
	const struct node *n = supply_program(target, name, a);
	size_t letters = 0;
	while (letters < name.n && name.p[letters] >= 'a' && name.p[letters] <= 'z')
		letters++;
	struct str family = str_slice(name, 0, letters);
	if (!n && letters < name.n)
		n = supply_program(target, family, a);
	if (!n && str_eq(family, STR("python")))
		n = supply_program(target, STR("python3"), a);
	return n;
}

/* Who opens "libicuuc.so" by name takes any version that there is. */
static bool has_library(const struct predict_target *target, struct str name)
{
	if (str_index(name, '/') < name.n)
		return tree_find(target->tree, name) != NULL;
	return library_folder_has(target->tree, name, str_ends(name, STR(".so")));
}

bool supply_has(const struct predict_target *target, const struct need *need, struct arena *a)
{
	switch (need->kind) {
	case NEED_EXECUTABLE:
	case NEED_INTERPRETER:
		return supply_program(target, need->name, a) != NULL;
	case NEED_RUNTIME:
		return supply_runtime(target, need->name, a) != NULL;
	case NEED_LIBRARY:
		return has_library(target, need->name);
	case NEED_DATA:
		return has_data(target->tree, need->name);
	case NEED_USER:
		return need->name.n == 0 || need->name.p[0] != '/' || tree_find(target->tree, need->name);
	case NEED_LOCALE:
		return is_musl(target->tree) || ANY_OF(target->tree, locale_places);
	case NEED_VERSION:
		return true; /* the loader's matter */
	}
	return true;
}

/* ---- Findings ---- */

static enum finding_kind kind_of(const struct need *need)
{
	switch (need->kind) {
	case NEED_EXECUTABLE: return FINDING_EXECUTABLE;
	case NEED_INTERPRETER: return FINDING_INTERPRETER;
	case NEED_LIBRARY: return FINDING_LIBRARY;
	case NEED_RUNTIME: return FINDING_RUNTIME;
	default: return FINDING_DATA;
	}
}

static struct str what_is_missing(const struct need *need, struct arena *a)
{
	if (str_eq(need->name, STR("/etc/ssl/certs/ca-certificates.crt")))
		return STR("there are no CA certificates, so that TLS connections cannot be checked");
	if (str_eq(need->name, STR("/usr/share/zoneinfo")))
		return STR("there are no time zones, so that local times are UTC");
	if (need->kind == NEED_LOCALE)
		return arena_printf(a, "there is no locale %.*s", STR_ARG(need->name));
	return arena_printf(a, "%.*s is not there", STR_ARG(need->name));
}

static struct str message_of(const struct need *need, struct arena *a)
{
	struct str what = what_is_missing(need, a);
	return need->because.n ? arena_printf(a, "%.*s (%s: %.*s)", STR_ARG(what),
	                                      certainty_name(need->certainty),
	                                      STR_ARG(need->because.p[0].how))
	                       : what;
}

static void add_cure(struct finding *f, const struct need *need, struct arena *a)
{
	if (str_eq(need->name, STR("/etc/ssl/certs/ca-certificates.crt")))
		*vec_push(&f->cure, a) =
			STR("the package ca-certificates, or a base that has it (Distroless static and "
			    "above, Alpine)");
	else if (str_eq(need->name, STR("/usr/share/zoneinfo")))
		*vec_push(&f->cure, a) = STR("the package tzdata");
	else if (str_eq(need->name, STR("libgcc_s.so.1")))
		*vec_push(&f->cure, a) =
			STR("the package libgcc-s1 (Debian) or libgcc (Alpine), or Distroless cc");
	else if (need->because.n && str_eq(need->because.p[0].file, STR("HEALTHCHECK")))
		*vec_push(&f->cure, a) =
			STR("HEALTHCHECK with the application's own program, or a probe from outside");
	else if (str_eq(need->name, STR("/bin/sh")))
		*vec_push(&f->cure, a) = STR("a base with a shell, or call the program without one");
}

/* Blocks first, then risks, then notes, each in the order in which they were found. */
static void sort_findings(struct prediction *out, struct arena *a)
{
	struct finding *sorted = arena_array(a, out->findings.n, sizeof *sorted);
	size_t n = 0;
	for (int s = SEVERITY_BLOCKS; s <= SEVERITY_NOTE; s++)
		for (size_t i = 0; i < out->findings.n; i++)
			if (out->findings.p[i].severity == (enum finding_severity)s)
				sorted[n++] = out->findings.p[i];
	out->findings.p = sorted;
	out->findings.cap = out->findings.n;
}

void supply_check(const struct predict_target *target, const struct needs *needs,
                  struct prediction *out, struct arena *a)
{
	struct map found = {0}; /* names that a finding speaks of */
	for (size_t i = 0; i < out->findings.n; i++)
		map_put(&found, a, out->findings.p[i].name, NULL);
	for (size_t i = 0; i < needs->list.n; i++) {
		const struct need *need = &needs->list.p[i];
		/* Certain libraries and interpreters are the loader's and the kernel's matter, and
		 * strings that look like a library's name are too weak to speak of. */
		bool judged = need->certainty == CERTAINTY_CERTAIN &&
		              (need->kind == NEED_LIBRARY || need->kind == NEED_INTERPRETER);
		bool weak = need->certainty == CERTAINTY_POSSIBLE && need->kind == NEED_LIBRARY;
		if (judged || weak || map_find(&found, need->name) || supply_has(target, need, a))
			continue;
		struct finding *f = vec_push(&out->findings, a);
		*f = (struct finding){
			.severity = need->certainty == CERTAINTY_POSSIBLE ? SEVERITY_NOTE : SEVERITY_RISK,
			.kind = kind_of(need),
			.name = need->name,
			.object = need->because.n ? need->because.p[0].file : STR(""),
			.message = message_of(need, a),
		};
		add_cure(f, need, a);
		map_put(&found, a, need->name, NULL);
	}
	sort_findings(out, a);
}
