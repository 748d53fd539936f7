/* CVSS 2.0 ("A Complete Guide to the Common Vulnerability Scoring System", section 3.2). */
#include "scan/cvss.h"

enum { AV, AC, AU, C, I, A, E, RL, RC, CDP, TD, CR, IR, AR, METRICS };

static const struct cvss_metric metrics[METRICS] = {
	[AV] = {STR_INIT("AV"), STR_INIT("L A N")},
	[AC] = {STR_INIT("AC"), STR_INIT("H M L")},
	[AU] = {STR_INIT("Au"), STR_INIT("M S N")},
	[C] = {STR_INIT("C"), STR_INIT("N P C")},
	[I] = {STR_INIT("I"), STR_INIT("N P C")},
	[A] = {STR_INIT("A"), STR_INIT("N P C")},
	[E] = {STR_INIT("E"), STR_INIT("ND U POC F H")},
	[RL] = {STR_INIT("RL"), STR_INIT("ND OF TF W U")},
	[RC] = {STR_INIT("RC"), STR_INIT("ND UC UR C")},
	[CDP] = {STR_INIT("CDP"), STR_INIT("ND N L LM MH H")},
	[TD] = {STR_INIT("TD"), STR_INIT("ND N L M H")},
	[CR] = {STR_INIT("CR"), STR_INIT("ND L M H")},
	[IR] = {STR_INIT("IR"), STR_INIT("ND L M H")},
	[AR] = {STR_INIT("AR"), STR_INIT("ND L M H")},
};

static const double weights[METRICS][6] = {
	[AV] = {0.395, 0.646, 1.0},    [AC] = {0.35, 0.61, 0.71},
	[AU] = {0.45, 0.56, 0.704},    [C] = {0, 0.275, 0.660},
	[I] = {0, 0.275, 0.660},       [A] = {0, 0.275, 0.660},
	[E] = {1, 0.85, 0.9, 0.95, 1}, [RL] = {1, 0.87, 0.90, 0.95, 1},
	[RC] = {1, 0.90, 0.95, 1},     [CDP] = {0, 0, 0.1, 0.3, 0.4, 0.5},
	[TD] = {1, 0, 0.25, 0.75, 1},  [CR] = {1, 0.5, 1, 1.51},
	[IR] = {1, 0.5, 1, 1.51},      [AR] = {1, 0.5, 1, 1.51},
};

/* To one decimal, half up; what arithmetic in binary loses is far smaller than what is added. */
static double rounded(double x)
{
	return x <= 0 ? 0 : (double)(int)(x * 10 + 0.5 + 1e-9) / 10;
}

static double temporal(double base, const uint8_t *value)
{
	return rounded(base * weights[E][value[E]] * weights[RL][value[RL]] *
		       weights[RC][value[RC]]);
}

static double impact(const uint8_t *value, bool adjusted)
{
	double none = 1;
	for (size_t i = 0; i < 3; i++) {
		double required = adjusted ? weights[CR + i][value[CR + i]] : 1;
		none *= 1 - weights[C + i][value[C + i]] * required;
	}
	double x = 10.41 * (1 - none);
	return adjusted && x > 10 ? 10 : x;
}

static double base(const uint8_t *value, bool adjusted)
{
	double i = impact(value, adjusted);
	double exploitability =
		20 * weights[AV][value[AV]] * weights[AC][value[AC]] * weights[AU][value[AU]];
	return rounded((0.6 * i + 0.4 * exploitability - 1.5) * (i > 0 ? 1.176 : 0));
}

bool cvss2_score(struct str vector, unsigned *tenths)
{
	uint8_t value[METRICS];
	if (!cvss_read(vector, metrics, METRICS, value))
		return false;
	bool environmental = cvss_any(value, CDP, METRICS);
	double score = base(value, environmental);
	if (environmental || cvss_any(value, E, CDP))
		score = temporal(score, value);
	if (environmental)
		score = rounded((score + (10 - score) * weights[CDP][value[CDP]]) *
				weights[TD][value[TD]]);
	*tenths = (unsigned)(score * 10 + 0.5);
	return true;
}
