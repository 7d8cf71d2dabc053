"""What the environment decides, read once at start and checked whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MIN_KEY = 16


class SettingsError(Exception):
    """The environment does not make sense; the message names every variable that is off."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one process. Sizes in bytes, rates in requests a minute and key."""

    host: str
    port: int
    tree: str
    api_key: str
    neo4j_uri: str | None
    neo4j_username: str
    neo4j_password: str
    neo4j_secret_id: str  # read again when Neo4j refuses the password; empty: never
    database_path: str
    region: str
    documents_bucket: str
    documents_queue_url: str  # of the bucket's events; empty: uploads are not read
    max_document_bytes: int
    requests_per_minute: int

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings; raises SettingsError with everything that is wrong."""
        wrong: list[str] = []

        def number(name: str, default: int, low: int, high: int) -> int:
            text = env.get(name, str(default))
            if text.isdecimal() and low <= int(text) <= high:
                return int(text)
            wrong.append(f"{name} must be a number from {low} to {high}, not {text!r}")
            return default

        key = env.get("KW_API_KEY", "")
        if len(key) < MIN_KEY:
            wrong.append(f"KW_API_KEY must be set, to at least {MIN_KEY} characters")
        uri = env.get("NEO4J_URI") or None
        if uri is not None:
            if not uri.startswith(("bolt://", "bolt+s://", "neo4j://", "neo4j+s://")):
                wrong.append("NEO4J_URI must look like bolt://10.0.2.10:7687")
            if not env.get("NEO4J_PASSWORD"):
                wrong.append("NEO4J_PASSWORD must be set where NEO4J_URI is")
        if env.get("NEO4J_SECRET_ID") and not env.get("AWS_REGION"):
            wrong.append("AWS_REGION must be set where NEO4J_SECRET_ID is")
        queue = env.get("DOCUMENTS_QUEUE_URL", "")
        if queue:
            if not queue.startswith(("https://", "http://")):
                wrong.append(
                    "DOCUMENTS_QUEUE_URL must look like "
                    "https://sqs.ap-southeast-2.amazonaws.com/123456789012/uploads"
                )
            for name in ("AWS_REGION", "DOCUMENTS_BUCKET"):
                if not env.get(name):
                    wrong.append(f"{name} must be set where DOCUMENTS_QUEUE_URL is")
        settings = cls(
            host=env.get("HOST", "127.0.0.1"),
            port=number("PORT", 8000, 1, 65535),
            tree=env.get("KW_TREE", "unknown"),
            api_key=key,
            neo4j_uri=uri,
            neo4j_username=env.get("NEO4J_USERNAME", "neo4j"),
            neo4j_password=env.get("NEO4J_PASSWORD", ""),
            neo4j_secret_id=env.get("NEO4J_SECRET_ID", ""),
            database_path=env.get("KW_DATABASE", ":memory:"),
            region=env.get("AWS_REGION", ""),
            documents_bucket=env.get("DOCUMENTS_BUCKET", ""),
            documents_queue_url=queue,
            max_document_bytes=number("KW_MAX_DOCUMENT_BYTES", 1_000_000, 1, 100_000_000),
            requests_per_minute=number("KW_REQUESTS_PER_MINUTE", 600, 1, 1_000_000),
        )
        if wrong:
            raise SettingsError("; ".join(wrong))
        return settings
