# Bellhop's image: the program, its configuration, and what glibc needs; no shell, no package manager.
#
#   docker build --tag bellhop .
#   docker run --detach --name bellhop --publish 127.0.0.1:8025:8025 --volume bellhop:/var/lib/bellhop \
#     --env BELLHOP__HTTP__TOKEN="$(openssl rand -hex 32)" --stop-timeout 40 bellhop
#
# docs/install.md tells the rest.

# The compiler that Cargo.toml asks for, on the Debian of the image below: one glibc.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked
RUN strip -o /bellhop target/release/bellhop && mkdir /data

# Not scratch: names are looked up by glibc as the machine says (nsswitch.conf), and with the glibc
# that the tests run with. The program needs libc6 and libgcc-s1, which are in here, and of the image
# nothing else: certificates of public authorities and time zones are built into it.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /bellhop /usr/bin/bellhop
# A new volume begins as this folder is: the user's.
COPY --from=build --chown=65532:65532 --chmod=0700 /data /var/lib/bellhop
COPY config/service.toml /etc/bellhop/bellhop.toml
# Inside a container loopback is nobody else's, and any other address wants a token. Of memory that is
# free the rest goes back to the machine.
ENV BELLHOP_CONFIG=/etc/bellhop/bellhop.toml \
    BELLHOP__HTTP__LISTEN=0.0.0.0:8025 \
    MIMALLOC_PAGE_RECLAIM_ON_FREE=-1 \
    MIMALLOC_ALLOW_THP=0
USER 65532:65532
WORKDIR /var/lib/bellhop
VOLUME /var/lib/bellhop
EXPOSE 8025
# The daemon gives itself 30 s to drain: --stop-timeout 40, or stop_grace_period of compose.
STOPSIGNAL SIGTERM
# Whether the process answers. That a broker is away is told by /readyz, and no reason to start the
# container anew.
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["/usr/bin/bellhop", "health", "--alive"]
ENTRYPOINT ["/usr/bin/bellhop"]
CMD ["run"]
