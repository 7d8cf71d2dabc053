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
        Resource = [local.buckets.records, local.buckets.ledger, local.audit_bucket]
      },
      {
        Sid       = "Keys"
        Effect    = "Allow"
        Action    = ["kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
      {
        # The trail can be made and changed by a reviewed change, never switched off or deleted.
        Sid      = "Audit"
        Effect   = "Allow"
        Action   = ["cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:RemoveTags", "cloudtrail:StartLogging", "cloudtrail:UpdateTrail"]
        Resource = "arn:aws:cloudtrail:${local.region}:${local.account}:trail/${var.name}"
      },
      {
        Sid      = "AuditLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"]
        Resource = "arn:aws:logs:${local.region}:${local.account}:log-group:/${var.name}/cloudtrail*"
      },
      {
        Sid       = "AuditLogRole"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = "arn:aws:iam::${local.account}:role/${var.name}-cloudtrail-logs"
        Condition = { StringEquals = { "iam:PassedToService" = "cloudtrail.amazonaws.com" } }
      },
      {
        Sid      = "Budget"
        Effect   = "Allow"
        Action   = "budgets:*"
        Resource = "arn:aws:budgets::${local.account}:budget/${var.name}-*"
      },
      {
        # Monitors and subscriptions have ids; the tags that costs are told by belong to the account.
        Sid    = "CostGuard"
        Effect = "Allow"
        Action = [
          "ce:CreateAnomalyMonitor", "ce:CreateAnomalySubscription", "ce:DeleteAnomalyMonitor", "ce:DeleteAnomalySubscription",
          "ce:TagResource", "ce:UntagResource", "ce:UpdateAnomalyMonitor", "ce:UpdateAnomalySubscription", "ce:UpdateCostAllocationTagsStatus",
        ]
        Resource = "*"
      },
    ])
  })
}
