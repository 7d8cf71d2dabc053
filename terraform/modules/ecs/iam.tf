# Two roles: the task role is what the application may do, the execution role what ECS does to start it.

data "aws_caller_identity" "current" {}

locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      # Only tasks of this account: the service cannot be talked into using the role for someone else.
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
      }
    }]
  })
  repository = regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com/(?P<name>[a-z0-9/_-]+)", var.image)
}

resource "aws_iam_role" "task" {
  name                 = "${var.names.prefix}-task"
  description          = "The application: its documents bucket and its secrets, nothing else"
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = local.trust
}

resource "aws_iam_role_policy" "task" {
  name = "application"
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Documents"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = "${var.documents_bucket_arn}/*"
      },
      {
        Sid      = "DocumentsList"
        Effect   = "Allow"
        Action   = ["s3:GetBucketLocation", "s3:ListBucket"]
        Resource = var.documents_bucket_arn
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
        Resource = var.secret_arns
      },
    ]
  })
}

resource "aws_iam_role" "execution" {
  name                 = "${var.names.prefix}-execution"
  description          = "ECS: pulls the image, reads the secrets of the container, writes its log"
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = local.trust
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # This call knows no resource.
        Sid      = "RegistryLogin"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid      = "Image"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:aws:ecr:${local.repository.region}:${local.repository.account}:repository/${local.repository.name}"
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = var.secret_arns
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${var.log_group.arn}:*"
      },
    ]
  })
}
