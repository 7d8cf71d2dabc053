data "aws_region" "current" {}

locals {
  rds  = var.storage.kind == "rds"
  port = 6006
  path = "/phoenix"
  # The only writable place of the container is what is mounted: the file system, or memory.
  folder = local.rds ? "/tmp/phoenix" : "/data"

  environment = merge({
    PHOENIX_HOST                          = "0.0.0.0"
    PHOENIX_PORT                          = tostring(local.port)
    PHOENIX_HOST_ROOT_PATH                = local.path
    PHOENIX_WORKING_DIR                   = local.folder
    PHOENIX_LOG_MIGRATIONS                = "false" # each statement, thousands of lines
    PHOENIX_DEFAULT_RETENTION_POLICY_DAYS = tostring(var.trace_days)
    PHOENIX_ENABLE_AUTH                   = "true"
    PHOENIX_COOKIES_PATH                  = local.path
    PHOENIX_USE_SECURE_COOKIES            = tostring(var.load_balancer.https)
    PHOENIX_ENABLE_STRONG_PASSWORD_POLICY = "true"
    PHOENIX_TELEMETRY_ENABLED             = "false"
    PHOENIX_ALLOW_EXTERNAL_RESOURCES      = "false"
    # What is not used is not served: no assistant, no tools for agents, no running of code, no login for programs.
    PHOENIX_DISABLE_AGENT_ASSISTANT            = "true"
    PHOENIX_ENABLE_MCP_SERVER                  = "false"
    PHOENIX_ALLOWED_SANDBOX_PROVIDERS          = "NONE"
    PHOENIX_ENABLE_OAUTH2_AUTHORIZATION_SERVER = "false"
    }, local.rds ? {
    PHOENIX_POSTGRES_HOST = one(aws_db_instance.this).address
    PHOENIX_POSTGRES_PORT = tostring(one(aws_db_instance.this).port)
    PHOENIX_POSTGRES_USER = one(aws_db_instance.this).username
    # Phoenix joins these into one address; what the connection has to be like comes behind the name.
    PHOENIX_POSTGRES_DB = "${one(aws_db_instance.this).db_name}?sslmode=require"
    } : {
    PHOENIX_SQL_DATABASE_URL = "sqlite:///${local.folder}/phoenix.db"
  })

  secrets = merge({
    PHOENIX_SECRET                         = "secret"
    PHOENIX_ADMIN_SECRET                   = "admin_secret"
    PHOENIX_DEFAULT_ADMIN_INITIAL_PASSWORD = "admin_password"
  }, local.rds ? { PHOENIX_POSTGRES_PASSWORD = "database_password" } : {})
}

resource "aws_cloudwatch_log_group" "this" {
  name              = var.logs.group
  retention_in_days = var.logs.retention_days
}

resource "aws_ecs_task_definition" "this" {
  family = "${var.name}-phoenix"
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

  dynamic "volume" {
    for_each = aws_efs_file_system.this

    content {
      name = "data"

      efs_volume_configuration {
        file_system_id     = volume.value.id
        transit_encryption = "ENABLED"

        authorization_config {
          access_point_id = one(aws_efs_access_point.this).id
          iam             = "ENABLED"
        }
      }
    }
  }

  # Lists are sorted: the order in which AWS gives them back must not read as a change.
  container_definitions = jsonencode([{
    name      = "phoenix"
    image     = var.image
    essential = true
    # The image's entry point is python3 and it has no shell: what to run is handed over as text.
    command                = ["-c", file("${path.module}/serve.py")]
    readonlyRootFilesystem = true
    stopTimeout            = 30
    linuxParameters        = { tmpfs = [{ containerPath = "/tmp", size = 64 }] }
    portMappings           = [{ containerPort = local.port, hostPort = local.port, protocol = "tcp" }]
    mountPoints            = local.rds ? [] : [{ sourceVolume = "data", containerPath = local.folder, readOnly = false }]
    environment            = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
    secrets                = [for name in sort(keys(local.secrets)) : { name = name, valueFrom = "${var.secret.arn}:${local.secrets[name]}::" }]
    # A changed generation rolls the service, so that it reads the new values.
    dockerLabels = { "secret-generation" = tostring(var.secret.generation) }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.name
        awslogs-stream-prefix = "phoenix"
        mode                  = "non-blocking"
        max-buffer-size       = "4m"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name            = "knowledgeweaver-phoenix"
  cluster         = var.cluster
  task_definition = aws_ecs_task_definition.this.arn
  launch_type     = "FARGATE"
  desired_count   = 1
  # SQLite takes one writer: its old task stops before the new one starts. PostgreSQL takes both.
  deployment_minimum_healthy_percent = local.rds ? 100 : 0
  deployment_maximum_percent         = local.rds ? 200 : 100
  availability_zone_rebalancing      = local.rds ? "ENABLED" : "DISABLED"
  # A quarter of a processor takes a minute to start it, a new version first rebuilds its tables.
  health_check_grace_period_seconds = 600
  propagate_tags                    = "SERVICE"
  enable_ecs_managed_tags           = true
  enable_execute_command            = false
  # A deployment of the application does not wait for its traces.
  wait_for_steady_state = false

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.network.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this.arn
    container_name   = "phoenix"
    container_port   = local.port
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this.arn
  }

  # Without its permissions, its mount targets or its password a task fails and counts against the circuit
  # breaker; ECS refuses a target group that no listener uses yet.
  depends_on = [
    aws_efs_file_system_policy.this, aws_efs_mount_target.this, aws_iam_role_policy.execution,
    aws_lambda_invocation.password, aws_lb_listener_rule.this,
  ]
}
