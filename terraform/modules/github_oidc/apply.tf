# An apply role for each workspace: what its estate is made of, named and tagged for that workspace.

locals {
  environments = sort(var.workspaces)
  # Production carries plain names, so its patterns name each secret instead of a folder.
  secrets = {
    for workspace in local.environments : workspace => workspace == "prod" ? [
      for name in ["api-key", "langfuse", "neo4j", "phoenix"] : "arn:aws:secretsmanager:${local.region}:${local.account}:secret:${var.name}/${name}-??????"
    ] : ["arn:aws:secretsmanager:${local.region}:${local.account}:secret:${var.name}/${workspace}/*"]
  }
  # Alarms, dashboards, topics and logs by name.
  prefixes = {
    for workspace in local.environments : workspace => workspace == "prod" ? [
      for kind in ["alerts", "api", "cost", "dashboard", "ecs", "neo4j", "prod"] : "${var.name}-${kind}"
    ] : ["${var.name}-${workspace}"]
  }
  named = {
    for workspace in local.environments : workspace => concat(
      flatten([
        for prefix in local.prefixes[workspace] : [
          "arn:aws:cloudwatch:${local.region}:${local.account}:alarm:${prefix}*",
          "arn:aws:cloudwatch::${local.account}:dashboard/${prefix}*",
          "arn:aws:sns:${local.region}:${local.account}:${prefix}*",
        ]
      ]),
      ["arn:aws:logs:${local.region}:${local.account}:log-group:/${var.name}/${workspace == "prod" ? "api" : "${workspace}/"}*"],
    )
  }
  # State, ledger, records and the fingerprints' key: the same for every apply role, in its own folders.
  stores = {
    for workspace in setunion(local.environments, ["shared"]) : workspace => [
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = ["${local.buckets.state}/env/${workspace}/*", "${local.buckets.state}/errored/*/${workspace}/*"]
      },
      {
        # terraform init looks whether the default workspace has a state, which no stack ever gets.
        Sid      = "NoDefaultState"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = [for stack in ["account", var.name] : "${local.buckets.state}/${stack}/terraform.tfstate"]
      },
      {
        Sid      = "LedgerAdd"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${local.buckets.ledger}/*/${workspace}/*"
      },
      {
        # Deploying needs to know whether what it depends on is deployed.
        Sid      = "LedgerAndRecordsRead"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [local.objects.ledger, local.objects.records]
      },
      merge({ Sid = "Fingerprints" }, local.record_key),
      {
        # The pipeline's memory only grows.
        Sid      = "NeverRewriteMemory"
        Effect   = "Deny"
        Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = [local.objects.ledger, local.objects.records]
      },
    ]
  }
}

resource "aws_iam_role_policy" "apply" {
  for_each = var.workspaces

  name = "apply"
  role = aws_iam_role.this["apply-${each.key}"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.stores[each.key], [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = local.reads
        Resource = "*"
      },
      {
        # These families name their resources by ids that nobody knows before: the region and, below, the
        # environment's tag are what binds them.
        Sid    = "Build"
        Effect = "Allow"
        Action = [
          "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
          "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
          "application-autoscaling:TagResource", "application-autoscaling:UntagResource",
          "ec2:*",
          "ecs:*",
          "elasticloadbalancing:*",
        ]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
      {
        Sid      = "Named"
        Effect   = "Allow"
        Action   = ["cloudwatch:*", "logs:*", "sns:*"]
        Resource = local.named[each.key]
      },
      {
        Sid    = "Documents"
        Effect = "Allow"
        Action = "s3:*"
        Resource = [
          "arn:aws:s3:::${var.name}-${each.key}-documents-${local.account}-${local.region}",
          "arn:aws:s3:::${var.name}-${each.key}-documents-${local.account}-${local.region}/*",
        ]
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:*"
        Resource = local.secrets[each.key]
      },
      {
        Sid    = "Roles"
        Effect = "Allow"
        Action = [
          "iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile",
          "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:RemoveRoleFromInstanceProfile",
          "iam:TagInstanceProfile", "iam:TagRole", "iam:UntagInstanceProfile", "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
        ]
        Resource = [
          "arn:aws:iam::${local.account}:role/${var.name}-${each.key}-*",
          "arn:aws:iam::${local.account}:instance-profile/${var.name}-${each.key}-*",
        ]
      },
      {
        # What a role may do is only written under the workload's ceiling: otherwise this role could make
        # itself a helper as strong as the pipeline.
        Sid       = "BoundedRoles"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:PutRolePolicy"]
        Resource  = "arn:aws:iam::${local.account}:role/${var.name}-${each.key}-*"
        Condition = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::${local.account}:policy/${var.name}-workload-boundary" } }
      },
      {
        # Machines and tasks get the roles of their own workspace and no others.
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "arn:aws:iam::${local.account}:role/${var.name}-${each.key}-*"
        Condition = { StringEquals = { "iam:PassedToService" = ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] } }
      },
      {
        # AWS makes these roles on first use, with a policy of its own.
        Sid       = "ServiceRoles"
        Effect    = "Allow"
        Action    = "iam:CreateServiceLinkedRole"
        Resource  = "arn:aws:iam::${local.account}:role/aws-service-role/*"
        Condition = { StringEquals = { "iam:AWSServiceName" = ["ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"] } }
      },
      {
        # Nothing that carries another environment's tag, whatever is allowed above.
        Sid      = "OtherEnvironments"
        Effect   = "Deny"
        Action   = ["application-autoscaling:*", "ec2:*", "ecs:*", "elasticloadbalancing:*", "logs:*", "secretsmanager:*", "sns:*"]
        Resource = "*"
        Condition = {
          StringNotEquals = { "aws:ResourceTag/Environment" = each.key }
          Null            = { "aws:ResourceTag/Environment" = "false" }
        }
      },
    ])
  })
}

# The account's own stack: these roles, the registry, the stores. It is the strongest role, so it is behind
# its own environment, and its boundary keeps it from making anything without one.
resource "aws_iam_role_policy" "apply_shared" {
  name = "apply"
  role = aws_iam_role.this["apply-shared"].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.stores["shared"], [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = local.reads
        Resource = "*"
      },
      {
        Sid    = "Identity"
        Effect = "Allow"
        Action = [
          "iam:CreateOpenIDConnectProvider", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateRole",
          "iam:DeleteOpenIDConnectProvider", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DeleteRole",
          "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:SetDefaultPolicyVersion",
          "iam:TagOpenIDConnectProvider", "iam:TagPolicy", "iam:TagRole", "iam:UntagOpenIDConnectProvider",
          "iam:UntagPolicy", "iam:UntagRole", "iam:AddClientIDToOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider",
          "iam:UpdateAssumeRolePolicy", "iam:UpdateOpenIDConnectProviderThumbprint", "iam:UpdateRole", "iam:UpdateRoleDescription",
        ]
        Resource = [
          "arn:aws:iam::${local.account}:oidc-provider/${local.issuer}",
          "arn:aws:iam::${local.account}:policy/${var.name}-*",
          "arn:aws:iam::${local.account}:role/${var.name}-*",
        ]
      },
      {
        Sid      = "Registry"
        Effect   = "Allow"
        Action   = "ecr:*"
        Resource = "arn:aws:ecr:${local.region}:${local.account}:repository/${var.name}"
      },
      {
        Sid      = "StoreBuckets"
        Effect   = "Allow"
        Action   = ["s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"]
        Resource = [local.buckets.records, local.buckets.ledger]
      },
      {
        Sid       = "RecordKey"
        Effect    = "Allow"
        Action    = ["kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
    ])
  })
}
