/* Which files a facts record keeps whole: those that say what is installed, who
 * the users are and where a loader looks. All are small; everything else is
 * known by its entry, its ELF facts or its `#!` line alone. */
#include "core/limits.h"
#include "facts/facts.h"

static const struct str exact[] = {
	/* The distribution. */
	STR_INIT("etc/os-release"),
	STR_INIT("usr/lib/os-release"),
	STR_INIT("etc/alpine-release"),
	STR_INIT("etc/debian_version"),
	STR_INIT("etc/lsb-release"),
	STR_INIT("etc/redhat-release"),
	STR_INIT("etc/system-release"),
	/* Users and their look-up. */
	STR_INIT("etc/passwd"),
	STR_INIT("etc/group"),
	STR_INIT("etc/nsswitch.conf"),
	/* Loaders. */
	STR_INIT("etc/ld.so.cache"),
	STR_INIT("etc/ld.so.conf"),
	STR_INIT("etc/ld.so.preload"),
	/* Package databases. */
	STR_INIT("var/lib/dpkg/status"),
	STR_INIT("lib/apk/db/installed"),
	STR_INIT("usr/lib/apk/db/installed"),
	STR_INIT("etc/apk/arch"),
	STR_INIT("etc/apk/repositories"),
	STR_INIT("etc/apk/world"),
	STR_INIT("var/lib/rpmmanifest/container-manifest-2"), /* Azure Linux without a database */
};

/* RPM's database, which is larger than all else; SQLite's log beside it may hold what is not in it
 * yet. */
static const struct str rpm_folders[] = {
	STR_INIT("usr/lib/sysimage/rpm"),
	STR_INIT("var/lib/rpm"),
	STR_INIT("usr/share/rpm"), /* ostree */
};
static const struct str rpm_databases[] = {
	STR_INIT("rpmdb.sqlite"),
	STR_INIT("rpmdb.sqlite-wal"),
	STR_INIT("Packages.db"),
	STR_INIT("Packages"),
};

/* A folder (or the start of a name in it) and how the name ends. */
static const struct {
	struct str starts, ends;
} within[] = {
	{STR_INIT("etc/ld.so.conf.d/"), STR_INIT(".conf")},
	{STR_INIT("etc/ld-musl-"), STR_INIT(".path")},
	{STR_INIT("usr/local/go/"), STR_INIT("go/VERSION")}, /* Go's toolchain */
	{STR_INIT("var/lib/dpkg/status.d/"), STR_INIT("")}, /* Distroless */
	{STR_INIT("var/lib/dpkg/info/"), STR_INIT(".list")},
	{STR_INIT("var/lib/pacman/local/"), STR_INIT("/desc")},
	{STR_INIT("var/lib/db/sbom/"), STR_INIT(".spdx.json")},             /* Wolfi, Chainguard */
	{STR_INIT("root/buildinfo/content_manifests/"), STR_INIT(".json")}, /* UBI */
};

/* Names that mean the same wherever they lie. */
static const struct str anywhere[] = {
	/* Python */
	STR_INIT("pyvenv.cfg"),
	STR_INIT("requirements.txt"),
	STR_INIT("pyproject.toml"),
	STR_INIT("Pipfile.lock"),
	STR_INIT("poetry.lock"),
	STR_INIT("uv.lock"),
	/* Node */
	STR_INIT("package.json"),
	STR_INIT("package-lock.json"),
	STR_INIT(".package-lock.json"),
	STR_INIT("npm-shrinkwrap.json"),
	STR_INIT("yarn.lock"),
	STR_INIT("pnpm-lock.yaml"),
	/* Ruby, PHP, Rust, Go */
	STR_INIT("Gemfile.lock"),
	STR_INIT("composer.json"),
	STR_INIT("composer.lock"),
	STR_INIT("installed.json"),
	STR_INIT("Cargo.lock"),
	STR_INIT("go.mod"),
	/* Java: a runtime's own "release" file; Erlang's */
	STR_INIT("release"),
	STR_INIT("OTP_VERSION"),
};

static const struct str endings[] = {
	STR_INIT(".runtimeconfig.json"), /* .NET */
	STR_INIT(".deps.json"),          STR_INIT(".gemspec"), STR_INIT(".pth"), STR_INIT("._pth"),
};

/* PEP 376 and PEP 627: what an installed Python distribution says of itself. */
static bool is_python_metadata(struct str path)
{
	static const struct str names[] = {
		STR_INIT("METADATA"),         STR_INIT("PKG-INFO"),
		STR_INIT("RECORD"),           STR_INIT("WHEEL"),
		STR_INIT("entry_points.txt"), STR_INIT("top_level.txt"),
		STR_INIT("direct_url.json"),
	};
	struct str name = str_basename(path), folder = str_dirname(path);
	if (str_ends(name, STR(".egg-info")))
		return true; /* distutils wrote one file instead of a folder */
	if (!str_ends(folder, STR(".dist-info")) && !str_ends(folder, STR(".egg-info")) &&
	    !str_ends(folder, STR(".egg/EGG-INFO")))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

static bool is_conda_record(struct str path)
{
	return str_ends(path, STR(".json")) &&
	       str_eq(str_basename(str_dirname(path)), STR("conda-meta"));
}

static bool is_one_of(struct str s, const struct str *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(s, list[i]))
			return true;
	return false;
}
#define IS_ONE_OF(s, list) is_one_of(s, list, sizeof(list) / sizeof *(list))

static bool is_rpm_database(struct str path)
{
	return IS_ONE_OF(str_basename(path), rpm_databases) &&
	       IS_ONE_OF(str_dirname(path), rpm_folders);
}

static bool has_kept_name(struct str path)
{
	if (IS_ONE_OF(path, exact))
		return true;
	for (size_t i = 0; i < sizeof within / sizeof *within; i++)
		if (str_starts(path, within[i].starts) && str_ends(path, within[i].ends))
			return true;

	struct str name = str_basename(path);
	/* The path file of a musl that an application brings along. */
	if (str_starts(name, STR("ld-musl-")) && str_ends(name, STR(".path")))
		return true;
	if (IS_ONE_OF(name, anywhere))
		return true;
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
		if (str_ends(name, endings[i]))
			return true;
	return is_python_metadata(path) || is_conda_record(path);
}

bool facts_keeps(struct str path, uint64_t size_bytes)
{
	return (size_bytes <= LIMIT_KEPT_FILE_BYTES && has_kept_name(path)) ||
	       (size_bytes <= LIMIT_KEPT_DATABASE_BYTES && is_rpm_database(path));
}

/* Shells whose scripts name the programs that they call. */
bool facts_keeps_script(struct str shebang, uint64_t size_bytes)
{
	static const struct str shells[] = {
		STR_INIT("sh"),   STR_INIT("ash"), STR_INIT("bash"),
		STR_INIT("dash"), STR_INIT("ksh"), STR_INIT("zsh"),
	};
	if (size_bytes > LIMIT_KEPT_SCRIPT_BYTES)
		return false;
	struct str rest = shebang, word;
	if (!str_word(&rest, &word))
		return false;
	if (str_eq(str_basename(word), STR("env")))
		while (str_word(&rest, &word) && str_starts(word, STR("-")))
			;
	struct str name = str_basename(word);
	for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
		if (str_eq(name, shells[i]))
			return true;
	return false;
}
