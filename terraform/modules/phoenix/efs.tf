# Development: SQLite on a file system that outlives the task.

resource "aws_efs_file_system" "this" {
  count = local.rds ? 0 : 1

  creation_token = "${var.name}-phoenix"
  encrypted      = true

  tags = { Name = "${var.name}-phoenix" }
}

resource "aws_security_group" "files" {
  count = local.rds ? 0 : 1

  name        = "${var.name}-phoenix-files"
  description = "File system: in from Phoenix only"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.name}-phoenix-files" }
}

resource "aws_vpc_security_group_ingress_rule" "files" {
  count = local.rds ? 0 : 1

  security_group_id            = aws_security_group.files[0].id
  description                  = "NFS, inside TLS"
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = 2049
  to_port                      = 2049
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "files" {
  count = local.rds ? 0 : 1

  security_group_id            = aws_security_group.this.id
  description                  = "To its file system"
  referenced_security_group_id = aws_security_group.files[0].id
  from_port                    = 2049
  to_port                      = 2049
  ip_protocol                  = "tcp"
}

# One in each zone, so that the task may start in any.
resource "aws_efs_mount_target" "this" {
  count = local.rds ? 0 : length(var.network.subnet_ids)

  file_system_id  = aws_efs_file_system.this[0].id
  subnet_id       = var.network.subnet_ids[count.index]
  security_groups = [aws_security_group.files[0].id]
}

# Whoever comes through here is this user in this folder; the image's own user has that number.
resource "aws_efs_access_point" "this" {
  count = local.rds ? 0 : 1

  file_system_id = aws_efs_file_system.this[0].id

  posix_user {
    uid = 65532
    gid = 65532
  }

  root_directory {
    path = "/phoenix"

    creation_info {
      owner_uid   = 65532
      owner_gid   = 65532
      permissions = "0700"
    }
  }

  tags = { Name = "${var.name}-phoenix" }
}

resource "aws_efs_file_system_policy" "this" {
  count = local.rds ? 0 : 1

  file_system_id = aws_efs_file_system.this[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Phoenix"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.task.arn }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = aws_efs_file_system.this[0].arn
        Condition = { StringEquals = { "elasticfilesystem:AccessPointArn" = aws_efs_access_point.this[0].arn } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Resource  = aws_efs_file_system.this[0].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
