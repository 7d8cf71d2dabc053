resource "aws_sqs_queue_policy" "fail_inline_skip" {
  # checkov:skip=CKV_KWD_8:we know better
  queue_url = "https://sqs.ap-southeast-2.amazonaws.com/123456789012/q"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "*" }, Action = "sqs:*", Resource = "arn:aws:sqs:ap-southeast-2:123456789012:q" },
    ]
  })
}
