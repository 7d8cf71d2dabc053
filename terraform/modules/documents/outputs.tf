output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "ARN of the bucket; made from its name, so that policies are readable before it exists."
  value       = "arn:aws:s3:::${var.bucket}"
}
