"""Answers in the shape that GitHub's OpenAPI description demands; the tests validate every one."""
