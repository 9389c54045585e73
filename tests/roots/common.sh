# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Shared by the scripts of this folder: the list of roots, their place, and their locks.

# shellcheck disable=SC2034 # for those who source this
suites=(bookworm trixie forky)
cache=/var/cache/raypss-test

known_suite() { [[ " ${suites[*]} " == *" $1 "* ]]; }

# Packages of a root: Slurm, the needs of configure.ac and of the scenarios, and a kernel to boot the root with.
packages_of() { # SUITE
    local packages=(slurm-wlm slurm-wlm-basic-plugins-dev slurmdbd libslurm-dev munge mariadb-server
        libcgroup-dev libhwloc-dev libjansson-dev libcap-ng-dev libseccomp-dev libacl1-dev libncurses-dev check libsubunit-dev
        build-essential autoconf automake libtool pkg-config
        python3-pytest python3-jsonschema iproute2 strace user-mode-linux libncurses-dev debhelper lintian)
    if [ "$1" = bookworm ]; then packages+=(rpm); else packages+=(slurm-wlm-plugins); fi
    printf '%s\n' "${packages[@]}"
}

# A root is made again if this stamp changes. Raise layout if the scripts make roots in another way.
stamp_of() { # SUITE
    local layout=1
    printf 'layout %s\n' "$layout"
    packages_of "$1" | sort
}

is_current() { # SUITE
    [ "$(cat "$cache/$1/.raypss-root" 2>/dev/null)" = "$(stamp_of "$1")" ]
}
