"""What services listen to is what the registry of events says they do."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from jiangheng.api import registry
from jiangheng.chassis.clocks import MachineClock
from jiangheng.chassis.routes import Route, check

ROOT = Path(__file__).parents[2]
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/pyproject.toml"))


def routes_of(service: str) -> list[Route]:
    """The routes of a service; none if it hears nothing."""
    if find_spec(f"jiangheng.{service}.events") is None:
        return []
    routes: list[Route] = import_module(f"jiangheng.{service}.events").routes(MachineClock())
    return routes


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_what_it_is_registered_for(service: str) -> None:
    heard = {(route.source, route.noun) for route in routes_of(service)}
    registered = {
        (producer, event.noun)
        for event in registry.events().values()
        if service in event.consumers
        for producer in event.producers
    }
    assert heard == registered


@pytest.mark.parametrize("service", SERVICES)
def test_the_routes_of_a_service_are_without_fault(service: str) -> None:
    if routes := routes_of(service):
        check(service, routes)
