/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ray_pss.so, raypssd, raypss-dormant and raypss-publisher: there, of one build, and for the Slurm of this node. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "plugin/common/build_mark.h"
#include "plugin/common/paths.h"
#include "tools/check/check.h"
#include "tools/child.h"

/* A plugin is some 100 KiB; more is none. */
#define PLUGIN_MOST (64 * MIB)

#define ANSWER_NS (20 * NS_PER_S)
enum { ANSWER_SIZE = 4096 };

/* The mark of ray_pss.so. 0 or -errno; -ENOENT: the file has none. */
static int plugin_mark(int fd, char mark[BUILD_MARK_SIZE])
{
	struct stat st;
	char *bytes;
	int rc;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > (off_t)PLUGIN_MOST)
		return -ENOENT;
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return -errno;
	rc = build_mark_find(bytes, (size_t)st.st_size, mark);
	munmap(bytes, (size_t)st.st_size);
	return rc;
}

/* As Slurm looks for it: an absolute path, or the directories of PluginDir. A descriptor or -errno. */
static int plugin_open(const struct check *c, char path[2 * PATH_MAX])
{
	const char *dir = c->slurm.plugindir;
	size_t n;
	int fd;

	if (*c->plugin == '/') {
		snprintf(path, 2 * PATH_MAX, "%s", c->plugin);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		return fd < 0 ? -errno : fd;
	}
	snprintf(path, 2 * PATH_MAX, "%s", c->plugin);
	for (; *dir; dir += n + (dir[n] == ':')) {
		n = strcspn(dir, ":");
		snprintf(path, 2 * PATH_MAX, "%.*s/%s", (int)n, dir, c->plugin);
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

/* "slurm 22.05.8" of slurmd -V, or on a node without slurmd of srun -V. "" = neither is there. */
static const char *release_ask(char text[ANSWER_SIZE])
{
	static char *const programs[][3] = { { "slurmd", "-V", NULL }, { "srun", "-V", NULL } };
	int status;

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const struct child child = { .argv = programs[i], .timeout_ns = ANSWER_NS };
		char *space;

		if (child_run(&child, text, ANSWER_SIZE, &status) || status)
			continue;
		text[strcspn(text, "\n")] = '\0';
		space = strrchr(text, ' ');
		if (space)
			return space + 1;
	}
	return "";
}

static void release_check(struct check *c, const char *mark)
{
	char built[16], text[ANSWER_SIZE];
	const char *running = release_ask(text);

	if (build_mark_release(mark, built, sizeof(built)))
		check_say(c, CHECK_BROKEN, "plugin", "its Slurm release is not known: %s", mark);
	else if (!*running)
		check_say(c, CHECK_WARNING, "plugin",
			"built for Slurm %s; neither slurmd nor srun is in PATH to compare", built);
	else if (strncmp(running, built, strlen(built)) || running[strlen(built)] != '.')
		check_say(c, CHECK_BROKEN, "plugin",
			"built for Slurm %s, but this node has %s: Slurm does not load it", built,
			running);
	else
		check_say(c, CHECK_OK, "plugin", "built for Slurm %s, and this node has %s", built,
			running);
}

/* Marks are compared with the mark of raypss itself. */
static bool build_check(struct check *c, const char *what, const char *path, const char *mark)
{
	if (!strcmp(mark, build_mark()))
		return true;
	check_say(c, CHECK_BROKEN, what,
		"%s is of another build: \"%s\", but raypss is \"%s\"; install all parts together",
		path, mark, build_mark());
	return false;
}

static void plugin_check(struct check *c)
{
	char path[2 * PATH_MAX], mark[BUILD_MARK_SIZE];
	int fd = plugin_open(c, path), rc;

	if (fd < 0) {
		check_say(c, CHECK_BROKEN, "plugin", "cannot open \"%s\": %s (PluginDir: %s)", path,
			strerror(-fd), *c->slurm.plugindir ? c->slurm.plugindir : "not known");
		return;
	}
	rc = plugin_mark(fd, mark);
	close(fd);
	if (rc) {
		check_say(c, CHECK_BROKEN, "plugin", "\"%s\" is no ray_pss.so of this release: %s",
			path, rc == -ENOENT ? "it has no mark of its build" : strerror(-rc));
		return;
	}
	check_say_untrusted(c, "plugin", path);
	if (build_check(c, "plugin", path, mark))
		check_say(c, CHECK_OK, "plugin", "%s: %s", path, mark);
	release_check(c, mark);
}

/* "KEY VALUE" in lines of text; the value without its newline, or NULL. */
static const char *answer_find(const char *text, const char *key, char *value, size_t size)
{
	size_t n = strlen(key);

	while (strncmp(text, key, n) || (text[n] != ' ' && text[n] != ':')) {
		text = strchr(text, '\n');
		if (!text++)
			return NULL;
	}
	text += n + 1;
	text += *text == ' ';
	snprintf(value, size, "%.*s", (int)strcspn(text, "\n"), text);
	return value;
}

static void confined_check(struct check *c, const char *text)
{
	static const struct {
		const char *key, *name;
	} parts[] = { { "reader", "raypssd" }, { "writer", "the writer of raypssd" } };
	char value[256];

	for (size_t i = 0; c->as_root && i < sizeof(parts) / sizeof(*parts); i++) {
		const char *said = answer_find(text, parts[i].key, value, sizeof(value));
		bool works = said && fact_is_yes(said);

		check_say(c, works ? CHECK_OK : CHECK_BROKEN, "confine",
			works ? "%s can give up its rights%s" : "%s cannot give up its rights: %s",
			parts[i].name,
			works          ? ""
				: said ? said
				       : "no answer");
	}
	if (answer_find(text, "seccomp", value, sizeof(value)))
		check_say(c, CHECK_OK, "confine", "seccomp: %s", value);
	if (answer_find(text, "capability for map_files", value, sizeof(value)))
		check_say(c, CHECK_OK, "confine", "capability for map_files: %s", value);
	if (answer_find(text, "Landlock", value, sizeof(value)))
		check_say(c, CHECK_OK, "confine", "Landlock: %s", value);
}

/* Asks one of our programs for its build. Returns whether it answered; its answer is in text. */
static bool program_check(
	struct check *c, const char *what, const char *path, char text[ANSWER_SIZE])
{
	char program[PATH_MAX], option[] = "--check", mark[BUILD_MARK_SIZE];
	char *const argv[] = { program, option, NULL };
	const struct child child = { .argv = argv, .timeout_ns = ANSWER_NS };
	int status = 0, rc;

	snprintf(program, sizeof(program), "%s", path);
	rc = child_run(&child, text, ANSWER_SIZE, &status);
	if (rc) {
		check_say(c, CHECK_BROKEN, what, "cannot run \"%s\": %s", path, strerror(-rc));
		return false;
	}
	check_say_untrusted(c, what, path);
	if (!answer_find(text, "build", mark, sizeof(mark))) {
		text[strcspn(text, "\n")] = '\0';
		check_say(c, CHECK_BROKEN, what, "%s does not work: %s", path,
			*text ? text : "it says nothing");
		return false;
	}
	if (build_check(c, what, path, mark))
		check_say(c, CHECK_OK, what, "%s: same build as raypss", path);
	return true;
}

static void raypssd_check(struct check *c)
{
	char text[ANSWER_SIZE];

	if (program_check(c, "raypssd", RAYPSSD_PATH, text))
		confined_check(c, text);
}

/* raypss-dormant, in each step that may become Ray's. */
static void watch_check(struct check *c)
{
	char text[ANSWER_SIZE];

	if (c->site.mode != MODE_AUTO)
		check_say(c, CHECK_OK, "watch", "not used: only mode=auto waits for Ray");
	else if (!c->site.watch)
		check_say(c, CHECK_OK, "watch",
			"watch=off: a step in which Ray starts later is not accounted");
	else if (program_check(c, "watch", DORMANT_PATH, text))
		check_say(
			c, CHECK_OK, "watch", "watch=on: steps are accounted from Ray's start on");
}

static void publisher_check(struct check *c)
{
	check_say_untrusted(c, "publisher", PUBLISHER_PATH);
	if (!*c->slurm.build)
		check_say(c, CHECK_BROKEN, "publisher", PUBLISHER_PATH " does not work: %s",
			*c->slurm.said ? c->slurm.said : "it says nothing");
	else if (build_check(c, "publisher", PUBLISHER_PATH, c->slurm.build))
		check_say(c, CHECK_OK, "publisher", PUBLISHER_PATH ": same build as raypss");
}

void check_programs(struct check *c)
{
	plugin_check(c);
	raypssd_check(c);
	watch_check(c);
	publisher_check(c);
}
