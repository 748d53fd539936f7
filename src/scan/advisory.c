#include "scan/advisory.h"

#include <stdio.h>

/* ---- Reading ---- */

static struct str_vec strings_of(const struct jnode *list, struct arena *a)
{
	struct str_vec out = {0};
	for (const struct jnode *m = jnode_first(list); m; m = jnode_next(list, m))
		if (jnode_is(m, JNODE_STRING))
			*vec_push(&out, a) = jnode_str(m, a);
	return out;
}

static bool read_event(struct version_event *event, const struct jnode *m, struct arena *a)
{
	static const struct {
		const char *name;
		enum event_type type;
	} kinds[] = {{"introduced", EVENT_INTRODUCED},
		     {"fixed", EVENT_FIXED},
		     {"last_affected", EVENT_LAST_AFFECTED},
		     {"limit", EVENT_LIMIT}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const struct jnode *version = jnode_get(m, kinds[i].name);
		if (!jnode_is(version, JNODE_STRING))
			continue;
		*event = (struct version_event){kinds[i].type, jnode_str(version, a)};
		return true;
	}
	return false;
}

static void read_ranges(struct affected *out, const struct jnode *list, struct arena *a)
{
	for (const struct jnode *r = jnode_first(list); r; r = jnode_next(list, r)) {
		if (str_eq(jnode_get_str(r, "type", a), STR("GIT")))
			continue;
		struct version_range *range = vec_push(&out->ranges, a);
		const struct jnode *events = jnode_get(r, "events");
		for (const struct jnode *m = jnode_first(events); m; m = jnode_next(events, m)) {
			struct version_event event;
			if (read_event(&event, m, a))
				*vec_push(&range->events, a) = event;
		}
	}
}

static void read_imports(struct affected *out, const struct jnode *list, struct arena *a)
{
	for (const struct jnode *m = jnode_first(list); m; m = jnode_next(list, m))
		*vec_push(&out->imports, a) = (struct go_import){
			strings_of(jnode_get(m, "goos"), a), strings_of(jnode_get(m, "goarch"), a)};
}

/* SUSE: [{"libopenssl3": "3.0.8-…", …}]. */
static void read_binaries(struct affected *out, const struct jnode *list, struct arena *a)
{
	for (const struct jnode *set = jnode_first(list); set; set = jnode_next(list, set)) {
		if (!jnode_is(set, JNODE_OBJECT))
			continue;
		for (const struct jnode *m = jnode_first(set); m; m = jnode_next(set, m))
			*vec_push(&out->binaries, a) = jnode_str(jnode_name(m), a);
	}
}

/* The gravest that is said: vectors before words, which may be a distributor's ("Ubuntu":
 * "medium"). */
static void take_severity(struct severity *out, struct str text)
{
	struct severity s;
	if (!severity_of_vector(text, &s))
		s = (struct severity){.word = severity_of_word(text)};
	if (s.word > out->word || (s.vector.n && !out->vector.n))
		*out = s;
}

/* "severity" as the schema has it: [{"type": "CVSS_V3", "score": "CVSS:3.1/…"}]. */
static void read_severity(struct severity *out, const struct jnode *list, struct arena *a)
{
	for (const struct jnode *m = jnode_first(list); m; m = jnode_next(list, m))
		take_severity(out, jnode_get_str(m, "score", a));
}

/* Words where the databases have them: GitHub's database_specific.severity, Debian's
 * ecosystem_specific.urgency, and others' .severity; RUSTSEC's database_specific.cvss. */
static void read_words(struct severity *out, const struct jnode *specific, struct arena *a)
{
	static const char *const names[] = {"severity", "urgency", "cvss", "priority"};
	for (size_t i = 0; i < sizeof names / sizeof *names && out->word == SEVERITY_UNKNOWN; i++)
		if (jnode_is(jnode_get(specific, names[i]), JNODE_STRING))
			take_severity(out, jnode_get_str(specific, names[i], a));
}

bool affected_read(struct affected *out, const struct jnode *entry, struct arena *a)
{
	const struct jnode *package = jnode_get(entry, "package");
	const struct jnode *specific = jnode_get(entry, "ecosystem_specific");
	*out = (struct affected){.ecosystem = jnode_get_str(package, "ecosystem", a),
				 .name = jnode_get_str(package, "name", a),
				 .versions = strings_of(jnode_get(entry, "versions"), a),
				 .module = jnode_get_str(specific, "module", a)};
	read_ranges(out, jnode_get(entry, "ranges"), a);
	read_imports(out, jnode_get(specific, "imports"), a);
	read_binaries(out, jnode_get(specific, "binaries"), a);
	read_severity(&out->severity, jnode_get(entry, "severity"), a);
	read_words(&out->severity, specific, a);
	read_words(&out->severity, jnode_get(entry, "database_specific"), a);
	return out->ecosystem.n && out->name.n;
}

/* ---- What summaries of RPM errata tell ---- */

static bool is_module_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("._+-", c));
}

/* "nodejs:20": a name, a colon, a stream, and nothing else. */
static bool is_module(struct str word)
{
	size_t colon = str_index(word, ':');
	if (colon == 0 || colon + 1 >= word.n)
		return false;
	for (size_t i = 0; i < word.n; i++)
		if (i != colon && !is_module_character(word.p[i]))
			return false;
	return true;
}

static bool is_modular(const struct affected *f)
{
	for (size_t i = 0; i < f->ranges.n; i++)
		for (size_t k = 0; k < f->ranges.p[i].events.n; k++)
			if (str_contains(f->ranges.p[i].events.p[k].version, STR(".module")))
				return true;
	return false;
}

/* "Important: nodejs:20 security update" names the stream that its modular packages belong to, and
 * nothing else in the record does. */
static void read_modules(struct advisory *out, struct str summary, struct arena *a)
{
	struct str rest = summary, word, modules = STR("");
	while (str_word(&rest, &word))
		if (is_module(word))
			modules = modules.n ? arena_printf(a, "%.*s %.*s", STR_ARG(modules),
							   STR_ARG(word))
					    : word;
	for (size_t i = 0; modules.n && i < out->affected.n; i++)
		if (!out->affected.p[i].module.n && is_modular(&out->affected.p[i]))
			out->affected.p[i].module = modules;
}

/* "Important: …": the first word of Red Hat's and AlmaLinux' titles. Words of other titles that
 * come before a colon are no severity, and severity_of_word() knows none of them. */
static void read_title(struct advisory *out, struct str summary)
{
	size_t colon = str_index(summary, ':');
	if (out->severity.word == SEVERITY_UNKNOWN && colon < summary.n)
		out->severity.word = severity_of_word(str_slice(summary, 0, colon));
}

bool advisory_read(struct advisory *out, const struct jnode *osv, struct arena *a, struct err *e)
{
	const struct jnode *affected = jnode_get(osv, "affected");
	struct str summary = jnode_get_str(osv, "summary", a);
	*out = (struct advisory){.id = jnode_get_str(osv, "id", a),
				 .modified = jnode_get_str(osv, "modified", a),
				 .published = jnode_get_str(osv, "published", a),
				 .withdrawn = jnode_get_str(osv, "withdrawn", a),
				 .aliases = strings_of(jnode_get(osv, "aliases"), a),
				 .upstream = strings_of(jnode_get(osv, "upstream"), a),
				 .related = strings_of(jnode_get(osv, "related"), a)};
	if (!out->id.n || !out->modified.n)
		return err_set(e, ERR_INPUT, "no OSV record: it has no \"%s\"",
			       out->id.n ? "modified" : "id");
	read_severity(&out->severity, jnode_get(osv, "severity"), a);
	read_words(&out->severity, jnode_get(osv, "database_specific"), a);
	read_title(out, summary);
	for (const struct jnode *m = jnode_first(affected); m; m = jnode_next(affected, m)) {
		struct affected entry;
		if (affected_read(&entry, m, a))
			*vec_push(&out->affected, a) = entry;
	}
	read_modules(out, summary, a);
	return true;
}

/* ---- Writing ---- */

/* What goes wrong first stays, and nothing is appended any more. */
struct writer {
	struct buf *to;
	struct err *e;
	bool failed, follows; /* follows: a member stands before */
};

static void put(struct writer *w, struct str s)
{
	w->failed = w->failed || !buf_append(w->to, s.p, s.n, w->e);
}

static void put_string(struct writer *w, struct str s)
{
	put(w, STR("\""));
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		char escape[8];
		int n = snprintf(escape, sizeof escape, c < 0x20 ? "\\u%04x" : "\\%c", c);
		put(w, str_slice(s, from, i));
		put(w, (struct str){escape, (size_t)n});
		from = i + 1;
	}
	put(w, str_skip(s, from));
	put(w, STR("\""));
}

static void put_name(struct writer *w, const char *name)
{
	put(w, w->follows ? STR(",\"") : STR("\""));
	put(w, str_of(name));
	put(w, STR("\":"));
	w->follows = true;
}

static void begin(struct writer *w, struct str bracket)
{
	put(w, bracket);
	w->follows = false;
}

static void end(struct writer *w, struct str bracket)
{
	put(w, bracket);
	w->follows = true;
}

static void put_element(struct writer *w, struct str bracket)
{
	if (w->follows)
		put(w, STR(","));
	begin(w, bracket);
}

static void put_member(struct writer *w, const char *name, struct str value)
{
	if (!value.n)
		return;
	put_name(w, name);
	put_string(w, value);
}

static void put_list(struct writer *w, const char *name, const struct str_vec *list)
{
	if (!list->n)
		return;
	put_name(w, name);
	put(w, STR("["));
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			put(w, STR(","));
		put_string(w, list->p[i]);
	}
	put(w, STR("]"));
}

static void put_severity(struct writer *w, const struct severity *s)
{
	if (s->word == SEVERITY_UNKNOWN)
		return;
	put_name(w, "severity");
	begin(w, STR("[{"));
	put_member(w, "score", s->vector.n ? s->vector : str_of(severity_name(s->word)));
	end(w, STR("}]"));
}

static void put_ranges(struct writer *w, const struct affected *f)
{
	static const char *const names[] = {"introduced", "fixed", "last_affected", "limit"};
	if (!f->ranges.n)
		return;
	put_name(w, "ranges");
	begin(w, STR("["));
	for (size_t i = 0; i < f->ranges.n; i++) {
		put_element(w, STR("{"));
		put_name(w, "events");
		begin(w, STR("["));
		for (size_t k = 0; k < f->ranges.p[i].events.n; k++) {
			const struct version_event *event = &f->ranges.p[i].events.p[k];
			put_element(w, STR("{"));
			put_name(w, names[event->type]);
			put_string(w, event->version);
			end(w, STR("}"));
		}
		end(w, STR("]"));
		end(w, STR("}"));
	}
	end(w, STR("]"));
}

static void put_imports(struct writer *w, const struct affected *f)
{
	if (!f->imports.n)
		return;
	put_name(w, "imports");
	begin(w, STR("["));
	for (size_t i = 0; i < f->imports.n; i++) {
		put_element(w, STR("{"));
		put_list(w, "goos", &f->imports.p[i].goos);
		put_list(w, "goarch", &f->imports.p[i].goarch);
		end(w, STR("}"));
	}
	end(w, STR("]"));
}

static void put_binaries(struct writer *w, const struct affected *f)
{
	if (!f->binaries.n)
		return;
	put_name(w, "binaries");
	begin(w, STR("[{"));
	for (size_t i = 0; i < f->binaries.n; i++) {
		if (i)
			put(w, STR(","));
		put_string(w, f->binaries.p[i]);
		put(w, STR(":\"\""));
	}
	end(w, STR("}]"));
}

static void put_affected(struct writer *w, const struct affected *f)
{
	put_name(w, "package");
	begin(w, STR("{"));
	put_member(w, "ecosystem", f->ecosystem);
	put_member(w, "name", f->name);
	end(w, STR("}"));
	put_ranges(w, f);
	put_list(w, "versions", &f->versions);
	put_severity(w, &f->severity);
	if (!f->imports.n && !f->module.n && !f->binaries.n)
		return;
	put_name(w, "ecosystem_specific");
	begin(w, STR("{"));
	put_imports(w, f);
	put_member(w, "module", f->module);
	put_binaries(w, f);
	end(w, STR("}"));
}

static void put_head(struct writer *w, const struct advisory *in)
{
	put_member(w, "id", in->id);
	put_member(w, "modified", in->modified);
	put_member(w, "published", in->published);
	put_member(w, "withdrawn", in->withdrawn);
	put_list(w, "aliases", &in->aliases);
	put_list(w, "upstream", &in->upstream);
	put_list(w, "related", &in->related);
	put_severity(w, &in->severity);
}

bool advisory_write_head(const struct advisory *in, struct buf *to, struct err *e)
{
	struct writer w = {to, e, false, false};
	begin(&w, STR("{"));
	put_head(&w, in);
	end(&w, STR("}"));
	return !w.failed;
}

bool affected_write(const struct affected *in, struct buf *to, struct err *e)
{
	struct writer w = {to, e, false, false};
	begin(&w, STR("{"));
	put_affected(&w, in);
	end(&w, STR("}"));
	return !w.failed;
}

bool advisory_write(const struct advisory *in, struct buf *to, struct err *e)
{
	struct writer w = {to, e, false, false};
	begin(&w, STR("{"));
	put_head(&w, in);
	put_name(&w, "affected");
	begin(&w, STR("["));
	for (size_t i = 0; i < in->affected.n; i++) {
		put_element(&w, STR("{"));
		put_affected(&w, &in->affected.p[i]);
		end(&w, STR("}"));
	}
	end(&w, STR("]"));
	end(&w, STR("}"));
	return !w.failed;
}
