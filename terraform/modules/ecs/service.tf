locals {
  # What weighs nothing and has no base would be refused, so it is left away.
  capacity = {
    for name, share in {
      FARGATE      = { base = var.scaling.on_demand, weight = 100 - var.scaling.spot_percent }
      FARGATE_SPOT = { base = 0, weight = var.scaling.spot_percent }
    } : name => share if share.base + share.weight > 0
  }
}

resource "aws_ecs_service" "api" {
  name                               = var.names.service
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.api.arn
  desired_count                      = var.scaling.min
  deployment_minimum_healthy_percent = var.rollout.minimum_healthy_percent
  deployment_maximum_percent         = var.rollout.maximum_percent
  health_check_grace_period_seconds  = var.rollout.grace_seconds
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  enable_execute_command             = false
  availability_zone_rebalancing      = "ENABLED"
  # The pipeline watches the rollout and tells why it failed; Terraform would only time out.
  wait_for_steady_state = false
  # A changed share of Spot is taken up in place; without this the service would be made anew.
  force_new_deployment = true

  dynamic "capacity_provider_strategy" {
    for_each = local.capacity

    content {
      capacity_provider = capacity_provider_strategy.key
      base              = capacity_provider_strategy.value.base
      weight            = capacity_provider_strategy.value.weight
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [aws_security_group.service.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.load_balancer.target_group_arn
    container_name   = "api"
    container_port   = var.network.port
  }

  lifecycle {
    # Autoscaling owns the number of tasks after the first deployment.
    ignore_changes = [desired_count]
  }

  # Without its permissions a task starts, fails to read its secrets and counts against the circuit breaker.
  depends_on = [aws_ecs_cluster_capacity_providers.this, aws_iam_role_policy.execution, aws_iam_role_policy.task]
}
