#!/bin/sh
# Print NATS_ISSUER_KEY: the public key by which NATS knows the registry, when it says who a district is.
#
# It follows from MASTER_KEY (deploy/site/keys/master.key), as contracts/nkeys.py says. make-env.sh writes it into
# .env; for a site made before: echo "NATS_ISSUER_KEY=$(deploy/nats-issuer.sh)" >> deploy/.env. Needs openssl.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

[ -e "$here/site/keys/master.key" ] || { echo "nats-issuer: run deploy/make-env.sh first" >&2; exit 1; }

hex() { od -An -v -tx1 | tr -d ' \n'; }
raw() { for byte in $(printf '%s' "$1" | sed 's/../0x& /g'); do printf "\\$(printf %03o "$byte")"; done; }

master=$(openssl base64 -d -A <"$here/site/keys/master.key" | hex)
seed=$(printf 'nats issuer' | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$master" -binary | hex)
# An Ed25519 private key as PKCS #8 is this head and the seed; a public one ends with its 32 bytes.
public=$(raw "302e020100300506032b657004220420$seed" | openssl pkey -inform DER -pubout -outform DER | tail -c 32 | hex)

crc=0
for byte in $(printf '00%s' "$public" | sed 's/../0x& /g'); do
    crc=$((crc ^ byte << 8))
    for _ in 1 2 3 4 5 6 7 8; do
        crc=$((crc & 0x8000 ? (crc << 1 ^ 0x1021) & 0xffff : crc << 1))
    done
done
raw "00$public$(printf '%02x%02x' $((crc & 255)) $((crc >> 8)))" | base32 | tr -d '=\n'
