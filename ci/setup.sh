#!/bin/sh
# setup.sh GOAL...: installs what is missing of the Debian packages that these goals of the makefile
# need, and says so; silent if nothing is. The goal "setup" needs what all others need.
set -eu
here=$(dirname "$0")

present() { # COMMAND or FILE, which may be a pattern
    case $1 in
        /*) set -- $1 && [ -e "$1" ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

wanted() { # TARGET... of a package
    for target; do
        for goal in $goals; do
            case $goal in
                setup | "$target" | "$target"-*) return 0 ;;
            esac
        done
    done
    return 1
}

case " $* " in
    *" check "* | *" test "* | *" demo "* | *" bench "* | *" fuzz"* | *" install "* | *" asan "*) goals="$* all" ;;
    *) goals="$*" ;;
esac

missing=
while read -r package sign targets; do
    case $package in '' | '#'*) continue ;; esac
    if wanted $targets && ! present "$sign"; then missing="$missing $package"; fi
done <"$here/packages"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Packages of Debian 12 that are missing:$missing" >&2
    echo "As root: apt-get install$missing" >&2
    exit 1
fi
echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends $missing >/dev/null
echo "Installed$missing"
