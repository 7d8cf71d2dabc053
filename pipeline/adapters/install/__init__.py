"""Installing the locked tools; each kind of source has a module of its own."""
