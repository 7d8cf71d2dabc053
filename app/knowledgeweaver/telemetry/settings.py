"""What the environment decides about traces, metrics and logs."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Shapes of secrets that people paste into documents and questions: keys of AWS, bearer tokens,
#: private keys. Cut out of traces unless somebody decides otherwise. Each begins with letters that
#: are looked for quickly, since every text of a trace is searched for all of them.
SECRETS = [
    r"A(?:KI|SI)A[0-9A-Z]{16}",
    r"[Bb]earer\s+[\w.~+/-]{12,}=*",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
]
#: What stands in the secret of Langfuse until somebody puts keys there (terraform/modules/secrets).
NOT_A_KEY = frozenset({"", "off", "none", "change-me", "placeholder"})

Url = Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")]


class TelemetrySettings(BaseSettings):
    """Where traces go and what they may hold. The names of the fields are the variables' names."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    phoenix_collector_endpoint: Url = Field(
        "", description="Phoenix's address, as http://phoenix:6006; empty: no traces to Phoenix"
    )
    phoenix_project_name: str = Field(
        "knowledgeweaver", description="The project in Phoenix that traces belong to"
    )
    phoenix_api_key: SecretStr = Field(
        SecretStr(""), description="A system key of Phoenix; empty where it wants none"
    )
    langfuse_host: Url = Field("https://cloud.langfuse.com", description="Langfuse's address")
    langfuse_public_key: SecretStr = Field(
        SecretStr(""), description="pk-lf-…; empty or off: no traces to Langfuse"
    )
    langfuse_secret_key: SecretStr = Field(
        SecretStr(""), description="sk-lf-…; empty or off: no traces to Langfuse"
    )
    kw_trace_sample: float = Field(
        1.0, ge=0, le=1, description="The share of requests that are traced, 0 to 1"
    )
    kw_trace_content: Literal["full", "none"] = Field(
        "full", description="none: traces hold ids, scores, times and costs, but no text"
    )
    kw_trace_redact: list[str] = Field(
        SECRETS, description="Regular expressions (a JSON list); what they find is cut out"
    )
    kw_trace_characters: int = Field(
        2000, ge=0, le=100_000, description="The longest text that a trace keeps"
    )
    kw_environment: str = Field(
        "local", description="The environment's name: the dimension Environment of every metric"
    )
    kw_metrics: bool = Field(
        True, description="Write metrics into the log lines (CloudWatch's embedded format)"
    )
    kw_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least important log lines that are written"
    )

    @field_validator("kw_trace_redact")
    @classmethod
    def _compiles(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from None
        return patterns

    @property
    def phoenix(self) -> bool:
        """Whether traces go to Phoenix."""
        return self.phoenix_collector_endpoint != ""

    @property
    def langfuse(self) -> bool:
        """Whether traces go to Langfuse: both keys are real ones."""
        keys = (self.langfuse_public_key, self.langfuse_secret_key)
        return all(key.get_secret_value().strip().lower() not in NOT_A_KEY for key in keys)
