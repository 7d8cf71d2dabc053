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
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0aaaaaaaaaaaaaaaa", "subnet-0bbbbbbbbbbbbbbbb"]
  }
  load_balancer = {
    group_id                = "sg-0123456789abcdef0"
    arn_suffix              = "app/t/0123456789abcdef"
    target_group_arn        = "arn:aws:elasticloadbalancing:ap-southeast-2:123456789012:targetgroup/t/0123456789abcdef"
    target_group_arn_suffix = "targetgroup/t/0123456789abcdef"
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
    condition     = aws_ecs_task_definition.api.skip_destroy
    error_message = "A rollback finds the revision of before, which ECS does not start once it is deregistered."
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

run "capacity" {
  command = plan

  assert {
    condition     = { for share in aws_ecs_service.api.capacity_provider_strategy : share.capacity_provider => [share.base, share.weight] } == { FARGATE = [0, 100] }
    error_message = "Nothing runs on Spot unless asked for."
  }

  assert {
    condition     = aws_ecs_cluster_capacity_providers.this.capacity_providers == toset(["FARGATE", "FARGATE_SPOT"]) && aws_ecs_service.api.force_new_deployment
    error_message = "The cluster knows both kinds of capacity, and a changed share is taken up in place."
  }
}

run "spot" {
  command = plan

  variables {
    scaling = { spot_percent = 75, on_demand = 1 }
  }

  assert {
    condition = { for share in aws_ecs_service.api.capacity_provider_strategy : share.capacity_provider => [share.base, share.weight] } == {
      FARGATE      = [1, 25]
      FARGATE_SPOT = [0, 75]
    }
    error_message = "One task always runs on demand, three quarters of the others on Spot."
  }
}

run "only_spot" {
  command = plan

  variables {
    scaling = { spot_percent = 100, requests_per_minute = 0 }
  }

  assert {
    condition     = [for share in aws_ecs_service.api.capacity_provider_strategy : share.capacity_provider] == ["FARGATE_SPOT"]
    error_message = "A share without weight and base is left away."
  }

  assert {
    condition     = length(aws_appautoscaling_policy.requests) == 0
    error_message = "0 requests means that they are not followed."
  }
}

run "scaling" {
  command = plan

  assert {
    condition     = aws_appautoscaling_policy.requests[0].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/t/0123456789abcdef/targetgroup/t/0123456789abcdef"
    error_message = "Requests are counted at the load balancer, for this target group."
  }

  assert {
    condition     = aws_appautoscaling_policy.cpu.target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].predefined_metric_type == "ECSServiceAverageCPUUtilization"
    error_message = "CPU is followed as well."
  }
}

run "models" {
  command = plan

  variables {
    bedrock_models = ["amazon.titan-embed-text-v2:0", "apac.anthropic.claude-sonnet-4-20250514-v1:0"]
  }

  assert {
    condition = {
      for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Sid => statement.Resource if startswith(statement.Sid, "Models")
      } == {
      Models = [
        "arn:aws:bedrock:ap-southeast-2:123456789012:inference-profile/apac.anthropic.claude-sonnet-4-20250514-v1:0",
        "arn:aws:bedrock:ap-southeast-2::foundation-model/amazon.titan-embed-text-v2:0",
      ]
      ModelsBehindProfiles = ["arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-20250514-v1:0"]
    }
    error_message = "The models that are named may be called, and no others."
  }

  assert {
    condition     = one([for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Condition if statement.Sid == "ModelsBehindProfiles"]).ArnEquals["bedrock:InferenceProfileArn"] == ["arn:aws:bedrock:ap-southeast-2:123456789012:inference-profile/apac.anthropic.claude-sonnet-4-20250514-v1:0"]
    error_message = "Other regions' models are only reached through the profile."
  }
}
