"""What an act on an application rests on, as the history keeps it: not in words, which may name persons."""

from __future__ import annotations

from jiangheng.registration.runtime import RegistrationRuntime


def ground_of(runtime: RegistrationRuntime, text: str) -> str:
    """A keyed hash of the text: the same act is known again, and nobody reads it in the history.

    The words themselves are sealed beside the application.
    """
    return runtime.index.of("application.ground", text)
