# What callers rely on: private, encrypted, one client, its data apart.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_ec2_instance_type" {
    defaults = { memory_size = 4096 }
  }

  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0" }
  }
}

variables {
  name        = "knowledgeweaver-test"
  environment = "test"
  ami         = "ami-0123456789abcdef0"
  network = {
    vpc_id      = "vpc-0123456789abcdef0"
    subnet_id   = "subnet-0aaaaaaaaaaaaaaaa"
    subnet_cidr = "10.0.2.0/24"
    zone        = "ap-southeast-2a"
  }
  client_security_group_id = "sg-0123456789abcdef0"
  secret = {
    arn     = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-AbCdEf"
    pattern = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-??????"
  }
  logs                 = { prefix = "/knowledgeweaver/test/neo4j", retention_days = 7 }
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}

run "graph_store" {
  assert {
    condition     = output.bolt_uri == "bolt://10.0.2.10:7687" && aws_instance.this.private_ip == "10.0.2.10"
    error_message = "The address is known and stays."
  }

  assert {
    condition     = !aws_instance.this.associate_public_ip_address && aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.disable_api_termination
    error_message = "No public address, IMDSv2 only, protected."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.bolt.referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_ingress_rule.bolt.from_port == 7687 && aws_vpc_security_group_ingress_rule.bolt.cidr_ipv4 == null
    error_message = "Only the application's tasks come in, and only to Bolt."
  }

  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.type == "gp3" && aws_ebs_volume.data.tags["Component"] == "neo4j" && aws_instance.this.tags["Component"] == "neo4j"
    error_message = "The data has a volume of its own, encrypted, and both can be found by their tag."
  }

  assert {
    condition     = aws_ebs_volume.data.tags["Backup"] == "knowledgeweaver-test"
    error_message = "The backup finds the volume by its tag."
  }

  assert {
    condition     = aws_volume_attachment.data.skip_destroy && aws_instance.this.user_data_replace_on_change
    error_message = "A change of what runs replaces the instance, and the database is stopped before its disk goes."
  }

  assert {
    condition     = length(aws_instance.this.user_data) <= 16384 && startswith(aws_instance.this.user_data, "#cloud-config\n")
    error_message = "EC2 takes 16 KiB of user data: there are ${length(aws_instance.this.user_data)} bytes."
  }

  assert {
    condition = alltrue([
      for line in ["NEO4J_SECRET_ID=arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-AbCdEf", "VOLUME_SERIAL=vol0123456789abcdef0", "NEO4J_RELEASE=5.26.30"] :
      strcontains(yamldecode(aws_instance.this.user_data).write_files[index(yamldecode(aws_instance.this.user_data).write_files[*].path, "/etc/knowledgeweaver/neo4j.env")].content, "${line}\n")
    ])
    error_message = "The instance is told where its password and its disk are, and which version to install."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_log_group.this)) == toset(["host", "metrics", "server"]) && alltrue([for group in aws_cloudwatch_log_group.this : group.retention_in_days == 7])
    error_message = "The log groups are made here, with their retention."
  }

  assert {
    condition     = alltrue([for metric in values(output.metrics) : metric.namespace == "KnowledgeWeaver" && metric.dimensions["Environment"] == "test" && !contains(keys(metric.dimensions), "InstanceId")])
    error_message = "No metric hangs on one instance."
  }

  assert {
    condition = toset(flatten([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Action])) == toset([
      "cloudwatch:PutMetricData", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents", "secretsmanager:GetSecretValue",
      "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ])
    error_message = "CloudWatch, Session Manager, its own password, and nothing else."
  }
}

run "memory_has_to_fit" {
  command = plan

  variables {
    memory = { heap_mib = 2048, page_cache_mib = 1024 }
  }

  expect_failures = [aws_instance.this]
}
