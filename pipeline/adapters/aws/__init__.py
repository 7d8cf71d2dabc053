"""AWS, one small module a concern; clients are made on first use (:mod:`.session`)."""
