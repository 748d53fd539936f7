#include "scan/vex.h"

#include "scan/vex_parts.h"

static const struct str status_names[] = {
	[VEX_UNDER_INVESTIGATION] = STR_INIT("under_investigation"),
	[VEX_AFFECTED] = STR_INIT("affected"),
	[VEX_FIXED] = STR_INIT("fixed"),
	[VEX_NOT_AFFECTED] = STR_INIT("not_affected"),
};

const char *vex_status_name(enum vex_status status)
{
	return status_names[status].p;
}

/* ---- Reading ---- */

bool vex_read(struct vex *v, struct str text, struct arena *a, struct err *e)
{
	struct jnodes nodes = {0};
	struct vex_reading r = {v, a};
	const struct jnode *n = jnode_parse(&nodes, text, a, e);
	if (!n)
		return err_wrap(e, "no VEX document");
	const struct jnode *document = jnode_get(n, "document");
	if (str_contains(jnode_get_str(n, "@context", a), STR("openvex"))) {
		vex_read_openvex(&r, n);
		return true;
	}
	if (str_starts(jnode_get_str(document, "csaf_version", a), STR("2."))) {
		vex_read_csaf(&r, n);
		return true;
	}
	return err_set(e, ERR_INPUT, "no VEX document: neither OpenVEX nor CSAF 2.0");
}

/* ---- Matching: images ---- */

static bool is_image(const struct purl *p)
{
	return strcmp(p->type, "oci") == 0 || strcmp(p->type, "docker") == 0;
}

/* Docker Hub has several names. */
static struct str plain_repository(struct str s)
{
	static const struct str hubs[] = {STR_INIT("index.docker.io/"), STR_INIT("docker.io/"),
					  STR_INIT("library/")};
	for (size_t i = 0; i < sizeof hubs / sizeof *hubs; i++)
		if (str_starts(s, hubs[i]))
			s = str_skip(s, hubs[i].n);
	return s;
}

/* By digest where the statement has one; else by name and, where it is said, by repository. */
static bool image_is(const struct purl *p, const struct vex_image *image, struct arena *a)
{
	struct str repository = plain_repository(image->repository);
	struct str said = plain_repository(purl_qualifier(p, "repository_url"));
	if (str_starts(p->version, STR("sha256:")))
		return str_eq(p->version, image->digest) || str_eq(p->version, image->index_digest);
	if (!repository.n || p->version.n)
		return false;
	if (strcmp(p->type, "docker") == 0)
		return str_eq(plain_repository(purl_name(p, a)), repository);
	if (!str_eq(p->name, str_basename(repository)))
		return false;
	return !said.n || str_eq(said, repository) || str_eq(said, str_dirname(repository));
}

/* ---- Matching: packages ---- */

struct target {
	const struct package *package;
	const struct packages *in;
	struct purl purl;
	const struct vex_image *image;
	struct arena *arena;
};

static bool of_source(struct str arch)
{
	return str_eq(arch, STR("src")) || str_eq(arch, STR("source"));
}

static bool qualifiers_match(const struct purl *said, const struct purl *purl, bool source)
{
	for (size_t i = 0; i < said->qualifier_count; i++) {
		const struct purl_qualifier *q = &said->qualifiers[i];
		if (source && strcmp(q->key, "arch") == 0)
			continue;
		struct str value = purl_qualifier(purl, q->key);
		/* "debian-12.5" speaks of the release "debian-12", too. */
		bool same_release = strcmp(q->key, "distro") == 0 && value.n &&
				    str_starts(q->value, value) && q->value.n > value.n &&
				    q->value.p[value.n] == '.';
		bool no_epoch = strcmp(q->key, "epoch") == 0 && str_eq(q->value, STR("0"));
		if (!str_eq(q->value, value) && !same_release && !(no_epoch && !value.n))
			return false;
	}
	return true;
}

/* A package's version with its epoch as a URL has it: of RPMs that is a qualifier. */
static struct str source_version_of(const struct package *p)
{
	struct str version = p->source_version.n ? p->source_version : p->version;
	size_t colon = str_index(version, ':');
	return p->type == PACKAGE_RPM && colon < version.n ? str_skip(version, colon + 1) : version;
}

static bool purl_is(const struct purl *said, const struct target *t)
{
	const struct purl *purl = &t->purl;
	bool source = of_source(purl_qualifier(said, "arch"));
	struct str name = source && t->package->source.n ? t->package->source : purl->name;
	struct str version = source ? source_version_of(t->package) : purl->version;
	return strcmp(said->type, purl->type) == 0 && str_eq(said->space, purl->space) &&
	       str_eq(said->name, name) && (!said->version.n || str_eq(said->version, version)) &&
	       qualifiers_match(said, purl, source);
}

/* Of a CPE that names a release of a distribution: "cpe:/o:redhat:enterprise_linux:9::baseos",
 * "cpe:/o:suse:sles:15:sp5". Any other platform is not the system of an image. */
static bool platform_is(struct str cpe, const struct packages *in, struct arena *a)
{
	static const struct str rhel = STR_INIT(":redhat:enterprise_linux:"),
				sles = STR_INIT(":suse:sles:");
	size_t red = str_find(cpe, rhel), suse = str_find(cpe, sles);
	struct str major = str_slice(in->system_version, 0, str_index(in->system_version, '.'));
	struct str minor = str_skip(in->system_version, major.n + 1), release, pack = STR("");
	if (red < cpe.n && str_eq(in->system, STR("rhel"))) {
		cpe = str_skip(cpe, red + rhel.n);
		cpe = str_slice(cpe, 0, str_index(cpe, ':'));
		return str_eq(str_slice(cpe, 0, str_index(cpe, '.')), major);
	}
	if (suse == cpe.n || !str_eq(in->system, STR("sles")))
		return false;
	cpe = str_skip(cpe, suse + sles.n);
	str_next(&cpe, ':', &release);
	str_next(&cpe, ':', &pack);
	return str_eq(release, major) &&
	       str_eq(pack, minor.n ? arena_printf(a, "sp%.*s", STR_ARG(minor)) : STR(""));
}

static bool product_is(const struct vex_product *p, const struct target *t)
{
	if (p->platform.n && !platform_is(p->platform, t->in, t->arena))
		return false;
	if (!is_image(&p->product))
		return purl_is(p->component.type ? &p->component : &p->product, t);
	return image_is(&p->product, t->image, t->arena) &&
	       (!p->component.type || purl_is(&p->component, t));
}

/* 0: it does not speak of the package; 2: of its very version. */
static unsigned speaks_of(const struct vex_statement *s, const struct target *t)
{
	unsigned best = 0;
	for (size_t i = 0; i < s->products.n; i++) {
		const struct vex_product *p = &s->products.p[i];
		unsigned fits = p->component.type ? (p->component.version.n ? 2 : 1)
						  : (p->product.version.n ? 2 : 1);
		if (fits > best && product_is(p, t))
			best = fits;
	}
	return best;
}

static bool shares_id(const struct vex_statement *s, const struct str_vec *ids)
{
	for (size_t i = 0; i < s->ids.n; i++)
		for (size_t k = 0; k < ids->n; k++)
			if (str_eq(s->ids.p[i], ids->p[k]))
				return true;
	return false;
}

const struct vex_statement *vex_find(const struct vex *v, const struct str_vec *ids,
				     const struct package *p, const struct packages *in,
				     const struct vex_image *image, struct arena *a)
{
	struct target t = {.package = p, .in = in, .image = image, .arena = a};
	const struct vex_statement *best = NULL;
	unsigned best_fits = 0;
	if (!v->list.n || !purl_parse(&t.purl, purl_of_package(p, in, a), a))
		return NULL;
	for (size_t i = 0; i < v->list.n; i++) {
		const struct vex_statement *s = &v->list.p[i];
		if (!shares_id(s, ids) || (best && s->time_ns < best->time_ns))
			continue;
		unsigned fits = speaks_of(s, &t);
		if (!fits || (best && s->time_ns == best->time_ns && fits < best_fits))
			continue;
		best = s;
		best_fits = fits;
	}
	return best;
}

/* ---- A scan's findings ---- */

static struct str reason_of(const struct vex_statement *s, struct arena *a)
{
	bool both = s->justification.n && s->text.n;
	struct str why = arena_printf(a, "%.*s%s%.*s", STR_ARG(s->justification), both ? ": " : "",
				      STR_ARG(s->text));
	return arena_printf(a, "%s%s%.*s", s->status == VEX_FIXED ? "fixed" : "not affected",
			    why.n ? ": " : "", STR_ARG(why));
}

size_t vex_apply(const struct vex *v, struct scan *s, const struct packages *in,
		 const struct vex_image *image, struct arena *a)
{
	size_t marked = 0;
	for (size_t i = 0; i < s->findings.n && v->list.n; i++) {
		struct vulnerability *f = &s->findings.p[i];
		struct str_vec own = {&f->id, 1, 1}, ids = str_vec_join(&own, &f->others, a);
		const struct vex_statement *said = vex_find(v, &ids, f->package, in, image, a);
		if (f->status != VULNERABILITY_COUNTS || !said || said->status < VEX_FIXED)
			continue;
		f->status = VULNERABILITY_VEX;
		f->reason = reason_of(said, a);
		marked++;
	}
	return marked;
}
