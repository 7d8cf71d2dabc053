# Two ceilings. A role can do what its own policy and its boundary both allow, so neither a mistake in a
# policy nor an estate that writes its own roles gets past these.

# For the roles that the estate creates for its machines and tasks.
resource "aws_iam_policy" "workload_boundary" {
  name        = "${var.name}-workload-boundary"
  description = "The most that any role of the estate may do"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Data"
        Effect = "Allow"
        Action = [
          "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream",
          "kms:Decrypt", "kms:GenerateDataKey",
          "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
          "secretsmanager:DescribeSecret", "secretsmanager:GetRandomPassword", "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
          "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
        ]
        Resource = "*"
      },
      {
        Sid    = "Running"
        Effect = "Allow"
        Action = [
          "cloudwatch:PutMetricData",
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer",
          "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents",
          "ssm:UpdateInstanceInformation",
          "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
          "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
        ]
        Resource = "*"
      },
      {
        # What the pipeline keeps is not the estate's.
        Sid      = "NotThePipeline"
        Effect   = "Deny"
        Action   = "s3:*"
        Resource = concat(values(local.buckets), values(local.objects))
      },
    ]
  })
}

# For the pipeline's own roles.
resource "aws_iam_policy" "delivery_boundary" {
  name        = "${var.name}-delivery-boundary"
  description = "The most that any role of the pipeline may do"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Services"
        Effect = "Allow"
        Action = [
          "application-autoscaling:*", "backup:*", "backup-storage:MountCapsule", "budgets:*", "ce:*", "cloudtrail:*", "cloudwatch:*", "ec2:*", "ecr:*", "ecs:*",
          "elasticfilesystem:*", "elasticloadbalancing:*", "events:*", "iam:*", "kms:*", "lambda:*", "logs:*", "rds:*",
          "s3:*", "scheduler:*", "secretsmanager:*", "sns:*", "sqs:*", "ssm:Describe*", "ssm:Get*", "ssm:List*",
          "sts:GetCallerIdentity", "tag:Get*", "acm:Describe*", "acm:List*",
        ]
        Resource = "*"
      },
      {
        # No people, no lasting keys, no way around this ceiling.
        Sid    = "NoPeopleNoKeys"
        Effect = "Deny"
        Action = [
          "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateGroup", "iam:CreateLoginProfile", "iam:CreateUser",
          "iam:DeleteRolePermissionsBoundary", "iam:PutUserPolicy", "iam:UpdateLoginProfile", "sts:AssumeRole",
        ]
        Resource = "*"
      },
      {
        # Every role made or changed carries one of the two ceilings.
        Sid      = "OnlyBoundedRoles"
        Effect   = "Deny"
        Action   = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
        Resource = "*"
        Condition = {
          StringNotEquals = {
            "iam:PermissionsBoundary" = [
              "arn:aws:iam::${local.account}:policy/${var.name}-workload-boundary",
              "arn:aws:iam::${local.account}:policy/${var.name}-delivery-boundary",
            ]
          }
        }
      },
    ]
  })
}
