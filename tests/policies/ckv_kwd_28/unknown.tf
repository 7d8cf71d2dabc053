resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_sqs_queue" "unknown" {
  name = "f"
}

resource "aws_sqs_queue_policy" "for_unknown" {
  queue_url = aws_sqs_queue.unknown.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = aws_sqs_queue.unknown.arn, Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}
