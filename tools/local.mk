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
	tools/cmd_advise.c \
	tools/cmd_explain.c \
	tools/cmd_publish.c \
	tools/cmd_report.c \
	tools/cmd_run.c \
	tools/cmd_top.c \
	tools/commands.h \
	tools/job_advice.c \
	tools/job_advice.h \
	tools/job_find.c \
	tools/job_find.h \
	tools/job_name.c \
	tools/job_name.h \
	tools/job_options.c \
	tools/job_options.h \
	tools/live.c \
	tools/live.h \
	tools/metrics/exposition.c \
	tools/metrics/exposition.h \
	tools/metrics/http/scrape_socket.h \
	tools/metrics/http_start.c \
	tools/metrics/http_start.h \
	tools/metrics/listen_address.c \
	tools/metrics/listen_address.h \
	tools/metrics/live_list.c \
	tools/metrics/live_list.h \
	tools/metrics/metrics_text.c \
	tools/metrics/metrics_text.h \
	tools/metrics/scrape_reader.c \
	tools/metrics/scrape_reader.h \
	tools/metrics/spool_totals.c \
	tools/metrics/spool_totals.h \
	tools/options.c \
	tools/options.h \
	tools/plot/html_page.c \
	tools/plot/html_page.h \
	tools/plot/plot_data.c \
	tools/plot/plot_data.h \
	tools/plot/plot_script.c \
	tools/plot/plot_script.h \
	tools/plot/record_find.c \
	tools/plot/record_find.h \
	tools/raypss.c \
	tools/record_file.c \
	tools/record_file.h \
	tools/report_html.c \
	tools/report_html.h \
	tools/report_lists.c \
	tools/report_print.h \
	tools/report_table.c \
	tools/report_user.c \
	tools/since.c \
	tools/site_spool.c \
	tools/site_spool.h \
	tools/since.h \
	tools/slurm_ask.c \
	tools/slurm_ask.h \
	tools/run_reader.c \
	tools/run_reader.h \
	tools/run_state.c \
	tools/run_state.h \
	tools/streams.c \
	tools/streams.h \
	tools/spools.c \
	tools/spools.h \
	tools/top/top_screen.c \
	tools/top/top_screen.h \
	tools/top/top_steps.c \
	tools/top/top_steps.h \
	tools/top/top_text.c \
	tools/top/top_text.h \
	tools/top/top_tree.c \
	tools/top/top_tree.h \
	tools/top/top_view.c \
	tools/top/top_view.h \
	tools/whole_file.c \
	tools/whole_file.h
tools_raypss_CPPFLAGS = $(AM_CPPFLAGS) $(NCURSES_CFLAGS)
tools_raypss_LDADD = plugin/libexact-rehearsal.la plugin/libcommon.la lib/libraypss.la $(NCURSES_LIBS)

if HAVE_MICROHTTPD
pkglibexec_PROGRAMS += tools/metrics/http/raypss-http
http_programs = tools/metrics/http/raypss-http
endif
tools_metrics_http_raypss_http_SOURCES = \
	tools/metrics/http/http_server.c \
	tools/metrics/http/http_server.h \
	tools/metrics/http/raypss_http.c \
	tools/metrics/http/scrape_socket.h
tools_metrics_http_raypss_http_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS)
tools_metrics_http_raypss_http_LDADD = plugin/libconfine.la lib/libraypss-base.la $(MICROHTTPD_LIBS)
