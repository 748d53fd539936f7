/* OpenVEX 0.2.0 (specification, "Statement"), and 0.0.1, where vulnerabilities, products and
 * subcomponents are strings. */
#include "scan/vex_parts.h"

/* ---- Times ---- */

static bool number_at(struct str s, size_t at, size_t digits, int64_t *value)
{
	uint64_t read;
	bool sound = at + digits <= s.n && str_to_u64(str_slice(s, at, at + digits), &read);
	*value = sound ? (int64_t)read : 0;
	return sound;
}

/* Days since 1970 of the Gregorian calendar, whose year here begins in March. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month < 3;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

int64_t vex_time(struct str text)
{
	int64_t part[6], offset_h = 0, offset_m = 0, fraction = 0, unit = 1000000000;
	static const size_t at[6] = {0, 5, 8, 11, 14, 17};
	for (size_t i = 0; i < 6; i++)
		if (!number_at(text, at[i], i ? 2 : 4, &part[i]))
			return INT64_MIN;
	if (part[0] < 1900 || part[0] > 2200 || part[1] < 1 || part[1] > 12)
		return INT64_MIN;
	text = str_skip(text, 19);
	if (str_starts(text, STR(".")))
		for (text = str_skip(text, 1); text.n && text.p[0] >= '0' && text.p[0] <= '9';
		     text = str_skip(text, 1)) {
			unit /= 10;
			fraction += (text.p[0] - '0') * unit;
		}
	if (text.n == 6) {
		number_at(text, 1, 2, &offset_h);
		number_at(text, 4, 2, &offset_m);
	}
	int64_t offset = (offset_h * 60 + offset_m) * (str_starts(text, STR("-")) ? -60 : 60);
	int64_t seconds = days_of(part[0], part[1], part[2]) * 86400 + part[3] * 3600 +
			  part[4] * 60 + part[5] - offset;
	return seconds * 1000000000 + fraction;
}

/* The statement's own, else that of the whole document. */
static int64_t newest(const struct jnode *of, int64_t otherwise, struct arena *a)
{
	int64_t made = vex_time(jnode_get_str(of, "timestamp", a));
	int64_t updated = vex_time(jnode_get_str(of, "last_updated", a));
	int64_t newer = made > updated ? made : updated;
	return newer == INT64_MIN ? otherwise : newer;
}

/* ---- Products ---- */

/* "identifiers.purl", or the name itself where that is one. */
static bool purl_of(const struct jnode *n, struct purl *purl, struct arena *a)
{
	struct str said = jnode_get_str(jnode_get(n, "identifiers"), "purl", a);
	said = said.n ? said : jnode_get_str(n, "@id", a);
	return purl_parse(purl, said.n ? said : jnode_str(n, a), a);
}

static void add_product(struct vex_reading *r, struct vex_statement *s, const struct jnode *n,
			const struct jnode *components)
{
	struct vex_product p = {.platform = STR("")};
	if (!purl_of(n, &p.product, r->arena))
		return;
	const struct jnode *c = jnode_first(components);
	if (!c)
		*vec_push(&s->products, r->arena) = p;
	for (; c; c = jnode_next(components, c))
		if (purl_of(c, &p.component, r->arena))
			*vec_push(&s->products, r->arena) = p;
}

static void add_products(struct vex_reading *r, struct vex_statement *s, const struct jnode *said)
{
	const struct jnode *all = jnode_get(said, "products");
	const struct jnode *common = jnode_get(said, "subcomponents");
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		const struct jnode *own = jnode_get(n, "subcomponents");
		add_product(r, s, n, own ? own : common);
	}
}

/* ---- Statements ---- */

static void add_ids(struct vex_reading *r, struct vex_statement *s, const struct jnode *n)
{
	struct str name = jnode_get_str(n, "name", r->arena), whole = jnode_str(n, r->arena);
	const struct jnode *aliases = jnode_get(n, "aliases");
	if (name.n || whole.n)
		*vec_push(&s->ids, r->arena) = name.n ? name : whole;
	else /* a page about it, named by its last part */
		*vec_push(&s->ids, r->arena) = str_basename(jnode_get_str(n, "@id", r->arena));
	for (const struct jnode *m = jnode_first(aliases); m; m = jnode_next(aliases, m))
		*vec_push(&s->ids, r->arena) = jnode_str(m, r->arena);
}

static bool status_of(struct str name, enum vex_status *status)
{
	for (int i = VEX_UNDER_INVESTIGATION; i <= VEX_NOT_AFFECTED; i++) {
		if (!str_eq(name, str_of(vex_status_name(i))))
			continue;
		*status = i;
		return true;
	}
	return false;
}

void vex_read_openvex(struct vex_reading *r, const struct jnode *document)
{
	struct arena *a = r->arena;
	const struct jnode *all = jnode_get(document, "statements");
	int64_t time = newest(document, INT64_MIN, a);
	for (const struct jnode *n = jnode_first(all); n; n = jnode_next(all, n)) {
		struct vex_statement s = {.time_ns = newest(n, time, a)};
		if (!status_of(jnode_get_str(n, "status", a), &s.status))
			continue;
		s.justification = jnode_get_str(n, "justification", a);
		s.text = jnode_get_str(n, "impact_statement", a);
		s.text = s.text.n ? s.text : jnode_get_str(n, "status_notes", a);
		add_ids(r, &s, jnode_get(n, "vulnerability"));
		add_products(r, &s, n);
		*vec_push(&r->out->list, a) = s;
	}
}
