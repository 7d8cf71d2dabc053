# The plan role reads what Terraform refreshes and writes nothing but plan records.

locals {
  # Reading, by family; the apply roles need the same to plan again.
  reads = [
    "acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate",
    "application-autoscaling:Describe*", "application-autoscaling:ListTagsForResource",
    "backup:Describe*", "backup:Get*", "backup:List*",
    "budgets:ListTagsForResource", "budgets:ViewBudget",
    "ce:Describe*", "ce:Get*", "ce:List*",
    "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*",
    "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*",
    "ec2:Describe*",
    "ecr:BatchGetImage", "ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:List*",
    "ecs:Describe*", "ecs:List*",
    "elasticfilesystem:Describe*", "elasticfilesystem:ListTagsForResource",
    "elasticloadbalancing:Describe*",
    "events:Describe*", "events:List*",
    "iam:Get*", "iam:List*",
    "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:List*",
    "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetPolicy", "lambda:List*",
    "logs:Describe*", "logs:List*",
    "rds:Describe*", "rds:ListTagsForResource",
    "route53:GetHostedZone", "route53:ListHostedZonesByName",
    "s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions",
    "secretsmanager:DescribeSecret", "secretsmanager:GetRandomPassword", "secretsmanager:GetResourcePolicy", "secretsmanager:List*",
    "servicediscovery:Get*", "servicediscovery:List*",
    "sns:Get*", "sns:List*",
    "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:List*",
    "ssm:DescribeParameters", "ssm:ListTagsForResource",
    "sts:GetCallerIdentity",
    "tag:Get*",
  ]
  estate_secrets = "arn:aws:secretsmanager:${local.region}:${local.account}:secret:${var.name}/*"
  # The key is named by its alias, because its id is only known once it exists.
  record_key = {
    Effect    = "Allow"
    Action    = "kms:GenerateMac"
    Resource  = "arn:aws:kms:${local.region}:${local.account}:key/*"
    Condition = { "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${var.name}-records" } }
  }
}

resource "aws_iam_role_policy" "plan" {
  name = "plan"
  role = aws_iam_role.this["plan"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = local.reads
        Resource = "*"
      },
      {
        Sid      = "ReadStores"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = values(local.objects)
      },
      {
        Sid      = "WriteRecords"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = local.objects.records
      },
      merge({ Sid = "Fingerprints" }, local.record_key),
      {
        # Provider versions before 6.26 read a secret version's value on refresh even where it is write-only,
        # and throw it away. Only the estate's own secrets, and nothing else of that kind.
        Sid      = "RefreshSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.estate_secrets
      },
      {
        Sid         = "NoOtherObjects"
        Effect      = "Deny"
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = values(local.objects)
      },
      {
        Sid         = "NoOtherSecrets"
        Effect      = "Deny"
        Action      = "secretsmanager:GetSecretValue"
        NotResource = local.estate_secrets
      },
    ]
  })
}

resource "aws_iam_role_policy" "image" {
  name = "image"
  role = aws_iam_role.this["image"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # This call knows no resource.
        Sid      = "Login"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*"
      },
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
        ]
        Resource = "arn:aws:ecr:${local.region}:${local.account}:repository/${var.name}"
      },
    ]
  })
}
