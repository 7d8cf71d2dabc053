resource "aws_sqs_queue" "fail_none" {
  name = "c"
}

resource "aws_sns_topic" "fail_none" {
  name = "c"
}

resource "aws_sns_topic" "fail_open" {
  name = "d"
}

resource "aws_sns_topic_policy" "for_open" {
  arn = aws_sns_topic.fail_open.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::123456789012:root" }, Action = "sns:Publish", Resource = "*" },
    ]
  })
}

resource "aws_sqs_queue" "fail_plain" {
  name                    = "e"
  sqs_managed_sse_enabled = false
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } },
    ]
  })
}
