"""The same small repository and real HTTP AWS as the use cases' tests."""

from tests.usecases.conftest import aws, aws_url, repository, stores, values

__all__ = ["aws", "aws_url", "repository", "stores", "values"]
