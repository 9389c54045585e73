bin_PROGRAMS += tools/raypss
tools_raypss_SOURCES = \
	tools/cmd_publish.c \
	tools/cmd_report.c \
	tools/cmd_run.c \
	tools/commands.h \
	tools/job_name.c \
	tools/job_name.h \
	tools/raypss.c \
	tools/run_state.c \
	tools/run_state.h \
	tools/spools.c \
	tools/spools.h
tools_raypss_LDADD = lib/libraypss.la
