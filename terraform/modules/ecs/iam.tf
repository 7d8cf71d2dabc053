# Two roles: the task role is what the application may do, the execution role what ECS does to start it.

data "aws_caller_identity" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  region  = data.aws_region.current.name
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      # Only tasks of this account: the service cannot be talked into using the role for someone else.
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
  repository = regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com/(?P<name>[a-z0-9/_-]+)", var.image)
  # A model is called by its own id in this region, or by an inference profile (a geography before the id),
  # which hands the call to the same model in the regions of that geography.
  profiles = {
    for model in var.bedrock_models : model => "arn:aws:bedrock:${local.region}:${local.account}:inference-profile/${model}"
    if can(regex(local.geography, model))
  }
  geography = "^(apac|au|ca|eu|global|jp|sa|us|us-gov)\\."
  models    = [for model in var.bedrock_models : "arn:aws:bedrock:${local.region}::foundation-model/${model}" if !contains(keys(local.profiles), model)]
  bedrock = [
    for statement in [
      {
        Sid      = "Models"
        Effect   = "Allow"
        Action   = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
        Resource = sort(concat(local.models, values(local.profiles)))
      },
      {
        # Only on the way through a profile that is named above.
        Sid       = "ModelsBehindProfiles"
        Effect    = "Allow"
        Action    = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
        Resource  = sort(distinct([for model in keys(local.profiles) : "arn:aws:bedrock:*::foundation-model/${replace(model, "/${local.geography}/", "")}"]))
        Condition = { ArnEquals = { "bedrock:InferenceProfileArn" = values(local.profiles) } }
      },
    ] : statement if length(statement.Resource) > 0
  ]
}

resource "aws_iam_role" "task" {
  name                 = "${var.names.prefix}-task"
  description          = "The application: its documents, its secrets and its models, nothing else"
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = local.trust
}

resource "aws_iam_role_policy" "task" {
  name = "application"
  role = aws_iam_role.task.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
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
    ], local.bedrock)
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
        Resource = concat(var.secret_arns, var.injected_secret_arns)
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
