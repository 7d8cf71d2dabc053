# What callers rely on: a narrow role, one way in to the database, nobody else calls it, nothing at once.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/knowledgeweaver-test-rotation" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-southeast-2:123456789012:function:knowledgeweaver-test-rotation" }
  }
}

variables {
  name  = "knowledgeweaver-test"
  image = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:4b825dc642cb6eb9a060e54bf8d69288fbee4904"
  secret = {
    arn     = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-AbCdEf"
    pattern = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-??????"
  }
  graph_store = { uri = "bolt://10.0.2.10:7687", security_group_id = "sg-0123456789abcdef0" }
  network     = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa"] }
  log_group   = { name = "/knowledgeweaver/test/rotation", retention_days = 7 }
  alarm = {
    prefix    = "knowledgeweaver-test"
    topic_arn = "arn:aws:sns:ap-southeast-2:123456789012:alerts"
  }
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}

run "rotation" {
  assert {
    condition     = aws_secretsmanager_secret_rotation.this.rotate_immediately == false && aws_secretsmanager_secret_rotation.this.rotation_rules[0].automatically_after_days == 30
    error_message = "Every 30 days, and not before the database is there."
  }

  assert {
    condition     = aws_lambda_function.this.package_type == "Image" && aws_lambda_function.this.image_uri == var.image && aws_lambda_function.this.architectures == tolist(["arm64"])
    error_message = "The function is the application's image, for its processor."
  }

  assert {
    condition     = aws_lambda_permission.secrets_manager.principal == "secretsmanager.amazonaws.com" && aws_lambda_permission.secrets_manager.source_account == "123456789012" && aws_lambda_permission.secrets_manager.source_arn == var.secret.arn
    error_message = "Only Secrets Manager calls it, for this account and this secret."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.bolt.security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_ingress_rule.bolt.cidr_ipv4 == null && aws_vpc_security_group_egress_rule.bolt.to_port == 7687 && aws_vpc_security_group_egress_rule.tls.from_port == 443
    error_message = "It reaches the database and AWS, and nothing else."
  }

  assert {
    condition = toset(flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Action if s.Effect == "Allow" && s.Resource != "*"])) == toset([
      "logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage",
    ])
    error_message = "Its secret and its log are all that its code may use."
  }

  assert {
    condition     = alltrue([for a in flatten([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Action if s.Resource == "*"]) : startswith(a, "ec2:")])
    error_message = "Without a resource there are network interfaces only."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary && startswith(aws_iam_role.this.name, "knowledgeweaver-test-")
    error_message = "The role carries the ceiling and its workspace's name."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failed.treat_missing_data == "notBreaching" && aws_cloudwatch_metric_alarm.failed.alarm_actions == toset([var.alarm.topic_arn])
    error_message = "A step that fails is told; silence between rotations is fine."
  }
}
