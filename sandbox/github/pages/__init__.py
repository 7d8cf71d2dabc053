"""The pages a reviewer sees, rendered on the server."""
