data "aws_region" "current" {}

resource "aws_ecs_cluster" "this" {
  name = var.names.cluster

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }
}

resource "aws_security_group" "service" {
  name        = "${var.names.prefix}-api"
  description = "Application tasks: in from the load balancer only"
  vpc_id      = var.network.vpc_id

  tags = { Name = "${var.names.prefix}-api" }
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  security_group_id            = aws_security_group.service.id
  description                  = "Requests and health checks of the load balancer"
  referenced_security_group_id = var.network.load_balancer_group_id
  from_port                    = var.network.port
  to_port                      = var.network.port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_service" {
  security_group_id            = var.network.load_balancer_group_id
  description                  = "Only to the application's tasks"
  referenced_security_group_id = aws_security_group.service.id
  from_port                    = var.network.port
  to_port                      = var.network.port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.service.id
  description       = "AWS's own services and the image, over TLS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_ecs_task_definition" "api" {
  family                   = "${var.names.prefix}-api"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    cpu_architecture        = var.size.architecture
    operating_system_family = "LINUX"
  }

  volume {
    name = "tmp"
  }

  # Lists are sorted: the order in which AWS gives them back must not read as a change.
  container_definitions = jsonencode([{
    name                   = "api"
    image                  = var.image
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = var.rollout.stop_seconds
    portMappings           = [{ containerPort = var.network.port, hostPort = var.network.port, protocol = "tcp" }]
    # The only place the application may write; the root file system is read-only.
    mountPoints  = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    environment  = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets      = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    dockerLabels = var.labels
    healthCheck = {
      command     = ["CMD", "python", "-m", "knowledgeweaver.healthcheck"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 30
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = var.log_group.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "api"
        # A full log buffer must not stop the service from answering.
        mode            = "non-blocking"
        max-buffer-size = "4m"
      }
    }
  }])
}

resource "aws_ecs_service" "api" {
  name                               = var.names.service
  cluster                            = aws_ecs_cluster.this.id
  task_definition                    = aws_ecs_task_definition.api.arn
  launch_type                        = "FARGATE"
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
    target_group_arn = var.network.target_group_arn
    container_name   = "api"
    container_port   = var.network.port
  }

  lifecycle {
    # Autoscaling owns the number of tasks after the first deployment.
    ignore_changes = [desired_count]
  }

  # Without its permissions a task starts, fails to read its secrets and counts against the circuit breaker.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task]
}

resource "aws_appautoscaling_target" "api" {
  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.api.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.scaling.min
  max_capacity       = var.scaling.max
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${var.names.prefix}-api-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.api.service_namespace
  resource_id        = aws_appautoscaling_target.api.resource_id
  scalable_dimension = aws_appautoscaling_target.api.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.scaling.cpu_percent
    scale_in_cooldown  = 300
    scale_out_cooldown = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
