"""Lambda functions as real processes: an image's content behind the Lambda runtime API."""
