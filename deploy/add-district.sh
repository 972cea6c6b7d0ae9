#!/bin/sh
# Let one district publish: a user named by its code, with a fresh password, in deploy/nats/districts.conf.
#
#   deploy/add-district.sh THAN-UYEN
#
# The district may publish only intake.THAN-UYEN.> and read only its own receipts. Prints the address to hand
# to the district, and how to make the running server see it. Run again for a known code: a new password.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
file=$here/nats/districts.conf
code=${1:-}

case $code in
    '' | *[!A-Z0-9-]* | -* | ?) echo "add-district: give the district's code, as in: $0 THAN-UYEN" >&2; exit 1 ;;
esac
[ -d "$here/site/keys" ] || { echo "add-district: run deploy/make-env.sh first" >&2; exit 1; }

umask 077
password=p$(openssl rand -hex 24)
new=$(mktemp "$file.XXXXXX")
{
    echo "users: ["
    [ ! -e "$file" ] || grep '^  {user: ' "$file" | grep -v "^  {user: \"$code\"," || true
    printf '  {user: "%s", password: "%s", permissions: {publish: ["intake.%s.>"], subscribe: ["receipts.%s.>", "_INBOX_%s.>"]}}\n' \
        "$code" "$password" "$code" "$code" "$code"
    echo "]"
} >"$new"
mv "$new" "$file"
printf '%s' "$password" >"$here/site/keys/nats-$code.password"

# The last line for a name in .env counts.
bind=$(sed -n 's/^NATS_BIND=//p' "$here/.env" 2>/dev/null | tail -n 1)
bind=${bind:-127.0.0.1:14222}
echo "For the district, and nobody else: nats://$code:$password@HOST:${bind##*:} (inbox prefix _INBOX_$code)"
echo "Now tell the running server: docker-compose -f deploy/compose.yaml kill -s HUP nats"
