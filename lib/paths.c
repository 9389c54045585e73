#include "paths.h"

#include <stdio.h>

char *state_path(const struct step_facts *f, char *buf, size_t size)
{
	snprintf(buf, size, STATE_DIR "/%u.%s.%s", f->job, f->step, f->node);
	return buf;
}
