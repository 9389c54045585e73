/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The part in a Ray cluster, told from titles, command lines and logs as Ray 2.9 to 2.60 write them. */
#include <stdio.h>
#include <string.h>

#include "account/ray.h"
#include "measure/procfs/ray_identity.h"
#include "tests/unit/unit.h"

#define LOGS "/tmp/ray/session_2026-11-25_19-21-48_811051_24446/logs/"
#define SITE "/venv/lib/python3.11/site-packages"

/* A title and, of a worker, the last line that Ray wrote into its log. */
static const struct {
	const char *title, *log, *role, *name;
} titles[] = {
	{ "ray::plain", ":task_name:plain", "task", "plain" },
	{ "ray::decorated-name", ":task_name:decorated-name", "task", "decorated-name" },
	{ "ray::gen", ":task_name:gen", "task", "gen" },
	{ "ray::<lambda>", ":task_name:<lambda>", "task", "<lambda>" },
	{ "ray::ReadRange", ":task_name:ReadRange", "task", "ReadRange" },
	{ "ray::ListFiles", ":task_name:ListFiles", "task", "ListFiles" },
	{ "ray::stage1.load", ":task_name:stage1.load", "task", "stage1.load" },
	{ "ray::v1.2", ":task_name:v1.2", "task", "v1.2" },
	{ "ray::V1.two", ":task_name:V1.two", "task", "V1.two" },
	{ "ray::my task", ":task_name:my task", "task", "my task" },
	{ "ray::fit(alpha=0.5)", ":task_name:fit(alpha=0.5)", "task", "fit(alpha=0.5)" },
	{ "ray::MapBatches(<lambda>)->Write", ":task_name:MapBatches(<lambda>)->Write", "task",
		"MapBatches(<lambda>)->Write" },
	{ "ray::IDLE_report", ":task_name:IDLE_report", "task", "IDLE_report" },
	{ "ray::next", ":task_name:before", "task", "next" },
	{ "ray::IDLE", ":task_name:plain", "idle", "IDLE" },
	{ "ray::MapWorker(MapBatches(f)->Write)", ":actor_name:MapWorker(MapBatches(f)->Write)",
		"actor", "MapWorker(MapBatches(f)->Write)" },
	{ "ray::MapWorker(MapBatches(f)->Write).submit",
		":actor_name:MapWorker(MapBatches(f)->Write)", "actor",
		"MapWorker(MapBatches(f)->Write)" },
	{ "ray::mymethod", ":actor_name:Counter", "actor", "Counter" },
	{ "ray::boss:Plain.__init__", ":actor_name:Plain", "actor", "Plain" },
	{ "ray::ServeReplica:app:Model", ":actor_name:ServeReplica:app:Model", "actor", "Model" },
	{ "ray::SERVE_REPLICA::app#Model#id:ServeReplica:app:Model.__init__",
		":actor_name:ServeReplica:app:Model", "actor", "Model" },
	{ "ray::_ray_internal_job_actor_raysubmit_1:JobSupervisor.__init__",
		":actor_name:JobSupervisor", "actor", "JobSupervisor" },

	/* Read from a pipeline of Ray Data, an application of Serve and a submitted job, Ray 2.60. */
	{ "ray::IDLE", ":task_name:reduce", "idle", "IDLE" },
	{ "ray::Project", ":task_name:Project", "task", "Project" },
	{ "ray::Write", ":task_name:Write", "task", "Write" },
	{ "ray::map", ":task_name:map", "task", "map" },
	{ "ray::reduce", ":task_name:reduce", "task", "reduce" },
	{ "ray::MapWorker(MapBatches(slow)->MapBatches(Double)).__init__",
		":actor_name:MapWorker(MapBatches(slow)->MapBatches(Double))", "actor",
		"MapWorker(MapBatches(slow)->MapBatches(Double))" },
	{ "ray::datasets_stats_actor:_StatsActor.__init__", ":actor_name:_StatsActor", "actor",
		"_StatsActor" },
	{ "ray::_StatsActor.register_dataset", ":actor_name:_StatsActor", "actor", "_StatsActor" },
	{ "ray::AutoscalingCoordinator:_AutoscalingCoordinatorActor.__init__",
		":actor_name:_AutoscalingCoordinatorActor", "actor",
		"_AutoscalingCoordinatorActor" },
	{ "ray::ActorLocationTracker.get_actor_locations", ":actor_name:ActorLocationTracker",
		"actor", "ActorLocationTracker" },
	{ "ray::SERVE_CONTROLLER_ACTOR:ServeController.__init__", ":actor_name:ServeController",
		"actor", "ServeController" },
	{ "ray::ServeController.listen_for_change", ":actor_name:ServeController", "actor",
		"ServeController" },
	{ "ray::SERVE_PROXY_ACTOR-28424ef55db567c2b04216589180924f67fd1d4a177ae1f219372cd4:"
	  "ProxyActor.__init__",
		":actor_name:ProxyActor", "actor", "ProxyActor" },
	{ "ray::ProxyActor.check_health", ":actor_name:ProxyActor", "actor", "ProxyActor" },
	{ "ray::SERVE_REPLICA::app#Model#izuhi8hq:ServeReplica:app:Model.__init__",
		":actor_name:ServeReplica:app:Model", "actor", "Model" },
	{ "ray::ServeReplica:app:Model.handle_request_with_rejection",
		":actor_name:ServeReplica:app:Model", "actor", "Model" },
	{ "ray::_ray_internal_job_actor_raysubmit_PBNHKt3tb5DW4Mit:JobSupervisor.__init__",
		":actor_name:JobSupervisor", "actor", "JobSupervisor" },
	{ "ray::JobSupervisor", ":actor_name:JobSupervisor", "actor", "JobSupervisor" },

	/* Without a log that may be read, the title alone. */
	{ "ray::plain", "", "task", "plain" },
	{ "ray::stage1.load", "", "task", "stage1.load" },
	{ "ray::v1.2", "", "task", "v1.2" },
	{ "ray::my task", "", "task", "my task" },
	{ "ray::fit(alpha=0.5)", "", "task", "fit(alpha=0.5)" },
	{ "ray::IDLE_report", "", "task", "IDLE_report" },
	{ "ray::IDLEness()", "", "task", "IDLEness" },
	{ "ray::f()", "", "task", "f" },
	{ "ray::main.<locals>.f()", "", "task", "f" },
	{ "ray::Server", "", "actor", "Server" },
	{ "ray::Server.send", "", "actor", "Server" },
	{ "ray::Server.send()", "", "actor", "Server" },
	{ "ray::server.send()", "", "actor", "server" },
	{ "ray::Server.__init__()", "", "actor", "Server" },
	{ "ray::boss:Plain.__init__", "", "actor", "Plain" },
	{ "ray::ServeReplica:app:Model.handle_request", "", "actor", "Model" },
	{ "ray::SERVE_REPLICA::app#Model#id:ServeReplica:app:Model.__init__", "", "actor",
		"Model" },
	{ "ray::_ray_internal_job_actor_raysubmit_1:JobSupervisor.__init__", "", "actor",
		"JobSupervisor" },
	{ "ray::datasets_stats_actor:_StatsActor.__init__", "", "actor", "_StatsActor" },
	{ "ray::_StatsActor.register_dataset", "", "actor", "_StatsActor" },
	{ "ray::AutoscalingCoordinator:_AutoscalingCoordinatorActor.__init__", "", "actor",
		"_AutoscalingCoordinatorActor" },
	{ "ray::SERVE_CONTROLLER_ACTOR:ServeController.__init__", "", "actor", "ServeController" },
	{ "ray::ServeController.listen_for_change", "", "actor", "ServeController" },
	{ "ray::SERVE_PROXY_ACTOR-28424ef55db567c2b04216589180924f67fd1d4a177ae1f219372cd4:"
	  "ProxyActor.__init__",
		"", "actor", "ProxyActor" },
	{ "ray::IDLE", "", "idle", "IDLE" },
	{ "ray::IDLE                 ", "", "idle", "IDLE" },
	{ "ray::", "", "idle", "IDLE" },
	{ "ray::a\"b\\c", "", "task", "a\"b\\c" },
	{ "ray::\033[2J\n", "", "task", "?[2J?" },
	{ "ray::.", "", "task", "." },
	{ "ray::.()", "", "task", "." },

	{ "ray::IDLE_SpillWorker", "", "io", "SpillWorker" },
	{ "ray::SPILL_SpillWorker", "", "io", "SpillWorker" },
	{ "ray::RESTORE_RestoreWorker", "", "io", "RestoreWorker" },
	{ "ray::DELETE_SpillWorker", "", "io", "SpillWorker" },
	{ "ray::DashboardAgent", "", "system", "DashboardAgent" },
	{ "ray::RuntimeEnvAgent    ", "", "system", "RuntimeEnvAgent" },
	{ "ray-dashboard-MetricsHead-0 (127.0.0.1:8265)", "", "system", "ray-dashboard" },
	{ "ray-dashboard-ReportHead-1 (127.0.0.1:8265)", "", "system", "ray-dashboard" },
	{ "raylet", "", "system", "raylet" },
	{ "gcs_server", "", "system", "gcs_server" },
	{ "python3", "", "other", "python3" },
	{ "python3 train.py --lr 1", "", "other", "python3" },
	{ "xray::f()", "", "other", "xray::f()" },
	{ "ray:f()", "", "other", "ray:f()" },
};

static void expect(
	const char *what, const struct ray_evidence *e, const char *role, const char *name)
{
	struct ray_identity got;

	ray_identify(e, &got);
	ck_assert_msg(
		!strcmp(ray_role_name(got.role), role), "%s: %s", what, ray_role_name(got.role));
	ck_assert_msg(!strcmp(got.name, name), "%s: \"%s\"", what, got.name);
}

START_TEST(a_title_and_the_worker_s_log_tell_the_part)
{
	for (size_t i = 0; i < COUNT(titles); i++) {
		char log[256], name[TASK_NAME_SIZE] = "";
		struct ray_evidence e = { .command = "python",
			.arguments = titles[i].title,
			.arguments_len = strlen(titles[i].title),
			.log_name = name,
			.actor = "" };

		snprintf(log, sizeof(log), ":job_id:01000000\n%s\nother output\n", titles[i].log);
		e.log = worker_log_parse(log, strlen(log), name);
		expect(titles[i].title, &e, titles[i].role, titles[i].name);
	}
}
END_TEST

#define DRIVER CORE_LOG_DRIVER
#define NO_LOG CORE_LOG_NONE

static const struct {
	const char *arguments; /* with a space for each NUL */
	enum core_log core;
	const char *role, *name;
} commands[] = {
	{ "/venv/bin/python driver.py --lr 1", DRIVER, "driver", "driver.py" },
	{ "python -u /home/u/driver.py", DRIVER, "driver", "driver.py" },
	{ "/usr/bin/python3 -m train.main", DRIVER, "driver", "train.main" },
	{ "/usr/bin/python3", DRIVER, "driver", "python3" },
	{ "/usr/bin/python3 driver.py", NO_LOG, "other", "python3" },
	{ "/venv/bin/python3 /venv/bin/ray start --head --block", NO_LOG, "system", "ray" },
	{ "/venv/bin/python3 /venv/bin/xray start", NO_LOG, "other", "python3" },
	{ "/venv/bin/python3 driver.py /venv/bin/ray", NO_LOG, "other", "python3" },
	{ "/venv/bin/python " SITE "/ray/_private/workers/default_worker.py --node-ip-address=1",
		NO_LOG, "starting", "default_worker.py" },
	{ "python " SITE "/ray/_private/workers/setup_worker.py " SITE
	  "/ray/_private/workers/default_worker.py",
		NO_LOG, "starting", "default_worker.py" },
	{ "python " SITE "/ray/_private/workers/default_worker.py --worker-type=SPILL_WORKER",
		NO_LOG, "io", "SpillWorker" },
	{ "python " SITE "/ray/_private/workers/default_worker.py --worker-type=RESTORE_WORKER",
		NO_LOG, "io", "RestoreWorker" },
	{ "python -u " SITE "/ray/autoscaler/_private/monitor.py --logs-dir=/tmp", NO_LOG, "system",
		"monitor.py" },
	{ "python -u " SITE "/ray/_private/log_monitor.py", NO_LOG, "system", "log_monitor.py" },
	{ "python " SITE "/ray/dashboard/dashboard.py --host=127.0.0.1", NO_LOG, "system",
		"dashboard.py" },
	{ "python -m ray.util.client.server --mode=proxy", NO_LOG, "system",
		"ray.util.client.server" },
	{ "python -m ray.util.client.server --port=1 --mode=specific-server", NO_LOG, "driver",
		"ray.util.client.server" },
	{ SITE "/ray/core/src/ray/raylet/raylet --node_ip_address=1 --python_worker_command=python "
	       "default_worker.py",
		NO_LOG, "system", "raylet" },
	{ SITE "/ray/core/src/ray/gcs/gcs_server --log_dir=/tmp", NO_LOG, "system", "gcs_server" },
	{ "java -Dray.address=1 io.ray.runtime.runner.worker.DefaultWorker", NO_LOG, "task",
		"Java worker" },
	{ "/app/default_worker --ray_address=1", NO_LOG, "task", "C++ worker" },
	{ "python " SITE "/mine/ray/monitor.py", NO_LOG, "other", "python" },
};

START_TEST(a_command_line_tells_the_part)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		char arguments[512];
		size_t n = strlen(commands[i].arguments);
		struct ray_evidence e = { .command = "python",
			.arguments = arguments,
			.arguments_len = n + 1,
			.core = commands[i].core,
			.log_name = "",
			.actor = "" };

		memcpy(arguments, commands[i].arguments, n + 1);
		for (char *p = arguments; *p || p < arguments + n; p++)
			if (*p == ' ')
				*p = '\0';
		expect(commands[i].arguments, &e, commands[i].role, commands[i].name);
	}
}
END_TEST

START_TEST(without_arguments_the_command_has_the_name)
{
	const struct ray_evidence e = { .command = "kworker/0:1", .log_name = "", .actor = "" };
	const struct ray_evidence none = { .command = "", .log_name = "", .actor = "" };

	expect("a kernel thread", &e, "other", "kworker/0:1");
	expect("nothing", &none, "other", "");
}
END_TEST

START_TEST(an_actor_that_a_title_told_stays_one)
{
	const struct ray_evidence e = { .command = "python",
		.arguments = "ray::mymethod",
		.arguments_len = 13,
		.log_name = "",
		.actor = "Counter" };

	expect("a method with a name of its own", &e, "actor", "Counter");
}
END_TEST

static const struct {
	const char *link;
	bool worker;
	enum core_log core;
} links[] = {
	{ LOGS "worker-40807fd9-ffffffff-27840.out", true, CORE_LOG_NONE },
	{ LOGS "worker-40807fd9-ffffffff-27840.out (deleted)", false, CORE_LOG_NONE },
	{ LOGS "worker-40807fd9-ffffffff-27840.err", false, CORE_LOG_NONE },
	{ LOGS "worker-40807fd9-ffffffff-.out", false, CORE_LOG_NONE },
	{ LOGS "worker-4711.out", true, CORE_LOG_NONE },
	{ LOGS "worker-.out", false, CORE_LOG_NONE },
	{ LOGS "io_worker-2ab224f1-28918.out", false, CORE_LOG_NONE },
	{ LOGS "raylet.out", false, CORE_LOG_NONE },
	{ LOGS "python-core-driver-0100_24446.log", false, CORE_LOG_DRIVER },
	{ LOGS "java-core-worker-0100_24446.log", false, CORE_LOG_WORKER },
	{ LOGS "python-core-spill_worker-2ab_28918.log", false, CORE_LOG_IO },
	{ LOGS "python-core-restore_worker-2ab_28918.log", false, CORE_LOG_IO },
	{ "/home/u/python-core-driver-0100_24446.txt", false, CORE_LOG_NONE },
	{ "", false, CORE_LOG_NONE },
	{ "socket:[4711]", false, CORE_LOG_NONE },
};

START_TEST(a_link_tells_whose_log_it_is)
{
	for (size_t i = 0; i < COUNT(links); i++) {
		SAME(links[i].link, worker_log_is(links[i].link), links[i].worker);
		SAME(links[i].link, core_log_of(links[i].link), links[i].core);
	}
}
END_TEST

static const struct {
	const char *what, *text;
	enum worker_log log;
	const char *name;
} logs[] = {
	{ "a task", ":job_id:01\n:task_name:f\n", WORKER_LOG_TASK, "f" },
	{ "an actor", ":job_id:01\n:actor_name:A\n", WORKER_LOG_ACTOR, "A" },
	{ "a worker that became an actor", ":task_name:f\nhello\n:actor_name:A\n", WORKER_LOG_ACTOR,
		"A" },
	{ "not at the beginning of a line", "x :actor_name:A\n", WORKER_LOG_NONE, "" },
	{ "a line that is not written to its end", ":actor_name:A", WORKER_LOG_NONE, "" },
	{ "a name that is empty", ":task_name:\n", WORKER_LOG_NONE, "" },
	{ "escapes", ":task_name:\033[2J\n", WORKER_LOG_TASK, "?[2J" },
	{ "nothing", "", WORKER_LOG_NONE, "" },
};

START_TEST(the_last_line_of_a_log_that_tells_counts)
{
	for (size_t i = 0; i < COUNT(logs); i++) {
		char name[TASK_NAME_SIZE] = "";

		SAME(logs[i].what, worker_log_parse(logs[i].text, strlen(logs[i].text), name),
			logs[i].log);
		ck_assert_msg(!strcmp(name, logs[i].name), "%s: \"%s\"", logs[i].what, name);
	}
}
END_TEST

START_TEST(a_name_is_cut_to_its_room)
{
	char title[300] = "ray::";
	struct ray_evidence e = {
		.command = "python", .arguments = title, .log_name = "", .actor = ""
	};
	struct ray_identity got;

	memset(title + 5, 'x', sizeof(title) - 6);
	e.arguments_len = sizeof(title) - 1;
	ray_identify(&e, &got);
	ck_assert_uint_eq(strlen(got.name), TASK_NAME_SIZE - 1);
}
END_TEST

int main(void)
{
	TCase *tc = unit_suite("ray_identity");

	tcase_add_test(tc, a_title_and_the_worker_s_log_tell_the_part);
	tcase_add_test(tc, a_command_line_tells_the_part);
	tcase_add_test(tc, without_arguments_the_command_has_the_name);
	tcase_add_test(tc, an_actor_that_a_title_told_stays_one);
	tcase_add_test(tc, a_link_tells_whose_log_it_is);
	tcase_add_test(tc, the_last_line_of_a_log_that_tells_counts);
	tcase_add_test(tc, a_name_is_cut_to_its_room);
	return unit_run();
}
