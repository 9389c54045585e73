/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "measure/procfs/ray_identity.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define PREFIX "ray::"
#define LOCALS ".<locals>."
#define INIT ".__init__"

/* A piece of text without an end of its own. */
struct piece {
	const char *at;
	size_t len;
};

static struct piece piece_of(const char *text)
{
	return (struct piece){ text, strlen(text) };
}

static bool is(struct piece p, const char *text)
{
	return p.len == strlen(text) && !memcmp(p.at, text, p.len);
}

static bool starts(struct piece p, const char *text)
{
	return p.len >= strlen(text) && !memcmp(p.at, text, strlen(text));
}

static bool ends(struct piece p, const char *text)
{
	size_t n = strlen(text);

	return p.len >= n && !memcmp(p.at + p.len - n, text, n);
}

static struct piece from(struct piece p, size_t start)
{
	return (struct piece){ p.at + start, p.len - start };
}

/* What is behind the last of these bytes, the whole where there is none. */
static struct piece behind_last(struct piece p, char byte)
{
	const char *last = p.len ? memrchr(p.at, byte, p.len) : NULL;

	return last ? from(p, (size_t)(last + 1 - p.at)) : p;
}

/* What is behind the last of the words, the whole where there is none. */
static struct piece behind_word(struct piece p, const char *word)
{
	const char *found;

	while (p.len && (found = memmem(p.at, p.len, word, strlen(word))))
		p = from(p, (size_t)(found - p.at) + strlen(word));
	return p;
}

static bool holds(struct piece p, const char *word)
{
	return p.len && memmem(p.at, p.len, word, strlen(word));
}

static void name_set(struct ray_identity *out, enum ray_role role, struct piece name)
{
	out->role = role;
	text_clean(out->name, sizeof(out->name), name.at, name.len);
}

/* A title ends where its padding begins: setproctitle fills up with NUL, others with spaces. */
static struct piece title_of(const char *text, size_t len)
{
	struct piece p = { text, len ? strnlen(text, len) : 0 };

	while (p.len && p.at[p.len - 1] == ' ')
		p.len--;
	return p;
}

/* The next argument, or one without text behind the last. */
static struct piece argument_next(struct piece *rest)
{
	struct piece one = { rest->at, strnlen(rest->at, rest->len) };

	*rest = from(*rest, one.len < rest->len ? one.len + 1 : one.len);
	return one;
}

/* Titles and programs that are Ray's own, and a name that all of a kind share. */
struct own {
	const char *text;
	enum ray_role role;
	const char *name; /* NULL: the text */
};

static bool own_find(
	const struct own *rows, size_t n, struct piece text, bool prefix, struct ray_identity *out)
{
	for (size_t i = 0; i < n; i++) {
		if (!(prefix ? starts(text, rows[i].text) : is(text, rows[i].text)))
			continue;
		name_set(out, rows[i].role, piece_of(rows[i].name ? rows[i].name : rows[i].text));
		return true;
	}
	return false;
}

#define OWN(table, text, prefix, out)                                                              \
	own_find(table, sizeof(table) / sizeof(*(table)), text, prefix, out)

static bool own_title(struct piece title, struct ray_identity *out)
{
	static const struct own titles[] = {
		{ "ray::DashboardAgent", ROLE_SYSTEM, "DashboardAgent" },
		{ "ray::RuntimeEnvAgent", ROLE_SYSTEM, "RuntimeEnvAgent" },
		{ "ray::LogMonitor", ROLE_SYSTEM, "LogMonitor" },
		{ "ray::Dashboard", ROLE_SYSTEM, "Dashboard" },
		{ "ray::Monitor", ROLE_SYSTEM, "Monitor" },
		{ "ray::IDLE_SpillWorker", ROLE_IO, "SpillWorker" },
		{ "ray::SPILL_SpillWorker", ROLE_IO, "SpillWorker" },
		{ "ray::DELETE_SpillWorker", ROLE_IO, "SpillWorker" },
		{ "ray::IDLE_RestoreWorker", ROLE_IO, "RestoreWorker" },
		{ "ray::RESTORE_RestoreWorker", ROLE_IO, "RestoreWorker" },
		{ "ray::DELETE_RestoreWorker", ROLE_IO, "RestoreWorker" },
		{ "ray::IDLE_UtilWorker", ROLE_IO, "UtilWorker" },
	};
	/* Modules of the dashboard are numbered, and each has the cluster's address in its title. */
	static const struct own prefixes[] = { { "ray-dashboard", ROLE_SYSTEM, NULL } };

	return OWN(titles, title, false, out) || OWN(prefixes, title, true, out);
}

/* The programs of Ray that are no scripts. */
static bool own_program(struct piece program, struct ray_identity *out)
{
	static const struct own programs[] = {
		{ "raylet", ROLE_SYSTEM, NULL },
		{ "gcs_server", ROLE_SYSTEM, NULL },
		{ "plasma_store", ROLE_SYSTEM, NULL },
		{ "plasma_store_server", ROLE_SYSTEM, NULL },
		{ "log_monitor.py", ROLE_SYSTEM, NULL },
		{ "monitor.py", ROLE_SYSTEM, NULL },
		{ "default_worker", ROLE_TASK, "C++ worker" },
	};

	return OWN(programs, program, false, out);
}

/* The scripts and modules that Ray runs with an interpreter. */
static bool own_script(struct piece script, struct ray_identity *out)
{
	static const struct own paths[] = {
		{ "/ray/autoscaler/_private/monitor.py", ROLE_SYSTEM, "monitor.py" },
		{ "/ray/_private/log_monitor.py", ROLE_SYSTEM, "log_monitor.py" },
		{ "/ray/dashboard/dashboard.py", ROLE_SYSTEM, "dashboard.py" },
		{ "/ray/dashboard/agent.py", ROLE_SYSTEM, "DashboardAgent" },
		{ "/ray/_private/runtime_env/agent/main.py", ROLE_SYSTEM, "RuntimeEnvAgent" },
		{ "/ray/_private/workers/default_worker.py", ROLE_STARTING, "default_worker.py" },
		{ "/ray/_private/workers/setup_worker.py", ROLE_STARTING, "default_worker.py" },
		{ "/ray/workers/default_worker.py", ROLE_STARTING, "default_worker.py" },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		if (ends(script, paths[i].text))
			return name_set(out, paths[i].role, piece_of(paths[i].name)), true;
	if (is(script, "io.ray.runtime.runner.worker.DefaultWorker"))
		return name_set(out, ROLE_TASK, piece_of("Java worker")), true;
	return false;
}

/* What the arguments behind Ray's own script make of its process. */
static void own_option(struct piece argument, struct ray_identity *out)
{
	if (out->role != ROLE_STARTING)
		return;
	if (is(argument, "--worker-type=SPILL_WORKER"))
		name_set(out, ROLE_IO, piece_of("SpillWorker"));
	else if (is(argument, "--worker-type=RESTORE_WORKER"))
		name_set(out, ROLE_IO, piece_of("RestoreWorker"));
}

/* The client server: one process for all clients, and one that is each client's driver. */
static void client_server(struct piece rest, struct ray_identity *out)
{
	name_set(out, ROLE_SYSTEM, piece_of("ray.util.client.server"));
	while (rest.len)
		if (is(argument_next(&rest), "--mode=specific-server"))
			out->role = ROLE_DRIVER;
}

/* A command line: argv[0] with its directory, then arguments. */
static void command_line(
	struct piece program, struct piece rest, enum core_log core, struct ray_identity *out)
{
	struct piece name = behind_last(program, '/'), script = { "", 0 };
	bool module = false, found = false;

	if (own_program(name, out))
		return;
	while (rest.len) {
		struct piece one = argument_next(&rest);

		if (found)
			own_option(one, out);
		else if (own_script(one, out))
			found = true;
		else if (module && is(one, "ray.util.client.server"))
			return client_server(rest, out);
		if (!script.len && one.len && *one.at != '-')
			script = one;
		module = is(one, "-m");
	}
	if (found)
		return;
	if (core == CORE_LOG_NONE && ends(script, "/bin/ray"))
		name_set(out, ROLE_SYSTEM, piece_of("ray"));
	else if (core == CORE_LOG_DRIVER)
		name_set(out, ROLE_DRIVER, script.len ? behind_last(script, '/') : name);
	else if (core == CORE_LOG_IO)
		name_set(out, ROLE_IO, piece_of("SpillWorker"));
	else
		name_set(out, core == CORE_LOG_WORKER ? ROLE_STARTING : ROLE_OTHER,
			program.len && *program.at == '/'
				? name
				: (struct piece){ program.at, strcspn(program.at, " ") });
}

/* The class of an actor, of what its log or a title calls it. */
static struct piece actor_class(struct piece p)
{
	/* A replica of Serve is "ServeReplica:APPLICATION:DEPLOYMENT", in front of it a name. */
	if (holds(p, "ServeReplica:"))
		return behind_last(behind_word(p, "ServeReplica:"), ':');
	/* A named actor is "NAME:CLASS" before Ray 2.9 gives it a log. */
	if (!memchr(p.at, '(', p.len))
		p = behind_last(p, ':');
	return p;
}

/* Whether it is written as a class is in Python: "Server", "_StatsActor". */
static bool is_class(struct piece p)
{
	size_t n = 0;

	while (n < p.len && p.at[n] == '_')
		n++;
	if (n == p.len || !isupper((unsigned char)p.at[n]))
		return false;
	while (n < p.len && isalnum((unsigned char)p.at[n]))
		n++;
	return n == p.len;
}

/* Releases before 2.0 wrote "()" behind each call. */
static bool call_strip(struct piece *p)
{
	if (p->len <= 2 || !ends(*p, "()"))
		return false;
	p->len -= 2;
	return true;
}

/* The class that the title alone tells of; without text where it rather is a task's. */
static struct piece title_class(struct piece p, bool call)
{
	const char *dot = p.len ? memchr(p.at, '.', p.len) : NULL;
	struct piece head = { p.at, dot ? (size_t)(dot - p.at) : p.len };

	if (holds(p, LOCALS))
		return from(p, p.len);
	if (ends(p, INIT))
		return actor_class((struct piece){ p.at, p.len - strlen(INIT) });
	if (holds(head, "ServeReplica:"))
		return actor_class(head);
	/* "Server.send" and "Server" rather are an actor's, "v1.2" and "stage1.load" a task's. */
	if (dot ? call || is_class(head) : !call && is_class(head))
		return head;
	return from(p, p.len);
}

static void worker(const struct ray_evidence *e, struct piece title, struct ray_identity *out)
{
	struct piece p = from(title, strlen(PREFIX)), class;
	bool call = call_strip(&p);

	if (e->log == WORKER_LOG_ACTOR)
		return name_set(out, ROLE_ACTOR, actor_class(piece_of(e->log_name)));
	if (is(p, "IDLE") || !p.len)
		return name_set(out, ROLE_IDLE, piece_of("IDLE"));
	class = e->log == WORKER_LOG_TASK ? from(p, p.len) : title_class(p, call);
	if (e->log == WORKER_LOG_NONE && *e->actor)
		class = piece_of(e->actor);
	if (class.len)
		return name_set(out, ROLE_ACTOR, class);
	class = behind_word(p, LOCALS);
	name_set(out, ROLE_TASK, class.len ? class : p);
}

bool ray_title_is_worker(const char *title, size_t len)
{
	return starts((struct piece){ title, len }, PREFIX);
}

void ray_identify(const struct ray_evidence *e, struct ray_identity *out)
{
	struct piece all = { e->arguments, e->arguments_len }, title = title_of(all.at, all.len);

	if (!title.len)
		all = title = piece_of(e->command);
	if (own_title(title, out))
		return;
	if (starts(title, PREFIX))
		return worker(e, title, out);
	(void)argument_next(&all);
	command_line(title, all, e->core, out);
}

bool worker_log_is(const char *link)
{
	struct piece p = behind_last(piece_of(link), '/');
	size_t digits = 0;

	if (!starts(p, "worker-") || !ends(p, ".out"))
		return false;
	p.len -= strlen(".out");
	while (digits < p.len && isdigit((unsigned char)p.at[p.len - 1 - digits]))
		digits++;
	return digits && digits < p.len && p.at[p.len - 1 - digits] == '-';
}

enum worker_log worker_log_parse(const char *buf, size_t len, char name[TASK_NAME_SIZE])
{
	static const char *const marks[] = {
		[WORKER_LOG_TASK] = ":task_name:",
		[WORKER_LOG_ACTOR] = ":actor_name:",
	};
	enum worker_log found = WORKER_LOG_NONE;
	struct piece rest = { buf, len };

	while (rest.len) {
		const char *newline = memchr(rest.at, '\n', rest.len);
		struct piece line = { rest.at, newline ? (size_t)(newline - rest.at) : rest.len };

		rest = from(rest, newline ? line.len + 1 : line.len);
		/* The last line may still be written. */
		if (!newline)
			break;
		for (enum worker_log kind = WORKER_LOG_TASK; kind <= WORKER_LOG_ACTOR; kind++) {
			struct piece text;

			if (!starts(line, marks[kind]) || line.len == strlen(marks[kind]))
				continue;
			text = from(line, strlen(marks[kind]));
			/* A name that begins with a NUL is none. */
			if (!*text.at)
				continue;
			text_clean(name, TASK_NAME_SIZE, text.at, text.len);
			found = kind;
		}
	}
	return found;
}

enum core_log core_log_of(const char *link)
{
	struct piece p = behind_last(piece_of(link), '/');

	/* "python-core-driver-ID_PID.log"; java, cpp, and of I/O workers "spill_worker" and so on. */
	if (!ends(p, ".log") || !holds(p, "-core-"))
		return CORE_LOG_NONE;
	p = behind_word(p, "-core-");
	if (starts(p, "driver-"))
		return CORE_LOG_DRIVER;
	if (starts(p, "worker-"))
		return CORE_LOG_WORKER;
	return starts(p, "spill_worker-") || starts(p, "restore_worker-") ? CORE_LOG_IO
									  : CORE_LOG_NONE;
}
