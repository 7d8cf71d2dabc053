"""The estate's graph store: the real Neo4j server, run when its EC2 instance runs."""
