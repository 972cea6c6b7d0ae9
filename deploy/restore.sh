#!/bin/sh
# Read a copy made by backup.sh into a new volume, start it there on its own, and say what is in it.
#
#   deploy/restore.sh /somewhere/else/fourgood-2026-11-21.tar.gz
#
# Nothing that runs is touched and nothing is erased: switching to the copy is two lines in deploy/.env, which
# this prints, and the old volumes stay until you remove them. COMPOSE="docker compose" where that is yours.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
file=${1:-}
[ -r "$file" ] || { echo "restore: cannot read '$file'; say which copy, as in: $0 FILE" >&2; exit 1; }
gzip -t "$file" || { echo "restore: $file is damaged" >&2; exit 1; }

stamp=$(date -u +%Y%m%d-%H%M%S)
volume=fourgood_postgres_$stamp

# beside USER SCRIPT: run a script in a PostgreSQL container of its own, which sees the new volume as /restored.
beside() {
    user=$1
    shift
    # shellcheck disable=SC2086
    ${COMPOSE:-docker-compose} -f "$here/compose.yaml" run --rm --no-deps -T --user "$user" \
        --volume "$volume:/restored" --entrypoint sh postgres -euc "$@"
}

docker volume create "$volume" >/dev/null
beside root 'mkdir -m 700 /restored/fourgood && tar -xzf - -C /restored/fourgood && chown -R postgres /restored/fourgood' \
    <"$file"
beside postgres '
    pg_ctl --pgdata=/restored/fourgood --wait --silent --log=/tmp/log -o "-c listen_addresses=" start || { cat /tmp/log; exit 1; }
    for service in registry assessment classification notification; do
        echo "$service: $(psql -U postgres -At -c "SELECT count(*) FROM ${service}_events" "$service") facts"
    done
    # The copy has the passwords of its day; the services come with those of today.
    for service in registry assessment classification notification reporting; do
        eval "password=\$POSTGRES_$(echo "$service" | tr "[:lower:]" "[:upper:]")_PASSWORD"
        psql -U postgres --quiet -c "ALTER ROLE $service PASSWORD \$x\$$password\$x\$"
    done
    echo "reporting: $(psql -U postgres -At -c "SELECT count(*) FROM ledger.entry" reporting) events in the ledger"
    pg_ctl --pgdata=/restored/fourgood --wait --silent --mode=fast stop' </dev/null || {
    echo "restore: the copy did not start; the running system is untouched, $volume may be removed" >&2
    exit 1
}
cat <<END
The copy is whole. To put it in the place of what runs now, write into deploy/.env
  POSTGRES_VOLUME=$volume
  NATS_VOLUME=fourgood_nats_$stamp
(NATS too, because it remembers events from after the copy; an empty one is refilled from the logs), then:
  ${COMPOSE:-docker-compose} -f deploy/compose.yaml stop registry assessment classification notification reporting
  ${COMPOSE:-docker-compose} -f deploy/compose.yaml up -d
END
