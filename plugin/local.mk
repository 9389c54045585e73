plugin_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/plugin $(SLURM_CPPFLAGS)

# What needs neither Slurm nor a process: tests link it too.
noinst_LTLIBRARIES += plugin/libplugin.la
plugin_libplugin_la_SOURCES = \
	plugin/fds.c \
	plugin/fds.h \
	plugin/maxrss_rule.c \
	plugin/maxrss_rule.h \
	plugin/options.c \
	plugin/options.h \
	plugin/page.h \
	plugin/plugstack.c \
	plugin/plugstack.h \
	plugin/publish_rule.c \
	plugin/publish_rule.h \
	plugin/words.c \
	plugin/words.h
plugin_libplugin_la_CPPFLAGS = $(plugin_CPPFLAGS)

plugindir = @plugindir@
plugin_LTLIBRARIES = plugin/ray_pss.la
plugin_ray_pss_la_SOURCES = \
	plugin/accountant_process.c \
	plugin/accountant_process.h \
	plugin/maxrss.c \
	plugin/maxrss.h \
	plugin/node_name.c \
	plugin/node_name.h \
	plugin/option.c \
	plugin/option.h \
	plugin/spank_hooks.c \
	plugin/step.c \
	plugin/step.h \
	plugin/step_limits.c \
	plugin/step_limits.h
plugin_ray_pss_la_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_ray_pss_la_LDFLAGS = -module -avoid-version -shared \
	-Wl,--version-script=$(srcdir)/plugin/ray_pss.map -Wl,-z,relro,-z,now
plugin_ray_pss_la_LIBADD = plugin/libplugin.la lib/libraypss-base.la
plugin_ray_pss_la_DEPENDENCIES = $(plugin_ray_pss_la_LIBADD) plugin/ray_pss.map
EXTRA_DIST += plugin/ray_pss.map

# What raypssd alone needs, and tests.
noinst_LTLIBRARIES += plugin/libraypssd.la
plugin_libraypssd_la_SOURCES = \
	plugin/lifetime.c \
	plugin/lifetime.h \
	plugin/step_cgroup.c \
	plugin/step_cgroup.h \
	plugin/step_source.c \
	plugin/step_source.h
plugin_libraypssd_la_CPPFLAGS = $(plugin_CPPFLAGS)

pkglibexec_PROGRAMS += plugin/raypssd plugin/raypss-publisher
plugin_raypssd_SOURCES = \
	plugin/confine.c \
	plugin/confine.h \
	plugin/detach.c \
	plugin/detach.h \
	plugin/host_cache.c \
	plugin/host_cache.h \
	plugin/page.c \
	plugin/publisher_process.c \
	plugin/publisher_process.h \
	plugin/publishing.c \
	plugin/publishing.h \
	plugin/raypssd.c \
	plugin/state.c \
	plugin/state.h
plugin_raypssd_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_raypssd_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(CAPNG_CFLAGS) $(SECCOMP_CFLAGS)
plugin_raypssd_LDADD = plugin/libraypssd.la plugin/libplugin.la lib/libraypss.la $(CAPNG_LIBS) $(SECCOMP_LIBS) $(ACL_LIBS)

plugin_raypss_publisher_SOURCES = \
	plugin/publish_database.c \
	plugin/publish_way.h \
	plugin/publisher.c
plugin_raypss_publisher_CPPFLAGS = $(plugin_CPPFLAGS)
plugin_raypss_publisher_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
plugin_raypss_publisher_LDADD = lib/libraypss.la $(SLURM_LIBS)
