bin_PROGRAMS += tools/raypss
tools_raypss_SOURCES = \
	tools/check/check.c \
	tools/check/check.h \
	tools/check/check_hold.c \
	tools/check/check_kernel.c \
	tools/check/check_places.c \
	tools/check/check_plugstack.c \
	tools/check/check_programs.c \
	tools/check/check_slurm.c \
	tools/check/check_step.c \
	tools/check/check_step.h \
	tools/check/slurm_facts.c \
	tools/check/slurm_facts.h \
	tools/child.c \
	tools/child.h \
	tools/cmd_check.c \
	tools/cmd_metrics.c \
	tools/cmd_plot.c \
	tools/cmd_publish.c \
	tools/cmd_report.c \
	tools/cmd_run.c \
	tools/commands.h \
	tools/job_name.c \
	tools/job_name.h \
	tools/live.c \
	tools/live.h \
	tools/metrics/exposition.c \
	tools/metrics/exposition.h \
	tools/metrics/live_list.c \
	tools/metrics/live_list.h \
	tools/metrics/spool_totals.c \
	tools/metrics/spool_totals.h \
	tools/plot/html_page.c \
	tools/plot/html_page.h \
	tools/plot/plot_data.c \
	tools/plot/plot_data.h \
	tools/plot/plot_script.c \
	tools/plot/plot_script.h \
	tools/plot/record_find.c \
	tools/plot/record_find.h \
	tools/raypss.c \
	tools/report_html.c \
	tools/report_html.h \
	tools/spools.c \
	tools/spools.h
tools_raypss_LDADD = plugin/libexact-rehearsal.la plugin/libcommon.la lib/libraypss.la
