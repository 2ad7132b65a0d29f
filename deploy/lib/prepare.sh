# Shared by the scripts beside it: says in one sentence what is missing and how to get it, and gets it where it may.

# Debian packages that the build needs.
build_packages=(libuv1-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev pkg-config)

fail() {
    printf 'deploy/%s: %s\n' "$(basename "$0")" "$1" >&2
    exit 1
}

# The compiler comes from swift.org, not from Debian: it is looked for and never installed.
need_swift() {
    command -v swift >/dev/null || fail "no Swift toolchain found: install Swift 6.3 from https://swift.org/install \
and put its usr/bin on PATH, then run this again"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p')
    [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" = 6.2 ] ||
        fail "Swift $version found, 6.2 or newer is needed: https://swift.org/install has it"
}

# need_packages NAME...: installs the Debian packages that are missing.
need_packages() {
    command -v dpkg-query >/dev/null || fail "this is not a Debian system (no dpkg): install the equivalents of $* by \
hand, then run 'swift build -c release --static-swift-stdlib'"
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || fail "these packages are missing and installing them needs root: run
    sudo apt-get install ${missing[*]}
then run this again"
        as_root=(sudo -n)
    fi
    echo "installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        fail "apt-get could not install ${missing[*]} (its last lines stand above; the whole log is $log)"
    fi
    rm -f "$log"
}
