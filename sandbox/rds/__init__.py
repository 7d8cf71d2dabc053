"""The estate's databases: real PostgreSQL servers, run while their RDS instances are available."""
