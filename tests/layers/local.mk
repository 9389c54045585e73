# SPDX-License-Identifier: GPL-2.0-or-later
# The rules of HACKING that a program can check, a test of that program, and the built binaries.
layer_tests = tests/layers/check.py tests/layers/hardening.py tests/layers/test_check.py
EXTRA_DIST += $(layer_tests)
if HAVE_PYTHON
TESTS += $(layer_tests)
endif

# How tests/run counts and names what failed.
result_tests = tests/test_results.py
EXTRA_DIST += $(result_tests) tests/again.py tests/summary.py
if HAVE_PYTHON
TESTS += $(result_tests)
endif

# In single quotes as the shell needs them: AM_CPPFLAGS has quotes of its own.
TEST_EXTENSIONS = .py
PY_LOG_COMPILER = env PYTHONDONTWRITEBYTECODE=1 CC='$(CC)' BUILT_PLUGIN=plugin/.libs/ray_pss.so \
	BUILT_PROGRAMS='plugin/raypssd/raypssd plugin/raypssd/raypss-dormant plugin/publisher/raypss-publisher \
	plugin/publisher/raypss-jobs tools/raypss $(http_programs)' \
	HARDENED='$(RAYPSS_CFLAGS) $(HARDEN_LDFLAGS) $(PIE_LDFLAGS)' \
	HEADER_COMPILE='$(CC) $(DEFS) -I. -I$(top_srcdir) $(AM_CPPFLAGS) $(SLURM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS)' \
	$(PYTHON)
