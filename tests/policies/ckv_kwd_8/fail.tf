resource "aws_sqs_queue_policy" "fail_everybody" {
  queue_url = "https://sqs.ap-southeast-2.amazonaws.com/123456789012/q"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "arn:aws:sqs:ap-southeast-2:123456789012:q" },
    ]
  })
}

resource "aws_iam_role" "fail_any_account" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })
}

resource "aws_sns_topic_policy" "fail_any_service" {
  arn = "arn:aws:sns:ap-southeast-2:123456789012:t"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sns:Publish", Resource = "*" },
    ]
  })
}

resource "aws_s3_bucket_policy" "fail_all_but_one" {
  bucket = "documents"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", NotPrincipal = { AWS = "arn:aws:iam::123456789012:role/x" }, Action = "s3:GetObject", Resource = "arn:aws:s3:::documents/*" },
    ]
  })
}

resource "aws_lambda_permission" "fail_any_caller" {
  action        = "lambda:InvokeFunction"
  function_name = "rotate"
  principal     = "secretsmanager.amazonaws.com"
}
