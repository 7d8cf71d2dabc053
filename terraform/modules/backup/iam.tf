# What AWS Backup does in the estate's name. AWS has managed policies for that; they reach every volume and every
# database of the account and services that are not here. This role saves what carries the tag, and restores.

locals {
  tagged     = { StringEquals = { "aws:ResourceTag/Backup" = var.name } }
  from_vault = { Null = { "aws:ResourceTag/aws:backup:source-resource" = "false" } }
  databases  = "arn:aws:rds:${local.region}:${local.account}"
  disks      = "arn:aws:ec2:${local.region}:${local.account}:volume/*"
  snapshots  = "arn:aws:ec2:${local.region}::snapshot/*"
  keys       = "arn:aws:kms:${local.region}:${local.account}:key/*"
  shares     = "arn:aws:elasticfilesystem:${local.region}:${local.account}:file-system/*"
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-backup"
  description          = "AWS Backup: saves what is tagged for it, and restores it"
  permissions_boundary = var.permissions_boundary
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "backup.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "save" {
  name = "save"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # These know no resource.
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["ec2:DescribeSnapshots", "ec2:DescribeTags", "ec2:DescribeVolumes", "tag:GetResources"]
        Resource = "*"
      },
      {
        Sid      = "LookAtDatabases"
        Effect   = "Allow"
        Action   = ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"]
        Resource = ["${local.databases}:db:*", "${local.databases}:snapshot:*"]
      },
      { Sid = "SaveDisks", Effect = "Allow", Action = "ec2:CreateSnapshot", Resource = local.disks, Condition = local.tagged },
      { Sid = "MakeSnapshots", Effect = "Allow", Action = ["ec2:CreateSnapshot", "ec2:CreateTags"], Resource = local.snapshots },
      { Sid = "ExpireSnapshots", Effect = "Allow", Action = "ec2:DeleteSnapshot", Resource = local.snapshots, Condition = local.from_vault },
      {
        Sid      = "SaveDatabases"
        Effect   = "Allow"
        Action   = ["rds:AddTagsToResource", "rds:CreateDBSnapshot"]
        Resource = ["${local.databases}:db:${var.name}-*", "${local.databases}:snapshot:awsbackup:*"]
      },
      { Sid = "ExpireDatabaseSnapshots", Effect = "Allow", Action = "rds:DeleteDBSnapshot", Resource = "${local.databases}:snapshot:awsbackup:*" },
      { Sid = "SaveShares", Effect = "Allow", Action = ["elasticfilesystem:Backup", "elasticfilesystem:DescribeTags"], Resource = local.shares, Condition = local.tagged },
      {
        Sid      = "Vault"
        Effect   = "Allow"
        Action   = ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"]
        Resource = "arn:aws:backup:${local.region}:${local.account}:backup-vault:${var.name}"
      },
      { Sid = "TagRecoveryPoints", Effect = "Allow", Action = "backup:TagResource", Resource = "arn:aws:backup:${local.region}:${local.account}:recovery-point:*" },
      { Sid = "LookAtKeys", Effect = "Allow", Action = "kms:DescribeKey", Resource = local.keys },
      { Sid = "EncryptedDisks", Effect = "Allow", Action = "kms:CreateGrant", Resource = local.keys, Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } },
    ]
  })
}

resource "aws_iam_role_policy" "restore" {
  name = "restore"
  role = aws_iam_role.this.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "MakeDisks", Effect = "Allow", Action = "ec2:CreateVolume", Resource = [local.disks, local.snapshots] },
      { Sid = "TagNewDisks", Effect = "Allow", Action = "ec2:CreateTags", Resource = local.disks, Condition = { StringEquals = { "ec2:CreateAction" = "CreateVolume" } } },
      {
        Sid    = "MakeDatabases"
        Effect = "Allow"
        Action = ["rds:AddTagsToResource", "rds:CreateDBInstance", "rds:RestoreDBInstanceFromDBSnapshot"]
        Resource = [
          "${local.databases}:db:${var.name}-*", "${local.databases}:og:*", "${local.databases}:pg:*",
          "${local.databases}:snapshot:awsbackup:*", "${local.databases}:subgrp:${var.name}-*",
        ]
      },
      { Sid = "FillShares", Effect = "Allow", Action = ["elasticfilesystem:DescribeFileSystems", "elasticfilesystem:Restore"], Resource = local.shares, Condition = local.tagged },
    ]
  })
}
