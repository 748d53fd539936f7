/* CVSS 4.0 (specification document, section 8).
 *
 * The metrics make six equivalence classes, EQ1 to EQ6, and their levels a "macrovector", whose
 * score the standard tabulates. From that score goes, for each class, the share of the way to the
 * next lower macrovector that the vector has gone from the gravest vectors of its own one; the mean
 * of these over the classes that have a lower one.
 *
 * Values stand from the gravest to the least, so that their places are the standard's levels
 * (Table 24 and on: "severity distance"). EQ3 and EQ6 depend on one another and count as one. */
#include "scan/cvss.h"

enum {
	AV,
	PR,
	UI,
	AC,
	AT,
	VC,
	VI,
	VA,
	SC,
	SI,
	SA,
	BASE,
	E = BASE,
	CR,
	IR,
	AR,
	MODIFIED, /* of each metric from AV on */
	S = MODIFIED + BASE,
	AU,
	R,
	V,
	RE,
	U,
	METRICS
};

/* Those from S on are supplemental: they are read, and do not change the score. */
static const struct cvss_metric metrics[METRICS] = {
	[AV] = {STR_INIT("AV"), STR_INIT("N A L P")},
	[PR] = {STR_INIT("PR"), STR_INIT("N L H")},
	[UI] = {STR_INIT("UI"), STR_INIT("N P A")},
	[AC] = {STR_INIT("AC"), STR_INIT("L H")},
	[AT] = {STR_INIT("AT"), STR_INIT("N P")},
	[VC] = {STR_INIT("VC"), STR_INIT("H L N")},
	[VI] = {STR_INIT("VI"), STR_INIT("H L N")},
	[VA] = {STR_INIT("VA"), STR_INIT("H L N")},
	[SC] = {STR_INIT("SC"), STR_INIT("H L N")},
	[SI] = {STR_INIT("SI"), STR_INIT("H L N")},
	[SA] = {STR_INIT("SA"), STR_INIT("H L N")},
	[E] = {STR_INIT("E"), STR_INIT("X A P U")},
	[CR] = {STR_INIT("CR"), STR_INIT("X H M L")},
	[IR] = {STR_INIT("IR"), STR_INIT("X H M L")},
	[AR] = {STR_INIT("AR"), STR_INIT("X H M L")},
	[MODIFIED + AV] = {STR_INIT("MAV"), STR_INIT("X N A L P")},
	[MODIFIED + PR] = {STR_INIT("MPR"), STR_INIT("X N L H")},
	[MODIFIED + UI] = {STR_INIT("MUI"), STR_INIT("X N P A")},
	[MODIFIED + AC] = {STR_INIT("MAC"), STR_INIT("X L H")},
	[MODIFIED + AT] = {STR_INIT("MAT"), STR_INIT("X N P")},
	[MODIFIED + VC] = {STR_INIT("MVC"), STR_INIT("X H L N")},
	[MODIFIED + VI] = {STR_INIT("MVI"), STR_INIT("X H L N")},
	[MODIFIED + VA] = {STR_INIT("MVA"), STR_INIT("X H L N")},
	[MODIFIED + SC] = {STR_INIT("MSC"), STR_INIT("X H L N")},
	[MODIFIED + SI] = {STR_INIT("MSI"), STR_INIT("X S H L N")},
	[MODIFIED + SA] = {STR_INIT("MSA"), STR_INIT("X S H L N")},
	[S] = {STR_INIT("S"), STR_INIT("X N P")},
	[AU] = {STR_INIT("AU"), STR_INIT("X N Y")},
	[R] = {STR_INIT("R"), STR_INIT("X A U I")},
	[V] = {STR_INIT("V"), STR_INIT("X D C")},
	[RE] = {STR_INIT("RE"), STR_INIT("X L M H")},
	[U] = {STR_INIT("U"), STR_INIT("X Clear Green Amber Red")},
};

/* The levels of what counts: what is modified, what is required, the gravest where nothing is said.
 * The three impacts on subsequent systems have "safety" before "high". */
static void take_levels(const uint8_t *value, uint8_t level[MODIFIED])
{
	for (size_t i = 0; i < BASE; i++) {
		bool subsequent = i >= SC, has_safety = i == SI || i == SA;
		uint8_t modified = value[MODIFIED + i];
		level[i] = modified ? (uint8_t)(modified - 1 + (subsequent && !has_safety))
				    : (uint8_t)(value[i] + subsequent);
	}
	for (size_t i = E; i < MODIFIED; i++)
		level[i] = value[i] ? (uint8_t)(value[i] - 1) : 0;
}

/* ---- Macrovectors ---- */

enum { NO_SCORE = 255 };

/* EQ3 and EQ6 as one, in this order: 00, 01, 10, 11, 21 (20 cannot be). */
struct macro {
	unsigned eq1, eq2, eq36, eq4, eq5;
};

static unsigned eq1_of(const uint8_t *level)
{
	bool all = !level[AV] && !level[PR] && !level[UI];
	bool any = !level[AV] || !level[PR] || !level[UI];
	return all ? 0 : any && level[AV] != 3 ? 1 : 2;
}

static unsigned eq36_of(const uint8_t *level)
{
	unsigned eq3 = !level[VC] && !level[VI]                 ? 0
		       : !level[VC] || !level[VI] || !level[VA] ? 1
								: 2;
	bool eq6 = true;
	for (size_t i = 0; i < 3; i++)
		eq6 = eq6 && (level[VC + i] || level[CR + i]);
	return eq3 == 2 ? 4 : eq3 * 2 + eq6;
}

static struct macro macro_of(const uint8_t *level)
{
	bool safety = !level[SI] || !level[SA];
	bool high = level[SC] == 1 || level[SI] == 1 || level[SA] == 1;
	return (struct macro){eq1_of(level), level[AC] || level[AT], eq36_of(level),
			      safety ? 0
			      : high ? 1
				     : 2,
			      level[E]};
}

/* Scores of all macrovectors in tenths (cvss_lookup of the standard); EQ4 and EQ5 run through the
 * last index, EQ5 faster. */
static unsigned score_of(struct macro m)
{
	static const uint8_t scores[3][2][5][9] = {
		{{{100, 98, 95, 100, 93, 91, 93, 89, 81},
		  {99, 95, 92, 96, 87, 81, 90, 80, 68},
		  {98, 95, 90, 93, 89, 81, 88, 78, 69},
		  {95, 92, 84, 92, 81, 65, 80, 70, 48},
		  {92, 82, 72, 79, 69, 50, 69, 55, 27}},
		 {{99, 95, 92, 95, 90, 84, 92, 82, 72},
		  {97, 92, 85, 91, 83, 71, 81, 71, 53},
		  {95, 92, 85, 92, 80, 70, 84, 71, 50},
		  {93, 85, 73, 82, 72, 59, 70, 52, 30},
		  {86, 75, 52, 71, 52, 29, 63, 29, 17}}},
		{{{98, 94, 91, 94, 86, 77, 87, 74, 63},
		  {95, 87, 81, 89, 74, 64, 75, 63, 49},
		  {94, 88, 76, 86, 74, 59, 72, 57, 52},
		  {89, 77, 67, 76, 58, 50, 57, 52, 25},
		  {83, 70, 54, 65, 58, 26, 53, 21, 13}},
		 {{95, 88, 76, 90, 75, 61, 77, 68, 52},
		  {90, 76, 70, 77, 62, 53, 66, 59, 30},
		  {89, 76, 62, 74, 57, 47, 61, 57, 24},
		  {78, 67, 58, 59, 57, 23, 52, 29, 16},
		  {71, 59, 30, 58, 26, 15, 23, 13, 6}}},
		{{{93, 86, 75, 86, 74, 56, 70, 52, 40},
		  {87, 72, 58, 74, 61, 34, 54, 40, 22},
		  {85, 74, 62, 72, 55, 46, 53, 34, 19},
		  {75, 55, 51, 57, 41, 19, 36, 19, 8},
		  {64, 51, 20, 47, 21, 11, 24, 9, 4}},
		 {{88, 73, 60, 73, 59, 41, 54, 45, 20},
		  {75, 53, 50, 55, 40, 20, 43, 22, 11},
		  {75, 58, 40, 61, 48, 20, 46, 17, 8},
		  {55, 45, 21, 51, 18, 9, 18, 7, 2},
		  {53, 24, 14, 24, 12, 5, 10, 3, 1}}},
	};
	if (m.eq1 > 2 || m.eq2 > 1 || m.eq36 > 4 || m.eq4 > 2 || m.eq5 > 2)
		return NO_SCORE;
	return scores[m.eq1][m.eq2][m.eq36][m.eq4 * 3 + m.eq5];
}

/* ---- Distances ---- */

/* The gravest vectors of each level, by the levels of its metrics. */
struct gravest {
	unsigned vectors;
	uint8_t level[5][6];
	unsigned depth; /* how far the least grave one of the level is from there */
};

static const struct gravest eq1_gravest[3] = {
	{1, {{0, 0, 0}}, 1},
	{3, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 4},
	{2, {{3, 0, 0}, {1, 1, 1}}, 5},
};
static const struct gravest eq2_gravest[2] = {{1, {{0, 0}}, 1}, {2, {{1, 0}, {0, 1}}, 2}};
/* VC, VI, VA, CR, IR, AR */
static const struct gravest eq36_gravest[5] = {
	{1, {{0, 0, 0, 0, 0, 0}}, 7},
	{2, {{0, 0, 1, 1, 1, 0}, {0, 0, 0, 1, 1, 1}}, 6},
	{2, {{1, 0, 0, 0, 0, 0}, {0, 1, 0, 0, 0, 0}}, 8},
	{5,
	 {{1, 0, 1, 0, 1, 0},
	  {1, 0, 0, 0, 1, 1},
	  {0, 1, 0, 1, 0, 1},
	  {0, 1, 1, 1, 0, 0},
	  {1, 1, 0, 0, 0, 1}},
	 8},
	{1, {{1, 1, 1, 0, 0, 0}}, 10},
};
static const struct gravest eq4_gravest[3] = {
	{1, {{1, 0, 0}}, 6}, {1, {{1, 1, 1}}, 5}, {1, {{2, 2, 2}}, 4}};

/* The steps from the first of the gravest vectors that is at least as grave in each metric. */
static unsigned steps_from(const struct gravest *g, const uint8_t *level, size_t n)
{
	unsigned steps = 0;
	for (unsigned v = 0; v < g->vectors; v++) {
		bool reached = true;
		steps = 0;
		for (size_t i = 0; i < n; i++) {
			reached = reached && level[i] >= g->level[v][i];
			steps += (unsigned)(level[i] - g->level[v][i]);
		}
		if (reached)
			break;
	}
	return steps;
}

/* What a class takes off. One without a lower macrovector does not count. */
struct taken {
	double sum;
	unsigned classes;
};

static void take(struct taken *t, unsigned score, unsigned lower, const struct gravest *g,
		 const uint8_t *level, size_t n)
{
	if (lower > score)
		return;
	t->classes++;
	if (g)
		t->sum += (double)(score - lower) * steps_from(g, level, n) / g->depth;
}

/* Of 00 the higher of its two lower neighbours. */
static unsigned lower_eq36(struct macro m)
{
	static const unsigned next[] = {1, 3, 3, 4, 5};
	unsigned eq36 = m.eq36;
	m.eq36 = next[eq36];
	unsigned lower = score_of(m);
	if (eq36 > 0)
		return lower;
	m.eq36 = 2;
	return score_of(m) > lower ? score_of(m) : lower;
}

static unsigned interpolated(const uint8_t *level)
{
	struct macro m = macro_of(level), lower[4] = {m, m, m, m};
	unsigned score = score_of(m);
	struct taken t = {0};
	uint8_t impacts[6] = {level[VC], level[VI], level[VA], level[CR], level[IR], level[AR]};
	lower[0].eq1++;
	lower[1].eq2++;
	lower[2].eq4++;
	lower[3].eq5++;
	take(&t, score, score_of(lower[0]), &eq1_gravest[m.eq1], &level[AV], 3);
	take(&t, score, score_of(lower[1]), &eq2_gravest[m.eq2], &level[AC], 2);
	take(&t, score, lower_eq36(m), &eq36_gravest[m.eq36], impacts, 6);
	take(&t, score, score_of(lower[2]), &eq4_gravest[m.eq4], &level[SC], 3);
	take(&t, score, score_of(lower[3]), NULL, NULL, 0); /* its levels have one vector each */
	double x = score - (t.classes ? t.sum / t.classes : 0);
	return x < 0 ? 0 : (unsigned)(x + 0.5 + 1e-5);
}

bool cvss4_score(struct str vector, unsigned *tenths)
{
	uint8_t value[METRICS], level[MODIFIED];
	if (!cvss_read(vector, metrics, METRICS, value))
		return false;
	take_levels(value, level);
	bool harmless = true;
	for (size_t i = VC; i < BASE; i++)
		harmless = harmless && level[i] == (i < SC ? 2 : 3);
	*tenths = harmless ? 0 : interpolated(level);
	return true;
}
