"""How the failure tests make trouble while the journey is walked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from jiangheng.local.steps import Step

Deed = Callable[[Step], None]


class Trouble:
    """Does a deed in the background of every step, and lets none of its failures pass unseen."""

    def __init__(self, deed: Deed) -> None:
        self._deed = deed
        self._thread: threading.Thread | None = None
        self.failures: list[BaseException] = []

    def before(self, step: Step) -> None:
        self.end()
        self._thread = threading.Thread(target=self._do, args=(step,), daemon=True)
        self._thread.start()

    def end(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def _do(self, step: Step) -> None:
        try:
            self._deed(step)
        except BaseException as failure:
            self.failures.append(failure)


@pytest.fixture
def make_trouble() -> Iterator[Callable[[Deed], Trouble]]:
    made: list[Trouble] = []

    def make(deed: Deed) -> Trouble:
        made.append(Trouble(deed))
        return made[-1]

    yield make
    for trouble in made:
        trouble.end()
        assert not trouble.failures
