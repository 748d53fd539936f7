#include "predict/supply.h"

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

static const struct str gconv_folders[] = {
	STR_INIT("/usr/lib/x86_64-linux-gnu/gconv"), STR_INIT("/usr/lib/aarch64-linux-gnu/gconv"),
	STR_INIT("/usr/lib64/gconv"),                STR_INIT("/usr/lib/gconv"),
};

/* glibc's C.UTF-8 is a folder or part of the archive (Debian), or built in since 2.35, which
 * works for character types alone. */
static const struct str locale_places[] = {
	STR_INIT("/usr/lib/locale/C.utf8"),
	STR_INIT("/usr/lib/locale/C.UTF-8"),
	STR_INIT("/usr/lib/locale/locale-archive"),
};

static const struct str library_folders[] = {
	STR_INIT("/lib"),    STR_INIT("/usr/lib"),   STR_INIT("/lib/x86_64-linux-gnu"),
	STR_INIT("/lib64"),  STR_INIT("/usr/lib64"), STR_INIT("/usr/lib/x86_64-linux-gnu"),
	STR_INIT("/lib/aarch64-linux-gnu"),          STR_INIT("/usr/lib/aarch64-linux-gnu"),
	STR_INIT("/usr/local/lib"),
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

static bool has_data(const struct tree *t, struct str name)
{
	if (str_eq(name, STR("/etc/ssl/certs/ca-certificates.crt")))
		return ANY_OF(t, certificate_files);
	if (str_eq(name, STR("gconv")))
		return is_musl(t) || ANY_OF(t, gconv_folders);
	/* Without it glibc and musl ask files, then DNS: nsswitch.conf(5), "Files". */
	if (str_eq(name, STR("/etc/nsswitch.conf")))
		return true;
	return name.n == 0 || name.p[0] != '/' || tree_find(t, name);
}

/* ---- Programs and libraries ---- */

static struct str path_of(const struct predict_target *target)
{
	for (size_t i = target->env.n; i-- > 0;)
		if (str_starts(target->env.p[i], STR("PATH=")))
			return str_skip(target->env.p[i], 5);
	return STR("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
}

static bool has_program(const struct predict_target *target, struct str name, struct arena *a)
{
	if (str_index(name, '/') < name.n)
		return tree_find(target->tree, name) != NULL;
	struct str path = path_of(target), folder;
	while (str_next(&path, ':', &folder))
		if (tree_find(target->tree, arena_printf(a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name))))
			return true;
	return false;
}

/* "python3.11" is also served by a python3 that is it; the version is another check's matter. */
static bool has_runtime(const struct predict_target *target, struct str name, struct arena *a)
{
	if (has_program(target, name, a))
		return true;
	size_t letters = 0;
	while (letters < name.n && name.p[letters] >= 'a' && name.p[letters] <= 'z')
		letters++;
	struct str family = str_slice(name, 0, letters);
	return has_program(target, family, a) ||
	       (str_eq(family, STR("python")) && has_program(target, STR("python3"), a));
}

static bool has_library(const struct predict_target *target, struct str name, struct arena *a)
{
	if (str_index(name, '/') < name.n)
		return tree_find(target->tree, name) != NULL;
	for (size_t i = 0; i < sizeof library_folders / sizeof *library_folders; i++)
		if (tree_find(target->tree, arena_printf(a, "%.*s/%.*s", STR_ARG(library_folders[i]),
		                                         STR_ARG(name))))
			return true;
	return false;
}

bool supply_has(const struct predict_target *target, const struct need *need, struct arena *a)
{
	switch (need->kind) {
	case NEED_EXECUTABLE:
	case NEED_INTERPRETER:
		return has_program(target, need->name, a);
	case NEED_RUNTIME:
		return has_runtime(target, need->name, a);
	case NEED_LIBRARY:
		return has_library(target, need->name, a);
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
		*vec_push(&f->cure, a) = STR("the package ca-certificates, or a base that has it (Distroless static and above, Alpine)");
	else if (str_eq(need->name, STR("/usr/share/zoneinfo")))
		*vec_push(&f->cure, a) = STR("the package tzdata");
	else if (str_eq(need->name, STR("libgcc_s.so.1")))
		*vec_push(&f->cure, a) = STR("the package libgcc-s1 (Debian) or libgcc (Alpine), or Distroless cc");
	else if (str_eq(need->name, STR("/bin/sh")))
		*vec_push(&f->cure, a) = STR("a base with a shell, or call the program without one");
}

static bool already_found(const struct prediction *out, struct str name)
{
	for (size_t i = 0; i < out->findings.n; i++)
		if (str_eq(out->findings.p[i].name, name))
			return true;
	return false;
}

/* Blocks first, then risks, then notes, each in the order in which they were found. */
static void sort_findings(struct prediction *out)
{
	for (size_t i = 1; i < out->findings.n; i++) {
		struct finding f = out->findings.p[i];
		size_t at = i;
		for (; at > 0 && out->findings.p[at - 1].severity > f.severity; at--)
			out->findings.p[at] = out->findings.p[at - 1];
		out->findings.p[at] = f;
	}
}

void supply_check(const struct predict_target *target, const struct needs *needs,
                  struct prediction *out, struct arena *a)
{
	for (size_t i = 0; i < needs->list.n; i++) {
		const struct need *need = &needs->list.p[i];
		/* Certain libraries and interpreters are the loader's and the kernel's matter, and
		 * strings that look like a library's name are too weak to speak of. */
		bool judged = need->certainty == CERTAINTY_CERTAIN &&
		              (need->kind == NEED_LIBRARY || need->kind == NEED_INTERPRETER);
		bool weak = need->certainty == CERTAINTY_POSSIBLE && need->kind == NEED_LIBRARY;
		if (judged || weak || already_found(out, need->name) || supply_has(target, need, a))
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
	}
	sort_findings(out);
}
