/* What a Dockerfile's instructions run. */
#include "advise/lint_parts.h"
#include "core/limits.h"

bool lint_one_of(struct str word, const char *list)
{
	struct str rest = str_of(list), one;
	while (str_word(&rest, &one))
		if (str_eq(one, word))
			return true;
	return false;
}

/* ---- Collecting ---- */

struct script_place {
	struct lint *l;
	uint32_t index;
	const struct instruction *i;
	struct span all;      /* for what has no place of its own */
	unsigned depth;       /* sh -c inside sh -c */
};

static struct span place(const struct script_place *s, struct str raw)
{
	struct str text = s->l->d->text, joined = s->i->joined;
	if (raw.p >= text.p && raw.p + raw.n <= text.p + text.n)
		return (struct span){(size_t)(raw.p - text.p), raw.n};
	if (raw.p >= joined.p && raw.p + raw.n <= joined.p + joined.n)
		return instruction_span(s->i, raw);
	return s->all;
}

/* env A=1 CMD, exec CMD, sudo -E CMD: the command that is meant. */
static void unwrap(struct script_command *c)
{
	bool wrapped = lint_one_of(c->words.p[0].text,
	                           "env exec sudo nice nohup time command eatmydata then gosu builtin");
	while (wrapped && c->words.n > 1) {
		c->words.p++;
		c->words.n--;
		struct str w = c->words.p[0].text;
		wrapped = w.n && (w.p[0] == '-' || str_index(w, '=') < w.n ||
		                  lint_one_of(w, "env exec sudo nice nohup time command"));
	}
}

static void collect(struct script_place s, struct str script);

/* sh -c TEXT, bash -euxc TEXT */
static bool shell_text(const struct script_command *c, struct str *text)
{
	if (!lint_one_of(str_basename(c->words.p[0].text), "sh bash ash dash"))
		return false;
	for (size_t i = 1; i + 1 < c->words.n; i++) {
		struct str w = c->words.p[i].text;
		if (!w.n || w.p[0] != '-')
			return false;
		if (w.n > 1 && w.p[1] != '-' && w.p[w.n - 1] == 'c') {
			*text = c->words.p[i + 1].text;
			return true;
		}
	}
	return false;
}

static void add_call(struct script_place s, struct script_command c)
{
	struct str text;
	struct span at = place(&s, c.raw);
	bool asked = lint_one_of(c.words.p[0].text, "command type which hash");
	if (asked) /* command -v x: x may be missing */
		c.words.n = 1;
	unwrap(&c);
	*vec_push(&s.l->calls, s.l->arena) = (struct call){
		.instruction = s.index, .command = c, .at = at, .order = s.l->calls.n - 1,
		.allowed_to_fail = c.fallback || c.condition || c.negated};
	if (s.depth < 3 && shell_text(&c, &text)) {
		s.depth++;
		s.all = at;
		collect(s, text);
	}
}

static void collect(struct script_place s, struct str text)
{
	struct script script;
	script_read(&script, text, s.l->arena);
	for (size_t k = 0; k < script.functions.n; k++)
		map_put(&s.l->functions, s.l->arena, script.functions.p[k], NULL);
	for (size_t k = 0; k < script.commands.n && s.l->calls.n < LIMIT_LINT_CALLS; k++)
		add_call(s, script.commands.p[k]);
}

static void collect_exec(struct script_place s, const struct token *words, size_t count)
{
	struct script_command c = {.raw = STR("")};
	for (size_t k = 0; k < count; k++)
		*vec_push(&c.words, s.l->arena) = (struct script_word){words[k].value, words[k].value, true};
	if (count)
		add_call(s, c);
}

/* RUN <<EOF, RUN sh <<EOF: the here-document is the script; behind anything else it is data. */
static bool heredoc_is_script(const struct instruction *i, struct str content)
{
	struct str rest = i->arguments.raw, word;
	if (str_starts(content, STR("#!")) &&
	    !str_contains(str_slice(content, 0, str_index(content, '\n')), STR("sh")))
		return false;
	while (str_word(&rest, &word))
		if (!str_starts(word, STR("<<")) && !lint_one_of(str_basename(word), "sh bash ash -e -x -ex -eux set"))
			return false;
	return true;
}

static void collect_run(struct script_place s, size_t first)
{
	const struct instruction *i = s.i;
	if (i->tokens.n <= first)
		return;
	s.all = i->arguments.at;
	if (i->json) {
		collect_exec(s, i->tokens.p + first, i->tokens.n - first);
		return;
	}
	bool script = i->heredocs.n > 0;
	for (size_t k = 0; k < i->heredocs.n; k++) {
		struct str content = span_text(s.l->d->text, i->heredocs.p[k].content);
		script &= heredoc_is_script(i, content);
		if (script)
			collect(s, content);
	}
	if (!script)
		collect(s, i->tokens.p[first].raw);
}

void lint_calls(struct lint *l)
{
	for (uint32_t k = 0; k < l->d->instructions.n && l->calls.n < LIMIT_LINT_CALLS; k++) {
		const struct instruction *i = lint_instruction(l, k);
		struct script_place s = {.l = l, .index = k, .i = i};
		if (i->kind == INSTRUCTION_RUN)
			collect_run(s, 0);
		else if (i->kind == INSTRUCTION_HEALTHCHECK)
			collect_run(s, 1);
	}
}

/* ---- Installing ---- */

static const struct installer {
	const char *commands, *manager, *verbs;
	const char *with_value; /* options that take the next word */
} installers[] = {
	{"apt-get apt aptitude", "apt", "install", "-t --target-release -o --option -c"},
	{"apk", "apk", "add", "-t --virtual -X --repository -p --root --repositories-file"},
	{"pip pip3 pip2", "pip", "install",
	 "-r --requirement -c --constraint -i --index-url --extra-index-url -t --target --prefix "
	 "-f --find-links --root -e --editable --trusted-host --timeout --retries"},
	{"npm", "npm", "install i add", "--registry --prefix"},
	{"gem", "gem", "install", "-v --version -i --install-dir -n --bindir"},
	{"dnf yum microdnf tdnf zypper", "dnf", "install", "--setopt --repo -c --installroot"},
};

static const struct installer *installer_of(const struct script_command *c)
{
	struct str name = str_basename(c->words.p[0].text);
	for (size_t k = 0; k < sizeof installers / sizeof *installers; k++)
		if (lint_one_of(name, installers[k].commands))
			return &installers[k];
	return NULL;
}

/* python -m pip install … as pip install … */
static struct script_command without_python(struct script_command c)
{
	bool python = str_starts(str_basename(c.words.p[0].text), STR("python"));
	if (python && c.words.n > 3 && str_eq(c.words.p[1].text, STR("-m")) &&
	    str_starts(c.words.p[2].text, STR("pip"))) {
		c.words.p += 2;
		c.words.n -= 2;
	}
	return c;
}

bool lint_install(const struct call *call, struct install *out, struct arena *a)
{
	struct script_command c = without_python(call->command);
	const struct installer *m = installer_of(&c);
	*out = (struct install){0};
	size_t k = 1;
	while (m && k < c.words.n && !lint_one_of(c.words.p[k].text, m->verbs))
		k++;
	if (!m || k >= c.words.n)
		return false;
	out->manager = m->manager;
	for (k++; k < c.words.n; k++) {
		struct script_word w = c.words.p[k];
		if (w.text.n && w.text.p[0] == '-') {
			out->open |= lint_one_of(w.text, "-r --requirement") || str_starts(w.text, STR("--requirement="));
			k += lint_one_of(w.text, m->with_value);
			continue;
		}
		out->open |= !w.plain;
		*vec_push(&out->packages, a) = w;
	}
	return true;
}
