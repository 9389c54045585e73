# What runs as the first process of a virtual machine: tests/qemu/run
if HAVE_CHECK
check_PROGRAMS += tests/qemu/guest
tests_qemu_guest_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_qemu_guest_LDADD = tests/unit/libunit.la
endif
