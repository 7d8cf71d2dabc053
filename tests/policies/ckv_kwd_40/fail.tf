resource "aws_ecs_task_definition" "fail_open" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "phoenix"
    image = "arizephoenix/phoenix:version-11.38.0"
    environment = [
      { name = "PHOENIX_ENABLE_AUTH", value = "false" },
      { name = "PHOENIX_TELEMETRY_ENABLED", value = "false" },
    ]
  }])
}

resource "aws_ecs_task_definition" "fail_tells" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "phoenix"
    image = "arizephoenix/phoenix:version-11.38.0"
    environment = [
      { name = "PHOENIX_ENABLE_AUTH", value = "true" },
      { name = "PHOENIX_TELEMETRY_ENABLED", value = "true" },
    ]
  }])
}

resource "aws_ecs_task_definition" "fail_not_written" {
  family = "x"
  container_definitions = jsonencode([{
    name  = "api"
    image = "arizephoenix/phoenix:version-11.38.0"
  }])
}
