"""The GraphQL side of the local GitHub: a part of GitHub's own schema over the same state."""
