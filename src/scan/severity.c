#include "scan/severity.h"

#include "scan/cvss.h"

static const struct str names[] = {
	[SEVERITY_UNKNOWN] = STR_INIT("unknown"), [SEVERITY_NEGLIGIBLE] = STR_INIT("negligible"),
	[SEVERITY_LOW] = STR_INIT("low"),         [SEVERITY_MEDIUM] = STR_INIT("medium"),
	[SEVERITY_HIGH] = STR_INIT("high"),       [SEVERITY_CRITICAL] = STR_INIT("critical"),
};

const char *severity_name(enum severity_word word)
{
	return names[word].p;
}

static bool same_word(struct str s, struct str word)
{
	if (s.n != word.n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 'a' - 'A' : s.p[i]) != word.p[i])
			return false;
	return true;
}

bool severity_parse(struct str name, enum severity_word *word)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!same_word(name, names[i]))
			continue;
		*word = (enum severity_word)i;
		return true;
	}
	return false;
}

/* Red Hat and SUSE say "important" and "moderate", GitHub "moderate", Debian "unimportant";
 * Debian's tracker marks an urgency that it took from the NVD with stars. */
enum severity_word severity_of_word(struct str word)
{
	static const struct {
		struct str word;
		enum severity_word means;
	} words[] = {{STR_INIT("important"), SEVERITY_HIGH},
		     {STR_INIT("moderate"), SEVERITY_MEDIUM},
		     {STR_INIT("unimportant"), SEVERITY_NEGLIGIBLE},
		     {STR_INIT("informational"), SEVERITY_NEGLIGIBLE},
		     {STR_INIT("none"), SEVERITY_NEGLIGIBLE}};
	enum severity_word found = SEVERITY_UNKNOWN;
	word = str_trim(word);
	while (word.n && word.p[word.n - 1] == '*')
		word.n--;
	if (severity_parse(word, &found))
		return found;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (same_word(word, words[i].word))
			return words[i].means;
	return SEVERITY_UNKNOWN;
}

/* The qualitative scale of 3.x and 4.0; the NVD's for version 2, which has no "critical". */
static enum severity_word word_of_score(unsigned tenths, bool version2)
{
	if (tenths == 0)
		return SEVERITY_NEGLIGIBLE;
	if (tenths < 40)
		return SEVERITY_LOW;
	if (tenths < 70)
		return SEVERITY_MEDIUM;
	return tenths < 90 || version2 ? SEVERITY_HIGH : SEVERITY_CRITICAL;
}

bool severity_of_vector(struct str vector, struct severity *out)
{
	static const struct {
		struct str prefix;
		bool (*score)(struct str metrics, unsigned *tenths);
		bool version2;
	} versions[] = {{STR_INIT("CVSS:3.1/"), cvss31_score, false},
			{STR_INIT("CVSS:3.0/"), cvss30_score, false},
			{STR_INIT("CVSS:4.0/"), cvss4_score, false},
			{STR_INIT("CVSS:2.0/"), cvss2_score, true},
			{STR_INIT(""), cvss2_score, true}};
	size_t i = 0;
	while (!str_starts(vector, versions[i].prefix))
		i++;
	unsigned tenths;
	if (!versions[i].score(str_skip(vector, versions[i].prefix.n), &tenths))
		return false;
	*out = (struct severity){word_of_score(tenths, versions[i].version2), tenths, vector};
	return true;
}
