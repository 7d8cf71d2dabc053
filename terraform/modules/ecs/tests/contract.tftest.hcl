# What callers rely on: rollback by itself, narrow roles, everything the container is told.
mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "ap-southeast-2" }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  names = { cluster = "knowledgeweaver-test", prefix = "knowledgeweaver-test" }
  image = "123456789012.dkr.ecr.ap-southeast-2.amazonaws.com/knowledgeweaver:4b825dc642cb6eb9a060e54bf8d69288fbee4904"
  network = {
    vpc_id                 = "vpc-0123456789abcdef0"
    subnet_ids             = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
    load_balancer_group_id = "sg-0123456789abcdef0"
    target_group_arn       = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/t/0123456789abcdef"
  }
  environment          = { NEO4J_URI = "bolt://10.0.2.10:7687", AWS_REGION = "ap-southeast-2" }
  secrets              = { NEO4J_PASSWORD = "arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-AbCdEf:password::" }
  secret_arns          = ["arn:aws:secretsmanager:ap-southeast-2:123456789012:secret:s-??????"]
  documents_bucket_arn = "arn:aws:s3:::documents"
  log_group            = { name = "/t/api", arn = "arn:aws:logs:ap-southeast-2:123456789012:log-group:/t/api" }
  permissions_boundary = "arn:aws:iam::123456789012:policy/b"
}

run "service" {
  command = plan

  assert {
    condition     = aws_ecs_service.api.deployment_circuit_breaker[0].enable && aws_ecs_service.api.deployment_circuit_breaker[0].rollback && !aws_ecs_service.api.wait_for_steady_state
    error_message = "ECS rolls back, and the pipeline does the waiting."
  }

  assert {
    condition     = !aws_ecs_service.api.network_configuration[0].assign_public_ip && !aws_ecs_service.api.enable_execute_command
    error_message = "Tasks have no public address and no shell."
  }

  assert {
    condition     = aws_ecs_task_definition.api.runtime_platform[0].cpu_architecture == "ARM64"
    error_message = "ARM64 is the default."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.api.container_definitions)[0].image == var.image && jsondecode(aws_ecs_task_definition.api.container_definitions)[0].readonlyRootFilesystem
    error_message = "The container is the image that was asked for and cannot be written to."
  }

  assert {
    condition     = join(" ", jsondecode(aws_ecs_task_definition.api.container_definitions)[0].environment[*].name) == "AWS_REGION NEO4J_URI"
    error_message = "The environment is sorted, so that its order never reads as a change."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.api.container_definitions)[0].secrets[0].name == "NEO4J_PASSWORD"
    error_message = "Secrets go by reference."
  }
}

run "roles" {
  command = plan

  assert {
    condition = alltrue([
      for action in flatten([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Action]) :
      startswith(action, "s3:") || startswith(action, "secretsmanager:")
    ])
    error_message = "The application may use S3 and Secrets Manager, nothing else."
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.task.policy, "\"Resource\":\"*\"")
    error_message = "The application's permissions name their resources."
  }

  assert {
    condition     = aws_iam_role.task.permissions_boundary == var.permissions_boundary && aws_iam_role.execution.permissions_boundary == var.permissions_boundary
    error_message = "Both roles carry the ceiling."
  }
}
