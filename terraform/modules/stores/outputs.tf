output "buckets" {
  description = "Names of the buckets: records and ledger."
  value       = { for kind, bucket in aws_s3_bucket.this : kind => bucket.id }
}

output "key_arn" {
  description = "ARN of the HMAC key of the plan records."
  value       = aws_kms_key.records.arn
}
