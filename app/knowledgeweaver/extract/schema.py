"""What a model is asked to fill in about a chunk, and what is accepted of its answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

Kind = Literal["person", "place", "organisation", "work", "event", "date", "thing"]


def _known(kind: object) -> object:
    """A kind of the model's own invention is a thing; that is no reason to ask again."""
    if not isinstance(kind, str):
        return kind
    folded = kind.strip().lower()
    return folded if folded in get_args(Kind) else "thing"


Short = Annotated[str, Field(min_length=1, max_length=300)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class FoundName(_Form):
    """A name that stands in the passage."""

    name: Short = Field(description="the name, letter by letter as the passage writes it")
    kind: Annotated[Kind, BeforeValidator(_known)] = Field(description="what it names")


class FoundFact(_Form):
    """A relation that the passage states."""

    subject: Short = Field(description="one of the names, or the document's title")
    predicate: Short = Field(description="a short verb phrase, as: was founded by")
    object: Short = Field(description="a name, date or figure as the passage writes it")
    quote: Annotated[str, Field(min_length=1, max_length=2000)] = Field(
        description="the words of the passage that state it, copied exactly"
    )


class Found(_Form):
    """Everything that one passage names and states."""

    names: list[FoundName] = Field(max_length=200)
    facts: list[FoundFact] = Field(max_length=200)


def schema() -> dict[str, Any]:
    """Found as a JSON schema without references, which not every model's service follows."""
    whole = Found.model_json_schema()
    parts = whole.pop("$defs")

    def inlined(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return inlined(parts[node["$ref"].rpartition("/")[2]])
            return {key: inlined(value) for key, value in node.items() if key != "title"}
        return [inlined(one) for one in node] if isinstance(node, list) else node

    made: dict[str, Any] = inlined(whole)
    return made


def complaint(error: ValidationError) -> str:
    """What is wrong with an answer, for the model to do better; its own words are not repeated."""
    lines = [
        f"{'.'.join(str(step) for step in one['loc']) or 'answer'}: {one['msg']}"
        for one in error.errors(include_input=False, include_url=False)[:10]
    ]
    return "\n".join(lines)
