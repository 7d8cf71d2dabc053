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
          "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
          "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
          "elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite",
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
          # how Lambda connects a function to the network
          "ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
        ]
        Resource = "*"
      },
      {
        # AWS Backup's role: saving, expiring what it saved, and restoring beside what is there. Its own policies
        # say which disks and databases.
        Sid    = "Backups"
        Effect = "Allow"
        Action = [
          "backup:CopyIntoBackupVault", "backup:DescribeBackupVault", "backup:TagResource",
          "ec2:CreateSnapshot", "ec2:CreateTags", "ec2:CreateVolume", "ec2:DeleteSnapshot", "ec2:DescribeSnapshots",
          "ec2:DescribeTags", "ec2:DescribeVolumes",
          "elasticfilesystem:Backup", "elasticfilesystem:Describe*", "elasticfilesystem:Restore",
          "kms:CreateGrant", "kms:DescribeKey",
          "rds:AddTagsToResource", "rds:CreateDBInstance", "rds:CreateDBSnapshot", "rds:DeleteDBSnapshot", "rds:DescribeDB*",
          "rds:ListTagsForResource", "rds:RestoreDBInstanceFromDBSnapshot", "tag:GetResources",
        ]
        Resource = "*"
      },
      {
        # The function that makes the secrets' values gives Phoenix's database its password.
        Sid    = "DatabasePassword"
        Effect = "Allow"
        Action = "rds:ModifyDBInstance"
        Resource = [
          "arn:aws:rds:${local.region}:${local.account}:db:${var.name}-*-phoenix",
          "arn:aws:rds:${local.region}:${local.account}:og:default:*",
        ]
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
          "route53:AssociateVPCWithHostedZone", "route53:*HostedZone", "route53:ListHostedZonesByName",
          "s3:*", "secretsmanager:*", "servicediscovery:*", "sns:*", "sqs:*", "ssm:Describe*", "ssm:Get*", "ssm:List*",
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
