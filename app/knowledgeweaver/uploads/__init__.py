"""Documents uploaded to the bucket: told by a queue, read, ingested like any other."""
