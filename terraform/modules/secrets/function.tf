# Who makes the values. Terraform waits for each invocation, so whoever depends on it finds a value, and a
# failing one fails the apply.

locals {
  function = "${var.name}-secrets"
  rds      = "arn:aws:rds:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
}

resource "aws_cloudwatch_log_group" "values" {
  name              = var.log_group.name
  retention_in_days = var.log_group.retention_days
}

# The application's own image, started at another door. In no VPC: it asks AWS only, and a function in one
# takes AWS up to 45 minutes to take away.
resource "aws_lambda_function" "values" {
  function_name = local.function
  description   = "Makes the values of the estate's secrets, called by Terraform"
  role          = aws_iam_role.values.arn
  package_type  = "Image"
  image_uri     = var.image
  architectures = [lower(var.architecture)]
  memory_size   = 256
  # A database may take four minutes to be ready for its password.
  timeout = 300

  image_config {
    # Lambda wants an absolute path here.
    entry_point = ["/app/.venv/bin/python", "-m", "awslambdaric"]
    command     = ["knowledgeweaver.values.handle"]
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.values.name
  }

  depends_on = [aws_iam_role_policy.values]
}

resource "aws_iam_role" "values" {
  name                 = local.function
  description          = "Making the values of secrets: writes them, reads none but the database's password"
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "values" {
  name = "values"
  role = aws_iam_role.values.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid      = "Values"
        Effect   = "Allow"
        Action   = ["secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
        Resource = [for key in sort(keys(local.patterns)) : local.patterns[key]]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:${var.log_group.name}:*"
      },
      ], [
      for database in [var.database] : {
        # A database is changed together with its option group, which is AWS's own here.
        Sid      = "DatabasePassword"
        Effect   = "Allow"
        Action   = ["rds:DescribeDBInstances", "rds:ModifyDBInstance"]
        Resource = ["${local.rds}:db:${database}", "${local.rds}:og:default:*"]
      } if database != null
      ], [
      for database in [var.database] : {
        Sid      = "DatabaseSecret"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = [local.patterns.phoenix]
      } if database != null
    ])
  })
}
