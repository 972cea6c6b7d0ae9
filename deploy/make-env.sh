#!/bin/sh
# Make the secrets of one site, once: deploy/.env, deploy/keys/signing.pem and an empty deploy/nats/districts.conf.
#
# Refuses to run where they exist: a new MASTER_KEY would make every stored name unreadable, and a new
# signing key would turn away every token. Needs openssl. Keep copies of .env and keys/ off this host.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
umask 077

fail() {
    echo "make-env: $*" >&2
    exit 1
}

command -v openssl >/dev/null || fail "needs openssl"
[ ! -e "$here/.env" ] || fail "deploy/.env exists; edit it, or move it away on purpose"
[ ! -e "$here/keys/signing.pem" ] || fail "deploy/keys/signing.pem exists; move it away on purpose"

mkdir -p "$here/keys"
openssl genpkey -algorithm ed25519 -out "$here/keys/signing.pem"
public_key=$(openssl pkey -in "$here/keys/signing.pem" -pubout | awk '{printf "%s\\n", $0}')

{
    echo "# Secrets of this site, made by deploy/make-env.sh. Never commit this file; keep a copy off this host."
    echo "COMPOSE_PROJECT_NAME=fourgood"
    printf 'AUTH_PUBLIC_KEY="%s"\n' "$public_key"
    echo "MASTER_KEY=$(openssl rand -base64 32)"
    echo "POSTGRES_PASSWORD=$(openssl rand -hex 24)"
    for service in REGISTRY ASSESSMENT CLASSIFICATION NOTIFICATION REPORTING; do
        echo "POSTGRES_${service}_PASSWORD=$(openssl rand -hex 24)"
    done
    # NATS reads a password that begins with a digit as a number.
    for user in REGISTRY ASSESSMENT CLASSIFICATION NOTIFICATION REPORTING OPERATOR; do
        echo "NATS_${user}_PASSWORD=p$(openssl rand -hex 24)"
    done
    echo "# Optional: mail goes out only where both are set."
    echo "SMTP_URL="
    echo "MAIL_DOMAIN="
    for name in PYTHON_IMAGE NATS_IMAGE POSTGRES_IMAGE PIP_NO_INDEX; do
        eval "value=\${$name:-}"
        [ -z "$value" ] || echo "$name=$value"
    done
} >"$here/.env"

[ -e "$here/nats/districts.conf" ] || printf 'users: [\n]\n' >"$here/nats/districts.conf"
echo "Made deploy/.env and deploy/keys/signing.pem. Next: docker-compose -f deploy/compose.yaml up -d --build"
