/* CSAF 2.0 (OASIS): products stand in a tree (section 3.2.2), as branches, as full names and as
 * relationships, "this package as a part of that platform"; vulnerabilities (3.2.3) name them by
 * identifier and in groups. */
#include "scan/vex_parts.h"

struct csaf_product {
	struct str purl, cpe;
	struct str component, platform; /* identifiers, of a relationship */
};

struct csaf {
	struct vex_reading *reading;
	struct map products; /* identifier to struct csaf_product */
	struct map groups;   /* identifier to struct jnode, an array of identifiers */
};

/* ---- The tree of products ---- */

static struct csaf_product *add_full_name(struct csaf *c, const struct jnode *n)
{
	struct arena *a = c->reading->arena;
	const struct jnode *helper = jnode_get(n, "product_identification_helper");
	struct str id = jnode_get_str(n, "product_id", a);
	if (!id.n)
		return NULL;
	struct csaf_product *p = ARENA_NEW(a, struct csaf_product);
	p->purl = jnode_get_str(helper, "purl", a);
	p->cpe = jnode_get_str(helper, "cpe", a);
	*map_put(&c->products, a, id, NULL) = (uintptr_t)p;
	return p;
}

/* The nesting is that of the text, which has its limit. */
static void add_branches(struct csaf *c, const struct jnode *of)
{
	const struct jnode *all = jnode_get(of, "branches");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		add_full_name(c, jnode_get(n, "product"));
		add_branches(c, n);
	}
}

static void read_tree(struct csaf *c, const struct jnode *tree)
{
	struct arena *a = c->reading->arena;
	const struct jnode *all = jnode_get(tree, "full_product_names");
	add_branches(c, tree);
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		add_full_name(c, n);
	all = jnode_get(tree, "relationships");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		struct csaf_product *p = add_full_name(c, jnode_get(n, "full_product_name"));
		if (!p)
			continue;
		p->component = jnode_get_str(n, "product_reference", a);
		p->platform = jnode_get_str(n, "relates_to_product_reference", a);
	}
	all = jnode_get(tree, "product_groups");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		*map_put(&c->groups, a, jnode_get_str(n, "group_id", a), NULL) =
			(uintptr_t)jnode_get(n, "product_ids");
}

/* A package by itself, of a distribution's release, or in an image. */
static void add_product(struct csaf *c, struct vex_statement *s, struct str id)
{
	struct arena *a = c->reading->arena;
	const struct csaf_product *p = map_get(&c->products, id);
	if (!p)
		return;
	const struct csaf_product *part =
		p->component.n ? map_get(&c->products, p->component) : NULL;
	const struct csaf_product *whole =
		p->platform.n ? map_get(&c->products, p->platform) : NULL;
	struct vex_product product = {.platform = whole ? whole->cpe : STR("")};
	struct purl outer;
	if (!purl_parse(&product.product, p->purl.n || !part ? p->purl : part->purl, a))
		return;
	if (whole && purl_parse(&outer, whole->purl, a)) {
		product.component = product.product;
		product.product = outer;
		product.platform = STR("");
	} else if (whole && !whole->cpe.n) {
		product.platform = STR("unnamed"); /* a platform that nobody can compare */
	}
	*vec_push(&s->products, a) = product;
}

/* ---- Vulnerabilities ---- */

static bool lists(const struct jnode *all, struct str id, struct arena *a)
{
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		if (str_eq(jnode_str(n, a), id))
			return true;
	return false;
}

/* Whether a flag or a threat is on the product, by itself or in a group; one that names none is on
 * all. */
static bool is_on(const struct csaf *c, const struct jnode *n, struct str id)
{
	struct arena *a = c->reading->arena;
	const struct jnode *ids = jnode_get(n, "product_ids"), *groups = jnode_get(n, "group_ids");
	if ((!ids && !groups) || lists(ids, id, a))
		return true;
	for (const struct jnode *g = jnode_first(groups); g; g = jnode_next(groups, g))
		if (lists(map_get(&c->groups, jnode_str(g, a)), id, a))
			return true;
	return false;
}

/* The first member of an array that is on the product: its `value`. */
static struct str said_of(const struct csaf *c, const struct jnode *all, struct str id,
			  const char *value, const char *category)
{
	struct arena *a = c->reading->arena;
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		if (is_on(c, n, id) &&
		    (!category || str_eq(jnode_get_str(n, "category", a), str_of(category))))
			return jnode_get_str(n, value, a);
	return STR("");
}

static void add_ids(struct csaf *c, struct vex_statement *s, const struct jnode *vulnerability)
{
	struct arena *a = c->reading->arena;
	const struct jnode *all = jnode_get(vulnerability, "ids");
	struct str cve = jnode_get_str(vulnerability, "cve", a);
	if (cve.n)
		*vec_push(&s->ids, a) = cve;
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n))
		*vec_push(&s->ids, a) = jnode_get_str(n, "text", a);
}

/* One statement for each product: flags and threats differ from one to the next. */
static void add_status(struct csaf *c, const struct jnode *vulnerability, const char *list,
		       struct vex_statement common)
{
	struct arena *a = c->reading->arena;
	const struct jnode *all = jnode_get(jnode_get(vulnerability, "product_status"), list);
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		struct vex_statement s = common;
		struct str id = jnode_str(n, a);
		add_product(c, &s, id);
		if (!s.products.n)
			continue;
		if (s.status == VEX_NOT_AFFECTED) {
			s.justification =
				said_of(c, jnode_get(vulnerability, "flags"), id, "label", NULL);
			s.text = said_of(c, jnode_get(vulnerability, "threats"), id, "details",
					 "impact");
		}
		*vec_push(&c->reading->out->list, a) = s;
	}
}

void vex_read_csaf(struct vex_reading *r, const struct jnode *document)
{
	static const struct {
		const char *list;
		enum vex_status status;
	} lists_of[] = {{"under_investigation", VEX_UNDER_INVESTIGATION},
			{"known_affected", VEX_AFFECTED},
			{"first_affected", VEX_AFFECTED},
			{"last_affected", VEX_AFFECTED},
			{"fixed", VEX_FIXED},
			{"first_fixed", VEX_FIXED},
			{"known_not_affected", VEX_NOT_AFFECTED}};
	struct csaf c = {.reading = r};
	const struct jnode *tracking = jnode_get(jnode_get(document, "document"), "tracking");
	const struct jnode *all = jnode_get(document, "vulnerabilities");
	int64_t time = vex_time(jnode_get_str(tracking, "current_release_date", r->arena));
	read_tree(&c, jnode_get(document, "product_tree"));
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		struct vex_statement common = {.time_ns = time};
		add_ids(&c, &common, n);
		for (size_t i = 0; i < sizeof lists_of / sizeof *lists_of; i++) {
			common.status = lists_of[i].status;
			add_status(&c, n, lists_of[i].list, common);
		}
	}
}
