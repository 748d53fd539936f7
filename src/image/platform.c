#include "image/platform.h"

#include <sys/utsname.h>

/* Names that uname(2) and people use, and what GOARCH calls it; containerd's
 * platforms/database.go knows the same ones. */
static const struct {
	struct str other, architecture, variant;
} names[] = {
	{STR_INIT("x86_64"), STR_INIT("amd64"), {NULL, 0}},
	{STR_INIT("x86-64"), STR_INIT("amd64"), {NULL, 0}},
	{STR_INIT("aarch64"), STR_INIT("arm64"), {NULL, 0}},
	{STR_INIT("armhf"), STR_INIT("arm"), STR_INIT("v7")},
	{STR_INIT("armv7l"), STR_INIT("arm"), STR_INIT("v7")},
	{STR_INIT("armel"), STR_INIT("arm"), STR_INIT("v6")},
	{STR_INIT("armv6l"), STR_INIT("arm"), STR_INIT("v6")},
	{STR_INIT("i386"), STR_INIT("386"), {NULL, 0}},
	{STR_INIT("i686"), STR_INIT("386"), {NULL, 0}},
	{STR_INIT("ppc64el"), STR_INIT("ppc64le"), {NULL, 0}},
	{STR_INIT("loongarch64"), STR_INIT("loong64"), {NULL, 0}},
};

static const struct str known[] = {
	STR_INIT("amd64"),    STR_INIT("arm64"), STR_INIT("arm"),     STR_INIT("386"),
	STR_INIT("ppc64le"),  STR_INIT("s390x"), STR_INIT("riscv64"), STR_INIT("loong64"),
	STR_INIT("mips64le"), STR_INIT("mips64"), STR_INIT("mipsle"), STR_INIT("mips"),
	STR_INIT("ppc64"),    STR_INIT("wasm"),
};

static bool is_architecture(struct str s)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(s, known[i]))
			return true;
	return false;
}

static void set_architecture(struct platform *p, struct str name)
{
	p->architecture = name;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eq(name, names[i].other)) {
			p->architecture = names[i].architecture;
			p->variant = names[i].variant;
		}
}

static struct str this_machine(char *room, size_t size)
{
	struct utsname u;
	if (uname(&u) < 0 || strlen(u.machine) >= size)
		return STR("amd64");
	memcpy(room, u.machine, strlen(u.machine) + 1);
	return str_of(room);
}

/* A static table's string where there is one: the room of uname() does not last. */
static void set_this_machine(struct platform *p)
{
	char room[65];
	set_architecture(p, this_machine(room, sizeof room));
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (str_eq(p->architecture, known[i])) {
			p->architecture = known[i];
			return;
		}
	p->architecture = STR("amd64");
}

bool platform_parse(struct platform *p, struct str text, struct err *e)
{
	*p = (struct platform){.os = STR("linux")};
	struct str rest = text, first = STR_NONE, architecture = STR_NONE;
	if (!str_next(&rest, '/', &first)) {
		set_this_machine(p);
		return true;
	}
	if (rest.n == 0) {
		set_architecture(p, first);
		if (is_architecture(p->architecture))
			return true;
		p->os = first;
		set_this_machine(p);
	} else {
		p->os = first;
		str_next(&rest, '/', &architecture);
		set_architecture(p, architecture);
		if (rest.n)
			p->variant = rest;
	}
	if (!str_eq(p->os, STR("linux")))
		return err_set(e, ERR_USAGE,
		               "\"%.*s\": socle knows images for Linux alone; a platform reads "
		               "linux/arm64 or linux/arm/v7",
		               STR_ARG(text));
	if (!is_architecture(p->architecture))
		return err_set(e, ERR_USAGE, "\"%.*s\": there is no architecture %.*s; a platform reads "
		               "linux/arm64 or linux/arm/v7", STR_ARG(text), STR_ARG(p->architecture));
	if (str_contains(p->variant, STR("/")))
		return err_set(e, ERR_USAGE,
		               "\"%.*s\" is no platform; one reads linux/arm64 or linux/arm/v7",
		               STR_ARG(text));
	return true;
}

/* What a missing variant means: every arm64 is v8, every amd64 at least v1. */
static struct str filled_variant(const struct platform *p)
{
	if (p->variant.n)
		return p->variant;
	if (str_eq(p->architecture, STR("arm64")))
		return STR("v8");
	return str_eq(p->architecture, STR("amd64")) ? STR("v1") : STR_NONE;
}

unsigned platform_fits(const struct platform *wanted, const struct platform *offered)
{
	if (offered->os.n && !str_eq(offered->os, wanted->os))
		return 0;
	if (offered->architecture.n && !str_eq(offered->architecture, wanted->architecture))
		return 0;
	struct str want = filled_variant(wanted), have = filled_variant(offered);
	if (str_eq(want, have))
		return 100;
	if (wanted->variant.n)
		return have.n == 0 ? 5 : 0;
	/* No variant asked for: the newest arm that most machines run. */
	unsigned number = have.n == 2 && have.p[0] == 'v' ? (unsigned)(have.p[1] - '0') : 0;
	return number <= 7 ? 10 + number : 1;
}

struct str platform_str(const struct platform *p, struct arena *a)
{
	return arena_printf(a, "%.*s/%.*s%s%.*s", STR_ARG(p->os), STR_ARG(p->architecture),
	                    p->variant.n ? "/" : "", STR_ARG(p->variant));
}
