#!/bin/sh
# Make the secrets of one site, once: deploy/.env for compose.yaml, and deploy/site for the command line.
#
# Refuses to run where they exist: a new MASTER_KEY would make every stored name unreadable, and a new
# signing key would turn away every token. Needs openssl. Keep copies of both off this host. Base images are
# taken from the environment where it names them (PYTHON_IMAGE, NATS_IMAGE, POSTGRES_IMAGE, PIP_NO_INDEX).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
site=$here/site
umask 077

fail() {
    echo "make-env: $*" >&2
    exit 1
}

command -v openssl >/dev/null || fail "needs openssl"
[ ! -e "$here/.env" ] || fail "deploy/.env exists; edit it, or move it away on purpose"
[ ! -e "$site" ] || fail "deploy/site exists; move it away on purpose"

mkdir -p "$site/keys"
openssl genpkey -algorithm ed25519 -out "$site/keys/signing.pem"
openssl rand -base64 32 | tr -d '\n' >"$site/keys/master.key"
public_key=$(openssl pkey -in "$site/keys/signing.pem" -pubout | awk '{printf "%s\\n", $0}')

{
    echo "# Secrets of this site, made by deploy/make-env.sh. Never commit this file; keep a copy off this host."
    echo "COMPOSE_PROJECT_NAME=fourgood"
    printf 'AUTH_PUBLIC_KEY="%s"\n' "$public_key"
    echo "MASTER_KEY=$(cat "$site/keys/master.key")"
    echo "POSTGRES_PASSWORD=$(openssl rand -hex 24)"
    for service in REGISTRY ASSESSMENT CLASSIFICATION NOTIFICATION REPORTING; do
        echo "POSTGRES_${service}_PASSWORD=$(openssl rand -hex 24)"
    done
    # NATS reads a password that begins with a digit as a number.
    for user in REGISTRY ASSESSMENT CLASSIFICATION NOTIFICATION REPORTING OPERATOR; do
        echo "NATS_${user}_PASSWORD=p$(openssl rand -hex 24)"
    done
    echo "NATS_ISSUER_KEY=$("$here/nats-issuer.sh")"
    echo "# Optional: mail goes out only where both are set."
    echo "SMTP_URL="
    echo "MAIL_DOMAIN="
    for name in PYTHON_IMAGE NATS_IMAGE POSTGRES_IMAGE PIP_NO_INDEX; do
        eval "value=\${$name:-}"
        [ -z "$value" ] || echo "$name=$value"
    done
} >"$here/.env"

# Where `fourgood --data deploy/site` finds the services: the addresses that compose.yaml publishes.
cat >"$site/run.json" <<END
{"ports": {"nats": 14222},
 "services": {"reporting": "http://127.0.0.1:8100", "registry": "http://127.0.0.1:8101",
              "assessment": "http://127.0.0.1:8102", "classification": "http://127.0.0.1:8103",
              "notification": "http://127.0.0.1:8104"}}
END

[ -e "$here/nats/districts.conf" ] || printf 'users: [\n]\n' >"$here/nats/districts.conf"
echo "Made deploy/.env and deploy/site. Next: docker-compose -f deploy/compose.yaml up -d --build"
