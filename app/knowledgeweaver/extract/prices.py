"""What models cost: one table, for the estimate before a call and for the bill after it.

List prices of Amazon Bedrock in US$ for a million tokens, on demand, as its pricing page showed
them in November 2026. They change; KW_MODEL_USD_INPUT and KW_MODEL_USD_OUTPUT go before the table,
and a model that is not in it is refused without them, since a budget could not hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """US$ for a million tokens."""

    input: float
    output: float

    def usd(self, input_tokens: int, output_tokens: int = 0) -> float:
        """What so many tokens cost."""
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


FREE = Price(0.0, 0.0)
TABLE: Mapping[str, Price] = {
    "amazon.nova-micro": Price(0.035, 0.14),
    "amazon.nova-lite": Price(0.06, 0.24),
    "amazon.nova-pro": Price(0.80, 3.20),
    "anthropic.claude-3-haiku": Price(0.25, 1.25),
    "anthropic.claude-3-5-haiku": Price(0.80, 4.00),
    "anthropic.claude-haiku-4-5": Price(1.00, 5.00),
    "anthropic.claude-sonnet-4": Price(3.00, 15.00),
    "anthropic.claude-opus-4-5": Price(5.00, 25.00),
    "anthropic.claude-opus-4-6": Price(5.00, 25.00),
}
#: From these on, every endpoint but the global one costs a tenth more.
REGIONAL_SURCHARGE = 1.1
_SURCHARGED = re.compile(r"^anthropic\.claude-(?:haiku|sonnet|opus)-4-[5-9]")
#: An inference profile of AWS is a model's id behind a region's, as apac.anthropic.claude-….
_PROFILE = re.compile(r"^(?P<where>global|[a-z]{2,4}(?:-gov)?)\.(?=[a-z0-9]+\.)")


class UnknownPrice(ValueError):
    """Nobody said what this model costs."""


def price(model: str, given: Price | None = None) -> Price:
    """The price of a model of Bedrock or of an inference profile; raises UnknownPrice."""
    if given is not None:
        return given
    profile = _PROFILE.match(model)
    base = model[profile.end() :] if profile else model
    fitting = [name for name in TABLE if re.match(rf"{re.escape(name)}(?![0-9a-z.])", base)]
    if not fitting:
        raise UnknownPrice(
            f"what {model} costs is not known: set KW_MODEL_USD_INPUT and KW_MODEL_USD_OUTPUT"
            " (US$ for a million tokens)"
        )
    found = TABLE[max(fitting, key=len)]
    if _SURCHARGED.match(base) and not (profile and profile["where"] == "global"):
        return Price(found.input * REGIONAL_SURCHARGE, found.output * REGIONAL_SURCHARGE)
    return found


def tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few.

    English takes four letters a token or more; other scripts up to one token a character.
    """
    ascii_only = sum(map(str.isascii, text))
    return int(ascii_only / 3.5 + (len(text) - ascii_only) * 1.2) + 1
