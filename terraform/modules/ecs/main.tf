data "aws_region" "current" {}

resource "aws_ecs_cluster" "this" {
  name = var.names.cluster

  setting {
    name  = "containerInsights"
    value = var.container_insights
  }
}

# A service may only ask for capacity that its cluster knows.
resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
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
  referenced_security_group_id = var.load_balancer.group_id
  from_port                    = var.network.port
  to_port                      = var.network.port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_service" {
  security_group_id            = var.load_balancer.group_id
  description                  = "Only to the tasks of the application"
  referenced_security_group_id = aws_security_group.service.id
  from_port                    = var.network.port
  to_port                      = var.network.port
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "aws" {
  security_group_id = aws_security_group.service.id
  description       = "Services of AWS and the image, over TLS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_ecs_task_definition" "api" {
  family = "${var.names.prefix}-api"
  # The revision of before stays registered: ECS starts no service of a deregistered one, and a rollback wants to.
  skip_destroy             = true
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
