#!/bin/sh
# Run once by the postgres image when it makes the cluster: the product's role owns one database and nothing else.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$(cat /run/secrets/postgres_password)" <<'SQL'
CREATE ROLE fleet_audit LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE fleet_audit OWNER fleet_audit;
REVOKE ALL ON DATABASE fleet_audit FROM PUBLIC;
SQL
