"""What the environment decides, read once at start and checked whole.

The fields of Settings are the one table of settings: the names of the variables, their defaults,
bounds and meanings. The README's table is made from it (``knowledgeweaver settings``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError as Unparsed

from knowledgeweaver.extract.settings import ModelSettings
from knowledgeweaver.keys import MIN_KEY, Key
from knowledgeweaver.telemetry.settings import TelemetrySettings

BoltUri = Annotated[str, StringConstraints(pattern=r"^((bolt|neo4j)(\+s|\+ssc)?://\S+)?$")]
QueueUrl = Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")]
#: Variables that must be set where another one is.
NEEDS = (
    ("NEO4J_PASSWORD", "NEO4J_URI"),
    ("AWS_REGION", "NEO4J_SECRET_ID"),
    ("AWS_REGION", "DOCUMENTS_QUEUE_URL"),
    ("DOCUMENTS_BUCKET", "DOCUMENTS_QUEUE_URL"),
)


class SettingsError(Exception):
    """The environment does not make sense; the message names every variable that is off."""


class Settings(ModelSettings, TelemetrySettings):
    """Settings of one process. The names of the fields are the variables' names."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="The address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="The port to listen on")
    kw_tree: str = Field("unknown", description="The Git tree that the image was built from")
    kw_api_key: SecretStr = Field(
        SecretStr(""),
        description=f"A key for everything, of at least {MIN_KEY} characters, sent in x-api-key",
    )
    kw_api_keys: tuple[Key, ...] = Field(
        (),
        description="Further keys, hashed: a JSON list of name, sha256, scopes (read, write) and"
        " until; `knowledgeweaver key` makes one. Two that overlap in time make a rotation",
    )
    kw_requests_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="Requests a minute and key, counted by each process"
    )
    kw_wrong_keys_per_minute: int = Field(
        20,
        ge=1,
        le=1_000_000,
        description="Wrong keys a minute and address, counted by each process; behind a load"
        " balancer its address is everybody's, and who has a right key never notices",
    )
    kw_max_document_bytes: int = Field(
        1_000_000, ge=1, le=100_000_000, description="The largest document, and request, in bytes"
    )
    kw_database: str = Field(
        ":memory:", description="SQLite file of the graph, where NEO4J_URI is not set"
    )
    neo4j_uri: BoltUri = Field(
        "",
        description="Neo4j's address; empty: the graph is in SQLite",
        examples=["bolt://10.0.2.10:7687"],
    )
    neo4j_username: str = Field("neo4j", description="Neo4j's user")
    neo4j_password: SecretStr = Field(SecretStr(""), description="The user's password")
    neo4j_secret_id: str = Field(
        "", description="The secret in Secrets Manager that is read again when Neo4j refuses"
    )
    documents_bucket: str = Field("", description="The bucket that documents are uploaded to")
    documents_queue_url: QueueUrl = Field(
        "",
        description="The SQS queue of the bucket's events; empty: uploads are not read",
        examples=["https://sqs.ap-southeast-2.amazonaws.com/123456789012/uploads"],
    )

    @field_validator("kw_api_key")
    @classmethod
    def _long(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < MIN_KEY:
            raise ValueError(f"must have at least {MIN_KEY} characters")
        return key

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what read() found in the environment that it was given."""
        return (init_settings,)

    @classmethod
    def read(cls, env: Mapping[str, str], *, serving: bool = True) -> Settings:
        """Read the settings; raises SettingsError with everything that is wrong.

        A key is wanted only where somebody is served.
        """
        wrong = [f"{name} must be set where {other} is" for name, other in _missing(env)]
        if serving and not env.get("KW_API_KEY") and not env.get("KW_API_KEYS"):
            wrong.append(f"KW_API_KEY must be set, to at least {MIN_KEY} characters")
        given = {name: value for name, value in env.items() if value}
        settings: Settings | None = None
        while settings is None:
            try:
                settings = cls(**_parsed(cls, given))
            except (Unparsed, ValidationError) as error:
                found = _mistakes(error, given)
                wrong += [told for _, told in found]
                off = {name for name, _ in found} & given.keys()
                if not off:
                    break
                # Without those the rest can be looked at, too: what depends on several fields.
                given = {name: value for name, value in given.items() if name not in off}
        if wrong or settings is None:
            raise SettingsError("; ".join(dict.fromkeys(wrong)))
        return settings


def _mistakes(error: Unparsed | ValidationError, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each mistake with the variable that it is in, "" where it is in several; no value is told."""
    if isinstance(error, Unparsed):  # it names the field
        return [(name, f"{name} is no JSON") for name in env if f'"{name.lower()}"' in str(error)]
    found = []
    for one in error.errors(include_input=False, include_url=False):
        message = one["msg"].removeprefix("Value error, ")
        name, *rest = one["loc"] or ("",)
        field = Settings.model_fields.get(str(name))
        if field is not None and field.examples and not rest:
            message = f"must look like {field.examples[0]}"
        where = ".".join([str(name).upper(), *map(str, rest)])
        found.append((str(name).upper(), f"{where} {message}" if name else message))
    return found


def _parsed(cls: type[BaseSettings], env: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(cls)
    source.env_vars = {name.lower(): value for name, value in env.items()}
    return source()


def _missing(env: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, other in NEEDS:
        if env.get(other) and not env.get(name):
            yield name, other


def table() -> str:
    """All settings as a table in Markdown, in the order of their names."""
    lines = ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in sorted(Settings.model_fields.items()):
        default = field.default
        if isinstance(default, SecretStr):
            default = default.get_secret_value()
        elif isinstance(default, list):
            default = "shapes of keys and tokens"
        shown = "" if default in ("", None, ()) else f"`{default}`"
        lines.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines) + "\n"
