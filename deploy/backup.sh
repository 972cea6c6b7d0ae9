#!/bin/sh
# Copy all five databases, as they stood at one moment, into FILE, while everything runs.
#
#   deploy/backup.sh /somewhere/else/fourgood-2026-11-21.tar.gz
#
# One moment for all five matters: a view that has read further than the log it reads from cannot be restored.
# NATS is not copied: it carries, and refills itself from the logs. COMPOSE="docker compose" where that is yours.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
file=${1:-}

fail() {
    echo "backup: $*" >&2
    rm -f "$file.part"
    exit 1
}

[ -n "$file" ] || { echo "backup: say where to, as in: $0 /somewhere/else/fourgood.tar.gz" >&2; exit 1; }
[ ! -e "$file" ] || { echo "backup: $file exists; nothing is overwritten" >&2; exit 1; }

umask 077
# shellcheck disable=SC2086
${COMPOSE:-docker-compose} -f "$here/compose.yaml" exec -T postgres pg_basebackup --username=postgres --pgdata=- \
    --format=tar --wal-method=fetch --checkpoint=fast --gzip >"$file.part" || fail "PostgreSQL gave no copy"
tar -tzf "$file.part" >"$file.list" || fail "the copy cannot be read back"
for part in backup_manifest backup_label global/pg_control; do
    grep -qx "$part" "$file.list" || fail "the copy lacks $part"
done
rm "$file.list"
mv "$file.part" "$file"
echo "Copied all databases to $file ($(du -h "$file" | cut -f1))."
echo "deploy/restore.sh reads it back beside the running system: try it now and then."
