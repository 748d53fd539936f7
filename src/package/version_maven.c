/* Maven's order (org.apache.maven.artifact.versioning.ComparableVersion, Maven 3.9).
 *
 * A version is a list of numbers and words whose last member may be a list again: "-" and each
 * change between digits and letters open one. So all of it is one row of items, cut into lists:
 * "1.0-alpha-1" is [1, 0, [alpha, [1]]]. From the innermost list outwards the items at the end of a
 * list that mean nothing (0, "final") are dropped, also before a list in it: [1, [alpha, [1]]]. */
#include "core/limits.h"
#include "package/version.h"
#include "package/version_parts.h"

struct item {
	bool number;
	bool before_digit; /* a word right before a digit: "a1" is "alpha-1" */
	struct str text;
};

struct list {
	size_t begin, end; /* of its items; the next list stands behind them */
};

struct maven {
	struct item item[LIMIT_VERSION_PARTS];
	struct list list[LIMIT_VERSION_PARTS + 1];
	size_t items, lists;
};

/* ---- Words ---- */

enum { RELEASE_RANK = 5, OTHER_RANK = 7 };

static int word_rank(const struct item *word)
{
	static const struct {
		struct str word;
		int rank;
	} ranks[] = {{STR_INIT("alpha"), 0},
		     {STR_INIT("beta"), 1},
		     {STR_INIT("milestone"), 2},
		     {STR_INIT("rc"), 3},
		     {STR_INIT("cr"), 3},
		     {STR_INIT("snapshot"), 4},
		     {STR_INIT(""), RELEASE_RANK},
		     {STR_INIT("ga"), RELEASE_RANK},
		     {STR_INIT("final"), RELEASE_RANK},
		     {STR_INIT("release"), RELEASE_RANK},
		     {STR_INIT("sp"), 6}};
	static const struct str letters = STR_INIT("abm");
	if (word->before_digit && word->text.n == 1) {
		size_t letter = str_index(letters, small(word->text.p[0]));
		if (letter < letters.n)
			return (int)letter;
	}
	for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
		if (small_cmp(word->text, ranks[i].word) == 0)
			return ranks[i].rank;
	return OTHER_RANK;
}

static int word_cmp(const struct item *x, const struct item *y)
{
	int a = word_rank(x), b = word_rank(y);
	return a != b || a != OTHER_RANK ? a - b : small_cmp(x->text, y->text);
}

/* ---- Reading ---- */

static void open_list(struct maven *m)
{
	m->list[m->lists - 1].end = m->items;
	m->list[m->lists++] = (struct list){m->items, m->items};
}

static bool list_is_empty(const struct maven *m)
{
	return m->list[m->lists - 1].begin == m->items;
}

static void add(struct maven *m, struct item item)
{
	m->item[m->items++] = item;
}

static bool is_dash_or_point(char c)
{
	return c == '.' || c == '-';
}

static bool is_of_word(char c)
{
	return !is_digit(c) && !is_dash_or_point(c);
}

/* A run of digits or of anything else. A word that ends with the version or before a digit begins
 * a list of its own ("1.0.x1" is "1.0-x1"), and so does what follows without a mark. */
static void take_run(struct maven *m, struct str *rest)
{
	struct item item = {.number = is_digit(rest->p[0])};
	item.text = take_while(rest, item.number ? is_digit : is_of_word);
	bool marked = rest->n && is_dash_or_point(rest->p[0]);
	item.before_digit = !item.number && rest->n && !marked;
	if (!item.number && !marked && !list_is_empty(m))
		open_list(m);
	add(m, item);
	if (rest->n && !marked)
		open_list(m);
}

/* Each item takes at most one list before and one behind it, and the last ones are given up. */
static bool has_room(const struct maven *m)
{
	return m->items + 1 < LIMIT_VERSION_PARTS && m->lists + 2 <= LIMIT_VERSION_PARTS;
}

static void parse(struct maven *m, struct str rest)
{
	m->items = 0;
	m->lists = 1;
	m->list[0] = (struct list){0, 0};
	while (rest.n && has_room(m)) {
		if (is_dash_or_point(rest.p[0]))
			add(m, (struct item){.number = true, .text = STR("")});
		else
			take_run(m, &rest);
		if (!rest.n || !is_dash_or_point(rest.p[0]))
			continue;
		if (rest.p[0] == '-')
			open_list(m);
		rest = str_skip(rest, 1);
	}
	m->list[m->lists - 1].end = m->items;
}

/* ---- Comparing ---- */

/* Against nothing: 0 is as good as nothing, "rc" is older, "sp" and 1 are newer. */
static int bare_cmp(const struct item *x)
{
	return x->number ? number_cmp(x->text, STR("")) : word_rank(x) - RELEASE_RANK;
}

static void normalize(struct maven *m)
{
	bool behind = false; /* a list that is not empty follows */
	for (size_t i = m->lists; i--;) {
		struct list *l = &m->list[i];
		while (l->end > l->begin && bare_cmp(&m->item[l->end - 1]) == 0)
			l->end--;
		behind = behind || l->end > l->begin;
		if (!behind)
			m->lists = i;
	}
}

static int list_bare_cmp(const struct maven *m, size_t list)
{
	int c = 0;
	for (; list < m->lists && c == 0; list++)
		for (size_t i = m->list[list].begin; i < m->list[list].end && c == 0; i++)
			c = bare_cmp(&m->item[i]);
	return c;
}

static int item_cmp(const struct item *x, const struct item *y)
{
	if (x->number != y->number)
		return x->number ? 1 : -1;
	return x->number ? number_cmp(x->text, y->text) : word_cmp(x, y);
}

/* Of the item at `i` of a list of `m`, whose counterpart in another version is a list or nothing:
 * a list is older than a number and newer than a word. */
static int alone_cmp(const struct item *x, bool list)
{
	return !list ? bare_cmp(x) : x->number ? 1 : -1;
}

static int lists_cmp(const struct maven *x, const struct maven *y, size_t list)
{
	struct list none = {0, 0};
	struct list a = list < x->lists ? x->list[list] : none;
	struct list b = list < y->lists ? y->list[list] : none;
	size_t n = a.end - a.begin, k = b.end - b.begin;
	int c = 0;
	for (size_t i = 0; i < n && i < k && c == 0; i++)
		c = item_cmp(&x->item[a.begin + i], &y->item[b.begin + i]);
	if (c != 0 || n == k)
		return c;
	/* One of them goes on with items; the other with its list or with nothing, once. */
	const struct maven *longer = n > k ? x : y, *shorter = n > k ? y : x;
	struct list l = n > k ? a : b;
	size_t from = l.begin + (n > k ? k : n);
	bool has_list = list + 1 < shorter->lists;
	for (size_t i = from; i < l.end && c == 0; i++)
		c = alone_cmp(&longer->item[i], has_list && i == from);
	if (c == 0)
		c = list_bare_cmp(longer, list + 1);
	return n > k ? c : -c;
}

int version_maven_cmp(struct str left, struct str right)
{
	struct maven x, y;
	parse(&x, left);
	parse(&y, right);
	normalize(&x);
	normalize(&y);
	for (size_t list = 0; list < x.lists || list < y.lists; list++) {
		size_t n = list < x.lists ? x.list[list].end - x.list[list].begin : 0;
		size_t k = list < y.lists ? y.list[list].end - y.list[list].begin : 0;
		int c = lists_cmp(&x, &y, list);
		if (c != 0 || n != k)
			return c;
		if (list + 1 >= x.lists || list + 1 >= y.lists)
			return list_bare_cmp(&x, list + 1) - list_bare_cmp(&y, list + 1);
	}
	return 0;
}
