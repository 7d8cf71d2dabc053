# The roles that change nothing of the estate: each reads what its purpose needs and writes no more than what it
# is there to leave. None of them reads the value of a secret.

locals {
  # Reading, by family; the apply roles need the same to plan again. The provider refreshes a function, a task
  # definition and an instance whole, so what stands in their environment or user data can be read, too.
  reads = [
    "acm:DescribeCertificate", "acm:ListCertificates", "acm:ListTagsForCertificate",
    "application-autoscaling:Describe*", "application-autoscaling:ListTagsForResource",
    "backup:Describe*", "backup:Get*", "backup:List*",
    "budgets:ListTagsForResource", "budgets:ViewBudget",
    "ce:Describe*", "ce:Get*", "ce:List*",
    "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*",
    "cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*",
    "ec2:Describe*",
    "ecr:Describe*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:List*",
    "ecs:Describe*", "ecs:List*",
    "elasticfilesystem:Describe*", "elasticfilesystem:ListTagsForResource",
    "elasticloadbalancing:Describe*",
    "events:Describe*", "events:List*",
    "iam:Get*", "iam:List*",
    "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:List*",
    "lambda:List*",
    "logs:Describe*", "logs:List*",
    "rds:Describe*", "rds:ListTagsForResource",
    "route53:GetHostedZone", "route53:ListHostedZonesByName",
    "s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:ListBucketVersions",
    "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:List*",
    "servicediscovery:Get*", "servicediscovery:List*",
    "sns:Get*", "sns:List*",
    "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:List*",
    "ssm:DescribeParameters", "ssm:ListTagsForResource",
    "sts:GetCallerIdentity",
    "tag:Get*",
  ]
  read_functions = {
    Effect   = "Allow"
    Action   = ["lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration", "lambda:GetPolicy"]
    Resource = "arn:aws:lambda:${local.region}:${local.account}:function:${var.name}-*"
  }
  # terraform init looks whether the default workspace has a state, whatever the workspace it works in.
  default_states = [for stack in local.stacks : "${local.buckets.state}/${stack}/terraform.tfstate"]
  states         = concat(["${local.buckets.state}/env/*"], local.default_states)
  reviews        = "${local.buckets.state}/reviews/*"
  # The key is named by its alias, because its id is only known once it exists.
  record_key = {
    Effect    = "Allow"
    Action    = "kms:GenerateMac"
    Resource  = "arn:aws:kms:${local.region}:${local.account}:key/*"
    Condition = { "ForAnyValue:StringEquals" = { "kms:ResourceAliases" = "alias/${var.name}-records" } }
  }
  # What AWS publishes, such as the newest images; the guard lets configurations read that and no other parameter.
  public_parameters = "arn:aws:ssm:*::parameter/aws/service/*"
  read_parameters = {
    Effect   = "Allow"
    Action   = "ssm:GetParameter*"
    Resource = local.public_parameters
  }
  # What could give away the value of a secret, whatever is allowed elsewhere.
  no_secrets = {
    Effect   = "Deny"
    Action   = ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"]
    Resource = "*"
  }
  no_parameters = {
    Effect      = "Deny"
    Action      = "ssm:GetParameter*"
    NotResource = local.public_parameters
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
      merge({ Sid = "ReadFunctions" }, local.read_functions),
      merge({ Sid = "ReadParameters" }, local.read_parameters),
      {
        Sid      = "ReadStates"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = local.states
      },
      {
        # The bucket's own policy takes only what is not there yet.
        Sid      = "AddRecords"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = local.objects.records
      },
      merge({ Sid = "Fingerprints" }, local.record_key),
      merge({ Sid = "NoSecrets" }, local.no_secrets),
      merge({ Sid = "NoParameters" }, local.no_parameters),
      {
        Sid         = "NoOtherObjects"
        Effect      = "Deny"
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = local.states
      },
    ]
  })
}

# What is deployed, what is pending, what drifted, what a destruction would mean: on the protected branch only.
resource "aws_iam_role_policy" "read" {
  name = "read"
  role = aws_iam_role.this["read"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = local.reads
        Resource = "*"
      },
      merge({ Sid = "ReadFunctions" }, local.read_functions),
      merge({ Sid = "ReadParameters" }, local.read_parameters),
      {
        Sid      = "ReadStores"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = concat(local.states, [local.reviews, local.objects.ledger, local.objects.records])
      },
      {
        # What a person is asked to review: the plan of a destruction.
        Sid      = "AddReviews"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = local.reviews
      },
      merge({ Sid = "Fingerprints" }, local.record_key),
      merge({ Sid = "NoSecrets" }, local.no_secrets),
      merge({ Sid = "NoParameters" }, local.no_parameters),
      {
        Sid         = "NoOtherObjects"
        Effect      = "Deny"
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = concat(local.states, [local.reviews, local.objects.ledger, local.objects.records])
      },
    ]
  })
}

# The verdict of a pull request: which results its plans really left.
resource "aws_iam_role_policy" "report" {
  name = "report"
  role = aws_iam_role.this["report"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The heads of the ledgers lie beside the states, which it does not read.
        Sid      = "ReadRecords"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = [local.objects.ledger, local.objects.records, "${local.buckets.state}/env/*/ledger-head.json"]
      },
      {
        Sid      = "FindRecords"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = [local.buckets.ledger, local.buckets.records, local.buckets.state]
      },
      merge({ Sid = "Seals" }, local.record_key),
      merge({ Sid = "NoSecrets" }, local.no_secrets),
      merge({ Sid = "NoParameters" }, local.no_parameters),
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
