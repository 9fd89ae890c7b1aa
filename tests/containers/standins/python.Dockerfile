# Debian with this machine's CPython, in the layout of the official image.
FROM debian:standin
ARG VERSION
COPY bin/python${VERSION} /usr/local/bin/
COPY lib /usr/local/lib
RUN --mount=type=secret,id=authorities cp /run/secrets/authorities /etc/ssl/certs/ca-certificates.crt \
 && printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' > /etc/pip.conf \
 && ln -s python${VERSION} /usr/local/bin/python3 \
 && ln -s python3 /usr/local/bin/python \
 && ldconfig
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
CMD ["python3"]
