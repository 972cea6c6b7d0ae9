# Stands in for nats:2.14-alpine: the same server, shell, wget, paths and ports. Built by make.sh.
FROM fourgood/python:bookworm AS busybox
RUN mkdir -p /image/bin && cp /bin/busybox /image/bin/ \
    && for tool in sh wget ls cat; do ln -s busybox "/image/bin/$tool"; done

FROM scratch
COPY --from=busybox /image/ /
COPY nats-server /usr/local/bin/nats-server
ENV PATH=/usr/local/bin:/bin
EXPOSE 4222 8222
ENTRYPOINT ["nats-server"]
CMD ["--config", "/etc/nats/nats-server.conf"]
