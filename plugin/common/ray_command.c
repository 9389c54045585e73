/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/common/ray_command.h"

#include <ctype.h>
#include <string.h>

enum {
	WORDS_MOST = 64, /* of a command in a script; others are left out */
	COMMAND_SIZE = 1024, /* of its text */
};

static bool is_one_of(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(word, *names))
			return true;
	return false;
}

static const char *base_name(const char *word)
{
	const char *slash = strrchr(word, '/');

	return slash ? slash + 1 : word;
}

/* Programs that come with Ray. */
static bool is_rays(const char *word)
{
	static const char *const names[] = { "ray", "serve", "tune", NULL };

	return is_one_of(base_name(word), names);
}

/* What follows those programs where they are used to run something. */
static bool is_subcommand(const char *word)
{
	static const char *const names[] = { "start", "symmetric-run", "job", "run", "up", "exec",
		"submit", "attach", "status", "memory", "timeline", "list", "summary", "logs",
		"deploy", "microbenchmark", "list-trials", "list-experiments", NULL };

	return is_one_of(word, names);
}

static bool is_python(const char *name)
{
	return !strncmp(name, "python", 6) || !strncmp(name, "pypy", 4);
}

static bool is_shell(const char *name)
{
	static const char *const names[] = { "sh", "bash", "dash", "ksh", "zsh", NULL };

	return is_one_of(name, names);
}

/* Programs that run the command that stands behind their own options. */
static bool is_launcher(const char *name)
{
	static const char *const names[] = { "conda", "mamba", "micromamba", "uv", "uvx", "poetry",
		"pixi", "apptainer", "singularity", "podman", "srun", "mpirun", "mpiexec", "env",
		"exec", "nice", "nohup", "numactl", "taskset", "time", "timeout", "stdbuf",
		"setsid", NULL };

	return is_one_of(name, names) || is_python(name);
}

static bool is_assignment(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n && word[n] == '=';
}

static bool is_module(const char *word)
{
	return !strncmp(word, "ray", 3) && (!word[3] || word[3] == '.');
}

static bool is_behind_launcher(char *const *words, int n)
{
	for (int i = 1; i + 1 < n; i++)
		if ((is_rays(words[i]) && is_subcommand(words[i + 1])) ||
			(!strcmp(words[i], "-m") && is_module(words[i + 1])))
			return true;
	return false;
}

static bool is_command(char *const *words, int n)
{
	while (n && is_assignment(*words)) {
		words++;
		n--;
	}
	if (!n)
		return false;
	return is_rays(*words) || (is_launcher(base_name(*words)) && is_behind_launcher(words, n));
}

/* Cuts a piece of a script into words, in place. Quotes only go: what they protect is no command. */
static bool piece_is_command(const char *text, size_t len)
{
	char copy[COMMAND_SIZE], *words[WORDS_MOST], *rest = copy, *word;
	int n = 0;

	if (len >= sizeof(copy))
		len = sizeof(copy) - 1;
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i] && !strchr("\"'\\", text[i]) ? text[i] : ' ';
	copy[len] = '\0';
	while (n < WORDS_MOST && (word = strsep(&rest, " \t\r")))
		if (*word)
			words[n++] = word;
	return is_command(words, n);
}

static bool line_imports(const char *line, size_t len)
{
	static const char *const begins[] = { "import ray", "from ray", NULL };

	while (len && isblank((unsigned char)*line)) {
		line++;
		len--;
	}
	for (const char *const *begin = begins; *begin; begin++) {
		size_t n = strlen(*begin);

		if (len >= n && !memcmp(line, *begin, n) &&
			(len == n || !(isalnum((unsigned char)line[n]) || line[n] == '_')))
			return true;
	}
	return false;
}

/* The length of the part before a character of the set, or of all. */
static size_t until(const char *text, size_t len, const char *set)
{
	size_t n = 0;

	while (n < len && !(text[n] && strchr(set, text[n])))
		n++;
	return n;
}

static bool line_has(const char *line, size_t len)
{
	if (line_imports(line, len))
		return true;
	while (len) {
		size_t n = until(line, len, ";|&(){}`#");

		if (piece_is_command(line, n))
			return true;
		/* A comment goes to the end of the line. */
		if (n == len || line[n] == '#')
			break;
		line += n + 1;
		len -= n + 1;
	}
	return false;
}

bool ray_command_in_script(const char *text, size_t len)
{
	while (len) {
		size_t n = until(text, len, "\n");

		if (line_has(text, n))
			return true;
		if (n == len)
			break;
		text += n + 1;
		len -= n + 1;
	}
	return false;
}

bool ray_command_in_words(char *const *words, int n)
{
	if (is_command(words, n))
		return true;
	/* A shell with -c, -lc .., also behind a launcher. */
	for (int i = 0; i + 2 < n; i++)
		if (is_shell(base_name(words[i])) && words[i + 1][0] == '-' &&
			strchr(words[i + 1], 'c'))
			return ray_command_in_script(words[i + 2], strlen(words[i + 2]));
	return false;
}

bool ray_command_in_environment(char *const *env)
{
	static const char name[] = "RAY_ADDRESS=";

	for (; env && *env; env++)
		if (!strncmp(*env, name, sizeof(name) - 1) && (*env)[sizeof(name) - 1])
			return true;
	return false;
}
