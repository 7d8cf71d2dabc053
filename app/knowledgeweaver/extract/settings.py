"""What the environment decides about models: which, at what price, within which budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledgeweaver.extract.prices import Price, UnknownPrice, price

Url = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]


class ModelSettings(BaseSettings):
    """Models and their money. The names of the fields are the variables' names."""

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    kw_model_provider: Literal["none", "bedrock", "openai"] = Field(
        "none", description="Who serves the model: Amazon Bedrock, or an OpenAI-compatible server"
    )
    kw_model: str = Field(
        "", description="The model's id; on Bedrock also an inference profile's id or ARN"
    )
    kw_answer_model: str = Field(
        "", description="The model that answers, where it is another one than KW_MODEL"
    )
    kw_extraction: Literal["auto", "offline", "model", "recorded"] = Field(
        "auto", description="How chunks are read; auto: by the model where there is one"
    )
    kw_answers: Literal["auto", "passages", "model"] = Field(
        "auto", description="How questions are answered; auto: by the model where there is one"
    )
    kw_recordings: str = Field(
        "", description="Folder of the recorded extraction (passages.jsonl, extraction.jsonl)"
    )
    aws_region: str = Field("", description="The region of Bedrock")
    openai_base_url: Url = Field(
        "http://127.0.0.1:11434/v1", description="The OpenAI-compatible server (Ollama's default)"
    )
    openai_api_key: SecretStr = Field(SecretStr(""), description="Its key, where it wants one")
    kw_model_concurrency: int = Field(4, ge=1, le=64, description="Model calls at the same time")
    kw_model_attempts: int = Field(5, ge=1, le=20, description="Tries of a call that is throttled")
    kw_model_timeout: float = Field(
        60.0, gt=0, le=600, description="Seconds that an answer of the model may take"
    )
    kw_model_max_tokens: int = Field(
        4096, ge=64, le=64_000, description="The longest answer of the model, in tokens"
    )
    kw_model_usd_input: float | None = Field(
        None, ge=0, description="US$ for a million tokens sent; needed for models not in the table"
    )
    kw_model_usd_output: float | None = Field(
        None, ge=0, description="US$ for a million tokens written"
    )
    kw_budget_document_usd: float = Field(
        1.0, ge=0, description="The most that reading one document may cost, US$"
    )
    kw_budget_day_usd: float = Field(
        5.0, ge=0, description="The most that all models may cost in a day (UTC), US$"
    )
    kw_model_memory: str = Field(
        "",
        description="SQLite file of the models' answers and of what they cost; empty: beside the"
        " graph, in Neo4j or in KW_DATABASE",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if wrong := list(self._mistakes()):
            raise ValueError("; ".join(wrong))
        return self

    def _mistakes(self) -> Iterator[str]:
        if self.kw_model_provider == "none":
            if "model" in (self.kw_extraction, self.kw_answers):
                yield "KW_MODEL_PROVIDER must be set where a model is to be used"
        elif not self.kw_model:
            yield "KW_MODEL must be set where KW_MODEL_PROVIDER is"
        else:
            for model in sorted({self.kw_model, self.kw_answer_model or self.kw_model}):
                try:
                    self.price(model)
                except UnknownPrice as error:
                    yield str(error)
        if self.kw_model_provider == "bedrock" and not self.aws_region:
            yield "AWS_REGION must be set where KW_MODEL_PROVIDER is bedrock"
        if (self.kw_model_usd_input is None) != (self.kw_model_usd_output is None):
            yield "KW_MODEL_USD_INPUT and KW_MODEL_USD_OUTPUT go together"
        if self.kw_extraction == "recorded" and not self.kw_recordings:
            yield "KW_RECORDINGS must be set where KW_EXTRACTION is recorded"

    @property
    def extraction(self) -> str:
        """offline, model or recorded."""
        if self.kw_extraction != "auto":
            return self.kw_extraction
        return "offline" if self.kw_model_provider == "none" else "model"

    @property
    def answers(self) -> str:
        """passages or model."""
        if self.kw_answers != "auto":
            return self.kw_answers
        return "passages" if self.kw_model_provider == "none" else "model"

    def price(self, model: str) -> Price:
        """What a model costs; raises UnknownPrice."""
        given = None
        if self.kw_model_usd_input is not None and self.kw_model_usd_output is not None:
            given = Price(self.kw_model_usd_input, self.kw_model_usd_output)
        return price(model, given)
