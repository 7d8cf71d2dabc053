resource "aws_vpc" "later" { cidr_block = "10.0.0.0/16" }

resource "aws_sqs_queue_policy" "unknown" {
  queue_url = "https://sqs.ap-southeast-2.amazonaws.com/123456789012/q"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = aws_vpc.later.default_network_acl_id }, Action = "sqs:SendMessage", Resource = aws_vpc.later.default_network_acl_id },
    ]
  })
}
