# SPDX-License-Identifier: GPL-2.0-or-later
# What a site installs beside the programs, and the files that packages are made from.
dist_doc_DATA += HACKING NEWS
completiondir = $(datarootdir)/bash-completion/completions
dist_completion_DATA = contrib/completion/raypss
pkgdatadir = $(datarootdir)/raypss
epilogdir = $(pkgdatadir)/epilog
epilog_SCRIPTS = \
	contrib/packages/epilog/raypss-epilog \
	contrib/packages/epilog/raypss-left
epilog_DATA = \
	contrib/packages/epilog/raypss-publish.service \
	contrib/packages/epilog/raypss-publish.timer
CLEANFILES += $(epilog_SCRIPTS) $(epilog_DATA)

# The files in contrib/epilog name the paths of a distribution's package; installed ones name those of configure.
$(epilog_SCRIPTS) $(epilog_DATA): contrib/packages/epilog/%: contrib/epilog/% Makefile
	$(AM_V_GEN)$(MKDIR_P) contrib/packages/epilog && sed -e 's|/usr/bin/raypss|$(bindir)/raypss|g' \
		-e 's|/var/spool/raypss|$(localstatedir)/spool/raypss|g' $< >$@

EXTRA_DIST += \
	contrib/packages/build-deb \
	contrib/packages/debian/changelog \
	contrib/packages/debian/control \
	contrib/packages/debian/copyright \
	contrib/packages/debian/postinst \
	contrib/packages/debian/postrm \
	contrib/packages/debian/rules \
	contrib/packages/debian/source/format \
	tests/packages/run
EXTRA_DIST += contrib/packages/spank-ray-pss.spec
