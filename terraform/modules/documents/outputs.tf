output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "ARN of the bucket; made from its name, so that policies are readable before it exists."
  value       = "arn:aws:s3:::${var.bucket}"
}

output "queue_url" {
  description = "Where the application fetches what was uploaded."
  value       = aws_sqs_queue.uploads.url
}

output "queue_name" {
  description = "Name of the queue in CloudWatch's dimensions."
  value       = local.queue
}

output "dead_letter_queue_name" {
  description = "Name of the queue of messages that could not be dealt with, in CloudWatch's dimensions: one message there is worth an alarm."
  value       = aws_sqs_queue.dead.name
}
