/* CVSS 3.0 and 3.1 (specification documents, section 7; they differ in how they round and in one
 * equation of the environmental score). */
#include "scan/cvss.h"

enum {
	AV, AC, PR, UI, S, C, I, A, BASE,
	E = BASE, RL, RC, TEMPORAL,
	CR = TEMPORAL, IR, AR, MAV, MAC, MPR, MUI, MS, MC, MI, MA, METRICS
};

static const struct cvss_metric metrics[METRICS] = {
	[AV] = {STR_INIT("AV"), STR_INIT("N A L P")},
	[AC] = {STR_INIT("AC"), STR_INIT("L H")},
	[PR] = {STR_INIT("PR"), STR_INIT("N L H")},
	[UI] = {STR_INIT("UI"), STR_INIT("N R")},
	[S] = {STR_INIT("S"), STR_INIT("U C")},
	[C] = {STR_INIT("C"), STR_INIT("H L N")},
	[I] = {STR_INIT("I"), STR_INIT("H L N")},
	[A] = {STR_INIT("A"), STR_INIT("H L N")},
	[E] = {STR_INIT("E"), STR_INIT("X H F P U")},
	[RL] = {STR_INIT("RL"), STR_INIT("X U W T O")},
	[RC] = {STR_INIT("RC"), STR_INIT("X C R U")},
	[CR] = {STR_INIT("CR"), STR_INIT("X H M L")},
	[IR] = {STR_INIT("IR"), STR_INIT("X H M L")},
	[AR] = {STR_INIT("AR"), STR_INIT("X H M L")},
	[MAV] = {STR_INIT("MAV"), STR_INIT("X N A L P")},
	[MAC] = {STR_INIT("MAC"), STR_INIT("X L H")},
	[MPR] = {STR_INIT("MPR"), STR_INIT("X N L H")},
	[MUI] = {STR_INIT("MUI"), STR_INIT("X N R")},
	[MS] = {STR_INIT("MS"), STR_INIT("X U C")},
	[MC] = {STR_INIT("MC"), STR_INIT("X H L N")},
	[MI] = {STR_INIT("MI"), STR_INIT("X H L N")},
	[MA] = {STR_INIT("MA"), STR_INIT("X H L N")},
};

static const double weights[TEMPORAL + 1][5] = {
	[AV] = {0.85, 0.62, 0.55, 0.2}, [AC] = {0.77, 0.44},
	[PR] = {0.85, 0.62, 0.27},      [UI] = {0.85, 0.62},
	[C] = {0.56, 0.22, 0},          [I] = {0.56, 0.22, 0},
	[A] = {0.56, 0.22, 0},          [E] = {1, 1, 0.97, 0.94, 0.91},
	[RL] = {1, 1, 0.97, 0.96, 0.95}, [RC] = {1, 1, 0.96, 0.92},
	[CR] = {1, 1.5, 1, 0.5}, /* and IR, AR */
};

/* 3.1, appendix A: the next tenth, once the fifth decimal has been rounded. 3.0 only says "round
 * up": what is exact there is so but for the last bits. */
static double rounded_up(double x, bool v31)
{
	long parts = v31 ? 100000 : 1000000000;
	long n = (long)(x * (double)parts + 0.5), tenth = parts / 10;
	return (double)((n + tenth - 1) / tenth) / 10;
}

static double power(double x, unsigned n)
{
	double product = 1;
	while (n--)
		product *= x;
	return product;
}

static double temporal(double score, const uint8_t *value, bool v31)
{
	return rounded_up(score * weights[E][value[E]] * weights[RL][value[RL]] *
				  weights[RC][value[RC]], v31);
}

static double exploitability(const uint8_t *base, bool changed)
{
	/* Privileges weigh less where the scope changes. */
	double privileges = changed && base[PR] ? (base[PR] == 1 ? 0.68 : 0.5)
						: weights[PR][base[PR]];
	return 8.22 * weights[AV][base[AV]] * weights[AC][base[AC]] * privileges *
	       weights[UI][base[UI]];
}

static double joined(double impact, const uint8_t *base, bool changed, bool v31)
{
	if (impact <= 0)
		return 0;
	double sum = (impact + exploitability(base, changed)) * (changed ? 1.08 : 1);
	return rounded_up(sum > 10 ? 10 : sum, v31);
}

/* 7.1 */
static double base_score(const uint8_t *value, bool v31)
{
	double iss = 1 - (1 - weights[C][value[C]]) * (1 - weights[I][value[I]]) *
				 (1 - weights[A][value[A]]);
	bool changed = value[S];
	double impact = changed ? 7.52 * (iss - 0.029) - 3.25 * power(iss - 0.02, 15) : 6.42 * iss;
	return joined(impact, value, changed, v31);
}

/* 7.3 */
static double environmental_score(const uint8_t *value, bool v31)
{
	uint8_t base[BASE];
	for (size_t i = 0; i < BASE; i++)
		base[i] = value[MAV + i] ? (uint8_t)(value[MAV + i] - 1) : value[i];
	double none = 1;
	for (size_t i = 0; i < 3; i++)
		none *= 1 - weights[C + i][base[C + i]] * weights[CR][value[CR + i]];
	double miss = 1 - none > 0.915 ? 0.915 : 1 - none;
	double tail = v31 ? power(miss * 0.9731 - 0.02, 13) : power(miss - 0.02, 15);
	double impact = base[S] ? 7.52 * (miss - 0.029) - 3.25 * tail : 6.42 * miss;
	return temporal(joined(impact, base, base[S], v31), value, v31);
}

static bool score(struct str vector, bool v31, unsigned *tenths)
{
	uint8_t value[METRICS];
	if (!cvss_read(vector, metrics, METRICS, value))
		return false;
	double x = cvss_any(value, TEMPORAL, METRICS) ? environmental_score(value, v31)
						      : temporal(base_score(value, v31), value, v31);
	*tenths = (unsigned)(x * 10 + 0.5);
	return true;
}

bool cvss30_score(struct str vector, unsigned *tenths)
{
	return score(vector, false, tenths);
}

bool cvss31_score(struct str vector, unsigned *tenths)
{
	return score(vector, true, tenths);
}
