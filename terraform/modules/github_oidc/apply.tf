# An apply role for each workspace: what its estate is made of, named and tagged for that workspace.

locals {
  environments = sort(var.workspaces)
  # Production carries plain names, so its patterns name each secret instead of a folder.
  secrets = {
    for workspace in local.environments : workspace => workspace == "prod" ? [
      for name in ["api-key", "langfuse", "neo4j", "phoenix"] : "arn:aws:secretsmanager:${local.region}:${local.account}:secret:${var.name}/${name}-??????"
    ] : ["arn:aws:secretsmanager:${local.region}:${local.account}:secret:${var.name}/${workspace}/*"]
  }
  # Production's alarms, dashboard, topic and logs have plain names too.
  plain = { for workspace in local.environments : workspace => workspace == "prod" ? var.name : "${var.name}-${workspace}" }
  alarms = {
    for workspace in local.environments : workspace => concat(
      workspace == "prod" ? [
        for kind in ["api", "documents", "ecs", "neo4j", "service"] : "${var.name}-${kind}-"
      ] : ["${var.name}-${workspace}-"],
      # Application Auto Scaling makes its alarms with the caller's rights and names them after cluster and service.
      ["TargetTracking-service/${local.plain[workspace]}/"],
    )
  }
  log_groups = {
    for workspace in local.environments : workspace => workspace == "prod" ? [
      for kind in ["api", "flow-logs", "neo4j/", "phoenix", "rotation", "secrets"] : "/${var.name}/${kind}"
    ] : ["/${var.name}/${workspace}/"]
  }
  named = {
    for workspace in local.environments : workspace => concat(
      [for prefix in local.alarms[workspace] : "arn:aws:cloudwatch:${local.region}:${local.account}:alarm:${prefix}*"],
      [
        "arn:aws:cloudwatch::${local.account}:dashboard/${local.plain[workspace]}-dashboard",
        "arn:aws:sns:${local.region}:${local.account}:${local.plain[workspace]}-alerts*",
      ],
      [for group in local.log_groups[workspace] : "arn:aws:logs:${local.region}:${local.account}:log-group:${group}*"],
      # What carries the workspace in its name in every environment.
      [
        for part in [
          "backup:%s:backup-vault:%s", "events:%s:rule/%s*", "lambda:%s:function:%s*", "rds:%s:db:%s*",
          "rds:%s:pg:%s*", "rds:%s:snapshot:%s*", "rds:%s:subgrp:%s*", "sqs:%s:%s*",
        ] : format("arn:aws:${part}", "${local.region}:${local.account}", "${var.name}-${workspace}")
      ],
    )
  }
  # Outside of production a vault goes with what is in it. A recovery point has no vault in its name; OtherEnvironments
  # keeps a role from the others'.
  emptied = {
    for workspace in local.environments : workspace => workspace == "prod" ? [] : [{
      Sid    = "RecoveryPoints"
      Effect = "Allow"
      Action = "backup:DeleteRecoveryPoint"
      Resource = [
        "arn:aws:backup:${local.region}:${local.account}:recovery-point:*",
        "arn:aws:ec2:${local.region}::snapshot/*",
        "arn:aws:rds:${local.region}:${local.account}:snapshot:awsbackup:*",
      ]
    }]
  }
  # State, ledger, records and the fingerprints' key: the same for every apply role, in its own folders.
  stores = {
    for workspace in setunion(local.environments, ["shared"]) : workspace => [
      {
        Sid    = "State"
        Effect = "Allow"
        Action = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
        Resource = concat(
          ["${local.buckets.state}/env/${workspace}/*", "${local.buckets.state}/errored/env/${workspace}/*"],
          # Terraform keeps the state of this one workspace without its name in the key.
          workspace == "default" ? flatten([
            for stack in local.stacks : [
              "${local.buckets.state}/${stack}/terraform.tfstate", "${local.buckets.state}/${stack}/terraform.tfstate.*",
              "${local.buckets.state}/errored/${stack}/terraform.tfstate/*",
            ]
          ]) : [],
        )
      },
      {
        Sid      = "NoDefaultState"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = local.default_states
      },
      {
        # What it asks a person to review, and what a person was asked.
        Sid      = "Reviews"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${local.buckets.state}/reviews/${workspace}/*"
      },
      {
        Sid      = "LedgerAdd"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${local.buckets.ledger}/*/${workspace}/*"
      },
      {
        # Deploying needs to know whether what it depends on is deployed, and since when all was reviewed.
        Sid      = "LedgerAndRecordsRead"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = [local.objects.ledger, local.objects.records, "${local.buckets.state}/env/*/ledger-head.json"]
      },
      merge({ Sid = "Fingerprints" }, local.record_key),
      {
        # The pipeline's memory only grows.
        Sid      = "NeverRewriteMemory"
        Effect   = "Deny"
        Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = [local.objects.ledger, local.objects.records, local.reviews]
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
    Statement = concat(local.stores[each.key], local.emptied[each.key], [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = local.reads
        Resource = "*"
      },
      merge({ Sid = "ReadFunctions" }, local.read_functions),
      merge({ Sid = "ReadParameters" }, local.read_parameters),
      {
        # These families name their resources by ids that nobody knows before: the region and, below, the
        # environment's tag are what binds them.
        Sid    = "Build"
        Effect = "Allow"
        Action = [
          "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeregisterScalableTarget",
          "application-autoscaling:PutScalingPolicy", "application-autoscaling:RegisterScalableTarget",
          "application-autoscaling:TagResource", "application-autoscaling:UntagResource",
          "ec2:*", "ecs:*", "elasticfilesystem:*", "elasticloadbalancing:*", "servicediscovery:*",
          # a plan of backups has an id; the name of a vault is in Named
          "backup:*BackupPlan", "backup:*BackupSelection", "backup:TagResource", "backup:UntagResource",
          "backup-storage:MountCapsule",
          # AWS judges these against "*" or not at all: CloudWatch's API reference of PutCompositeAlarm, and the Service
          # Authorization Reference, which has no resource type for the other two
          "cloudwatch:PutCompositeAlarm", "sns:SetSubscriptionAttributes", "sns:Unsubscribe",
        ]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = local.region } }
      },
      {
        # The zone of the private names, which Cloud Map makes with the caller's rights. Route 53 is in no region:
        # its calls count as us-east-1's, wherever the names are for.
        Sid       = "PrivateNames"
        Effect    = "Allow"
        Action    = ["route53:AssociateVPCWithHostedZone", "route53:CreateHostedZone", "route53:DeleteHostedZone", "route53:GetHostedZone"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestedRegion" = ["us-east-1", local.region] } }
      },
      {
        Sid      = "Named"
        Effect   = "Allow"
        Action   = ["backup:*", "cloudwatch:*", "events:*", "lambda:*", "logs:*", "rds:*", "sns:*", "sqs:*"]
        Resource = local.named[each.key]
      },
      {
        # A database is asked for with its option group, which is AWS's own here, and restored from what AWS Backup
        # has named. OtherEnvironments keeps it from the others' databases.
        Sid    = "DatabaseParts"
        Effect = "Allow"
        Action = ["rds:CreateDBInstance", "rds:ModifyDBInstance", "rds:RestoreDBInstanceFromDBSnapshot"]
        Resource = [
          "arn:aws:rds:${local.region}:${local.account}:og:default:*",
          "arn:aws:rds:${local.region}:${local.account}:snapshot:awsbackup:*",
        ]
      },
      {
        Sid    = "Buckets"
        Effect = "Allow"
        Action = "s3:*"
        Resource = flatten([
          for kind in ["alb-logs", "documents"] : [
            for end in ["", "/*"] : "arn:aws:s3:::${var.name}-${each.key}-${kind}-${local.account}-${local.region}${end}"
          ]
        ])
      },
      {
        Sid      = "Secrets"
        Effect   = "Allow"
        Action   = "secretsmanager:*"
        Resource = local.secrets[each.key]
      },
      {
        # A function is made from the application's image, which Lambda reads with the caller's rights.
        Sid      = "FunctionImage"
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = "arn:aws:ecr:${local.region}:${local.account}:repository/${var.name}"
      },
      {
        # The key that the alerts' messages are under, made with this environment's tag.
        Sid       = "KeyMake"
        Effect    = "Allow"
        Action    = ["kms:CreateKey", "kms:TagResource"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:RequestTag/Environment" = each.key } }
      },
      {
        Sid    = "Key"
        Effect = "Allow"
        Action = [
          "kms:CreateAlias", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion",
          "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
        ]
        Resource  = "arn:aws:kms:${local.region}:${local.account}:key/*"
        Condition = { StringEquals = { "aws:ResourceTag/Environment" = each.key } }
      },
      {
        Sid      = "KeyAlias"
        Effect   = "Allow"
        Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
        Resource = "arn:aws:kms:${local.region}:${local.account}:alias/${local.plain[each.key]}-alerts"
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
        Condition = { StringEquals = { "iam:PassedToService" = [for service in ["backup", "ec2", "ecs-tasks", "lambda", "vpc-flow-logs"] : "${service}.amazonaws.com"] } }
      },
      {
        # AWS makes these roles on first use, with a policy of its own.
        Sid       = "ServiceRoles"
        Effect    = "Allow"
        Action    = "iam:CreateServiceLinkedRole"
        Resource  = "arn:aws:iam::${local.account}:role/aws-service-role/*"
        Condition = { StringEquals = { "iam:AWSServiceName" = [for service in ["backup", "ecs", "ecs.application-autoscaling", "elasticfilesystem", "elasticloadbalancing", "rds"] : "${service}.amazonaws.com"] } }
      },
      {
        # Nothing that carries another environment's tag, whatever is allowed above.
        Sid    = "OtherEnvironments"
        Effect = "Deny"
        Action = [
          "application-autoscaling:*", "backup:*", "ec2:*", "ecs:*", "elasticfilesystem:*", "elasticloadbalancing:*", "events:*",
          "lambda:*", "logs:*", "rds:*", "secretsmanager:*", "servicediscovery:*", "sns:*", "sqs:*",
        ]
        Resource = "*"
        Condition = {
          StringNotEquals = { "aws:ResourceTag/Environment" = each.key }
          Null            = { "aws:ResourceTag/Environment" = "false" }
        }
      },
    ])
  })
}
