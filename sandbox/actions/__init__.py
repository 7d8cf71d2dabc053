"""The local GitHub's Actions: the service's job graph, and a runner that lets act run the steps."""
