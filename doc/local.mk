# SPDX-License-Identifier: GPL-2.0-or-later
man_pages = doc/raypss.1 doc/ray_pss.8
man_MANS += $(man_pages)
CLEANFILES += $(man_pages)
dist_doc_DATA += \
	contrib/plugstack.conf.d/ray_pss.conf \
	doc/record.schema.json
EXTRA_DIST += \
	doc/ray_pss.8.in \
	doc/raypss.1.in \
	tests/docs/run \
	tests/docs/test_docs.py

# Man pages name the paths that configure was told. "[@]": config.status must not replace the names in this rule.
# Hyphens in a line with a path become \-, so that readers can copy the path.
fill_in = $(AM_V_GEN)$(MKDIR_P) doc && sed -e 's|[@]VERSION[@]|$(VERSION)|g' -e '/[@][a-z]*dir[@]/{' \
	-e 's|[@]datadir[@]|$(datadir)|g' \
	-e 's|[@]localstatedir[@]|$(localstatedir)|g' \
	-e 's|[@]pkglibexecdir[@]|$(pkglibexecdir)|g' \
	-e 's|[@]plugindir[@]|$(plugindir)|g' \
	-e 's|\([^\\]\)-|\1\\-|g' -e '}'
doc/ray_pss.8: doc/ray_pss.8.in Makefile
	$(fill_in) $(srcdir)/doc/ray_pss.8.in >$@.tmp && mv $@.tmp $@
doc/raypss.1: doc/raypss.1.in Makefile
	$(fill_in) $(srcdir)/doc/raypss.1.in >$@.tmp && mv $@.tmp $@
