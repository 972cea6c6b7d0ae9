#!/bin/sh
# One database and one role for each service, so that none can read or lock what another keeps.
#
# PostgreSQL's image runs this once, when its data folder is empty. Passwords come from the environment:
# POSTGRES_REGISTRY_PASSWORD and so on. To add a service later, run it again by hand with that service's
# name: `docker-compose exec postgres sh /docker-entrypoint-initdb.d/init.sh registry`.
set -eu

for service in ${*:-registry assessment classification notification reporting}; do
    variable=POSTGRES_$(echo "$service" | tr '[:lower:]' '[:upper:]')_PASSWORD
    eval "password=\${$variable:?set $variable}"
    psql --quiet --no-psqlrc --username=postgres --set=ON_ERROR_STOP=1 \
        --set=service="$service" --set=password="$password" <<-'SQL'
	CREATE ROLE :"service" LOGIN PASSWORD :'password';
	CREATE DATABASE :"service" OWNER :"service";
	REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
	SQL
done
