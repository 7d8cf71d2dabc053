resource "aws_sqs_queue_policy" "pass_service" {
  queue_url = "https://sqs.ap-southeast-2.amazonaws.com/123456789012/q"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "s3.amazonaws.com" }, Action = "sqs:SendMessage", Resource = "arn:aws:sqs:ap-southeast-2:123456789012:q", Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } } },
      { Effect = "Deny", Principal = "*", Action = "sqs:*", Resource = "arn:aws:sqs:ap-southeast-2:123456789012:q" },
    ]
  })
}

resource "aws_iam_role" "pass_machine" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_lambda_permission" "pass_source" {
  action         = "lambda:InvokeFunction"
  function_name  = "rotate"
  principal      = "secretsmanager.amazonaws.com"
  source_account = "123456789012"
}

resource "aws_kms_key" "pass_no_policy" {
  description = "The account decides"
}
