#!/bin/sh
# First start: make the cluster and run /docker-entrypoint-initdb.d/*.sh. Every start: run what was asked for.
# Knows only what this project uses of the official image's entry point: POSTGRES_PASSWORD, PGDATA, *.sh.
set -eu

# The cluster is made beside its place and moved there when whole: a first start that was cut off
# is begun again, and a cluster that exists is never touched, whoever made it.
begin() {
    : "${POSTGRES_PASSWORD:?set POSTGRES_PASSWORD}"
    umask 077
    new=$PGDATA.begun
    rm -rf "$new"
    mkdir -p "$new"
    password=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" >"$password"
    initdb --pgdata="$new" --username=postgres --pwfile="$password" --auth-local=trust --auth-host=scram-sha-256 \
        --encoding=UTF8 --locale=C.UTF-8
    rm "$password"
    echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"

    # Only the socket listens until every script has run, so nobody meets a half-made cluster.
    pg_ctl --pgdata="$new" --wait -o "-c listen_addresses=''" start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        [ ! -e "$script" ] || sh "$script"
    done
    pg_ctl --pgdata="$new" --wait --mode=fast stop
    mv -T "$new" "$PGDATA"
}

if [ "$1" = postgres ]; then
    [ -s "$PGDATA/PG_VERSION" ] || begin
    shift
    exec postgres -c listen_addresses='*' "$@"
fi
exec "$@"
