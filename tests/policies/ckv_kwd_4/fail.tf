resource "aws_iam_role_policy" "task_fail_service" {
  role   = "kw-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["sqs:SendMessage"], Resource = "arn:aws:sqs:ap-southeast-2:123456789012:q" }] })
}

resource "aws_iam_role_policy" "task_fail_action" {
  role   = "kw-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "arn:aws:s3:::documents/*" }] })
}

resource "aws_iam_role_policy" "task_fail_resource" {
  role   = "kw-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "s3:GetObject", Resource = "*" } })
}

resource "aws_iam_role_policy" "fail_by_role_name" {
  role   = "knowledgeweaver-prod-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", NotAction = "iam:*", Resource = "arn:aws:s3:::documents/*" }] })
}

resource "aws_iam_role_policy" "task_fail_any_model" {
  role   = "kw-task"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "bedrock:InvokeModel", Resource = "arn:aws:bedrock:*::foundation-model/*" }] })
}

resource "aws_iam_role_policy_attachment" "task_fail_managed" {
  role       = "kw-task"
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
