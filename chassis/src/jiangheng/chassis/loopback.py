"""Is an address only this machine? What leaves the machine must travel encrypted."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """True for "localhost" and loopback addresses; a name that DNS could turn elsewhere is not."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_of(target: str) -> str:
    """The host of "host:port", "[::1]:port" or a gRPC target such as "dns:///host:port"."""
    return target.rsplit("/", 1)[-1].rpartition(":")[0].strip("[]")


def hosts_of_url(url: str) -> list[str]:
    """The hosts a URL names; several where a cluster is given as "amqp://a;amqp://b".

    A URL without a host (a socket on this machine) names none.
    """
    return [host for part in url.split(";") if (host := urlsplit(part).hostname)]
