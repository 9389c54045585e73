/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which commands, scripts and environments are Ray's, with mode=auto. */
#include <stdio.h>
#include <string.h>

#include "plugin/common/ray_command.h"
#include "tests/unit/unit.h"

enum { WORDS = 12 };

static const struct {
	char *words[WORDS];
	bool is_ray;
} commands[] = {
	{ { "ray", "start", "--head" }, true },
	{ { "ray" }, true },
	{ { "/opt/venv/bin/ray", "start" }, true },
	{ { "serve", "run", "app:graph" }, true },
	{ { "tune", "list-trials", "x" }, true },
	{ { "python3", "-m", "ray.scripts.scripts", "start" }, true },
	{ { "/usr/bin/python3.11", "-u", "-m", "ray", "start" }, true },
	{ { "python", "/opt/venv/bin/ray", "start" }, true },
	{ { "conda", "run", "-n", "any", "ray", "start" }, true },
	{ { "uv", "run", "ray", "start" }, true },
	{ { "uv", "run", "--with", "ray", "python", "-m", "ray.scripts.scripts" }, true },
	{ { "apptainer", "exec", "--bind", "/scratch", "image.sif", "ray", "start" }, true },
	{ { "env", "A=1", "ray", "start" }, true },
	{ { "bash", "-c", "ray start --head --block" }, true },
	{ { "bash", "-lc", "module load x && exec ray start --head" }, true },
	{ { "apptainer", "exec", "image.sif", "bash", "-c", "RAY_X=1 ray start" }, true },
	{ { NULL }, false },
	{ { "ls", "-d", "ray" }, false },
	{ { "ls", "ray", "start" }, false },
	{ { "timeout", "5", "ls", "-d", "ray" }, false },
	{ { "python3", "driver.py" }, false },
	{ { "python3", "-m", "raytracer" }, false },
	{ { "conda", "run", "-n", "ray", "python", "x.py" }, false },
	{ { "bash", "-c", "echo ray" }, false },
	{ { "bash", "-c" }, false },
	{ { "bash", "ray" }, false },
	{ { "xray", "start" }, false },
	{ { "ray/" }, false },
};

static int count(char *const *words)
{
	int n = 0;

	while (n < WORDS && words[n])
		n++;
	return n;
}

START_TEST(commands_of_ray)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		char row[64];

		snprintf(row, sizeof(row), "row %zu: %s", i,
			commands[i].words[0] ? commands[i].words[0] : "");
		SAME(row, ray_command_in_words(commands[i].words, count(commands[i].words)),
			commands[i].is_ray);
	}
}
END_TEST

static const struct {
	const char *text;
	bool is_ray;
} scripts[] = {
	{ "#!/bin/bash\n#SBATCH -N 2\nray start --head\n", true },
	{ "#!/bin/bash\nsrun -n 1 --nodes=1 -w \"$head\" \\\n  ray start\n", true },
	{ "srun -N1 -n 1 \"$VENV/bin/ray\" start --head --block &", true },
	{ "if true; then\n  (RAY_X=1 /opt/ray symmetric-run -- python x.py)\nfi", true },
	{ "#!/usr/bin/env python3\nimport ray\nray.init()\n", true },
	{ "python3 - <<END\nfrom ray import serve\nEND\n", true },
	{ "python3 <<END\n    import ray.data\nEND\n", true },
	{ "", false },
	{ "\n\n;;&&||\n", false },
	{ "#!/bin/bash\n# ray start --head\necho ray start\n", false },
	{ "true # ray start", false },
	{ "ls -d ray\nexport RAY_DEDUP_LOGS=0\n", false },
	{ "import raytracer\nfrom rays import x\n", false },
	{ "python3 driver.py\n", false },
};

START_TEST(scripts_of_ray)
{
	for (size_t i = 0; i < COUNT(scripts); i++) {
		/* Without a byte to spare, so that sanitizers see who reads on. */
		struct text t = text_of(scripts[i].text, strlen(scripts[i].text));

		SAME(scripts[i].text, ray_command_in_script(t.data, t.len), scripts[i].is_ray);
		text_free(&t);
	}
}
END_TEST

START_TEST(a_script_of_any_bytes_ends)
{
	static char text[70000];

	memset(text, 'x', sizeof(text));
	ck_assert(!ray_command_in_script(text, sizeof(text)));
	memset(text, 0, sizeof(text));
	ck_assert(!ray_command_in_script(text, sizeof(text)));
	memset(text, ' ', sizeof(text));
	ck_assert(!ray_command_in_script(text, sizeof(text)));
	for (size_t i = 0; i < sizeof(text); i += 2)
		text[i] = 'a';
	ck_assert(!ray_command_in_script(text, sizeof(text)));
}
END_TEST

START_TEST(environments_of_ray)
{
	char *joins[] = { "PATH=/bin", "RAY_ADDRESS=10.0.0.1:6379", NULL };
	char *others[] = { "RAY_DEDUP_LOGS=0", "RAY_ADDRESS=", "XRAY_ADDRESS=1", NULL };

	ck_assert(ray_command_in_environment(joins));
	ck_assert(!ray_command_in_environment(others));
	ck_assert(!ray_command_in_environment(NULL));
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("ray_command");

	tcase_add_test(tc, commands_of_ray);
	tcase_add_test(tc, scripts_of_ray);
	tcase_add_test(tc, a_script_of_any_bytes_ends);
	tcase_add_test(tc, environments_of_ray);
	return unit_run();
}
