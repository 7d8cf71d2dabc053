# Where alarms and failed backups are told, and broken budgets where the account names this topic.

locals {
  # Who publishes here, and on whose behalf: without the second, the alarms of any account could write to it.
  publishers = {
    Alarms  = { service = "cloudwatch.amazonaws.com", source = "arn:aws:cloudwatch:${local.region}:${local.account}:alarm:${var.prefix}-*" }
    Budgets = { service = "budgets.amazonaws.com", source = "arn:aws:budgets::${local.account}:*" }
    Events  = { service = "events.amazonaws.com", source = "arn:aws:events:${local.region}:${local.account}:rule/${var.prefix}-*" }
  }
}

# A key of our own, because the one that AWS manages for SNS lets no alarm publish: its policy cannot be changed.
resource "aws_kms_key" "alerts" {
  count = var.encrypt_alerts ? 1 : 0

  description             = "Messages of the topic ${var.prefix}-alerts"
  enable_key_rotation     = true
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        # IAM policies of this account decide who administers the key.
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      }],
      [for name, publisher in local.publishers : {
        Sid       = name
        Effect    = "Allow"
        Principal = { Service = publisher.service }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        # Only for this topic. Not aws:SourceAccount or aws:SourceArn: EventBridge sends neither to KMS, so its
        # messages would be lost in silence (SNS Developer Guide, "Key management").
        Condition = { StringEquals = { "kms:EncryptionContext:aws:sns:topicArn" = local.topic_arn } }
      }],
    )
  })
}

resource "aws_kms_alias" "alerts" {
  count = var.encrypt_alerts ? 1 : 0

  name          = "alias/${var.prefix}-alerts"
  target_key_id = aws_kms_key.alerts[0].key_id
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.prefix}-alerts"
  kms_master_key_id = var.encrypt_alerts ? aws_kms_key.alerts[0].arn : null
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for name, publisher in local.publishers : {
        Sid       = name
        Effect    = "Allow"
        Principal = { Service = publisher.service }
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { ArnLike = { "aws:SourceArn" = publisher.source } }
      }],
      [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.topic_arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
    )
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alert_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alerts.arn
  protocol  = "email"
  endpoint  = var.alert_email
}
