bin_PROGRAMS += tools/raypss
tools_raypss_SOURCES = \
	tools/cmd_advise.c \
	tools/cmd_explain.c \
	tools/cmd_publish.c \
	tools/cmd_report.c \
	tools/cmd_run.c \
	tools/commands.h \
	tools/job_advice.c \
	tools/job_advice.h \
	tools/job_find.c \
	tools/job_find.h \
	tools/job_name.c \
	tools/job_name.h \
	tools/raypss.c \
	tools/report_lists.c \
	tools/report_print.h \
	tools/report_table.c \
	tools/report_user.c \
	tools/since.c \
	tools/since.h \
	tools/slurm_ask.c \
	tools/slurm_ask.h \
	tools/spools.c \
	tools/spools.h
tools_raypss_LDADD = lib/libraypss.la
