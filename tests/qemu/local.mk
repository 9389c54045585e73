# What runs as the first process of a virtual machine: tests/qemu/run
if HAVE_CHECK
check_PROGRAMS += tests/qemu/guest
endif
