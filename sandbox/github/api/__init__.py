"""The REST API, grouped as GitHub's reference groups it."""
