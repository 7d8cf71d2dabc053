"""Container images without a container engine: content-addressed folders."""
