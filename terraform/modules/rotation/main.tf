# A password that Secrets Manager changes on its own, in the secret and in the database.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  function = "${var.name}-rotation"
  # Known before the function exists, so that policies can be read in the plan.
  function_arn = "arn:aws:lambda:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:function:${local.function}"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = var.log_group.name
  retention_in_days = var.log_group.retention_days
}

# The application's own image, started at another door: one thing to build, scan and pin.
resource "aws_lambda_function" "this" {
  function_name = local.function
  description   = "Rotates the graph store's password in four steps, called by Secrets Manager"
  role          = aws_iam_role.this.arn
  package_type  = "Image"
  image_uri     = var.image
  architectures = [lower(var.architecture)]
  memory_size   = 256
  # A step waits up to 15 s for an account that refused logins have shut, and twice 5 s for the network.
  timeout = 60

  image_config {
    # Lambda wants an absolute path here.
    entry_point = ["/app/.venv/bin/python", "-m", "awslambdaric"]
    command     = ["knowledgeweaver.rotation.handle"]
  }

  environment {
    variables = {
      NEO4J_URI       = var.graph_store.uri
      PASSWORD_LENGTH = tostring(var.password_length)
    }
  }

  vpc_config {
    subnet_ids         = var.network.subnet_ids
    security_group_ids = [aws_security_group.this.id]
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  # Lambda looks whether the role may connect it to the VPC before it makes the function.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_permission" "secrets_manager" {
  statement_id   = "SecretsManager"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this.function_name
  principal      = "secretsmanager.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = var.secret.arn
}

# Not at once: at the first apply the database still boots, and a password that is minutes old needs no
# other. Secrets Manager only tries the function (testSecret), which may fail then without harm.
resource "aws_secretsmanager_secret_rotation" "this" {
  secret_id           = var.secret.arn
  rotation_lambda_arn = aws_lambda_function.this.arn
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = var.days
  }

  depends_on = [
    aws_lambda_permission.secrets_manager,
    aws_vpc_security_group_ingress_rule.bolt,
    aws_vpc_security_group_egress_rule.bolt,
    aws_vpc_security_group_egress_rule.tls,
  ]
}

# Secrets Manager tells nobody that a rotation failed.
resource "aws_cloudwatch_metric_alarm" "failed" {
  alarm_name          = "${var.alarm.prefix}-neo4j-rotation-failed"
  alarm_description   = "A step of the rotation of the graph store's password failed; the password before is still in force, or AWSPENDING is. See the log group ${var.log_group.name}."
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  dimensions          = { FunctionName = aws_lambda_function.this.function_name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  # Between two rotations the function is not called, and says nothing.
  treat_missing_data = "notBreaching"
  alarm_actions      = [var.alarm.topic_arn]
  ok_actions         = [var.alarm.topic_arn]
}
