"""The whole life of a deployment, told on this machine: what `make demo` runs."""
