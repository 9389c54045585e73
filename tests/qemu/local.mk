# What runs as the first process of a virtual machine: tests/qemu/run
if HAVE_CHECK
check_PROGRAMS += tests/qemu/guest
tests_qemu_guest_SOURCES = tests/qemu/guest.c tests/qemu/guest.h tests/qemu/hugetlb.c
endif
