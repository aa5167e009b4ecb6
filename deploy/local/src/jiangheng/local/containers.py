"""RabbitMQ and PostgreSQL in containers, for machines where a Docker engine answers.

Ports are fixed beforehand, so that a server comes back at the same address after restart() and kill9().
The helper container of testcontainers removes them when we are killed.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING

from jiangheng.local import amqp, postgresql
from jiangheng.local.processes import NotReady, free_port, wait_until

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

RABBITMQ_IMAGE = "rabbitmq:4.1-management"
POSTGRESQL_IMAGE = "postgres:17"
# As in rabbitmq.py: Erlang's dets files, whose word at byte 8 is 1 when everything has been written.
REGISTER_ON_DISK = """
for file in $(find /var/lib/rabbitmq -path '*/quorum/*' -name '*.dets'); do
    test "$(od -An -tu1 -j8 -N4 "$file" | tr -d ' ')" = 0001 || exit 1
done
"""
START_SECONDS = 120


def engine_answers() -> bool:
    """Whether this machine has a Docker engine that talks to us."""
    import docker

    try:
        docker.from_env(timeout=5).ping()
    except Exception:  # the client raises its own, requests' and the system's errors
        return False
    return True


def _container(image: str, ports: dict[int, int], environment: dict[str, str]) -> DockerContainer:
    from testcontainers.core.container import DockerContainer

    container = DockerContainer(image)
    for inner, outer in ports.items():
        # with_bind_ports knows no address and would open the port to the network.
        container.ports[f"{inner}/tcp"] = ("127.0.0.1", outer)  # type: ignore[assignment]
    for name, value in environment.items():
        container.with_env(name, value)
    return container


class _Contained(ABC):
    """What both servers have in common: the life of one container."""

    can_restart = True
    keeps_data = False

    def __init__(self, container: DockerContainer) -> None:
        self._container = container
        self._created = False

    @property
    def pid(self) -> int:
        return int(self._container.get_wrapped_container().attrs["State"]["Pid"]) if self._created else 0

    def alive(self) -> bool:
        if not self._created:
            return False
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        return bool(wrapped.status == "running")

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server in it serves clients."""

    def start(self) -> None:
        if self._created:
            self._container.get_wrapped_container().start()
        else:
            self._container.start()
            self._created = True
        wait_until(self.answers, START_SECONDS, self._container.image)

    def stop(self) -> None:
        if self.alive():
            self._container.get_wrapped_container().stop()

    def kill9(self) -> None:
        if self.alive():
            self._container.get_wrapped_container().kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        if self._created:
            self._container.stop()
            self._created = False


class RabbitMQContainer(_Contained):
    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(18)
        self._ports = {5672: free_port(), 15672: free_port()}
        login = {"RABBITMQ_DEFAULT_USER": "jiangheng", "RABBITMQ_DEFAULT_PASS": self._password}
        super().__init__(_container(RABBITMQ_IMAGE, self._ports, login))

    @property
    def url(self) -> str:
        return f"amqp://jiangheng:{self._password}@127.0.0.1:{self._ports[5672]}/%2F"

    @property
    def api(self) -> amqp.BrokerApi:
        return amqp.BrokerApi(f"http://127.0.0.1:{self._ports[15672]}", "jiangheng", self._password)

    def answers(self) -> bool:
        return amqp.answers(self.url) and self.api.answers()

    def kill9(self) -> None:
        """As rabbitmq.RabbitMQ.kill9, which says why it waits for the register of queues."""
        if self.alive():
            with suppress(NotReady):
                wait_until(self._register_on_disk, 5, "register of queues")
        super().kill9()

    def _register_on_disk(self) -> bool:
        container = self._container.get_wrapped_container()
        return bool(container.exec_run(["sh", "-c", REGISTER_ON_DISK]).exit_code == 0)


class PostgreSQLContainer(_Contained):
    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(18)
        self._ports = {5432: free_port()}
        super().__init__(_container(POSTGRESQL_IMAGE, self._ports, {"POSTGRES_PASSWORD": self._password}))

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres:{self._password}@127.0.0.1:{self._ports[5432]}/postgres"

    def answers(self) -> bool:
        return postgresql.answers(self.url)
