# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
# The beds: the machines that tests/uml/run boots, and the Slurm that each of them runs.

beds_of() { # SUITE
    local beds=()
    # The longest come first. Shapes take minutes, so one kernel is enough; without any cgroup one release is.
    [ "$1" != bookworm ] || beds+=(shapes)
    beds+=(v2 gather swap taskcgroup proctrack)
    # Jobs have PID namespaces from Slurm 25.11 on.
    if [ "$1" = forky ]; then beds+=(pidspace); else beds+=(node); fi
    [ "$1" != bookworm ] || beds+=(pgid)
    # Slurm 25.05 and later have no cgroup v1.
    [ "$1" = forky ] || beds+=(v1)
    printf '%s\n' "${beds[@]}"
}

# Sets memory (of the machine), swap (MiB), cgroup (v1 or v2), kernel_of (the suite of the kernel, if another), seconds
# (time limit of the bed), tests (its scenarios) and rig (options of private-slurm).
bed() { # NAME
    local constrain=yes
    memory=1G swap=0 cgroup=v2 kernel_of='' seconds=400 tests=("test_$1.py")
    case $1 in node | pidspace) constrain=no ;; esac
    rig=(--no-slurmdbd --set RealMemory=900 --set CPUs=16
        --set ProctrackType=proctrack/cgroup --set TaskPlugin=task/cgroup
        --set-cgroup CgroupPlugin=cgroup/v2 --set-cgroup IgnoreSystemd=yes --set-cgroup "ConstrainRAMSpace=$constrain")
    case $1 in
    v2) tests=(test_footprint.py test_oom.py test_steps.py test_faults.py test_limits.py test_check.py test_nfs.py) ;;
    shapes) tests=(test_memory_shapes.py) ;;
    gather)
        tests=(test_gather.py test_exact.py)
        rig+=(--set JobAcctGatherType=jobacct_gather/cgroup)
        ;;
    node | pidspace)
        memory=320M tests=(test_node.py)
        rig+=(--set SelectTypeParameters=CR_CPU)
        [ "$1" = node ] || rig+=(--contain-pids)
        ;;
    swap)
        swap=128
        rig+=(--set-cgroup ConstrainSwapSpace=yes --set-cgroup AllowedSwapSpace=100)
        ;;
    v1)
        # Later Debian kernels have no memory controller for v1.
        cgroup=v1 kernel_of=bookworm
        rig=(--no-slurmdbd --set RealMemory=900 --set CPUs=16
            --set ProctrackType=proctrack/cgroup --set TaskPlugin=task/cgroup
            --set-cgroup CgroupPlugin=cgroup/v1 --set-cgroup ConstrainRAMSpace=yes)
        ;;
    pgid) rig+=(--set ProctrackType=proctrack/pgid --set TaskPlugin=task/none) ;;
    taskcgroup) rig+=(--set ProctrackType=proctrack/linuxproc) ;;
    proctrack) rig+=(--set TaskPlugin=task/none) ;;
    *) return 1 ;;
    esac
    case $1 in pgid | taskcgroup | proctrack) tests=(test_tracking.py test_limits.py) ;; esac
}
