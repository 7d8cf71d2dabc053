"""What moto lacks, one small file a service: missing operations and gaps in answers.

A missing operation is a function registered with :func:`answers`; it gets the call, its principal
and the account, and returns a result in the shape botocore's model gives (or None to leave the call
to moto). A gap in one of moto's own answers is closed by :func:`amends`: after moto has answered,
the parsed answer is passed through. Each file quotes the sentence of AWS's documentation it
follows; the tests hold the answer to botocore's model and fail on the day moto closes the gap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.aws.access.principals import Principal
    from sandbox.aws.answers import Result
    from sandbox.aws.calls import Call


@dataclass(slots=True)
class Context:
    """The emulated account: where it is kept, what it is called, whose tokens it believes."""

    state: Path
    account: str
    region: str
    oidc_jwks: str = ""
    #: What the gaps remember, by service; saved and restored with moto's state.
    memory: dict[str, dict[str, Any]] = field(default_factory=dict)
    resetters: list[Callable[[], None]] = field(default_factory=list)

    def of(self, service: str) -> dict[str, Any]:
        """The memory of one service."""
        return self.memory.setdefault(service, {})

    def reset(self) -> None:
        """Forget everything, moto's state included."""
        self.memory.clear()
        for reset in self.resetters:
            reset()


Handler = Callable[["Call", "Principal", Context], "Result | None"]
#: Gets the call, moto's parsed answer (to be changed in place) and the account.
Amender = Callable[["Call", "dict[str, Any]", Context], None]
#: "service:Operation" -> who answers it instead of moto.
ANSWERS: dict[str, Handler] = {}
#: "service:Operation" -> who completes moto's answer.
AMENDS: dict[str, Amender] = {}


def answers(*names: str) -> Callable[[Handler], Handler]:
    """Register a handler for operations, named ``service:Operation`` as in botocore's models."""

    def register(handler: Handler) -> Handler:
        for name in names:
            ANSWERS[name] = handler
        return handler

    return register


def amends(*names: str) -> Callable[[Amender], Amender]:
    """Register what completes moto's successful answers to operations."""

    def register(amender: Amender) -> Amender:
        for name in names:
            AMENDS[name] = amender
        return amender

    return register


def load() -> None:
    """Import every file here, which registers its handlers and closes its gaps."""
    from importlib import import_module
    from pkgutil import iter_modules

    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
