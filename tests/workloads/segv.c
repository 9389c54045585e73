/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crashes under the name of its argument. The kernel logs the name and that of the file, both of
 * the user's choice: a line that looks like a kill for lack of memory.
 */
#include <sys/prctl.h>

int main(int argc, char **argv)
{
	prctl(PR_SET_DUMPABLE, 0);
	if (argc > 1)
		prctl(PR_SET_NAME, argv[1]);
	*(volatile int *)0 = 0;
	return 0;
}
