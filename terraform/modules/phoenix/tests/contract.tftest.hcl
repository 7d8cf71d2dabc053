# What callers rely on: closed by default, a true health check, storage that fits the workspace.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name    = "knowledgeweaver-test"
  cluster = "knowledgeweaver-test"
  network = {
    vpc_id          = "vpc-0123456789abcdef0"
    subnet_ids      = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
    client_group_id = "sg-0fedcba9876543210"
  }
  load_balancer = {
    group_id     = "sg-0123456789abcdef0"
    listener_arn = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:listener/app/t/0123456789abcdef/0123456789abcdef"
    https        = true
  }
  secret = {
    arn      = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:t/phoenix-AbCdEf"
    pattern  = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:t/phoenix-??????"
    function = "knowledgeweaver-test-secrets"
  }
  logs                 = { group = "/t/phoenix" }
  storage              = { kind = "efs" }
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}

run "files" {
  command = plan

  assert {
    condition     = length(aws_db_instance.this) == 0 && length(aws_lambda_invocation.password) == 0 && aws_efs_file_system.this[0].encrypted && length(aws_efs_mount_target.this) == 2
    error_message = "Development has an encrypted file system in each zone and no database."
  }

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy
    error_message = "A rollback finds the revision of before, which ECS does not start once it is deregistered."
  }

  assert {
    condition     = one(aws_ecs_task_definition.this.volume).efs_volume_configuration[0].transit_encryption == "ENABLED" && one(aws_ecs_task_definition.this.volume).efs_volume_configuration[0].authorization_config[0].iam == "ENABLED"
    error_message = "The file system is reached inside TLS and by the task's role."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_maximum_percent == 100 && aws_ecs_service.this.deployment_minimum_healthy_percent == 0
    error_message = "Two tasks never write to one SQLite file."
  }

  assert {
    condition = alltrue([
      for name, value in {
        PHOENIX_ENABLE_AUTH              = "true"
        PHOENIX_TELEMETRY_ENABLED        = "false"
        PHOENIX_ALLOW_EXTERNAL_RESOURCES = "false"
        PHOENIX_HOST_ROOT_PATH           = "/phoenix"
        PHOENIX_USE_SECURE_COOKIES       = "true"
        PHOENIX_SQL_DATABASE_URL         = "sqlite:////data/phoenix.db"
      } : { for item in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : item.name => item.value }[name] == value
    ])
    error_message = "Login on, telemetry off, below /phoenix, SQLite on the file system."
  }

  assert {
    condition     = strcontains(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command[1], "PHOENIX_HOST_ROOT_PATH") && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem
    error_message = "The container runs serve.py and cannot be written to."
  }

  assert {
    condition     = aws_lb_target_group.this.health_check[0].path == "/readyz" && one(one(aws_lb_listener_rule.this.condition).path_pattern).values == toset(["/phoenix", "/phoenix/*"])
    error_message = "The health check is not below the prefix, where the page answers 200 to everything."
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.clients : rule.referenced_security_group_id]) == toset([var.load_balancer.group_id, var.network.client_group_id]) && !aws_ecs_service.this.network_configuration[0].assign_public_ip
    error_message = "Only the load balancer and the application reach it."
  }

  assert {
    condition     = aws_iam_role.task.permissions_boundary == var.permissions_boundary && aws_iam_role.execution.permissions_boundary == var.permissions_boundary
    error_message = "Both roles carry the ceiling."
  }

  assert {
    condition     = endswith(output.endpoint, ".knowledgeweaver-test.internal:6006")
    error_message = "The application sends its traces to a name inside the network."
  }
}

run "database" {
  command = plan

  variables {
    storage = { kind = "rds" }
  }

  assert {
    condition     = length(aws_efs_file_system.this) == 0 && aws_db_instance.this[0].storage_encrypted && !aws_db_instance.this[0].publicly_accessible && aws_db_instance.this[0].tags.Backup == "knowledgeweaver-test"
    error_message = "An encrypted, private database that the backup plan takes, and no file system."
  }

  assert {
    condition     = aws_db_instance.this[0].deletion_protection && !aws_db_instance.this[0].skip_final_snapshot && aws_db_instance.this[0].backup_retention_period == 7
    error_message = "Safe by default."
  }

  assert {
    condition     = one([for parameter in aws_db_parameter_group.this[0].parameter : parameter.value if parameter.name == "rds.force_ssl"]) == "1"
    error_message = "The database takes no connection without TLS."
  }

  assert {
    condition     = aws_db_instance.this[0].password == null && aws_db_instance.this[0].password_wo_version == 1 && aws_lambda_invocation.password[0].triggers.generation == "1"
    error_message = "The password is the secret's, which Terraform does not know."
  }

  assert {
    condition     = aws_ecs_service.this.deployment_maximum_percent == 200 && aws_ecs_service.this.deployment_minimum_healthy_percent == 100
    error_message = "PostgreSQL takes the old task and the new one at once, so a deployment has no gap."
  }
}
