/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/spank/spank_option.h"

#include <stdlib.h>

#include "plugin/spank/step_refusal.h"

static struct step_options wanted;

/* The last call counts: srun applies the option that sbatch handed down, then its own. */
static int option_given(int val, const char *text, int remote)
{
	char error[WORDS_ERROR];

	(void)val;
	if (options_parse(text, &wanted, error) == 0)
		return ESPANK_SUCCESS;
	slurm_error("ray_pss: --" OPTION_NAME ": %s", error);
	/* In slurmstepd the text comes from an environment that the user may have changed. */
	return remote ? ESPANK_SUCCESS : ESPANK_BAD_ARG;
}

static struct spank_option option = {
	.name = OPTION_NAME,
	.arginfo = "WORD,...",
	.usage = OPTION_USAGE,
	.has_arg = 2, /* optional */
	.cb = option_given,
};

void option_register(spank_t sp)
{
	if (spank_option_register(sp, &option) != ESPANK_SUCCESS)
		slurm_error("ray_pss: cannot register --" OPTION_NAME);
}

void option_check_environment(void)
{
	const char *text = getenv(OPTION_ENV);
	struct step_options ignored;
	char error[WORDS_ERROR];

	if (text && wanted.accounting == TRISTATE_UNSET && options_parse(text, &ignored, error))
		slurm_error("ray_pss: " OPTION_ENV " is ignored: %s", error);
}

bool option_site(int ac, char **av, struct site *site)
{
	char error[WORDS_ERROR];

	if (site_parse(ac, av, site, error) == 0)
		return true;
	slurm_error("ray_pss: plugstack.conf: %s; no step is accounted", error);
	step_refusal_keep("not accounted: the site's plugstack.conf is wrong: %s", error);
	return false;
}

const struct step_options *option_of_step(spank_t sp)
{
	char text[1024], error[WORDS_ERROR];

	/* option_check_environment() warned the user of a wrong value. */
	if (wanted.accounting == TRISTATE_UNSET &&
		spank_getenv(sp, OPTION_ENV, text, sizeof(text)) == ESPANK_SUCCESS)
		options_parse(text, &wanted, error);
	return &wanted;
}
