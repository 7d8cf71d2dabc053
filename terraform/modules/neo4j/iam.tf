locals {
  log_groups = "arn:aws:logs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:log-group:"
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-neo4j"
  description          = "Graph store: Session Manager, metrics and logs, and its own password"
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "graph-store"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Session Manager's calls know no resource; this is the part of AmazonSSMManagedInstanceCore that opens no parameter.
        Sid    = "SessionManager"
        Effect = "Allow"
        Action = [
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel",
          "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel",
          "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        Sid       = "Metrics"
        Effect    = "Allow"
        Action    = "cloudwatch:PutMetricData"
        Resource  = "*"
        Condition = { StringEquals = { "cloudwatch:namespace" = local.names.namespace } }
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
        Resource = [for group in sort(keys(aws_cloudwatch_log_group.this)) : "${local.log_groups}${var.logs.prefix}/${group}:*"]
      },
      {
        # Read here and nowhere else: the database's login at boot, and after each rotation.
        Sid      = "Password"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = var.secret.pattern
      },
    ]
  })
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-neo4j"
  role = aws_iam_role.this.name
}
