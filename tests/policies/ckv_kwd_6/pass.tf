resource "aws_iam_role" "machine" {
  name               = "kw-machine"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role" "function" {
  name               = "kw-function"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "pass_machine" {
  role = "kw-machine"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["ssm:UpdateInstanceInformation", "ssmmessages:OpenDataChannel"], Resource = "*" },
      { Effect = "Allow", Action = ["cloudwatch:PutMetricData", "logs:PutLogEvents"], Resource = "*" },
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:kw/neo4j-??????" },
    ]
  })
}

resource "aws_iam_role_policy" "pass_other_role" {
  role = aws_iam_role.function.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "sqs:SendMessage", Resource = "*" },
    ]
  })
}
