"""What a program that the pipeline starts may know: an environment of listed names only.

A plan runs text that nobody has reviewed. What Terraform, a provider or a linter could read out of
its environment, or out of another process's, must be worth nothing; so the list says what is let
through, and a new variable of a runner is withheld until somebody lists it.
"""

from __future__ import annotations

from collections.abc import Mapping

#: Where programs are, where files go, how text is written, how the network is reached.
NAMES = frozenset(
    "PATH HOME USER LOGNAME SHELL TERM TMPDIR TMP TEMP TZ LANG LANGUAGE NO_COLOR COLUMNS "
    "SSL_CERT_FILE SSL_CERT_DIR HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy "
    "no_proxy all_proxy CI UV UV_INDEX_URL UV_DEFAULT_INDEX PIP_INDEX_URL PIPELINE_CACHE "
    "PIPELINE_PYTHON JAVA_HOME SYSTEMROOT".split()
)
_PREFIXES = ("LC_", "XDG_")

#: Where AWS is and how to speak to it; nothing that opens anything.
_AWS = frozenset(
    "AWS_REGION AWS_DEFAULT_REGION AWS_CA_BUNDLE AWS_USE_FIPS_ENDPOINT AWS_USE_DUALSTACK_ENDPOINT "
    "AWS_STS_REGIONAL_ENDPOINTS AWS_MAX_ATTEMPTS AWS_RETRY_MODE".split()
)


def child_environment(environ: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """The listed part of an environment; ``prefixes`` are further names to let through."""
    return {
        name: value
        for name, value in environ.items()
        if name in NAMES or name.startswith((*_PREFIXES, *prefixes))
    }


def aws_places(environ: Mapping[str, str]) -> dict[str, str]:
    """The part that says where AWS is (AWS SDKs: "Service-specific endpoints")."""
    return {
        name: value
        for name, value in environ.items()
        if name in _AWS or name.startswith("AWS_ENDPOINT_URL")
    }
