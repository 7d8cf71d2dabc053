# A second copy in CloudWatch Logs, for those who want to search it or be alarmed by it within minutes.

resource "aws_cloudwatch_log_group" "trail" {
  count = var.log_days > 0 ? 1 : 0

  name              = "/${var.name}/cloudtrail"
  retention_in_days = var.log_days
}

resource "aws_iam_role" "logs" {
  count = var.log_days > 0 ? 1 : 0

  name                 = "${var.name}-cloudtrail-logs"
  description          = "CloudTrail: its copy in CloudWatch Logs"
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceArn" = local.trail_arn } }
    }]
  })
}

resource "aws_iam_role_policy" "logs" {
  count = var.log_days > 0 ? 1 : 0

  name = "write"
  role = aws_iam_role.logs[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Write"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "arn:aws:logs:${local.region}:${local.account}:log-group:/${var.name}/cloudtrail:log-stream:${local.account}_CloudTrail_*"
    }]
  })
}
