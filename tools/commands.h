/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The subcommands of raypss. Each gets its own argv (argv[0] is its name), returns exit status. */
#ifndef RAYPSS_COMMANDS_H
#define RAYPSS_COMMANDS_H

enum { EXIT_USAGE = 2 };

int cmd_check(int argc, char **argv);
int cmd_metrics(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_advise(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_top(int argc, char **argv);

#endif
