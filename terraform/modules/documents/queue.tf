# What was uploaded waits here until the application has read it. Both policies and the redrive rules are written in
# the queues themselves: as resources of their own each would cost another half minute of the provider's waiting.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  queue     = "${var.queue.name}-uploads"
  queue_arn = "arn:aws:sqs:${data.aws_region.current.name}:${local.account}:${local.queue}"
  dead_arn  = "${local.queue_arn}-dead"
  tls_only = {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "sqs:*"
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

# Messages that could not be dealt with, kept as long as AWS allows, so that somebody can look. Their age counts
# from the upload: the other queue keeps them for four days, so at least ten remain.
resource "aws_sqs_queue" "dead" {
  name                      = "${local.queue}-dead"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [merge(local.tls_only, { Resource = local.dead_arn })]
  })

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arn]
  })
}

resource "aws_sqs_queue" "uploads" {
  name                       = local.queue
  visibility_timeout_seconds = var.queue.busy_seconds
  message_retention_seconds  = 345600
  receive_wait_time_seconds  = 20
  # S3 cannot send under the key that AWS manages for queues, so the queue encrypts by itself.
  sqs_managed_sse_enabled = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.queue.attempts
  })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Bucket"
        Effect    = "Allow"
        Principal = { Service = "s3.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arn
        # A bucket's name is free once it is deleted: the account keeps a stranger's out.
        Condition = {
          ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::${var.bucket}" }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
      {
        # Here instead of in the role, which stays as narrow as it reads: documents, secrets, models.
        Sid       = "Application"
        Effect    = "Allow"
        Principal = { AWS = var.queue.consumer_role_arn }
        Action    = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
        Resource  = local.queue_arn
      },
      merge(local.tls_only, { Resource = local.queue_arn }),
    ]
  })
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket = aws_s3_bucket.this.id

  queue {
    id        = "uploads"
    queue_arn = aws_sqs_queue.uploads.arn
    events    = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
  }
}
