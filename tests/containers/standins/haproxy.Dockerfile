# Debian's HAProxy, run as the user of the official image.
FROM debian:standin
RUN apt-get -qq update \
 && apt-get -qq install --yes --no-install-recommends haproxy >/dev/null \
 && rm -rf /var/lib/apt/lists/*
USER haproxy
STOPSIGNAL SIGUSR1
